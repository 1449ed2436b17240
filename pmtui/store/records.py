"""Records on disk: one a line, ``crc32 json``, so that a file cut or damaged at any byte still gives all its whole records."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

_CRC = 8  # hexadecimal digits


@dataclass(frozen=True, slots=True)
class Decoded:
    """``records`` in order. ``damaged``: something within was unreadable, beyond a last line that was cut short."""

    records: list[dict[str, Any]]
    damaged: bool = False


def encode(record: dict[str, Any]) -> bytes:
    """One line. ASCII only, so that lone surrogates and odd line ends survive.

    Raises TypeError for what is not JSON, and RecursionError for what is nested far deeper than `strict_json.DEEPEST`:
    ask `is_deep` before.
    """
    body = json.dumps(record, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(body), body)


def decode(data: bytes) -> Decoded:
    """Every whole record. Never fails."""
    *lines, rest = data.split(b"\n")
    records = [_record(line) for line in lines]
    last = _record(rest)  # whole but for its line end, or the beginning of one that was being written
    good = [record for record in (*records, last) if record is not None]
    return Decoded(good, damaged=None in records)


def _record(line: bytes) -> dict[str, Any] | None:
    crc, body = line[:_CRC], line[_CRC + 1 :]
    if line[_CRC : _CRC + 1] != b" " or crc != b"%08x" % zlib.crc32(body):
        return None
    try:
        record = json.loads(body)
    except (ValueError, RecursionError):  # a record of another program with a matching sum
        return None
    return record if isinstance(record, dict) else None
