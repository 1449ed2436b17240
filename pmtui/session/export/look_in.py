"""Searches files of any kind for ids of postmortems."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pmtui.session.export.readings import readings
from pmtui.store.searched_files import Refused, files_below, pieces_of


@dataclass(frozen=True, slots=True)
class Looked:
    """The ids that were found, each once; how many files were searched; what could not be searched; and paths without any id."""

    ids: tuple[str, ...] = ()
    files: int = 0
    refused: tuple[Refused, ...] = ()
    in_vain: tuple[Path, ...] = ()


def look_in(paths: Iterable[Path], ids_in: Callable[[str], tuple[str, ...]]) -> Looked:
    """Search these files, and the files in these folders. ``ids_in`` finds the vendor's ids in plain text."""
    looked = Looked()
    for path in paths:
        here = [_searched(file, ids_in) for file in files_below(path)]
        found = dict.fromkeys(identifier for each in here for identifier in each.ids)
        looked = Looked(
            tuple(dict.fromkeys((*looked.ids, *found))),
            looked.files + len(here),
            (*looked.refused, *(refused for each in here for refused in each.refused)),
            looked.in_vain if found else (*looked.in_vain, path),
        )
    return looked


def _searched(file: Path, ids_in: Callable[[str], tuple[str, ...]]) -> Looked:
    found: dict[str, None] = {}
    refused: list[Refused] = []
    for piece in pieces_of(file):
        if isinstance(piece, Refused):
            refused.append(piece)
            continue
        for text in readings(f"{piece.text}\n" if piece.last else piece.text):
            found |= dict.fromkeys(ids_in(text))
    return Looked(tuple(found), 1, tuple(refused))
