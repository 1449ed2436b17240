"""Records on disk, one per line: ``crc32 json``. A file cut or damaged at any byte still gives all its whole records."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

Record = dict[str, Any]
_CRC = 8  # hexadecimal digits


class Decoded(NamedTuple):
    """``records`` in order. ``damaged``: a line was unreadable, other than a last line cut short."""

    records: list[dict[str, Any]]
    damaged: bool = False


class NotJson(Exception):
    """A record that cannot be encoded. The message says why."""


class Lines:
    """Records in order. A line is encoded when it is first asked for: so a long one costs the thread that writes it."""

    def __init__(self, records: Iterable[Record | Callable[[], Record]] = ()) -> None:
        self._lines: list[Record | Callable[[], Record] | bytes] = list(records)

    def __len__(self) -> int:
        return len(self._lines)

    def append(self, record: Record) -> None:
        """Add a record, which must not change any more."""
        self._lines.append(record)

    def encoded(self, start: int, end: int) -> bytes:
        """These lines. Raises NotJson."""
        for index in range(start, end):
            line = self._lines[index]
            if not isinstance(line, bytes):
                try:
                    self._lines[index] = encode(line if isinstance(line, dict) else line())
                except (TypeError, ValueError, RecursionError) as error:
                    raise NotJson(f"it cannot be written as JSON: {error}") from None
        return b"".join(line for line in self._lines[start:end] if isinstance(line, bytes))


def encode(record: dict[str, Any]) -> bytes:
    """A record as one line, in ASCII, so that lone surrogates and odd line ends survive.

    Raises TypeError for what is not JSON, and RecursionError for values nested far deeper than `strict_json.DEEPEST`: check
    with `is_deep` before.
    """
    body = json.dumps(record, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(body), body)


def decode(data: bytes) -> Decoded:
    """Every whole record. Never raises."""
    *lines, rest = data.split(b"\n")
    records = [_record(line) for line in lines]
    last = _record(rest)  # a record without its line end, or cut short while written
    good = [record for record in (*records, last) if record is not None]
    return Decoded(good, damaged=None in records)


def _record(line: bytes) -> dict[str, Any] | None:
    crc, body = line[:_CRC], line[_CRC + 1 :]
    if line[_CRC : _CRC + 1] != b" " or crc != b"%08x" % zlib.crc32(body):
        return None
    try:
        record = json.loads(body)
    except (ValueError, RecursionError):  # matching checksum, but not our JSON
        return None
    return record if isinstance(record, dict) else None
