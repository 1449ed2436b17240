"""Keeps the states of the vendors on disk. An answer to a write waits until they are there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pmtui.sandbox import storage


class StateOnDisk:
    """`dumps` are the states as JSON, by the name of their file. Its methods are called from many threads.

    Changes that are made while a state is written are written together, by the first of those that wait.
    """

    def __init__(self, directory: Path, dumps: Mapping[str, Callable[[], str]]) -> None:
        self._directory = directory
        self._dumps = dumps
        self._changed = dict.fromkeys(dumps, 0)  # how often
        self._kept = dict.fromkeys(dumps, 0)  # how many of these changes the disk has
        self._writing = threading.Lock()
        self._ended = False

    def load(self, name: str) -> dict[str, Any] | None:
        """The state on disk, None when there is none: the present one is to be kept then. Raises ValueError as `storage.read`."""
        found = storage.read(self._directory / f"{name}.json")
        if found is None:
            self.change(name)
        return found

    def change(self, name: str) -> int:
        """Note a change, under the lock that guards the state. Returns its number."""
        self._changed[name] += 1
        return self._changed[name]

    def keep(self, name: str, number: int) -> None:
        """Return when the disk has this change, or refuses it: the next change tries again then."""
        with self._writing:
            if self._kept[name] >= number or self._ended:
                return
            goal = self._changed[name]
            try:
                storage.write(self._directory / f"{name}.json", self._dumps[name]())
            except OSError:  # a full disk
                return
            self._kept[name] = goal

    def keep_all(self) -> None:
        """Return when the disk has every change, or refuses it."""
        for name in self._dumps:
            self.keep(name, self._changed[name])

    def end(self) -> None:
        """As `keep_all`; nothing is written any more when this has returned."""
        self.keep_all()
        with self._writing:
            self._ended = True
