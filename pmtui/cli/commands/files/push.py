"""``pmtui push FILE``: saves the edits of a postmortem file to the server, merged and reviewed like any save."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from shlex import quote

from pmtui.cli.context import Context
from pmtui.cli.options import add_save_options
from pmtui.cli.postmortem_files import (
    add_file_arguments,
    base_of,
    check_vendor,
    keep,
    of_its_account,
    read_file,
    reference_of,
    text_of,
    with_edits_of,
)
from pmtui.cli.printing.saved import Afterwards
from pmtui.cli.saving import Edited, edit_and_save
from pmtui.model.part import with_unread_from
from pmtui.session.session import Session
from pmtui.session.transfer.pull_push import Joined
from pmtui.session.workspace import Workspace

EXAMPLES = ("pmtui push 2026-11-14-IR-338-checkout-5xx.md --dry-run", "pmtui push 2026-11-14-IR-338-checkout-5xx.md --mine --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_file_arguments(parser)
    sides = parser.add_mutually_exclusive_group()
    sides.add_argument("--mine", action="store_const", const="mine", dest="whose", help="where both changed the same part, take the file's")
    sides.add_argument(
        "--theirs", action="store_const", const="theirs", dest="whose", help="where both changed the same part, take the server's"
    )
    add_save_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Merge, send, read back, and bring the file up to date. Exit code: CONFLICT leaves file and server as they are."""
    file: Path = arguments.file
    text = text_of(file)
    found = read_file(file, text)
    context = of_its_account(found, context)
    arguments.ref = reference_of(file, found)
    arguments.document = arguments.document or found.source.document
    base = base_of(context, found, file)

    news: list[str] = []
    joins: list[Joined] = []

    async def edit(workspace: Workspace, session: Session) -> Edited:
        check_vendor(file, found, workspace)
        edited, both = with_edits_of(file, found, session, base, arguments.whose)
        news.extend(both.news)
        joins.append(both)
        return edited

    def saved(workspace: Workspace, session: Session) -> Afterwards:
        now = with_unread_from(session.base, joins[0].postmortem)
        try:
            written = keep(context, workspace, now, with_unread_from(session.base, joins[0].server), file, text)
        except OSError as error:
            said = f"{file} could not be brought up to date: {error.strerror}"
            advice = f"`pmtui pull {quote(session.base.incident.reference)} {quote(str(file))}` does it"
            return Afterwards((f"{said}; {advice}",), {"file": {"path": str(file), "written": False, "from_others": []}})
        said = f"{file} now has what others changed: {', '.join(news)}"
        return Afterwards((said,) if news else (), {"file": {"path": str(file), "written": written, "from_others": news}})

    return asyncio.run(edit_and_save(arguments, context, edit, saved))
