"""``pmtui edit REF``: opens the whole postmortem in the user's editor, or replaces sections by files; one save for all."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from pmtui.cli.context import Context
from pmtui.cli.editing.cells import STDIN, ended_as, find_cell, read_text
from pmtui.cli.editing.keeping import kept_unless_saved
from pmtui.cli.errors import CommandError
from pmtui.cli.options import add_reference, add_save_options
from pmtui.cli.saving import Edited, edit_and_save
from pmtui.session.session import Locked, Session
from pmtui.session.workspace import Workspace

EXAMPLES = ("pmtui edit IR-338", "pmtui edit IR-338 --cell Timeline --file timeline.md --cell 5 --file cause.md --dry-run")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_reference(parser)
    parser.add_argument("--cell", action="append", default=[], metavar="N", help="a section, by its number from 1 or its title")
    parser.add_argument("--file", action="append", default=[], type=Path, metavar="FILE", help="its new text; - reads standard input")
    parser.add_argument("--allow-empty", action="store_true", help="accept an empty text: the section becomes empty")
    add_save_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Edit and save. Returns the exit code. Without ``--cell`` the whole postmortem is opened in $VISUAL or $EDITOR."""
    if len(arguments.cell) != len(arguments.file):
        raise CommandError("give each --cell its --file, in the same order; without any the editor opens the whole postmortem")
    if not arguments.cell:
        from pmtui.cli.editing.outside import edit_whole

        return edit_whole(arguments, context)
    if arguments.file.count(STDIN) > 1:
        raise CommandError("standard input can be read only once: give one --file -")
    texts = [read_text(file, allow_empty=arguments.allow_empty) for file in arguments.file]

    async def edit(workspace: Workspace, session: Session) -> Edited:
        before = session.mine
        cells = [find_cell(before, name) for name in arguments.cell]
        if len({cell.key for cell in cells}) < len(cells):
            raise CommandError("a section is named twice: nothing was sent")
        done: list[str] = []
        for cell, text in zip(cells, texts, strict=True):
            try:
                session.edit_cell(cell.key, ended_as(cell.text, text))
            except Locked:
                Edited(frozenset(done), before).put_back(session)
                raise
            done.append(cell.key)
        return Edited(frozenset(done), before)

    piped = next((text for file, text in zip(arguments.file, texts, strict=True) if file == STDIN), "")
    with kept_unless_saved(context, f"{arguments.ref} {arguments.cell[0]}", piped) as ending:
        ending.code = asyncio.run(edit_and_save(arguments, context, edit))
    return ending.code
