"""A save in the journal: its steps and how far each came, so that the next start notices a crash in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pmtui.backends.base import Step
from pmtui.model.changes import Change, change_id
from pmtui.model.fields import STATUS
from pmtui.model.postmortem import Postmortem
from pmtui.session.report import Result, Stage


@dataclass(slots=True)
class Plan:
    """``before`` is the server when the plan was made, ``target`` what it is to become. ``states`` has the state of each step by id."""

    before: Postmortem
    target: Postmortem
    steps: tuple[Step, ...]
    states: dict[str, Stage | Result] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes of all steps."""
        return tuple(change for step in self.steps for change in step.changes)

    @property
    def sent(self) -> tuple[Step, ...]:
        """The steps that were sent, and that the server may have."""
        return tuple(step for step in self.steps if self.states.get(step.id) in _PERHAPS)

    def with_status(self, postmortem: Postmortem) -> Postmortem:
        """The postmortem with the status that the latest done step around the changes set (set back, published again)."""
        done = [step.status for step in self.steps if step.status and self.states.get(step.id) == Result.DONE]
        return postmortem.with_field(STATUS, done[-1]) if done else postmortem

    def owed(self) -> tuple[Step, ...]:
        """The finishing steps ("publish again") that are not done and must follow, because a preparing step was sent."""
        prepared = any(self.states.get(step.id) in _PERHAPS for step in preparing(self.steps))
        return tuple(step for step in finishing(self.steps) if self.states.get(step.id) != Result.DONE) if prepared else ()

    @property
    def is_half_way(self) -> bool:
        """Whether it is known that a preparing step was done, and no finishing one was sent."""
        done = any(self.states.get(step.id) == Result.DONE for step in preparing(self.steps))
        return done and all(step.id not in self.states for step in finishing(self.steps))


_PERHAPS = (Stage.SENDING, Result.DONE, Result.UNKNOWN, Result.NOT_APPLIED)


def preparing(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The leading steps, those without changes."""
    first = next((n for n, step in enumerate(steps) if step.changes), 0)
    return tuple(steps[:first])


def finishing(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The trailing steps without changes."""
    last = max((n for n, step in enumerate(steps) if step.changes), default=-1)
    return tuple(steps[last + 1 :])


def step_to_json(step: Step) -> dict[str, Any]:
    """A step as JSON, for the journal. Of its changes only the ids: the edits give the rest."""
    around = {name: said for name, said in (("undone", step.undone), ("status", step.status)) if said}
    changes = [change_id(change) for change in step.changes]
    return {"id": step.id, "label": step.label, "request": step.request, "changes": changes, **around}


def state_from_json(text: str) -> Stage | Result:
    """The inverse of writing a state. Raises ValueError for anything else."""
    return Stage(text) if text in set(Stage) else Result(text)


def step_from_json(data: dict[str, Any], changes: Sequence[Change]) -> Step:
    """The step, with its changes picked from ``changes``."""
    carried = set(data["changes"])
    picked = tuple(change for change in changes if change_id(change) in carried)
    return Step(data["id"], data["label"], data["request"], picked, undone=data.get("undone", ""), status=data.get("status", ""))
