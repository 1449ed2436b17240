"""Documents that people wrote, as they are found on any machine with Python: each is a postmortem file, and stays what it is."""

from __future__ import annotations

import difflib
import sysconfig
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distributions
from itertools import chain, islice
from pathlib import Path

from pmtui.formats.document.body import FileCell
from pmtui.formats.document.edit import FileEdits, edited
from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.formats.document.postmortem_file import Source, file_of, read, target, write
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Cell, Postmortem

LONGEST = 8_000
WANTED = 100


def documents() -> Iterator[tuple[str, str]]:
    """READMEs of what is installed, then texts that lie in its folders and in Python's own."""
    for each in distributions():
        _, _, text = (each.read_text("METADATA") or "").partition("\n\n")
        if text.strip():
            yield each.name, text[:LONGEST]
    places = [Path(sysconfig.get_paths()[name]) for name in ("purelib", "stdlib")]
    for path in chain.from_iterable(place.rglob(f"*.{end}") for place in places for end in ("md", "rst", "txt")):
        try:
            text = path.read_bytes()[:LONGEST].decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if text.strip():
            yield path.name, text


@cache
def found() -> list[tuple[str, str]]:
    return list(islice(documents(), WANTED))


def test_there_are_many() -> None:
    assert len(found()) > 50


def test_what_was_read_is_written_with_the_same_bytes() -> None:
    for name, text in found():
        try:
            file = read(text)
        except FrontMatterError:
            continue
        assert edited(text, FileEdits(entries=file.entries, cells=file.cells)) == text, name


def test_the_cells_survive_a_file_of_ours() -> None:
    for name, text in found():
        try:
            cells = tuple(Cell(f"c{number}", cell.text) for number, cell in enumerate(read(text).cells))
        except FrontMatterError:
            continue
        made = Postmortem(Incident("i", "IR-1", name), id="p", cells=cells)
        back = target(read(write(file_of(made, Source()))), made.with_cells(()), {})
        assert [cell.text for cell in back.cells] == [cell.text for cell in cells], name


def test_one_edit_changes_its_own_lines_only() -> None:
    for name, text in found():
        try:
            cells = list(read(text).cells)
        except FrontMatterError:
            continue
        middle = len(cells) // 2
        cells[middle] = FileCell(f"{cells[middle].text}\n\nOne line more.")
        made = edited(text, FileEdits(cells=cells))
        if len(text) < 3000:
            shown = {line.rstrip() for line in difflib.ndiff(text.splitlines(), made.splitlines()) if line[:1] in "+-"}
            assert shown <= {"+", "+ One line more.", "+ <!-- cell -->", "+ <!-- /cell -->"}, (name, shown)
        assert read(made).cells == tuple(cells), name
