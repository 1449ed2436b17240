"""The bases of postmortem files, by hash: what a later push is merged with.

A folder with a ``.pmtui`` directory keeps its own bases, so that they travel with it (in git, to another machine).
Those of other files are in the state directory.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from pmtui.formats.document.postmortem_file import digest
from pmtui.model.codec import postmortem_from_json, postmortem_to_json
from pmtui.model.postmortem import Postmortem
from pmtui.store.files import Files

FOLDER = ".pmtui"
_HASH = re.compile(r"[0-9a-f]{16}")


class Bases:
    """The bases of files; ``state`` is the state directory."""

    def __init__(self, state: Path, files: Files | None = None) -> None:
        self._state = state
        self._files = files or Files()

    def keep(self, postmortem: Postmortem, file: Path) -> str:
        """Keep this postmortem as the base of a file. Returns its hash. Raises OSError."""
        name = digest(postmortem)
        directory = self._directories(file)[0]
        if directory.parent == self._state:
            self._files.directory(self._state)
        self._files.directory(directory)
        data = json.dumps(postmortem_to_json(postmortem), ensure_ascii=True, separators=(",", ":")).encode("ascii")
        self._files.write(directory / f"{name}.json", data + b"\n")
        return name

    def find(self, name: str, file: Path) -> Postmortem | None:
        """The base with this hash, None when it is missing or does not match its hash."""
        if not _HASH.fullmatch(name):
            return None
        for directory in self._directories(file):
            try:
                found = postmortem_from_json(json.loads(self._files.read(directory / f"{name}.json")))
            except (OSError, KeyError, TypeError, ValueError, RecursionError):
                continue
            if digest(found) == name:
                return found
        return None

    def _directories(self, file: Path) -> list[Path]:
        """The directories to search for the bases of a file; new ones go into the first."""
        beside = file.parent / FOLDER
        own = self._state / "bases"
        return [beside / "base", own] if beside.is_dir() else [own]
