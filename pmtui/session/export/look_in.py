"""Searches files of any kind for ids of postmortems."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pmtui.session.export.readings import readings
from pmtui.store.searched_files import Refused, files_below, pieces_of


@dataclass(frozen=True, slots=True)
class Looked:
    """The ids that were found, each once; how many files were searched; and what could not be searched."""

    ids: tuple[str, ...] = ()
    files: int = 0
    refused: tuple[Refused, ...] = ()


def look_in(paths: Iterable[Path], ids_in: Callable[[str], tuple[str, ...]]) -> Looked:
    """Search these files, and the files in these folders. ``ids_in`` finds the vendor's ids in plain text."""
    found: dict[str, None] = {}
    refused: list[Refused] = []
    files = 0
    for path in (file for each in paths for file in files_below(each)):
        files += 1
        for piece in pieces_of(path):
            if isinstance(piece, Refused):
                refused.append(piece)
                continue
            for text in readings(f"{piece.text}\n" if piece.last else piece.text):
                found |= dict.fromkeys(ids_in(text))
    return Looked(tuple(found), files, tuple(refused))
