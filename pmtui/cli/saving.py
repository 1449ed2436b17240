"""Saving from the command line: one session, opened, edited, reviewed, sent and read back as the screens do it."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pmtui.backends.base import BackendError
from pmtui.cli.context import READ_ONLY, Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.output import print_json, print_text, say
from pmtui.cli.plain import SCHEMA
from pmtui.display import display
from pmtui.model.changes import Change, FieldChanged, change_id
from pmtui.model.postmortem import Incident, Postmortem
from pmtui.session.change_text import change_lines, change_title
from pmtui.session.report import Report, Result
from pmtui.session.review import Review
from pmtui.session.session import Locked, Session
from pmtui.session.workspace import Workspace
from pmtui.store.drafts import DraftBusy

_CODES = {Result.UNKNOWN: ExitCode.UNKNOWN, Result.REFUSED: ExitCode.INVALID, Result.NOT_APPLIED: ExitCode.FAILED}


def add_save_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--document", default="", metavar="ID", help="which postmortem, when there are several")
    parser.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


@dataclass(frozen=True, slots=True)
class Edited:
    """What a command edited: the parts by field name or cell key, and the postmortem before that."""

    parts: frozenset[str]
    before: Postmortem

    def has(self, change: Change) -> bool:
        return (change.name if isinstance(change, FieldChanged) else change_id(change).partition(":")[2]) in self.parts

    def put_back(self, session: Session) -> None:
        """What was not sent does not stay behind as a draft: the command can be given again."""
        for part in self.parts:
            if part in self.before.fields or all(cell.key != part for cell in self.before.cells):
                session.set_field(part, self.before.fields.get(part))
            else:
                session.edit_cell(part, self.before.cell(part).text)


def check_writable(context: Context) -> None:
    """Raises CommandError in a read-only profile, before anything is sent."""
    if context.config.profile(context.profile_name).read_only:
        raise CommandError(f"read-only: nothing was sent; {READ_ONLY}", ExitCode.READ_ONLY)


async def edit_and_save(arguments: argparse.Namespace, context: Context, edit: Callable[[Workspace, Session], Awaitable[Edited]]) -> int:
    """Open, edit, save; the exit code. What is in a draft already stays there and is not sent."""
    if not arguments.dry_run:
        check_writable(context)
    async with context.workspace() as workspace:
        incident = await workspace.backend.find(arguments.ref)
        session = await open_to_write(workspace, incident, arguments.document)
        try:
            if session.offline:
                raise CommandError(session.offline, ExitCode.OFFLINE)
            await session.complete()
            try:
                edited = await edit(workspace, session)
            except Locked as locked:
                raise CommandError(str(locked), ExitCode.READ_ONLY) from None
            return await _save(arguments, session, edited)
        finally:
            if wrong := session.close():
                say(f"what was not sent is {wrong}")


async def open_to_write(workspace: Workspace, incident: Incident, document: str) -> Session:
    """A lock that a dead process left behind is no obstacle: its draft is kept, and not sent."""
    try:
        return await workspace.open(incident, document)
    except DraftBusy as busy:
        if busy.owner.alive is not False:
            raise
        return await workspace.open(incident, document, take_over=True)


async def _save(arguments: argparse.Namespace, session: Session, edited: Edited) -> int:
    try:
        review = await session.review()
    except BackendError:
        edited.put_back(session)
        raise
    conflicts = [conflict.part.name for conflict in review.conflicts if conflict.part.name in edited.parts]
    if conflicts:
        edited.put_back(session)
        said = f"changed on the server and in the draft: {', '.join(conflicts)}; nothing was sent"
        raise CommandError(f"{said}; {_way_out(session)}", ExitCode.CONFLICT)
    wanted = [change for change in review.changes if edited.has(change)]
    if arguments.dry_run or not wanted:
        edited.put_back(session)
        _print_plan(arguments, review, wanted)
        return ExitCode.OK
    left_out = frozenset(change_id(change) for change in review.changes) - {change_id(change) for change in wanted}
    left_out |= {conflict.id for conflict in review.conflicts}  # of an older draft: it stays there, and is not sent
    report = await session.save(review, leave_out=left_out)
    if report.of(Result.REFUSED) and not report.of(Result.UNKNOWN):
        edited.put_back(session)
    return _print_report(arguments, session, report)


def _way_out(session: Session) -> str:
    reference = session.mine.incident.reference
    return f"`pmtui {reference}` asks which to keep, `pmtui drafts discard {reference}` forgets the draft"


def _print_plan(arguments: argparse.Namespace, review: Review, wanted: list[Change]) -> None:
    steps = [step for step in review.steps if not step.changes or any(change in wanted for change in step.changes)] if wanted else []
    if arguments.json:
        changes = [{"id": change_id(change), "title": change_title(change, review.target)} for change in wanted]
        print_json({"schema": SCHEMA, "changes": changes, "requests": [step.request for step in steps], "sent": False})
        return
    if not wanted:
        say("nothing to change: the server has it already")
    for change in wanted:
        print(display(change_title(change, review.target)))
        for tag, text in change_lines(change):
            print_text(f"  {tag} {text}")
    for step in steps:
        print_text("  ".join((step.request, *(f"! {warning}" for warning in step.warnings))))


def _print_report(arguments: argparse.Namespace, session: Session, report: Report) -> int:
    sent = [outcome for outcome in report.outcomes if outcome.state is not Result.LEFT_OUT]
    codes = [_CODES[outcome.state] for outcome in sent if outcome.state in _CODES]
    code = ExitCode.OK if report.verified else (ExitCode.UNKNOWN if ExitCode.UNKNOWN in codes else codes[0] if codes else ExitCode.FAILED)
    if arguments.json:
        outcomes: list[dict[str, Any]] = [
            {"id": each.id, "state": each.state.value, "detail": each.detail, "request_id": each.request_id} for each in sent
        ]
        print_json({"schema": SCHEMA, "outcomes": outcomes, "verified": report.verified})
        return code
    for outcome in sent:
        title = change_title(outcome.change, session.mine) if outcome.change else outcome.step.label if outcome.step else outcome.id
        detail = f": {outcome.detail}" if outcome.detail else ""
        print(display(f"{title}  {outcome.state.value}{detail}"))
    say("saved · verified" if report.verified else f"not saved: {report.words(session.mine)}")
    return code
