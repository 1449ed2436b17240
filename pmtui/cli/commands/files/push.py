"""``pmtui push FILE``: the edits of a postmortem file to the server, merged and reviewed as any save."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_save_options
from pmtui.cli.postmortem_files import add_file_arguments, base_of, check_vendor, keep, read_file, reference_of, text_of, wrong
from pmtui.cli.printing.saved import Afterwards
from pmtui.cli.saving import Edited, edit_and_save
from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.formats.document.postmortem_file import PostmortemFile
from pmtui.model.changes import Change
from pmtui.model.diff import diff, patch
from pmtui.model.part import called, part_of, same_part, unread, with_unread_from
from pmtui.model.postmortem import Postmortem
from pmtui.model.text_merge import Whose
from pmtui.session.review import with_keys_of
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
    add_save_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Merge, send, read back, and bring the file up to date; the exit code: CONFLICT leaves file and server as they are."""
    file: Path = arguments.file
    text = text_of(file)
    found = read_file(file, text)
    arguments.ref = reference_of(file, found)
    arguments.document = arguments.document or found.source.document
    base = base_of(context, found, file)

    news: list[str] = []
    joins: list[Joined] = []

    async def edit(workspace: Workspace, session: Session) -> Edited:
        check_vendor(file, found, workspace)
        before = session.mine
        server = with_keys_of(base=session.base, server=session.server, mine=before)
        both = _joined(file, found, base, server, arguments.whose)
        news.extend(both.news)
        joins.append(both)
        changes = _asked_for(file, server, both)
        _check_draft(file, session, both.postmortem, changes)
        session.become(patch(before, changes))
        return Edited(frozenset(part_of(change).name for change in changes), before)

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


def _asked_for(file: Path, server: Postmortem, both: Joined) -> tuple[Change, ...]:
    """What the file changes of the server. Raises CommandError when it is in a part that could not be read."""
    for change in diff(both.server, both.postmortem):
        if hidden := unread(server, part_of(change)):
            said = f"{called(server, hidden.part)} could not be read: {hidden.why}; what was edited in it cannot be merged"
            raise CommandError(f"{said}. Nothing was sent, {file} is as it was", ExitCode.INCOMPLETE)
    return tuple(change for change in diff(server, both.postmortem) if unread(server, part_of(change)) is None)


def _check_draft(file: Path, session: Session, wanted: Postmortem, changes: Sequence[Change]) -> None:
    """Raises CommandError when a draft has something else in a part that the file changes: one of the two would be lost."""
    drafted = {part_of(change) for change in session.changes}
    clash = [part_of(change) for change in changes if part_of(change) in drafted and not same_part(session.mine, wanted, part_of(change))]
    if clash:
        names = ", ".join(dict.fromkeys(called(session.mine, part.name) for part in clash))
        reference = quote(session.mine.incident.reference)
        said = f"an unsent draft has something else than {file}: {names}; nothing was sent"
        raise CommandError(f"{said}. `pmtui {reference}` opens the draft, `pmtui drafts discard {reference}` forgets it", ExitCode.CONFLICT)


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
