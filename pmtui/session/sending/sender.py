"""Sends the steps of a save one by one, and notes what became of each. An unknown outcome is settled by reading, never by sending again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pmtui.backends.base import Backend, BackendError, Step, Trouble
from pmtui.backends.trouble import NO_SERVICE
from pmtui.model.changes import CellAdded, Change, FieldChanged, change_id
from pmtui.model.diff import patch
from pmtui.model.postmortem import Postmortem
from pmtui.session.change_text import change_title
from pmtui.session.draft import Draft
from pmtui.session.plan import finishing, preparing
from pmtui.session.rebase import altered, not_there
from pmtui.session.report import Outcome, Progress, Result, Stage
from pmtui.session.review import Blocked, with_keys_after, with_keys_of

Tell = Callable[[Progress], None]

_HOPELESS = NO_SERVICE | {Trouble.READ_ONLY}
"""Troubles that every later step would have, too."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A change by the server that was not sent, seen in its answer to a step. ``title`` is the change as text."""

    step: Step
    change: Change
    title: str

    @property
    def lost(self) -> bool:
        """Whether something was changed or removed, not only added."""
        return not isinstance(self.change, CellAdded)


def outcomes_of(damage: Sequence[Damage]) -> tuple[Outcome, ...]:
    """An outcome for each step that did damage."""
    found: list[Outcome] = []
    for step in {each.step.id: each.step for each in damage}.values():
        here = [each for each in damage if each.step.id == step.id]
        kept = " · what was there before is kept in the draft: review it to put it back" if any(each.lost for each in here) else ""
        found.append(Outcome(step.id, Result.ALTERED, "; ".join(each.title for each in here) + kept, step=step))
    return tuple(found)


def _why_no_call(server: Postmortem, change: Change) -> str:
    """Why the backend planned no step for the change: mostly its field was locked after it was edited."""
    name = change.name if isinstance(change, FieldChanged) else ""
    return next((field.locked for field in server.form if field.name == name and field.locked), "the vendor's API cannot change it")


class Sending:
    """One run through the steps of a plan. ``server`` is the reading that they were planned on."""

    def __init__(self, backend: Backend, draft: Draft, server: Postmortem, target: Postmortem, tell: Tell) -> None:
        self._backend = backend
        self._draft = draft
        self._server = server
        self._target = target
        self._tell = tell
        self._stopped: Blocked | None = None  # why no further step is sent
        self._on_its_way: Step | None = None  # the step whose answer is awaited
        self._outcomes: dict[str, Outcome] = {}
        self.damage: list[Damage] = []
        self.version = ""  # of the document, by the latest answer to a write

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return tuple(self._outcomes.values())

    def cut_off(self) -> tuple[Outcome, ...]:
        """The outcomes when the save is stopped now: what was sent is not known to be there, as nothing was read back."""
        if (step := self._on_its_way) is not None:
            for each in ids_of(step):
                if each not in self._outcomes:
                    self._note_one(step, each, Result.UNKNOWN, "stopped before its answer came")
        return tuple(
            replace(each, state=Result.UNKNOWN, detail="accepted, but not read back: stopped") if each.state is Result.DONE else each
            for each in self.outcomes
        )

    async def run(self, steps: Sequence[Step], going: Sequence[Change]) -> None:
        needed = {step.id for step in preparing(steps)}
        for step in steps:
            if self._stopped:
                self._leave(step, ids_of(step), self._stopped)
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
        self._on_its_way = step
        for change_or_step in ids_of(step):
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
        self._on_its_way = None
        states = {self._outcomes[each].state for each in ids_of(step)}
        self._draft.mark(step, states.pop() if len(states) == 1 else Result.UNKNOWN)

    def _refused(self, step: Step, error: BackendError) -> None:
        if error.trouble in _HOPELESS:
            self._stopped = Blocked(error.message, error.trouble)
        self._note(step, Result.REFUSED, error.message, error)

    async def _settle(self, step: Step, error: BackendError) -> None:
        """Settle a step whose answer did not come: read whether its changes are there."""
        for each in ids_of(step):
            self._tell(Progress(each, Result.UNKNOWN, "not known, reading back…"))
        try:
            missing = await self._missing(step)
        except BackendError as again:
            self._stopped = Blocked(again.message, again.trouble)
            missing = frozenset(ids_of(step))
        for each in ids_of(step):
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
        self.damage += [Damage(step, change, change_title(change, answer)) for change in altered(sent, answer, step.changes)]

    def _leave(self, step: Step, ids: Sequence[str], stopped: Blocked) -> None:
        """Note changes that are not sent because of an earlier failure."""
        for each in ids:
            self._note_one(step, each, Result.NOT_SENT, stopped.why)
            if self._outcomes[each].state is Result.NOT_SENT:
                self._outcomes[each] = replace(self._outcomes[each], trouble=stopped.trouble)

    def _note(self, step: Step, state: Result, detail: str = "", error: BackendError | None = None) -> None:
        for each in ids_of(step):
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
        advice = error.advice if error is not None and state is Result.REFUSED else ""
        self._outcomes[each] = Outcome(each, state, detail, field, request_id, change, step, trouble, heard, advice=advice)
        self._tell(Progress(each, state, detail))


def _heard(error: BackendError) -> str:
    """What came instead of an acceptance, when the outcome of a write is unknown."""
    if error.status >= 300:
        return f"the server answered {error.status}"
    return "no answer came in time" if error.trouble is Trouble.TIMEOUT else error.said


def ids_of(step: Step) -> tuple[str, ...]:
    """The ids by which the outcomes of a step are noted: those of its changes, else its own."""
    return tuple(change_id(change) for change in step.changes) or (step.id,)
