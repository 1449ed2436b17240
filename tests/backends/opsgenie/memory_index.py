"""An index in memory."""

from __future__ import annotations


class MemoryIndex:
    """An index that is gone with the test."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], str] = {}

    def get(self, kind: str, key: str) -> str | None:
        return self._values.get((kind, key))

    def put(self, kind: str, key: str, value: str) -> None:
        self._values[kind, key] = value

    def keys(self, kind: str) -> tuple[str, ...]:
        return tuple(key for (each, key), value in self._values.items() if each == kind and value)
