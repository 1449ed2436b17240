"""Caches the last readings of a server: the incident list for the first frame, postmortems for when the network is down.

The cache is disposable: what cannot be read counts as absent, and a failed write only sets `problem`. One thread does all of
it, so that a disk that hangs holds no other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any, ClassVar

from pmtui.model.codec import incident_from_json, incident_to_json, moment_from_json, postmortem_from_json, postmortem_to_json
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.store.filenames import file_stem
from pmtui.store.files import Files, in_words
from pmtui.store.timeouts import STUCK
from pmtui.store.write_behind import WriteBehind

_KEPT = 100  # postmortems a profile
_LARGEST = 200_000_000  # bytes of all of them, each twice: by its incident and by itself
_FILTERS = 50  # filter lines


@dataclass(frozen=True, slots=True)
class SeenIncidents:
    """The first page of the incident list, as read at ``seen_at``."""

    incidents: tuple[Incident, ...]
    seen_at: datetime
    cursor: str | None = None
    total: int | None = None


class Cache:
    """The cache of one profile; ``root`` is the cache directory. Lists and postmortems are written behind: a disk takes a while."""

    _behind: ClassVar = WriteBehind()
    """Of all caches of this process: another one of the same profile reads what this one was given."""

    def __init__(self, root: Path, profile: str, files: Files | None = None) -> None:
        self._root = root
        self._directory = root / file_stem(profile)
        self._files = files or Files()
        self._problem = ""

    @property
    def problem(self) -> str:
        """Why something could not be written up to now, "" while everything could. Does not wait for what is still to be written."""
        return STUCK if self._behind.is_stuck else self._problem

    def finish(self) -> None:
        """Wait until everything is written, or the disk does not answer."""
        self._behind.finish()

    async def finished(self) -> None:
        """As ``finish``, without a thread that waits."""
        await self._behind.answer(lambda: None, None)

    def _later(self, work: Callable[[], object]) -> bool:
        """Do this in the thread. Returns False where the disk does not answer."""
        taken = self._behind.do(work)
        if not taken:
            self._problem = STUCK
        return taken

    def keep_incidents(self, incidents: Sequence[Incident], cursor: str | None = None, total: int | None = None) -> None:
        """Cache the first page of the list, read just now."""
        self._later(partial(self._keep_list, SeenIncidents(tuple(incidents), datetime.now(UTC), cursor, total)))

    def keep_incident(self, incident: Incident) -> None:
        """Update an incident in the cached list with a newer reading."""
        self._later(partial(self._keep_incident, incident))

    def _keep_incident(self, incident: Incident) -> None:
        seen = self.incidents()
        if seen is not None and any(each.id == incident.id and each != incident for each in seen.incidents):
            rows = tuple(incident if each.id == incident.id and not incident.older_than(each) else each for each in seen.incidents)
            self._keep_list(replace(seen, incidents=rows))

    def forget_incident(self, incident_id: str) -> None:
        """Remove an incident that no longer exists from the cached list."""
        self._later(partial(self._forget_incident, incident_id))

    def _forget_incident(self, incident_id: str) -> None:
        seen = self.incidents()
        if seen is not None:
            self._keep_list(replace(seen, incidents=tuple(each for each in seen.incidents if each.id != incident_id)))

    def _keep_list(self, seen: SeenIncidents) -> None:
        listed = [incident_to_json(incident) for incident in seen.incidents]
        told = {"seen_at": seen.seen_at.isoformat(), "cursor": seen.cursor, "total": seen.total}
        self._write({**told, "incidents": listed}, "incidents.json")

    def incidents(self) -> SeenIncidents | None:
        """The cached first page, None when there is none."""
        data = self._read("incidents.json")
        try:
            listed = tuple(incident_from_json(each) for each in data["incidents"])
            return SeenIncidents(listed, moment_from_json(data["seen_at"]), data["cursor"], data["total"])
        except (KeyError, TypeError, ValueError):
            return None

    def keep_postmortem(self, postmortem: Postmortem) -> None:
        """Cache a reading; beyond the limit the oldest readings are removed."""
        self._later(partial(self._keep_postmortem, postmortem))

    def keep_saved(self, postmortem: Postmortem) -> None:
        """Cache the reading behind a save at once: the draft that had the same words is gone."""
        self.keep_postmortem(postmortem)
        self._behind.hurry()

    def _keep_postmortem(self, postmortem: Postmortem) -> None:
        self._write(postmortem_to_json(postmortem), *(_name(postmortem.incident.id, document) for document in {"", postmortem.id}))
        self._prune()

    def postmortem(self, incident_id: str, document_id: str = "") -> Postmortem | None:
        """The cached reading; without ``document_id`` the latest of the incident. None when there is none."""
        try:
            return postmortem_from_json(self._read(_name(incident_id, document_id)))
        except (KeyError, TypeError, ValueError):
            return None

    def find(self, ref: str) -> Postmortem | None:
        """The latest reading whose incident or document has this id or reference, None for none."""
        wanted = ref.casefold().lstrip("#")
        with suppress(OSError):
            for found in self.postmortems():
                names = (found.incident.id, found.incident.reference, found.id, found.url)
                if wanted in {name.casefold().lstrip("#") for name in names if name}:
                    return found
        return None

    def postmortems(self) -> Iterator[Postmortem]:
        """Every cached postmortem, latest reading first, each document once. Raises OSError."""
        seen: set[tuple[str, str]] = set()
        stuck: list[Path] | OSError = OSError(STUCK)
        paths = self._behind.ask(self._latest, stuck)
        if isinstance(paths, OSError):
            raise paths
        for path in paths:
            try:
                found = postmortem_from_json(self._read(path.name))
            except (KeyError, TypeError, ValueError):
                continue
            if (found.incident.id, found.id) not in seen:
                seen.add((found.incident.id, found.id))
                yield found

    def _latest(self) -> list[Path] | OSError:
        """The files of postmortems, latest first; or why they cannot be found."""
        try:
            return sorted(self._files.matching(self._directory, ".postmortem.json"), key=lambda path: -path.lstat().st_mtime)
        except OSError as error:
            return error

    async def filters(self) -> tuple[str, ...]:
        """The filter lines that were used, the latest last."""
        return await self._behind.answer(self._filters, ())

    def _filters(self) -> tuple[str, ...]:
        kept = self._read("filters.json").get("filters")
        return tuple(each for each in kept if isinstance(each, str)) if isinstance(kept, list) else ()

    def keep_filter(self, line: str) -> None:
        """Remember a filter line as the latest."""
        self._later(partial(self._keep_filter, line))

    def _keep_filter(self, line: str) -> None:
        lines = (*(each for each in self._filters() if each != line), line)[-_FILTERS:]
        self._write({"filters": lines}, "filters.json")

    async def first_on(self, day: date, what: str) -> bool:
        """Whether this is the first call with ``what`` on this day; always True when the cache cannot be written."""
        return await self._behind.answer(partial(self._first_on, day, what), True)

    def _first_on(self, day: date, what: str) -> bool:
        known = self._read("told.json")
        if known.get(what) == day.isoformat():
            return False
        self._write({**known, what: day.isoformat()}, "told.json")
        return True

    def clear(self) -> None:
        """Remove everything of this profile. Raises OSError."""
        self.finish()
        for path in self._files.matching(self._directory, ".json"):
            self._files.remove(path)

    def _write(self, data: dict[str, Any], *names: str) -> None:
        """Write a file under each of these names."""
        try:
            self._files.directory(self._root)
            self._files.directory(self._directory)
            written = json.dumps(data).encode("ascii")
            for name in names:
                self._files.write(self._directory / name, written)
            self._problem = ""
        except OSError as error:
            self._problem = in_words(error)
        except RecursionError:
            self._problem = f"{names[0]}: nested too deeply for the cache"

    def _read(self, name: str) -> dict[str, Any]:
        """A file, read behind all that is to be written; {} when there is none that can be read."""
        return self._behind.ask(partial(self._read_file, name), {})

    def _read_file(self, name: str) -> dict[str, Any]:
        try:
            data = json.loads(self._files.read(self._directory / name))
        except (OSError, ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    def _prune(self) -> None:
        try:
            states = [(path, path.lstat()) for path in self._files.matching(self._directory, ".postmortem.json")]
            latest = sorted(states, key=lambda each: each[1].st_mtime, reverse=True)
            until = accumulate(state.st_size for _, state in latest)
            for number, ((path, _), size) in enumerate(zip(latest, until, strict=True)):
                if number >= 2 * _KEPT or (number >= 2 and size > _LARGEST):
                    self._files.remove(path)
        except OSError as error:
            self._problem = in_words(error)


def _name(incident_id: str, document_id: str) -> str:
    return f"{file_stem(incident_id, document_id)}.postmortem.json"
