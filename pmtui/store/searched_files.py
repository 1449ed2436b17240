"""Reads any file as pieces of text to search, and unpacks archives on the way: streamed, within limits.

Each piece overlaps the one before, so that anything shorter than the overlap is whole in one piece. Bytes are decoded as
Latin-1, which cannot fail: what is searched for is ASCII.
"""

from __future__ import annotations

import os
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PIECE, OVERLAP = 1 << 20, 1 << 13
MOST_UNPACKED = 4 << 30
"""The most bytes that one file may unpack to, nested archives included."""
MOST_TIMES, SUSPICIOUS_FROM = 400, 64 << 20
"""The greatest ratio of unpacked to packed size, beyond a minimum size. Text compresses 30 times, a zip bomb 1,000 times."""
MOST_MEMBERS = 100_000
DEEPEST = 4
_SPOOLED = 8 << 20
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b\x08"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text of a file. ``last``: it ends a file or member."""

    text: str
    last: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A file, or a member of an archive, that was not searched, and ``why``."""

    name: str
    why: str


def files_below(path: Path) -> Iterator[Path]:
    """The path itself unless it is a directory, else every file below it, sorted by name. Links to directories are not followed."""
    if not path.is_dir():
        yield path
        return
    for folder, names, files in os.walk(path):
        names.sort()
        yield from (Path(folder, name) for name in sorted(files))


def pieces_of(path: Path) -> Iterator[Piece | Refused]:
    """All text of a file. What cannot be read gives a Refused, never an exception."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # do not wait for the other end of a FIFO
        with os.fdopen(fd, "rb") as stream:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                yield Refused(str(path), "it is not a plain file")
                return
            yield from _unpacked(stream, str(path), _Budget(), 0)
    except OSError as error:
        yield Refused(str(path), error.strerror or str(error))


class _Bomb(Exception):
    pass


class _Budget:
    """How much may still be unpacked."""

    def __init__(self) -> None:
        self._left = MOST_UNPACKED
        self._members = MOST_MEMBERS

    def member(self) -> None:
        self._members -= 1
        if self._members < 0:
            raise _Bomb(f"it holds more than {MOST_MEMBERS:,} files")

    def take(self, size: int, out: int, packed: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _Bomb(f"it unpacks to more than {MOST_UNPACKED >> 30} GiB")
        if out > SUSPICIOUS_FROM and out > MOST_TIMES * max(packed, 1):
            raise _Bomb(f"it unpacks to more than {MOST_TIMES} times its size")


def _unpacked(stream: IO[bytes], name: str, budget: _Budget, depth: int) -> Iterator[Piece | Refused]:
    head = stream.read(4)
    stream.seek(0)
    if depth > DEEPEST and head[:3] in (_ZIP[:3], _GZIP):
        yield Refused(name, f"it is packed more than {DEEPEST} times")
        return
    try:
        if head == _ZIP:
            yield from _zip(stream, name, budget, depth)
        elif head[:3] == _GZIP:
            yield from _spooled(_gunzip(stream, budget), name, budget, depth)
        else:
            yield from _pieces(lambda: stream.read(PIECE))
    except _Bomb as bomb:
        yield Refused(name, str(bomb))
    except (zlib.error, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
        yield Refused(name, f"it cannot be unpacked: {error}")


def _gunzip(stream: IO[bytes], budget: _Budget) -> Iterator[bytes]:
    """Unpack the members of a gzip file, one after the other, in bounded steps. Raises EOFError for a truncated one."""
    unpacker, out, packed = zlib.decompressobj(wbits=31), 0, 0
    waiting = b""
    while chunk := waiting or stream.read(1 << 16):
        packed += 0 if waiting else len(chunk)
        if unpacker.eof:  # another member, or padding, follows
            chunk = chunk.lstrip(b"\0")
            if not _GZIP.startswith(chunk[:3]):
                return
            unpacker = zlib.decompressobj(wbits=31)
        data = unpacker.decompress(chunk, PIECE)
        out += len(data)
        budget.take(len(data), out, packed)
        if data:
            yield data
        waiting = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    if not unpacker.eof:
        raise EOFError("it ends too early")


def _zip(stream: IO[bytes], name: str, budget: _Budget, depth: int) -> Iterator[Piece | Refused]:
    with zipfile.ZipFile(stream) as archive:
        for info in archive.infolist():
            budget.member()
            if info.is_dir():
                continue
            inner = f"{name}:{info.filename}"
            try:
                with archive.open(info) as member:
                    yield from _spooled(_checked(member, info.compress_size, budget), inner, budget, depth)
            except (zlib.error, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
                yield Refused(inner, f"it cannot be unpacked: {error}")  # encrypted, damaged, or an unknown compression


def _checked(member: IO[bytes], packed: int, budget: _Budget) -> Iterator[bytes]:
    out = 0
    while data := member.read(PIECE):
        out += len(data)
        budget.take(len(data), out, packed)
        yield data


def _spooled(chunks: Iterator[bytes], name: str, budget: _Budget, depth: int) -> Iterator[Piece | Refused]:
    """Search unpacked data. An archive inside it goes to a temporary file first, because zip needs to seek."""
    first = next(chunks, b"")
    if first[:4] != _ZIP and first[:3] != _GZIP:
        waiting = iter([first])
        yield from _pieces(lambda: next(waiting, None) or next(chunks, b""))
        return
    with tempfile.SpooledTemporaryFile(_SPOOLED) as inner:
        inner.write(first)
        for chunk in chunks:
            inner.write(chunk)
        inner.seek(0)
        yield from _unpacked(inner, name, budget, depth + 1)


def _pieces(read: Callable[[], bytes]) -> Iterator[Piece]:
    """Pieces of about ``PIECE`` bytes, each starting with the end of the one before."""
    before, data = b"", read()
    while data:
        try:
            following = read()
        except Exception:
            yield Piece((before + data).decode("latin-1"), last=False)
            raise
        yield Piece((before + data).decode("latin-1"), not following)
        before, data = data[-OVERLAP:], following
