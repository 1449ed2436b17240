"""Saves from the command line: opens a session, edits it, reviews, sends and reads back, as the screens do."""

from __future__ import annotations

import argparse
import asyncio
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

from pmtui.backends.base import Step, Trouble
from pmtui.cli.asking import confirm
from pmtui.cli.context import READ_ONLY, Context
from pmtui.cli.errors import BY_TROUBLE, CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.output import say
from pmtui.cli.printing.saved import Afterwards, print_nothing, print_rehearsal, print_report, warnings_of
from pmtui.cli.printing.streams import told_afterwards
from pmtui.model.changes import Change, change_id
from pmtui.model.diff import diff, revert
from pmtui.model.incident import Incident
from pmtui.model.part import called, part_of
from pmtui.model.postmortem import Postmortem
from pmtui.model.validation import problems
from pmtui.session.change_text import headings_lost
from pmtui.session.rehearsal import rehearse
from pmtui.session.report import Outcome, Progress, Report, Result
from pmtui.session.review import Review
from pmtui.session.session import Locked, Session
from pmtui.session.workspace import Workspace
from pmtui.store.drafts import DraftBusy

_KEPT = (Result.UNKNOWN, Result.NOT_APPLIED, Result.ALTERED)
"""Outcomes that keep the draft: the server may have the change, or something different."""
_SENDING = "sending"  # what ``Progress.state`` says before a request leaves


@dataclass(frozen=True, slots=True)
class Edited:
    """What a command edited: the parts, by field name or cell key, and the postmortem ``before``."""

    parts: frozenset[str]
    before: Postmortem

    def has(self, change: Change) -> bool:
        """Whether this change is one of the command's."""
        return part_of(change).name in self.parts

    def without(self, outcomes: Iterable[Outcome]) -> Edited:
        """The edits that were not done."""
        done = {part_of(each.change).name for each in outcomes if each.change is not None and each.state is Result.DONE}
        return replace(self, parts=self.parts - done)

    def put_back(self, session: Session) -> None:
        """Undo what was not sent, so that no draft stays behind and the command can be given again.

        If the refusal locked what was edited, the draft is discarded, unless it has other changes.
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


Saved = Callable[[Workspace, Session], Afterwards]
"""Called after a verified save, or when there was nothing to save, before anything is printed."""


Agree = Callable[[Review, list[Change]], None]
"""Called before these changes of a review are sent. Raises CommandError to cancel."""


@asynccontextmanager
async def workspace_to_write(arguments: argparse.Namespace, context: Context) -> AsyncIterator[Workspace]:
    """Open the profile for a command that writes. In a dry run its backend refuses every write. Raises CommandError, ConfigError."""
    if not arguments.dry_run:
        check_writable(context)
    async with context.rehearsal() if arguments.dry_run else context.workspace() as workspace:
        yield workspace


async def edit_and_save(
    arguments: argparse.Namespace,
    context: Context,
    edit: Edit,
    saved: Saved = lambda workspace, session: Afterwards(),
    agree: Agree = lambda review, wanted: None,
) -> int:
    """Open, edit, save. Returns the exit code. Earlier edits in the draft stay there and are not sent."""
    async with workspace_to_write(arguments, context) as workspace:
        incident = await workspace.backend.find(arguments.ref)
        session = await open_to_write(workspace, incident, arguments.document)
        try:
            await check_fresh(workspace, session, arguments.document)
            if session.changes or session.unfinished:
                await session.reread()  # what is asked for is compared with the server, not with what the draft began on
            await session.complete()
            edited = await edit(workspace, session)
            _check_values(session, edited)
            if arguments.dry_run:
                return await _rehearse(arguments, workspace, session, edited)
            return await _save(arguments, session, edited, lambda: saved(workspace, session), agree)
        finally:
            if wrong := session.close():
                say(f"what was not sent is {wrong}")


@contextmanager
def unknown_when_interrupted(said: str) -> Iterator[None]:
    """Turn ctrl+c during a write into a CommandError: the write may have been done."""
    try:
        yield
    except asyncio.CancelledError:
        raise CommandError(f"interrupted: {said}", ExitCode.UNKNOWN) from None


async def open_to_write(workspace: Workspace, incident: Incident, document: str) -> Session:
    """Open a session, also past the lock of a dead process, whose draft is kept and not sent. Raises DraftBusy."""
    try:
        return await workspace.open(incident, document)
    except DraftBusy as busy:
        if busy.owner.alive is not False:
            raise
        return await workspace.open(incident, document, take_over=True)


async def check_fresh(workspace: Workspace, session: Session, document: str) -> None:
    """Raises when the session is offline. The server is asked once more, so that the error has the real reason."""
    if session.offline:
        await workspace.backend.postmortem(session.mine.incident, document)
        raise CommandError(f"{session.offline}; the server answers again: give the command once more", ExitCode.OFFLINE)


def _check_values(session: Session, edited: Edited) -> None:
    """Raises CommandError for invalid values, before anything is sent; the edits are undone."""
    wrong = problems(edited.before, session.mine)
    if wrong:
        edited.put_back(session)
        said = "; ".join(f"{name}: {why}" for name, why in wrong.items())
        raise CommandError(f"{said}; nothing was sent", ExitCode.INVALID)


async def _rehearse(arguments: argparse.Namespace, workspace: Workspace, session: Session, edited: Edited) -> ExitCode:
    """Print what would be sent; the edits are undone."""
    review = await _review(session, edited)
    edited.put_back(session)
    wanted = [change for change in review.changes if edited.has(change)]
    requests = await rehearse(workspace.backend, review, _left_out(review, wanted)) if wanted else ()
    print_rehearsal(arguments, review.target, wanted, requests, warnings_of(_steps_of(review, wanted)), headings_lost(wanted))
    if not wanted and session.unfinished:
        say(session.unfinished)
    return ExitCode.OK


async def _save(arguments: argparse.Namespace, session: Session, edited: Edited, saved: Callable[[], Afterwards], agree: Agree) -> ExitCode:
    review = await _review(session, edited)
    wanted = [change for change in review.changes if edited.has(change)]
    if not wanted:
        edited.put_back(session)
        print_nothing(arguments, review.target, saved())
        if session.unfinished:
            say(session.unfinished)
        return ExitCode.OK
    try:
        agree(review, wanted)
        _check_consent(arguments, _steps_of(review, wanted))
    except CommandError:
        edited.put_back(session)
        raise
    report = await _send(session, review, _left_out(review, wanted))
    sent = [outcome for outcome in report.outcomes if outcome.state is not Result.LEFT_OUT]
    kept = any(outcome.state in _KEPT for outcome in sent)
    if not report.verified and not kept:
        edited.without(sent).put_back(session)
    code = code_of(report, sent)
    afterwards = saved() if code is ExitCode.OK else Afterwards()
    done = [outcome.change for outcome in report.of(Result.DONE) if outcome.change is not None]
    report = replace(report, notices=(*report.notices, *headings_lost(done)))
    with told_afterwards():
        print_report(arguments, session.mine, report, sent, code, afterwards)
        if kept:
            say(f"the draft is kept: {_draft(session)}")
    return code


def _left_out(review: Review, wanted: list[Change]) -> frozenset[str]:
    """The ids of earlier changes and conflicts in the draft, which are not sent."""
    others = frozenset(change_id(change) for change in review.changes) - {change_id(change) for change in wanted}
    return others | {conflict.id for conflict in review.conflicts}


def _steps_of(review: Review, wanted: list[Change]) -> list[Step]:
    """The writes for these changes of a review, with the writes of the guard around them."""
    return [step for step in review.steps if not step.changes or any(change in wanted for change in step.changes)] if wanted else []


def _check_consent(arguments: argparse.Namespace, steps: list[Step]) -> None:
    """Ask before a write that sends more than what was edited. Raises CommandError without consent."""
    larger = [step for step in steps if step.needs_consent]
    if larger:
        said = dict.fromkeys(text for step in larger for text in (step.needs_consent, *step.warnings))
        confirm(arguments, f"{'; '.join(said)} · send all of that?")


async def _review(session: Session, edited: Edited) -> Review:
    """Review the session. Raises CommandError for a conflict in what was edited. On any error the edits are undone."""
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
    """Save. ctrl+c while a request is under way raises CommandError: it may have been applied."""
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
    """What the user can do with the draft of this session."""
    reference = shlex.quote(session.mine.incident.reference)
    if not session.changes and not session.unfinished:
        return f"`pmtui show {reference}` prints what the server has"
    return f"`pmtui {reference}` opens it, `pmtui drafts discard {reference}` drops it"


def code_of(report: Report, sent: list[Outcome]) -> ExitCode:
    """The exit code of a save: UNKNOWN if any outcome is unknown, else that of the first trouble.

    NOT_APPLIED is for a change that the server accepted and does not have; after a 503 or a time-out the code is that trouble's.
    """
    if report.verified:
        return ExitCode.OK
    states = [outcome.state for outcome in sent]
    if Result.UNKNOWN in states:
        return ExitCode.UNKNOWN
    failed = next((outcome for outcome in sent if outcome.state is not Result.DONE), None)
    if failed is None or failed.state is Result.ALTERED:
        return ExitCode.NOT_APPLIED
    if failed.state is Result.NOT_APPLIED and failed.trouble in (None, Trouble.ANSWER):  # accepted, even if the answer could not be read
        return ExitCode.NOT_APPLIED
    return BY_TROUBLE[failed.trouble or Trouble.INVALID]
