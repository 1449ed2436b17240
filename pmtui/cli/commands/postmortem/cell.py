"""``pmtui cell add|move|delete REF``: adds, moves or deletes a section."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from pmtui.cli.context import Context
from pmtui.cli.editing.cells import STDIN, find_cell, read_text
from pmtui.cli.editing.keeping import kept_unless_saved
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_reference, add_save_options
from pmtui.cli.saving import Edited, edit_and_save
from pmtui.model.diff import diff
from pmtui.model.part import part_of
from pmtui.session.session import Session
from pmtui.session.workspace import Workspace

EXAMPLES = ("pmtui cell add IR-338 --after Impact --file detection.md", "pmtui cell move IR-338 'Root cause' --before Timeline")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("action", choices=("add", "move", "delete"), help="what to do")
    add_reference(parser)
    parser.add_argument(
        "cell", nargs="?", default="", metavar="CELL", help="the section to move or delete, by its number from 1 or its title"
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--before", default="", metavar="CELL", help="put it before this section")
    place.add_argument("--after", default="", metavar="CELL", help="put it after this section (add: at the end)")
    parser.add_argument("--file", type=Path, metavar="FILE", help="the text of a new section; - reads standard input")
    parser.add_argument("--allow-empty", action="store_true", help="add a section without a text")
    add_save_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Change the sections and save. Returns the exit code."""
    _check(arguments)
    text = read_text(arguments.file, allow_empty=arguments.allow_empty) if arguments.file else ""

    async def edit(workspace: Workspace, session: Session) -> Edited:
        before = session.mine
        if arguments.action == "add":
            _add(session, arguments, text)
        elif arguments.action == "move":
            _move(session, arguments)
        else:
            session.delete_cell(find_cell(before, arguments.cell).key)
        return Edited(frozenset(part_of(change).name for change in diff(before, session.mine)), before)

    with kept_unless_saved(context, arguments.ref, text if arguments.file == STDIN else "") as ending:
        ending.code = asyncio.run(edit_and_save(arguments, context, edit))
    return ending.code


def _check(arguments: argparse.Namespace) -> None:
    """Raises CommandError for options that do not go together."""
    if arguments.action == "add":
        if arguments.cell:
            raise CommandError("cell add takes no CELL; --before or --after says where the new section goes")
        if not arguments.file and not arguments.allow_empty:
            raise CommandError("cell add: give --file FILE, or --allow-empty for a section without a text")
        return
    if not arguments.cell:
        raise CommandError(f"cell {arguments.action}: which section? Give its number or its title")
    if arguments.file:
        raise CommandError(f"cell {arguments.action} takes no --file; `pmtui edit` replaces a text")
    if (arguments.action == "move") != bool(arguments.before or arguments.after):
        raise CommandError(
            "cell move: no place was given; give --before CELL or --after CELL" if arguments.action == "move" else "delete has no place"
        )


def _add(session: Session, arguments: argparse.Namespace, text: str) -> None:
    cells = session.mine.cells
    if not cells and session.mine.text_locked:
        find_cell(session.mine, "")  # says why there is none
    place = len(cells)
    if arguments.before or arguments.after:
        place = cells.index(find_cell(session.mine, arguments.before or arguments.after)) + (1 if arguments.after else 0)
    session.add_cell(cells[place - 1].key if place else None, text.rstrip("\n"))


def _move(session: Session, arguments: argparse.Namespace) -> None:
    cells = session.mine.cells
    here = cells.index(find_cell(session.mine, arguments.cell))
    there = cells.index(find_cell(session.mine, arguments.before or arguments.after)) + (1 if arguments.after else 0)
    by = (there - 1 if there > here else there) - here
    if by and not session.move_cell(cells[here].key, by):
        raise CommandError(
            f"{cells[here].title} cannot be moved there: it would have to pass a section with a fixed place", ExitCode.LOCKED
        )
