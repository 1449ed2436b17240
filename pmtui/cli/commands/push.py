"""``pmtui push FILE``: the edits of a postmortem file to the server, merged and reviewed as any save."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from shlex import quote

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.postmortem_files import add_file_arguments, base_of, check_vendor, keep, read_file, reference_of, text_of, wrong
from pmtui.cli.saving import Afterwards, Edited, add_save_arguments, edit_and_save
from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.formats.document.postmortem_file import PostmortemFile
from pmtui.model.diff import diff
from pmtui.model.part import part_of
from pmtui.model.postmortem import Postmortem
from pmtui.model.text_merge import Whose
from pmtui.session.session import Session
from pmtui.session.transfer.pull_push import Joined, NoBase, joined
from pmtui.session.workspace import Workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own options."""
    add_file_arguments(parser)
    sides = parser.add_mutually_exclusive_group()
    sides.add_argument("--mine", action="store_const", const="mine", dest="whose", help="where both changed the same, take the file's")
    sides.add_argument(
        "--theirs", action="store_const", const="theirs", dest="whose", help="where both changed the same, take the server's"
    )
    add_save_arguments(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Merge, send, read back, and bring the file up to date; the exit code: CONFLICT leaves file and server as they are."""
    file: Path = arguments.file
    text = text_of(file)
    found = read_file(file, text)
    arguments.ref = reference_of(file, found)
    arguments.document = arguments.document or found.source.document
    base = base_of(context, found, file)

    news: list[str] = []

    async def edit(workspace: Workspace, session: Session) -> Edited:
        check_vendor(file, found, workspace)
        before = session.mine
        both = _joined(file, found, base, before, arguments.whose)
        news.extend(both.news)
        session.become(both.postmortem)
        return Edited(frozenset(part_of(change).name for change in diff(before, session.mine)), before)

    def saved(workspace: Workspace, session: Session) -> Afterwards:
        try:
            written = keep(context, workspace, session.base, session.base, file, text)
        except OSError as error:
            said = f"{file} could not be brought up to date: {error.strerror}"
            advice = f"`pmtui pull {quote(session.base.incident.reference)} {quote(str(file))}` does it"
            return Afterwards((f"{said}; {advice}",), {"file": {"path": str(file), "written": False, "from_others": []}})
        said = f"{file} now has what others changed: {', '.join(news)}"
        return Afterwards((said,) if news else (), {"file": {"path": str(file), "written": written, "from_others": news}})

    return asyncio.run(edit_and_save(arguments, context, edit, saved))


def _joined(file: Path, found: PostmortemFile, base: Postmortem | None, server: Postmortem, whose: Whose | None) -> Joined:
    """What the server is to have. Raises CommandError, also for conflicts."""
    try:
        both = joined(found, base, server, whose)
    except NoBase:
        said = f"{file} was made of another state of the server, which is not at hand: what others changed since would be lost"
        advice = f"`pmtui pull {quote(server.incident.reference)} NEW.md`, bring your edits there, and push that"
        raise CommandError(f"{said}; nothing was sent. {advice}", ExitCode.CONFLICT) from None
    except FrontMatterError as error:
        raise wrong(file, error) from None
    if both.conflicts:
        said = f"changed in {file} and on the server: {', '.join(both.conflicts)}; nothing was sent, the file is as it was"
        raise CommandError(f"{said}. --mine or --theirs decides, `pmtui diff {quote(str(file))}` shows the difference", ExitCode.CONFLICT)
    return both
