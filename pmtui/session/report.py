"""The outcome of a save, change by change, and the progress that is told while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pmtui.backends.base import Backend, Step, Trouble
from pmtui.model.changes import CellAdded, CellDeleted, CellEdited, CellMoved, Change, FieldChanged
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Value
from pmtui.session.change_text import change_title
from pmtui.store.audit import Audit

VERIFIED = "saved · verified"
"""What is said of a save that was read back, and found to be what the user sees."""


class Result(StrEnum):
    """How one change ended."""

    DONE = "done"  # sent, and there when the server was read back
    REFUSED = "refused"  # the server said no, and why
    UNKNOWN = "unknown"  # no answer came, and the server could not be read since
    NOT_APPLIED = "not applied"  # accepted, or not known, and when read back the server has something else
    ALTERED = "changed more than was sent"  # accepted, and the answer shows that the server changed what was not edited
    LEFT_OUT = "left out"  # the user left it out
    NOT_SENT = "not sent"  # something before it stopped the save


class Stage(StrEnum):
    """What a save is about, before there is a result."""

    READING = "reading"
    SENDING = "sending"
    READING_BACK = "reading back"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``id`` is the change's id, or the step's where a step carries no change. ``detail`` is foreign text, "" when done.

    ``trouble`` is of what sort that is, None when done or left out: it decides the exit code. ``field`` is the field
    that the server's refusal names, "" for none. ``heard`` is what came in place of an acceptance where the outcome was not
    known ("the server answered 503").
    """

    id: str
    state: Result
    detail: str = ""
    field: str = ""
    request_id: str = ""
    change: Change | None = None
    step: Step | None = None
    trouble: Trouble | None = None
    heard: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """``verified``: the server was read back and has everything that was to be sent.

    ``notices`` are what there is to say beside the outcomes: a colleague's edit seen meanwhile, an audit log that cannot be
    written. Foreign text.
    """

    outcomes: tuple[Outcome, ...]
    verified: bool
    notices: tuple[str, ...] = ()

    def words(self, postmortem: Postmortem) -> str:
        """What did not go through, by name: ``Severity refused: …``; "" when all did."""
        said = []
        for outcome in self.outcomes:
            if outcome.state not in (Result.DONE, Result.LEFT_OUT):
                title = change_title(outcome.change, postmortem) if outcome.change else outcome.step.label if outcome.step else outcome.id
                said.append(f"{title} {outcome.state}" + (f": {outcome.detail}" if outcome.detail else ""))
        return "; ".join(said)

    def of(self, state: Result) -> tuple[Outcome, ...]:
        """The outcomes with this state, in their order."""
        return tuple(outcome for outcome in self.outcomes if outcome.state is state)


@dataclass(frozen=True, slots=True)
class Progress:
    """Told while a save runs: the id of a change or step with its state, or with ``id == ""`` what is being done."""

    id: str
    state: Stage | Result
    detail: str = ""


def written_down(audit: Audit, backend: Backend, before: Postmortem, report: Report) -> str:
    """A line of the audit log for each change that was sent. Why that cannot be written, once, "" when it can."""
    for outcome in report.outcomes:
        if outcome.step is None:
            continue
        old, new = _values(outcome.change) if outcome.change is not None else (None, None)
        audit.write(
            actor=backend.identity.actor,
            vendor=backend.identity.vendor,
            incident=before.incident.reference,
            what=outcome.id,
            outcome=outcome.state,
            before=old,
            after=new,
            request_id=outcome.request_id,
        )
    return audit.news()


def _values(change: Change) -> tuple[Value, Value]:
    if isinstance(change, FieldChanged):
        return change.before, change.after
    if isinstance(change, CellEdited):
        return change.before.text, change.after.text
    if isinstance(change, CellAdded):
        return None, change.cell.text
    if isinstance(change, CellDeleted):
        return change.cell.text, None
    assert isinstance(change, CellMoved)
    return change.cell.text, change.cell.text
