"""Cells named on the command line by number or title, and the texts to put in them."""

from __future__ import annotations

import sys
from pathlib import Path

from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.formats.incoming import plain_lines
from pmtui.model.part import Part, unread
from pmtui.model.postmortem import TEXT, Cell, Postmortem

STDIN = Path("-")


def find_cell(postmortem: Postmortem, wanted: str) -> Cell:
    """The cell with this number or title. Raises CommandError."""
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10 else 0
    if 1 <= number <= len(postmortem.cells):
        return postmortem.cells[number - 1]
    found = [cell for cell in postmortem.cells if cell.title.casefold() == wanted.casefold()]
    if len(found) == 1:
        return found[0]
    if hidden := unread(postmortem, Part(cell=TEXT)):
        raise CommandError(f"the text of {postmortem.incident.reference} could not be read: {hidden.why}", ExitCode.INCOMPLETE)
    if not postmortem.cells and postmortem.text_locked:
        raise CommandError(f"{postmortem.incident.reference}: {postmortem.text_locked}", ExitCode.MISSING)
    listed = ", ".join(f"{number} {cell.title}" for number, cell in enumerate(postmortem.cells, 1)) or "none"
    raise CommandError(f"{'several cells are' if found else 'no cell is'} called {wanted!r}; the cells are: {listed}", ExitCode.MISSING)


def read_text(file: Path, *, allow_empty: bool) -> str:
    """The text of a file (``-``: standard input) with plain newlines. Raises CommandError, OSError."""
    data = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
    called = "standard input" if file == STDIN else str(file)
    try:
        text = plain_lines(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise CommandError(f"{called}: this is not UTF-8, at byte {error.start}", ExitCode.INVALID) from None
    if not text.strip() and not allow_empty:
        said = f"{called} is empty: nothing was sent. The command that writes it may have failed"
        raise CommandError(f"{said}; give --allow-empty to empty the section")
    return text


def ended_as(before: str, text: str) -> str:
    """The text with the line ends of the cell, and its blank lines at the end: editors change these without meaning to."""
    ends = before[len(before.rstrip("\r\n")) :]
    words = text.rstrip("\n")
    return (words.replace("\n", "\r\n") if "\r\n" in before else words) + ends
