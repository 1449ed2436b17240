"""Saving from the command line: one session, opened, edited, reviewed, sent and read back as the screens do it."""

from __future__ import annotations

import argparse
import asyncio
import shlex
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pmtui.backends.base import Step, Trouble
from pmtui.cli.context import READ_ONLY, Context
from pmtui.cli.errors import BY_TROUBLE, CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.output import print_json, print_text, say
from pmtui.cli.printing.plain import SCHEMA
from pmtui.cli.printing.streams import told_afterwards
from pmtui.display import display
from pmtui.model.changes import Change, change_id
from pmtui.model.diff import diff, revert
from pmtui.model.part import called, part_of
from pmtui.model.postmortem import Incident, Postmortem
from pmtui.model.validation import problems
from pmtui.session.change_text import change_lines, change_title
from pmtui.session.report import Outcome, Progress, Report, Result
from pmtui.session.review import Review
from pmtui.session.session import Locked, Session
from pmtui.session.workspace import Workspace
from pmtui.store.drafts import DraftBusy

_KEPT = (Result.UNKNOWN, Result.NOT_APPLIED, Result.ALTERED)
"""What keeps the draft: the server may have the change, or something else than it had."""
_SENDING = "sending"  # what ``Progress.state`` says before a request leaves


def add_save_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of every command that saves."""
    parser.add_argument("--document", default="", metavar="ID", help="which postmortem, when there are several")
    parser.add_argument("--yes", action="store_true", help="agree to a write that sends more than what was edited; nothing else is asked")
    parser.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


@dataclass(frozen=True, slots=True)
class Edited:
    """What a command edited: the parts by field name or cell key, and the postmortem before that."""

    parts: frozenset[str]
    before: Postmortem

    def has(self, change: Change) -> bool:
        """Whether this change is one of the command's."""
        return part_of(change).name in self.parts

    def without(self, outcomes: Iterable[Outcome]) -> Edited:
        """What is left when those that were done are saved."""
        done = {part_of(each.change).name for each in outcomes if each.change is not None and each.state is Result.DONE}
        return replace(self, parts=self.parts - done)

    def put_back(self, session: Session) -> None:
        """What was not sent does not stay behind as a draft: the command can be given again.

        The server's refusal may have locked what was edited: then the draft is discarded, unless it has something else in it.
        """
        try:
            self._put_back(session)
        except Locked:
            if all(self.has(change) for change in session.changes):
                session.discard()
            else:
                say(f"what was not sent stays in the draft: {_draft(session)}")

    def _put_back(self, session: Session) -> None:
        of_command = [change for change in diff(self.before, session.mine) if self.has(change)]
        session.become(revert(session.mine, self.before, of_command))


def check_writable(context: Context) -> None:
    """Raises CommandError in a read-only profile, before anything is sent."""
    if context.config.profile(context.profile_name).read_only:
        raise CommandError(f"read-only: nothing was sent; {READ_ONLY}", ExitCode.READ_ONLY)


Edit = Callable[[Workspace, Session], Awaitable[Edited]]


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What a command did after a save: ``said`` has a line each for people, ``told`` stands in the JSON of the outcome."""

    said: tuple[str, ...] = ()
    told: Mapping[str, object] = field(default_factory=dict)


Saved = Callable[[Workspace, Session], Afterwards]
"""Called once the server has what was edited, or had it already, before anything is printed."""


async def edit_and_save(
    arguments: argparse.Namespace, context: Context, edit: Edit, saved: Saved = lambda workspace, session: Afterwards()
) -> int:
    """Open, edit, save; the exit code. What is in a draft already stays there and is not sent."""
    if not arguments.dry_run:
        check_writable(context)
    async with context.workspace() as workspace:
        incident = await workspace.backend.find(arguments.ref)
        session = await open_to_write(workspace, incident, arguments.document)
        try:
            await check_fresh(workspace, session, arguments.document)
            await session.complete()
            edited = await edit(workspace, session)
            _check_values(session, edited)
            return await _save(arguments, session, edited, lambda: saved(workspace, session))
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


async def check_fresh(workspace: Workspace, session: Session, document: str) -> None:
    """Raises BackendError when what is open is only what was last seen: the server is asked once more, for the true reason."""
    if session.offline:
        await workspace.backend.postmortem(session.mine.incident, document)
        raise CommandError(f"{session.offline}; it answers again: give the command once more", ExitCode.OFFLINE)


def _check_values(session: Session, edited: Edited) -> None:
    """Raises CommandError for values that no server would take, before anything is sent; what was edited is put back."""
    wrong = problems(edited.before, session.mine)
    if wrong:
        edited.put_back(session)
        said = "; ".join(f"{name}: {why}" for name, why in wrong.items())
        raise CommandError(f"{said}; nothing was sent", ExitCode.INVALID)


async def _save(arguments: argparse.Namespace, session: Session, edited: Edited, saved: Callable[[], Afterwards]) -> ExitCode:
    review = await _review(session, edited)
    wanted = [change for change in review.changes if edited.has(change)]
    if arguments.dry_run or not wanted:
        edited.put_back(session)
        _print_plan(arguments, review, wanted, Afterwards() if arguments.dry_run else saved())
        return ExitCode.OK
    if not arguments.yes:
        _check_consent(session, edited, _steps_of(review, wanted))
    left_out = frozenset(change_id(change) for change in review.changes) - {change_id(change) for change in wanted}
    left_out |= {conflict.id for conflict in review.conflicts}  # of an older draft: it stays there, and is not sent
    report = await _send(session, review, left_out)
    sent = [outcome for outcome in report.outcomes if outcome.state is not Result.LEFT_OUT]
    kept = any(outcome.state in _KEPT for outcome in sent)
    if not report.verified and not kept:
        edited.without(sent).put_back(session)
    code = code_of(report, sent)
    afterwards = saved() if code is ExitCode.OK else Afterwards()
    with told_afterwards():
        _print_report(arguments, session, report, sent, afterwards)
        if kept:
            say(f"the draft is kept: {_draft(session)}")
    return code


def _steps_of(review: Review, wanted: list[Change]) -> list[Step]:
    """The writes for these changes of a review, with those that frame them."""
    return [step for step in review.steps if not step.changes or any(change in wanted for change in step.changes)] if wanted else []


def _warnings(steps: Iterable[Step]) -> list[str]:
    """What these writes do besides, each once."""
    return list(dict.fromkeys(warning for step in steps for warning in step.warnings))


def _check_consent(session: Session, edited: Edited, steps: list[Step]) -> None:
    """Raises CommandError when a write would send more than what was edited; what was edited is put back."""
    larger = [step for step in steps if step.needs_consent]
    if larger:
        edited.put_back(session)
        said = dict.fromkeys(text for step in larger for text in (step.needs_consent, *step.warnings))
        raise CommandError(f"{'; '.join(said)} · nothing was sent: give --yes to send all of that", ExitCode.USAGE)


async def _review(session: Session, edited: Edited) -> Review:
    """The review; CommandError for a conflict about what was edited. What was edited is put back when nothing comes of it."""
    try:
        review = await session.review()
    except BaseException:
        edited.put_back(session)
        raise
    conflicts = [called(session.mine, conflict.part.name) for conflict in review.conflicts if conflict.part.name in edited.parts]
    if conflicts:
        edited.put_back(session)
        said = f"changed on the server and in the draft: {', '.join(conflicts)}; nothing was sent"
        raise CommandError(f"{said}; {_draft(session)}", ExitCode.CONFLICT)
    return review


async def _send(session: Session, review: Review, left_out: frozenset[str]) -> Report:
    """Save. Who presses ctrl+c while a request is under way is told that it may have been applied."""
    begun: list[str] = []

    def note(told: Progress) -> None:
        if told.state == _SENDING:
            begun.append(told.id)

    try:
        return await session.save(review, leave_out=left_out, progress=note)
    except asyncio.CancelledError:
        if not begun:
            say(f"interrupted: nothing was sent; the draft is kept: {_draft(session)}")
            raise
        raise CommandError(
            f"interrupted: the change may have been sent; the draft is kept, the next save looks first: {_draft(session)}", ExitCode.UNKNOWN
        ) from None


def _draft(session: Session) -> str:
    """What can be done about the draft of a session."""
    reference = shlex.quote(session.mine.incident.reference)
    if not session.changes and not session.unfinished:
        return f"`pmtui show {reference}` has what the server has"
    return f"`pmtui {reference}` opens it, `pmtui drafts discard {reference}` forgets it"


def code_of(report: Report, sent: list[Outcome]) -> ExitCode:
    """The exit code of a save: unknown before all else, then the first trouble by its kind.

    What is not there when read back is NOT_APPLIED only after an acceptance; after a 503 or a time-out the code is that trouble's.
    """
    if report.verified:
        return ExitCode.OK
    states = [outcome.state for outcome in sent]
    if Result.UNKNOWN in states:
        return ExitCode.UNKNOWN
    failed = next((outcome for outcome in sent if outcome.state is not Result.DONE), None)
    if failed is None or failed.state is Result.ALTERED:
        return ExitCode.NOT_APPLIED
    if failed.state is Result.NOT_APPLIED and failed.trouble in (None, Trouble.ANSWER):  # a success, also one that cannot be read
        return ExitCode.NOT_APPLIED
    return BY_TROUBLE[failed.trouble or Trouble.INVALID]


def _print_plan(arguments: argparse.Namespace, review: Review, wanted: list[Change], afterwards: Afterwards) -> None:
    steps = _steps_of(review, wanted)
    if arguments.json:
        changes = [{"id": change_id(change), "title": change_title(change, review.target)} for change in wanted]
        planned = {"changes": changes, "requests": [step.request for step in steps], "warnings": _warnings(steps), "sent": False}
        print_json({"schema": SCHEMA, **planned, **afterwards.told})
        return
    if not wanted:
        say("nothing to change: the server has it already")
    for change in wanted:
        print(display(change_title(change, review.target)))
        for tag, text in change_lines(change):
            print_text(f"  {tag} {text}")
    for step in steps:
        print_text("  ".join((step.request, *(f"! {warning}" for warning in step.warnings))))
    for line in afterwards.said:
        say(line)


def _print_report(arguments: argparse.Namespace, session: Session, report: Report, sent: list[Outcome], afterwards: Afterwards) -> None:
    warnings = _warnings(outcome.step for outcome in sent if outcome.step and outcome.state is not Result.NOT_SENT)
    if arguments.json:
        code = code_of(report, sent)
        outcomes: list[dict[str, Any]] = [_outcome_json(each) for each in sent]
        told = {
            "verified": report.verified,
            "warnings": warnings,
            "notices": list(report.notices),
            "exit_code": int(code),
            "kind": code.kind,
        }
        print_json({"schema": SCHEMA, "outcomes": outcomes, **told, **afterwards.told})
        return
    for outcome in sent:
        title = change_title(outcome.change, session.mine) if outcome.change else outcome.step.label if outcome.step else outcome.id
        detail = f": {outcome.detail}" if outcome.detail else ""
        print(display(f"{title}  {outcome.state.value}{detail}"))
    for warning in warnings:
        print(display(f"! {warning}"))
    say("saved · verified" if report.verified else f"not saved: {report.words(session.mine)}")
    for line in (*report.notices, *afterwards.said):
        say(line)


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.id,
        "state": outcome.state.value,
        "detail": outcome.detail,
        "trouble": outcome.trouble.value if outcome.trouble else "",
        "request_id": outcome.request_id,
    }
