"""The outcomes of a save, change by change, and its progress while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from pmtui.backends.base import Backend, Step, Trouble
from pmtui.display import clip
from pmtui.model.changes import CellAdded, CellDeleted, CellEdited, CellMoved, Change, FieldChanged
from pmtui.model.part import part_of
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Value
from pmtui.session.change_text import change_title, part_title
from pmtui.store.audit import Audit
from pmtui.threads import in_thread

VERIFIED = "saved · verified"
"""What is said of a save that was read back, and found to be what the user sees."""


_SHORT = 160
"""Characters of reasons that leave room for what to do next in the status line."""


class Result(StrEnum):
    """The final state of one change."""

    DONE = "done"  # sent, and found when the server was read back
    REFUSED = "refused"  # the server said no
    UNKNOWN = "unknown"  # no answer came, and the server could not be read back
    NOT_APPLIED = "not applied"  # accepted, or unknown, but read back the server has something else
    ALTERED = "changed more than was sent"  # accepted, but by its answer the server also changed what was not edited
    LEFT_OUT = "left out"  # the user left it out
    NOT_SENT = "not sent"  # something before it stopped the save


class Stage(StrEnum):
    """The state of a change, or of a save, before there is a result."""

    READING = "reading"
    SENDING = "sending"
    READING_BACK = "reading back"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``id`` is the change's id, or the step's where a step carries no change. ``detail`` is foreign text, "" when done.

    ``trouble`` is the kind of failure and decides the exit code, None when done or left out. ``field`` is the field that
    the server's refusal names, "" for none. ``heard`` is what came instead of an acceptance when the outcome was unknown
    ("the server answered 503"). ``lacking`` is what of the change the server still lacks, None where all of it was read back or
    nothing was. ``advice`` is what the failure says to do next, "" for nothing; the detail may have it, too.
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
    lacking: Change | None = None
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcomes of a save. ``verified``: the server was read back and has everything that was to be sent.

    ``notices`` are further remarks: a colleague edited meanwhile, the audit log cannot be written. ``news`` are the changes of
    others that the reading back brought: the user has not seen them before. Foreign text.
    """

    outcomes: tuple[Outcome, ...]
    verified: bool
    notices: tuple[str, ...] = ()
    news: tuple[str, ...] = ()

    def words(self, postmortem: Postmortem) -> str:
        """The changes that failed, by name: ``Severity refused: …``; "" when none did."""
        failed = [(_title(each, postmortem), each) for each in self._failed]
        return "; ".join(f"{title} {each.state}" + (f": {each.detail}" if each.detail else "") for title, each in failed)

    def status_words(self, postmortem: Postmortem) -> str:
        """As ``words``, with what to do next and what the server has. A long reason is cut, as what to do next must be in sight."""
        named = [_reason(each, postmortem) for each in self._failed]
        reasons = "; ".join(named)
        if len(reasons) > _SHORT:
            more = f"{len(named) - 2} more" if len(named) > 2 else ""
            reasons = "; ".join(filter(None, (*(clip(each, _SHORT // 2) for each in named[:2]), more)))
        return " · ".join(filter(None, (reasons, self._what_next, self.done_words(postmortem))))

    @property
    def needs_correction(self) -> bool:
        """Whether a value was refused, so that sending it again is of no use."""
        return any(each.state is Result.REFUSED and each.trouble is Trouble.INVALID for each in self.outcomes)

    @property
    def _what_next(self) -> str:
        advice = next((each.advice for each in self._failed if each.advice), "")
        return advice or ("correct it, then save again" if self.needs_correction else "")

    def short_words(self, postmortem: Postmortem) -> str:
        """What is not saved, and what is; the reason only of a step without a change, which has no row in the review. Foreign text."""
        unsure = self.of(Result.UNKNOWN)
        failed = [_short(each, postmortem) for each in self._failed if each not in unsure]
        said = f"not saved: {', '.join(failed)}" if failed else ""
        perhaps = f"not verified: {', '.join(_short(each, postmortem) for each in unsure)}" if unsure else ""
        return " · ".join(filter(None, (said, perhaps, self.done_words(postmortem))))

    def done_words(self, postmortem: Postmortem) -> str:
        """``the server has: Severity``, "" when it has nothing of it. Foreign text."""
        done = dict.fromkeys(_done_title(each.change, postmortem) for each in self.of(Result.DONE) if each.change)
        return f"the server has: {', '.join(done)}" if done else ""

    @property
    def _failed(self) -> tuple[Outcome, ...]:
        return tuple(each for each in self.outcomes if each.state not in (Result.DONE, Result.LEFT_OUT))

    @property
    def news_words(self) -> str:
        """What others changed that was not known before, "" for nothing. Foreign text."""
        return f"also new there: {', '.join(self.news)}" if self.news else ""

    def of(self, state: Result) -> tuple[Outcome, ...]:
        """The outcomes with this state, in their order."""
        return tuple(outcome for outcome in self.outcomes if outcome.state is state)


def _short(outcome: Outcome, postmortem: Postmortem) -> str:
    reason = f": {outcome.detail}" if outcome.detail and not outcome.change else ""
    return f"{_title(outcome, postmortem)}{reason}"


def _reason(outcome: Outcome, postmortem: Postmortem) -> str:
    """``Severity refused: …``, without what to do next."""
    detail = outcome.detail.replace(f" · {outcome.advice}", "") if outcome.advice else outcome.detail
    return f"{_title(outcome, postmortem)} {outcome.state}" + (f": {detail}" if detail else "")


def _done_title(change: Change, postmortem: Postmortem) -> str:
    """The part; a cell that is deleted has no other name than the change."""
    return change_title(change, postmortem) if isinstance(change, CellDeleted) else part_title(part_of(change), postmortem)


def _title(outcome: Outcome, postmortem: Postmortem) -> str:
    if outcome.change:
        return change_title(outcome.lacking or outcome.change, postmortem)
    return outcome.step.label if outcome.step else outcome.id


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a save: a change's or step's id with its state, or with ``id == ""`` the current activity."""

    id: str
    state: Stage | Result
    detail: str = ""


async def written_down(audit: Audit, backend: Backend, before: Postmortem, report: Report) -> str:
    """A line of the audit log for each change that was sent. Why that cannot be written, once, "" when it can."""
    sent = [outcome for outcome in report.outcomes if outcome.step is not None]
    if sent:  # it reads whole texts, and waits for the disk
        await in_thread(partial(_write_down, audit, backend, before, sent))
    return audit.news()


def _write_down(audit: Audit, backend: Backend, before: Postmortem, sent: Sequence[Outcome]) -> None:
    for outcome in sent:
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
