"""``pmtui edit REF --cell N --file F``: replace the text of a section and save."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_reference, add_save_options
from pmtui.cli.saving import Edited, edit_and_save
from pmtui.model.part import Part, unread
from pmtui.model.postmortem import TEXT, Cell, Postmortem
from pmtui.session.session import Session
from pmtui.session.workspace import Workspace

_STDIN = Path("-")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own options."""
    add_reference(parser)
    parser.add_argument("--cell", required=True, metavar="N", help="the section, by its number from 1 or its title")
    parser.add_argument("--file", required=True, type=Path, metavar="FILE", help="the new text; - reads it from standard input")
    parser.add_argument("--allow-empty", action="store_true", help="take a text that is empty: the section loses its words")
    add_save_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Replace the text and save; the exit code."""
    text = read_text(arguments.file)
    if not text.strip() and not arguments.allow_empty:
        said = f"{_called(arguments.file)} is empty: nothing was sent. The command that was to write it may have failed"
        raise CommandError(f"{said}; say --allow-empty to empty the section")

    async def edit(workspace: Workspace, session: Session) -> Edited:
        cell = find_cell(session.mine, arguments.cell)
        before = session.mine
        session.edit_cell(cell.key, ended_as(cell.text, text))
        return Edited(frozenset({cell.key}), before)

    return asyncio.run(edit_and_save(arguments, context, edit))


def ended_as(before: str, text: str) -> str:
    """The text with the line ends that the cell had, also at its end: no program that writes a file means anything by those."""
    ends = before[len(before.rstrip("\r\n")) :]
    words = text.rstrip("\n")
    return (words.replace("\n", "\r\n") if "\r\n" in before else words) + ends


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
    raise CommandError(f"{'several cells are' if found else 'no cell is'} called {wanted!r}; there are: {listed}", ExitCode.MISSING)


def read_text(file: Path) -> str:
    """The text of a file, ``-`` for standard input. A byte order mark is no part of it, nor are carriage returns.

    Raises CommandError, OSError.
    """
    data = sys.stdin.buffer.read() if file == _STDIN else file.read_bytes()
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise CommandError(f"{_called(file)}: this is not UTF-8, at byte {error.start}", ExitCode.INVALID) from None


def _called(file: Path) -> str:
    return "standard input" if file == _STDIN else str(file)
