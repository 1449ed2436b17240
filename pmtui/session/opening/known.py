"""What this computer knows of postmortems: from its drafts and its cache. Reads files, sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from pmtui.backends.trouble import Trouble
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import Postmortem
from pmtui.session.listing.unsent import Unsent
from pmtui.store.cache import Cache
from pmtui.store.drafts import DraftInfo, Drafts, DraftUnreadable

UNREACHED = frozenset({Trouble.OFFLINE, Trouble.TIMEOUT, Trouble.ANSWER, Trouble.SERVER, Trouble.LIMITED, Trouble.ENDED, Trouble.DISK})
"""Troubles in which the last reading is shown instead."""


class Known:
    """The drafts and the cache of one profile."""

    def __init__(self, profile_name: str, drafts: Drafts, cache: Cache) -> None:
        self._profile_name, self._drafts, self._cache = profile_name, drafts, cache
        self._unsent = Unsent(drafts, profile_name)

    def incident(self, ref: str) -> Incident | None:
        """The incident from a draft, or from the cached list; None when neither has it."""
        wanted = ref.casefold().lstrip("#")
        seen = self._cache.incidents()
        known = (*(base.incident for _, base in self._bases()), *(seen.incidents if seen is not None else ()))
        return next((each for each in known if wanted in (each.id.casefold(), each.reference.casefold().lstrip("#"))), None)

    def instead(self, incident: Incident, document: str, trouble: Trouble) -> Postmortem | None:
        """The base of the incident's draft, in any trouble, so that its text can be reached; without a draft, the cached reading."""
        for info, base in self._bases():
            if info.incident_id == incident.id and document in ("", info.document_id):
                return base
        return self._cache.postmortem(incident.id, document) if trouble in UNREACHED else None

    def at_once(self, incident: Incident, document: str, is_only_one: Callable[[Postmortem], bool]) -> Postmortem | None:
        """The cached reading, to be shown while the server is asked. None where more is to be known first.

        A draft is asked about, or carried over to another postmortem; one of several is chosen, unless ``document`` is given;
        and what the list says is gone is not shown.
        """
        kept = self._cache.postmortem(incident.id, document) if incident.postmortem is not Existence.NONE else None
        if kept is None or not kept.id or not (document or is_only_one(kept)):
            return None
        try:
            drafts = self._unsent.on_disk().here
            here = self._drafts.find(self._profile_name, incident.id, kept.id)
        except OSError:
            return None
        return kept if here is None and all(each.incident_id != incident.id for each in drafts) else None

    def _bases(self) -> Iterator[tuple[DraftInfo, Postmortem]]:
        """The base of each readable draft; nothing when the disk cannot be read, because opening must not depend on it."""
        with suppress(OSError):
            for info in self._unsent.on_disk().here:
                with suppress(DraftUnreadable):
                    yield info, self._drafts.read(info).base
