"""Finds a file by reference, name, path, or a part of these that only one file has. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.folder.incidents import FileRow
from pmtui.backends.folder.index import Listing

_SHORTEST: Final = 3  # the shortest part, in characters, that is searched for
_NAMED: Final = 5


def find(listing: Listing, ref: str, root: Path) -> tuple[str, FileRow]:
    """The identity and the row of the file. Raises BackendError: MISSING for none, LOCAL for several."""
    wanted, tried = ref.strip(), f"find {ref.strip()[:60]!r}"
    if not wanted:
        raise BackendError(Trouble.LOCAL, "find a postmortem", "nothing was given", "give a reference, a file name or a path")
    for found in (_exact(listing, wanted, root), _named(listing, wanted), _part(listing, wanted)):
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(row.path for _, row in found[:_NAMED]) + (", …" if len(found) > _NAMED else "")
            raise BackendError(Trouble.LOCAL, tried, f"{len(found)} files match: {names}", "give the name of one of them")
    if listing.unreadable:
        named = next((line for line in listing.unreadable if line.startswith(f"{_relative(wanted, root)}:")), "")
        said = named or f"no readable file matches, and this file cannot be read: {listing.unreadable[0]}"
        raise BackendError(Trouble.ANSWER, tried, said, "correct that file in an editor: it is neither shown nor written until then")
    raise BackendError(Trouble.MISSING, tried, f"no file in {root} matches", "list them with `pmtui incidents`")


def _relative(wanted: str, root: Path) -> str:
    path = Path(wanted)
    return path.relative_to(root).as_posix() if path.is_absolute() and path.is_relative_to(root) else wanted.removeprefix("./")


def _exact(listing: Listing, wanted: str, root: Path) -> list[tuple[str, FileRow]]:
    path = _relative(wanted, root)
    row = listing.rows.get(wanted)
    if row is not None:
        return [(wanted, row)]
    return [(identity, row) for identity, row in listing.rows.items() if row.path == path]


def _named(listing: Listing, wanted: str) -> list[tuple[str, FileRow]]:
    plain = wanted.casefold().lstrip("#")
    return _those(listing.rows, lambda row: plain in (row.reference.casefold().lstrip("#"), *_names(row)))


def _names(row: FileRow) -> tuple[str, str]:
    path = PurePosixPath(row.path)
    return path.name.casefold(), path.stem.casefold()


def _part(listing: Listing, wanted: str) -> list[tuple[str, FileRow]]:
    plain = wanted.casefold()
    if len(plain) < _SHORTEST:
        return []
    return _those(listing.rows, lambda row: plain in f"{row.reference}\n{row.title}\n{row.path}".casefold())


def _those(rows: Mapping[str, FileRow], wanted: Callable[[FileRow], bool]) -> list[tuple[str, FileRow]]:
    return [(identity, row) for identity, row in rows.items() if wanted(row)]
