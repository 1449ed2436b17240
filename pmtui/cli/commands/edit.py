"""``pmtui edit REF --cell N --file F``: replace the text of a section and save."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.saving import Edited, add_save_arguments, edit_and_save
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.session.session import Session
from pmtui.session.workspace import Workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", metavar="REF", help="IR-123, #42, an id, or an address")
    parser.add_argument("--cell", required=True, metavar="N", help="the section, by its number from 1 or its title")
    parser.add_argument("--file", required=True, metavar="FILE", help="the new text; - reads it from standard input")
    add_save_arguments(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    text = _read(arguments.file)

    async def edit(workspace: Workspace, session: Session) -> Edited:
        cell = find_cell(session.mine, arguments.cell)
        before = session.mine
        session.edit_cell(cell.key, text)
        return Edited(frozenset({cell.key}), before)

    return asyncio.run(edit_and_save(arguments, context, edit))


def find_cell(postmortem: Postmortem, wanted: str) -> Cell:
    """The cell with this number or title. Raises CommandError."""
    if wanted.isdecimal() and 1 <= int(wanted) <= len(postmortem.cells):
        return postmortem.cells[int(wanted) - 1]
    found = [cell for cell in postmortem.cells if cell.title.casefold() == wanted.casefold()]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{number} {cell.title}" for number, cell in enumerate(postmortem.cells, 1)) or "none"
    raise CommandError(f"{'several cells are' if found else 'no cell is'} called {wanted!r}; there are: {listed}", ExitCode.MISSING)


def _read(name: str) -> str:
    data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{name}: this is not UTF-8, at byte {error.start}", ExitCode.INVALID) from None
