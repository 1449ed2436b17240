"""Facts that pmtui found out and no API gives: which postmortem an incident has, which route works.

It is a small map of strings in one file per profile. Entries are appended, so that two processes can add at once. When
the disk refuses, the map continues in memory and `problem` says so.
"""

from __future__ import annotations

from pathlib import Path

from pmtui.store.filenames import file_stem
from pmtui.store.files import Files, in_words
from pmtui.store.records import decode, encode


class Index:
    """A map by kind and key, as in ``("postmortem-of-incident", incident id) → postmortem id``."""

    def __init__(self, state: Path, profile: str, files: Files | None = None) -> None:
        self._state = state
        self._path = state / "index" / f"{file_stem(profile)}.log"
        self._files = files or Files()
        self._values: dict[tuple[str, str], str] | None = None
        self.problem = ""

    def get(self, kind: str, key: str) -> str | None:
        """The value, None when there is none."""
        return self._known().get((kind, key))

    def put(self, kind: str, key: str, value: str) -> None:
        """Set a value; "" removes it."""
        if self._known().get((kind, key), "") == value:
            return
        self._keep(kind, key, value)
        try:
            self._files.directory(self._state)
            self._files.directory(self._path.parent)
            self._files.append(self._path, encode({"kind": kind, "key": key, "value": value}))
        except OSError as error:
            self.problem = in_words(error)

    def keys(self, kind: str) -> tuple[str, ...]:
        """The keys of this kind, in the order they were added."""
        return tuple(key for each, key in self._known() if each == kind)

    def _keep(self, kind: str, key: str, value: str) -> None:
        if value:
            self._known()[kind, key] = value
        else:
            self._known().pop((kind, key), None)

    def _known(self) -> dict[tuple[str, str], str]:
        if self._values is None:
            self._values = {}
            for record in decode(self._read()).records:
                if all(isinstance(record.get(name), str) for name in ("kind", "key", "value")):
                    self._keep(record["kind"], record["key"], record["value"])
        return self._values

    def _read(self) -> bytes:
        try:
            return self._files.read(self._path)
        except FileNotFoundError:
            return b""
        except OSError as error:
            self.problem = in_words(error)
            return b""
