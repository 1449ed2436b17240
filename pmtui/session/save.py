"""Saves: sends the steps one by one, each with its own outcome, then reads the server back and compares.

Nothing is sent twice on a guess: an unknown outcome is settled by reading. The journal records each step before it is
sent, so that a crash at any point leaves a plan that the next review settles.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from pmtui.backends.base import Backend, BackendError, Step, Trouble
from pmtui.model.changes import CellAdded, CellEdited, change_id
from pmtui.model.conflicts import is_open
from pmtui.model.diff import patch
from pmtui.model.merge import merge
from pmtui.model.part import part_of, unread
from pmtui.model.postmortem import Postmortem, characters
from pmtui.session.change_text import change_title, part_title
from pmtui.session.draft import Draft, worked_out_on
from pmtui.session.edits import Edit, edits_between
from pmtui.session.plan import Plan
from pmtui.session.rebase import agreed_base, altered, hold, rebase
from pmtui.session.report import Outcome, Progress, Report, Result, Stage
from pmtui.session.review import NotReviewed, Review, changed_by_others, prepared, with_keys_after, with_keys_of
from pmtui.session.review import review as review_of
from pmtui.session.sending.sender import Sending, Tell, ids_of, outcomes_of
from pmtui.threads import worked_out

FRESH = timedelta(seconds=0.5)
"""The greatest age of a reading that a save uses. A review that is confirmed at once needs no further reading."""


class Stopped(asyncio.CancelledError):
    """The save was stopped while it was sent. ``report`` has what was sent until then."""

    def __init__(self, report: Report) -> None:
        super().__init__("stopped")
        self.report = report


async def save(backend: Backend, draft: Draft, review: Review, left_out: frozenset[str], tell: Tell, now: datetime) -> Report:
    """Send what was reviewed, except what is left out; read back; make that reading the draft's base.

    ``now`` is compared with the time of the review's reading.

    Raises BackendError, NotReviewed among them, when nothing was sent.
    """
    server, target = review.server, review.target
    if review.steps and not timedelta() <= now - server.read_at <= FRESH:
        tell(Progress("", Stage.READING, "reading the server…"))
        server, target = await _as_it_is_now(backend, review)
    ready = await worked_out(partial(prepared, review, server, target, left_out, backend.plan), characters(target.cells))
    sent, steps, going, stuck = ready.sent, ready.steps, ready.going, ready.stuck
    _check_consent(steps, review)
    typed_on = await _adopt(draft, review, server, target, ready.owed)
    unsent = [Outcome(change_id(change), Result.LEFT_OUT, change=change) for change in ready.left]
    unsent += [Outcome(change_id(change), Result.NOT_SENT, why.why, change=change, trouble=why.trouble) for change, why in stuck.items()]
    if not steps and not going:
        draft.redo_all(typed_on)
        return Report(tuple(unsent), verified=not unsent)
    draft.begin(sent, steps)
    draft.redo_all(typed_on)
    tell(Progress("", Stage.SENDING, "sending…"))
    sending = Sending(backend, draft, server, sent, tell)
    try:
        await sending.run(steps, going)
        tell(Progress("", Stage.READING_BACK, "reading back…"))
        report = await _read_back(backend, draft, sending)
    except asyncio.CancelledError:
        raise Stopped(Report(sending.cut_off(), verified=False)) from None
    return replace(report, outcomes=(*report.outcomes, *unsent), verified=report.verified and not stuck)


def _check_consent(steps: Sequence[Step], review: Review) -> None:
    """Raises NotReviewed for a step that sends more than what was edited, and that the review did not show."""
    shown = {each for step in review.steps if step.needs_consent for each in ids_of(step)}
    unseen = next((step for step in steps if step.needs_consent and not shown.issuperset(ids_of(step))), None)
    if unseen is not None:
        raise NotReviewed(f"{unseen.label} now needs a larger write than the review showed", Trouble.CONFLICT)


async def _as_it_is_now(backend: Backend, review: Review) -> tuple[Postmortem, Postmortem]:
    """Read the server again, and merge into the target what others did since the review: it may be minutes old.

    Raises NotReviewed when they changed the same parts.
    """
    if review.owed:
        fresh = await backend.postmortem(review.server.incident, review.server.id)
    else:
        fresh = await backend.reread(review.server, review.changes)
    size = characters(review.target.cells)
    server = await worked_out(partial(with_keys_of, base=review.server, server=fresh, mine=review.target), size)
    merged = await worked_out(partial(merge, base=review.server, mine=review.target, theirs=server), size)
    if merged.conflicts:
        names = ", ".join(dict.fromkeys(part_title(conflict.part, review.target, server) for conflict in merged.conflicts))
        raise NotReviewed(f"somebody changed {names} on the server since the review", Trouble.CONFLICT)
    return server, merged.postmortem


async def _adopt(draft: Draft, review: Review, server: Postmortem, target: Postmortem, owed: tuple[Step, ...]) -> tuple[Edit, ...]:
    """Make the reviewed version the draft, with the server as its base. Returns what was typed since, as edits of the target.

    A conflict that was left out keeps its old base and my side, and the next review asks about it.
    """
    merged = await worked_out_on(draft, lambda _, mine: merge(base=review.mine, mine=mine, theirs=target))
    if merged.conflicts:
        raise NotReviewed("since the review you typed in a part that it changes")
    typed_on = tuple(edits_between(target, merged.postmortem)) if draft.mine is not review.mine else ()
    draft.owed, draft.answers = owed, {name: text for name, text in draft.answers.items() if is_open(review.conflicts, name)}
    draft.decided = {name: decided for name, decided in draft.decided.items() if is_open(review.conflicts, name)}
    base, mine = hold(review.conflicts, server, review.base), hold(review.conflicts, target, review.mine)
    draft.rebase(base=base, mine=mine, server=server)
    return typed_on


async def settle(backend: Backend, draft: Draft) -> Report:
    """Find out by reading how far an interrupted save came. The report has what was sent without an outcome. Raises BackendError."""
    plan = draft.plan
    if plan is None:
        return Report((), verified=True)
    after, _ = await _reread(backend, draft, plan)

    def work(_: Postmortem, mine: Postmortem) -> tuple[Postmortem, Postmortem, frozenset[str]]:
        agreed, missing = agreed_base(before=plan.before, target=plan.target, after=after, changes=plan.changes)
        return *rebase(base=agreed, mine=mine, server=after), missing

    base, mine, missing = await worked_out_on(draft, work)
    draft.end(base=base, mine=mine, server=after)
    outcomes = tuple(
        Outcome(change_id(change), Result.NOT_APPLIED if change_id(change) in missing else Result.DONE, change=change, step=step)
        for step in plan.sent
        for change in step.changes
    )
    return Report(outcomes, verified=not missing)


async def reviewed(backend: Backend, draft: Draft, read: Callable[[], Awaitable[Postmortem]]) -> Review:
    """Read the server and review the draft against it, also what is typed meanwhile. Raises BackendError.

    A reading belongs to one base: when fields that opening skipped come into the base meanwhile, the server is read again.
    """
    while True:
        base = draft.base
        server = with_keys_of(base=base, server=await read(), mine=draft.mine)
        while base is draft.base:
            mine = draft.mine
            work = partial(review_of, base=base, mine=mine, server=server, plan=backend.plan, owed=draft.owed_on(server))
            found = await worked_out(work, characters(mine.cells))
            if base is draft.base and mine is draft.mine:
                return found


async def _reread(backend: Backend, draft: Draft, plan: Plan) -> tuple[Postmortem, dict[str, tuple[str, ...]]]:
    """The server after a save, with our cell keys; and by cell key the words of a sent text that the server does not have.

    Such a cell gets the text that the server stores. A backend that keeps our spelling of equal text would hide the loss.
    Raises BackendError.
    """
    read = await backend.read_back(plan.target, plan.changes)
    after = await worked_out_on(draft, lambda _, mine: with_keys_after(before=plan.before, target=plan.target, server=read, mine=mine))
    sent = {part_of(change).cell for change in plan.changes if isinstance(change, CellEdited | CellAdded)}
    lost = {cell.key: found for cell in after.cells if cell.key in sent and (found := backend.lost(cell))}
    cells = tuple(replace(cell, text=lost[cell.key].stored) if cell.key in lost else cell for cell in after.cells)
    return after.with_cells(cells), {key: found.words for key, found in lost.items()}


async def _read_back(backend: Backend, draft: Draft, sending: Sending) -> Report:
    """Compare the server with what was sent. If it cannot be read, the plan stays for the next review to settle.

    What the server destroyed besides becomes a change of mine that restores it, so that it is on disk and in the next review.
    """
    plan, outcomes = draft.plan, sending.outcomes
    if plan is None:
        raise RuntimeError("no save was begun")
    try:
        after, lost = await _reread(backend, draft, plan)
    except BackendError as error:
        return Report((*(_not_read(outcome, error) for outcome in outcomes), *outcomes_of(sending.damage)), verified=False)
    size = characters(after.cells)
    work = partial(agreed_base, before=plan.before, target=plan.target, after=after, changes=plan.changes)
    base, missing = await worked_out(work, size)
    compared = tuple(_compared(outcome, missing, after, lost) for outcome in outcomes)
    others = await worked_out(partial(altered, plan.target, after, plan.changes), size)
    damage = tuple(each for each in sending.damage if part_of(each.change) in {part_of(change) for change in others})
    done_here = {part_of(each.change) for each in damage}
    news = tuple(
        change_title(each, after)
        for each in changed_by_others(base=plan.target, server=after, among=others)
        if part_of(each) not in done_here
    )
    agreed = patch(base, [each.change for each in damage if each.lost])
    base, mine = await worked_out_on(draft, lambda _, mine: rebase(base=agreed, mine=mine, server=after))
    draft.end(base=base, mine=mine, server=after)
    still = {change_id(each): each for each in draft.changes}
    compared = tuple(each if each.state is Result.DONE else replace(each, lacking=still.get(each.id)) for each in compared)
    verified = not damage and all(outcome.state is Result.DONE for outcome in compared)
    return Report((*compared, *outcomes_of(damage)), verified, _overtaken(sending.version, after), news)


def _overtaken(sent: str, after: Postmortem) -> tuple[str, ...]:
    """A notice if the document's version is no longer the one that the answer to our write had."""
    if not sent or not after.version or sent == after.version:
        return ()
    return (f"somebody changed the document on the server right after this save ({after.version}): look at what it says now",)


def _not_read(outcome: Outcome, error: BackendError) -> Outcome:
    if outcome.state is not Result.DONE or outcome.change is None:
        return outcome
    return replace(outcome, state=Result.UNKNOWN, detail=f"accepted, but not read back: {error.message}", trouble=error.trouble)


def _compared(outcome: Outcome, missing: frozenset[str], after: Postmortem, lost: Mapping[str, Sequence[str]]) -> Outcome:
    """The outcome after reading back, which decides where the part could be read.

    ``lost`` has by cell key the words that are on the screen and not on the server.
    """
    if outcome.change is None or outcome.step is None:
        return outcome
    if (hidden := unread(after, part_of(outcome.change))) is not None:
        if outcome.state is not Result.DONE:
            return outcome
        return replace(outcome, state=Result.UNKNOWN, detail=f"accepted, but not read back: {hidden.why}", trouble=Trouble.ANSWER)
    if outcome.id not in missing:
        return replace(outcome, state=Result.DONE, detail="", field="", trouble=None)
    if outcome.state is Result.DONE:
        words = " ".join(lost.get(part_of(outcome.change).cell, ()))
        said = f"accepted, but the server does not have: {words}" if words else "accepted, but the server has something else"
        return replace(outcome, state=Result.NOT_APPLIED, detail=said, trouble=Trouble.ANSWER)
    if outcome.state is Result.UNKNOWN:
        return replace(outcome, state=Result.NOT_APPLIED, detail=f"{outcome.heard or 'no answer came'}; read back: it is not there")
    return outcome
