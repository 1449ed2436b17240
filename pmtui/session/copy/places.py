"""The two ends of a copy as values: source and target. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from pmtui.backends.base import Identity
from pmtui.backends.trouble import Trouble
from pmtui.model.fields import Field
from pmtui.model.postmortem import TEXT, Postmortem
from pmtui.model.values import Item
from pmtui.store.copies import Refused


class Telling(IntEnum):
    """Whom a copy may notify. A field whose change would notify more people goes into the text instead."""

    NOBODY = 0
    RULES = 1  # the organisation's rules may notify people; nobody is notified directly
    EVERYBODY = 2

    def allows(self, target: Field) -> bool:
        """Whether a change of this field may be sent. ``{}`` in its consequence stands for people."""
        needed = Telling.NOBODY if not target.consequence else Telling.EVERYBODY if "{}" in target.consequence else Telling.RULES
        return needed <= self


@dataclass(frozen=True, slots=True)
class CopySource:
    """A postmortem to copy. ``vendor`` is the vendor's name for people, ``place`` its account; ``rich_text`` as in the backend.
    ``folder`` has the exported file that it was read from, None when it was read from its account."""

    postmortem: Postmortem
    vendor: str
    rich_text: bool
    place: str = ""
    folder: Path | None = None

    def is_of(self, account: Identity) -> bool:
        """Whether it was read, or exported, from this account: ids of two accounts have nothing to do with each other."""
        return (self.vendor, self.place) == (account.vendor, account.place)

    @property
    def elsewhere(self) -> str:
        """The address of a document that the vendor only points to, "" when it has the text itself."""
        kept = any(each.part == TEXT and each.trouble == Trouble.LOCAL for each in self.postmortem.unread)
        return self.postmortem.url if kept else ""


@dataclass(frozen=True)
class Target:
    """Where to copy to. Without an incident (``postmortem.incident.id == ""``) it is what an import would create.

    ``ours`` are the keys of the cells that an earlier copy wrote. ``found`` has the target's item (person, team, …) for
    each field name and item of the source. ``opaque``: the target takes opaque cells unchanged, as another account of the
    same vendor does. ``refused`` are fields that the target did not take: see ``Copied``.
    """

    postmortem: Postmortem
    vendor: str
    rich_text: bool
    ours: frozenset[str] = frozenset()
    telling: Telling = Telling.NOBODY
    opaque: bool = True
    refused: Refused = field(default_factory=dict)
    found: Mapping[tuple[str, Item], Item] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether the incident does not exist yet."""
        return not self.postmortem.incident.id


def shared(source: CopySource, target: Target) -> bool:
    """Whether the target's postmortem is, or will be, the same document as the source's, which neither account keeps itself."""
    there = target.postmortem
    return bool(source.elsewhere) and source.vendor == target.vendor and (not there.id or there.url == source.elsewhere)
