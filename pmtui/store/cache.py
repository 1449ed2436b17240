"""What was last seen of a server: the incident list for the first frame, postmortems for when the network is gone.

Disposable: what cannot be read is absent, what cannot be written is said in `problem` and otherwise forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pmtui.model.codec import incident_from_json, incident_to_json, moment_from_json, postmortem_from_json, postmortem_to_json
from pmtui.model.postmortem import Incident, Postmortem
from pmtui.store.filenames import file_stem
from pmtui.store.files import Files, in_words

_KEPT = 100  # postmortems a profile


@dataclass(frozen=True, slots=True)
class SeenIncidents:
    """The first page of the list as it was at ``seen_at``."""

    incidents: tuple[Incident, ...]
    seen_at: datetime
    cursor: str | None = None
    total: int | None = None


class Cache:
    """``root`` is the cache directory."""

    def __init__(self, root: Path, profile: str, files: Files | None = None) -> None:
        self._root = root
        self._directory = root / file_stem(profile)
        self._files = files or Files()
        self.problem = ""

    def keep_incidents(self, incidents: Sequence[Incident], cursor: str | None = None, total: int | None = None) -> None:
        """Remember the first page of the list, as read now."""
        seen_at = datetime.now(UTC).isoformat()
        listed = [incident_to_json(incident) for incident in incidents]
        self._write({"seen_at": seen_at, "cursor": cursor, "total": total, "incidents": listed}, "incidents.json")

    def incidents(self) -> SeenIncidents | None:
        """The first page as last seen, None when it never was."""
        data = self._read("incidents.json")
        try:
            listed = tuple(incident_from_json(each) for each in data["incidents"])
            return SeenIncidents(listed, moment_from_json(data["seen_at"]), data["cursor"], data["total"])
        except (KeyError, TypeError, ValueError):
            return None

    def keep_postmortem(self, postmortem: Postmortem) -> None:
        """Remember a reading; the oldest of many are forgotten."""
        self._write(postmortem_to_json(postmortem), *(_name(postmortem.incident.id, document) for document in {"", postmortem.id}))
        self._prune()

    def postmortem(self, incident_id: str, document_id: str = "") -> Postmortem | None:
        """The postmortem as last seen, at its ``read_at``; the latest of the incident's when no document is named."""
        try:
            return postmortem_from_json(self._read(_name(incident_id, document_id)))
        except (KeyError, TypeError, ValueError):
            return None

    def find(self, ref: str) -> Postmortem | None:
        """The latest reading whose incident or document is called so, None for none."""
        wanted = ref.casefold().lstrip("#")
        with suppress(OSError):
            for found in self.postmortems():
                names = (found.incident.id, found.incident.reference, found.id, found.url)
                if wanted in {name.casefold().lstrip("#") for name in names if name}:
                    return found
        return None

    def postmortems(self) -> Iterator[Postmortem]:
        """Every postmortem as last seen, the latest reading first, each document once. Raises OSError."""
        seen: set[tuple[str, str]] = set()
        for path in sorted(self._files.matching(self._directory, ".postmortem.json"), key=lambda path: -path.lstat().st_mtime):
            try:
                found = postmortem_from_json(self._read(path.name))
            except (KeyError, TypeError, ValueError):
                continue
            if (found.incident.id, found.id) not in seen:
                seen.add((found.incident.id, found.id))
                yield found

    def first_on(self, day: date, what: str) -> bool:
        """Whether this is asked for the first time on this day; from then on it is not. Where nothing can be kept it always is."""
        known = self._read("told.json")
        if known.get(what) == day.isoformat():
            return False
        self._write({**known, what: day.isoformat()}, "told.json")
        return True

    def clear(self) -> None:
        """Forget everything of this profile. Raises OSError."""
        for path in self._files.matching(self._directory, ".json"):
            self._files.remove(path)

    def _write(self, data: dict[str, Any], *names: str) -> None:
        """Under each of these names."""
        try:
            self._files.directory(self._root)
            self._files.directory(self._directory)
            written = json.dumps(data).encode("ascii")
            for name in names:
                self._files.write(self._directory / name, written)
        except OSError as error:
            self.problem = in_words(error)
        except RecursionError:
            self.problem = f"{names[0]}: nested too deeply to be kept"

    def _read(self, name: str) -> dict[str, Any]:
        try:
            data = json.loads(self._files.read(self._directory / name))
        except (OSError, ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    def _prune(self) -> None:
        try:
            paths = sorted(self._files.matching(self._directory, ".postmortem.json"), key=lambda path: path.lstat().st_mtime)
            for path in paths[: -2 * _KEPT]:
                self._files.remove(path)
        except OSError as error:
            self.problem = in_words(error)


def _name(incident_id: str, document_id: str) -> str:
    return f"{file_stem(incident_id, document_id)}.postmortem.json"
