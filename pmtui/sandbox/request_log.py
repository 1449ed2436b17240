"""The request log, limited in number and size."""

from __future__ import annotations

from typing import Any

LIMIT = 5_000  # requests that are remembered
BYTES = 64 * 1024 * 1024  # and what they may take together


class RequestLog(list[dict[str, Any]]):
    """The latest requests, oldest first. Older ones are dropped; the newest always stays."""

    def __init__(self) -> None:
        super().__init__()
        self._bytes = 0

    def add(self, entry: dict[str, Any]) -> None:
        """Add a request."""
        self.append(entry)
        self._bytes += _weight(entry)
        while len(self) > LIMIT or (self._bytes > BYTES and len(self) > 1):
            self._bytes -= _weight(self.pop(0))

    def clear(self) -> None:
        """Remove all."""
        super().clear()
        self._bytes = 0


def _weight(entry: dict[str, Any]) -> int:
    return len(entry["body"]) + len(entry["path"]) + sum(map(len, entry["headers"].values()))
