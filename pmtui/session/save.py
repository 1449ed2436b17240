"""Saves: sends the steps one by one, each with its own outcome, then reads the server back and compares.

Nothing is sent twice on a guess: an unknown outcome is settled by reading. The journal records each step before it is
sent, so that a crash at any point leaves a plan that the next review settles.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from pmtui.backends.base import Backend, BackendError, Step, Trouble
from pmtui.backends.trouble import NO_SERVICE
from pmtui.model.changes import CellAdded, CellEdited, Change, FieldChanged, change_id
from pmtui.model.diff import patch
from pmtui.model.merge import merge
from pmtui.model.part import part_of, unread
from pmtui.model.postmortem import Postmortem, characters
from pmtui.session.change_text import change_title, part_title
from pmtui.session.draft import Draft, worked_out_on
from pmtui.session.edits import Edit, edits_between
from pmtui.session.plan import Plan, finishing, preparing
from pmtui.session.rebase import agreed_base, altered, hold, not_there, rebase
from pmtui.session.report import Outcome, Progress, Report, Result, Stage
from pmtui.session.review import Blocked, NotReviewed, Review, prepared, with_keys_after, with_keys_of
from pmtui.session.review import review as review_of
from pmtui.threads import worked_out

Tell = Callable[[Progress], None]

FRESH = timedelta(seconds=0.5)
"""The greatest age of a reading that a save uses. A review that is confirmed at once needs no further reading."""

_HOPELESS = NO_SERVICE | {Trouble.READ_ONLY}
"""Troubles that every later step would have, too."""


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
    sending = _Sending(backend, draft, server, sent, tell)
    await sending.run(steps, going)
    tell(Progress("", Stage.READING_BACK, "reading back…"))
    report = await _read_back(backend, draft, sending)
    return replace(report, outcomes=(*report.outcomes, *unsent), verified=report.verified and not stuck)


def _check_consent(steps: Sequence[Step], review: Review) -> None:
    """Raises NotReviewed for a step that sends more than what was edited, and that the review did not show."""
    shown = {each for step in review.steps if step.needs_consent for each in _ids(step)}
    unseen = next((step for step in steps if step.needs_consent and not shown.issuperset(_ids(step))), None)
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
    open_still = {conflict.id for conflict in review.conflicts}
    draft.owed, draft.answers = owed, {name: text for name, text in draft.answers.items() if name in open_still}
    base, mine = hold(review.conflicts, server, review.base), hold(review.conflicts, target, review.mine)
    draft.rebase(base=base, mine=mine, server=server)
    return typed_on


async def settle(backend: Backend, draft: Draft) -> None:
    """Find out by reading how far an interrupted save came. Raises BackendError."""
    plan = draft.plan
    if plan is not None:
        after, _ = await _reread(backend, draft, plan)

        def work(_: Postmortem, mine: Postmortem) -> tuple[Postmortem, Postmortem]:
            agreed = agreed_base(before=plan.before, target=plan.target, after=after, changes=plan.changes)
            return rebase(base=agreed[0], mine=mine, server=after)

        base, mine = await worked_out_on(draft, work)
        draft.end(base=base, mine=mine, server=after)


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
    read = await backend.reread(plan.target, plan.changes)
    after = await worked_out_on(draft, lambda _, mine: with_keys_after(before=plan.before, target=plan.target, server=read, mine=mine))
    sent = {part_of(change).cell for change in plan.changes if isinstance(change, CellEdited | CellAdded)}
    lost = {cell.key: found for cell in after.cells if cell.key in sent and (found := backend.lost(cell))}
    cells = tuple(replace(cell, text=lost[cell.key].stored) if cell.key in lost else cell for cell in after.cells)
    return after.with_cells(cells), {key: found.words for key, found in lost.items()}


async def _read_back(backend: Backend, draft: Draft, sending: _Sending) -> Report:
    """Compare the server with what was sent. If it cannot be read, the plan stays for the next review to settle.

    What the server destroyed besides becomes a change of mine that restores it, so that it is on disk and in the next review.
    """
    plan, outcomes = draft.plan, sending.outcomes
    if plan is None:
        raise RuntimeError("no save was begun")
    try:
        after, lost = await _reread(backend, draft, plan)
    except BackendError as error:
        return Report((*(_not_read(outcome, error) for outcome in outcomes), *_altered(sending.damage)), verified=False)
    size = characters(after.cells)
    work = partial(agreed_base, before=plan.before, target=plan.target, after=after, changes=plan.changes)
    base, missing = await worked_out(work, size)
    compared = tuple(_compared(outcome, missing, after, lost) for outcome in outcomes)
    changed = {part_of(change) for change in await worked_out(partial(altered, plan.target, after, plan.changes), size)}
    damage = tuple(each for each in sending.damage if part_of(each.change) in changed)
    agreed = patch(base, [each.change for each in damage if each.lost])
    base, mine = await worked_out_on(draft, lambda _, mine: rebase(base=agreed, mine=mine, server=after))
    draft.end(base=base, mine=mine, server=after)
    verified = not damage and all(outcome.state is Result.DONE for outcome in compared)
    return Report((*compared, *_altered(damage)), verified, _overtaken(sending.version, after))


def _overtaken(sent: str, after: Postmortem) -> tuple[str, ...]:
    """A notice if the document's version is no longer the one that the answer to our write had."""
    if not sent or not after.version or sent == after.version:
        return ()
    return (f"somebody changed the document on the server right after this save ({after.version}): look at what it says now",)


@dataclass(frozen=True, slots=True)
class _Damage:
    """A change by the server that was not sent, seen in its answer to a step. ``title`` is the change as text."""

    step: Step
    change: Change
    title: str

    @property
    def lost(self) -> bool:
        """Whether something was changed or removed, not only added."""
        return not isinstance(self.change, CellAdded)


def _altered(damage: Sequence[_Damage]) -> tuple[Outcome, ...]:
    """An outcome for each step that did damage."""
    found: list[Outcome] = []
    for step in {each.step.id: each.step for each in damage}.values():
        here = [each for each in damage if each.step.id == step.id]
        kept = " · what was there before is kept in the draft: review it to put it back" if any(each.lost for each in here) else ""
        found.append(Outcome(step.id, Result.ALTERED, "; ".join(each.title for each in here) + kept, step=step))
    return tuple(found)


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


def _why_no_call(server: Postmortem, change: Change) -> str:
    """Why the backend planned no step for the change: mostly its field was locked after it was edited."""
    name = change.name if isinstance(change, FieldChanged) else ""
    return next((field.locked for field in server.form if field.name == name and field.locked), "the vendor's API cannot change it")


class _Sending:
    """One run through the steps of a plan. ``server`` is the reading that they were planned on."""

    def __init__(self, backend: Backend, draft: Draft, server: Postmortem, target: Postmortem, tell: Tell) -> None:
        self._backend = backend
        self._draft = draft
        self._server = server
        self._target = target
        self._tell = tell
        self._stopped: Blocked | None = None  # why no further step is sent
        self._outcomes: dict[str, Outcome] = {}
        self.damage: list[_Damage] = []
        self.version = ""  # of the document, by the latest answer to a write

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return tuple(self._outcomes.values())

    async def run(self, steps: Sequence[Step], going: Sequence[Change]) -> None:
        needed = {step.id for step in preparing(steps)}
        for step in steps:
            if self._stopped:
                self._leave(step, _ids(step), self._stopped)
                continue
            await self._run(step)
            if step.id in needed and self._outcomes[step.id].state is not Result.DONE:
                failed = self._outcomes[step.id]
                self._stopped = Blocked(f"{step.label}: {failed.detail}", failed.trouble or Trouble.ANSWER)
        for change in going:
            if change_id(change) not in self._outcomes:
                why = _why_no_call(self._server, change)
                self._outcomes[change_id(change)] = Outcome(change_id(change), Result.NOT_SENT, why, change=change, trouble=Trouble.LOCAL)

    async def _run(self, step: Step) -> None:
        """Send a step and note its outcome."""
        for change_or_step in _ids(step):
            self._tell(Progress(change_or_step, Stage.SENDING))
        self._draft.mark(step, Stage.SENDING)
        await asyncio.to_thread(self._draft.journal.flush)
        try:
            answer = await self._backend.send(self._server, self._target, step)
        except BackendError as error:
            if error.unknown:
                await self._settle(step, error)
            elif error.trouble is Trouble.INVALID and len(step.changes) > 1:
                await self._one_by_one(step)
            else:
                self._refused(step, error)
        else:
            self._note(step, Result.DONE)
            self._look_into(answer, self._server, step)
        states = {self._outcomes[each].state for each in _ids(step)}
        self._draft.mark(step, states.pop() if len(states) == 1 else Result.UNKNOWN)

    def _refused(self, step: Step, error: BackendError) -> None:
        if error.trouble in _HOPELESS:
            self._stopped = Blocked(error.message, error.trouble)
        self._note(step, Result.REFUSED, error.message, error)

    async def _settle(self, step: Step, error: BackendError) -> None:
        """Settle a step whose answer did not come: read whether its changes are there."""
        for each in _ids(step):
            self._tell(Progress(each, Result.UNKNOWN, "not known, reading back…"))
        try:
            missing = await self._missing(step)
        except BackendError as again:
            self._stopped = Blocked(again.message, again.trouble)
            missing = frozenset(_ids(step))
        for each in _ids(step):
            self._note_one(step, each, Result.UNKNOWN if each in missing else Result.DONE, error.message if each in missing else "", error)

    async def _missing(self, step: Step) -> frozenset[str]:
        """The ids of the changes of a step that the server does not show. A step without changes removes or restores the guard."""
        if step.changes:
            read = await self._backend.reread(self._target, step.changes)
            after = with_keys_after(before=self._server, target=self._target, server=read, mine=self._draft.mine)
            return not_there(before=self._server, target=self._target, after=after, changes=step.changes)
        after = await self._backend.postmortem(self._server.incident, self._server.id)
        plan = self._draft.plan
        wanted = plan is not None and step.id in {each.id for each in finishing(plan.steps)}
        return frozenset() if bool(after.guard) is wanted else frozenset({step.id})

    async def _one_by_one(self, step: Step) -> None:
        """Send each change alone, on a new reading, after the server refused several at once."""
        for change in step.changes:
            if self._stopped:
                self._leave(step, (change_id(change),), self._stopped)
                continue
            try:
                await self._alone(change)
            except BackendError as error:
                if error.trouble in _HOPELESS or error.unknown:
                    self._stopped = Blocked(error.message, error.trouble)
                state = Result.UNKNOWN if error.unknown else Result.REFUSED
                self._note_one(step, change_id(change), state, error.message, error)
            else:
                self._note_one(step, change_id(change), Result.DONE)

    async def _alone(self, change: Change) -> None:
        """Send one change on a new reading. Raises BackendError."""
        now = with_keys_of(base=self._server, server=await self._backend.reread(self._server, (change,)), mine=self._target)
        target = patch(now, (change,))
        for step in self._backend.plan(now, target, (change,)):
            if step.changes:
                self._look_into(await self._backend.send(now, target, step), now, step)

    def _look_into(self, answer: Postmortem | None, server: Postmortem, step: Step) -> None:
        """Note what else the server changed, by its answer to a step."""
        if answer is None:
            return
        self.version = answer.version
        sent = patch(server, step.changes)
        answer = with_keys_after(before=server, target=sent, server=answer, mine=self._draft.mine)
        self.damage += [_Damage(step, change, change_title(change, answer)) for change in altered(sent, answer, step.changes)]

    def _leave(self, step: Step, ids: Sequence[str], stopped: Blocked) -> None:
        """Note changes that are not sent because of an earlier failure."""
        for each in ids:
            self._note_one(step, each, Result.NOT_SENT, stopped.why)
            if self._outcomes[each].state is Result.NOT_SENT:
                self._outcomes[each] = replace(self._outcomes[each], trouble=stopped.trouble)

    def _note(self, step: Step, state: Result, detail: str = "", error: BackendError | None = None) -> None:
        for each in _ids(step):
            self._note_one(step, each, state, detail, error)

    def _note_one(self, step: Step, each: str, state: Result, detail: str = "", error: BackendError | None = None) -> None:
        """Note the outcome of a change. A change of several calls is done when all are; its first failure is kept."""
        before = self._outcomes.get(each)
        if before is not None and before.state is not Result.DONE:
            return
        change = next((change for change in step.changes if change_id(change) == each), None)
        field = ""
        if error is not None and state is Result.REFUSED:
            field = change.name if isinstance(change, FieldChanged) else next(iter(error.fields), "")
            detail = error.fields.get(field, detail)
        request_id = error.request_id if error is not None else ""
        trouble = error.trouble if error is not None and state is not Result.DONE else None
        heard = _heard(error) if error is not None and state is Result.UNKNOWN else ""
        self._outcomes[each] = Outcome(each, state, detail, field, request_id, change, step, trouble, heard)
        self._tell(Progress(each, state, detail))


def _heard(error: BackendError) -> str:
    """What came instead of an acceptance, when the outcome of a write is unknown."""
    if error.status >= 300:
        return f"the server answered {error.status}"
    return "no answer came in time" if error.trouble is Trouble.TIMEOUT else error.said


def _ids(step: Step) -> tuple[str, ...]:
    return tuple(change_id(change) for change in step.changes) or (step.id,)
