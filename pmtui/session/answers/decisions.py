"""The user's answers to the conflicts of one draft: what was decided, and what is being written. All of it is journalled like an edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pmtui.model.conflicts import Conflict, Decision, take
from pmtui.model.postmortem import Cell
from pmtui.session.answers.decided import Decided
from pmtui.session.answers.written import Written, up_to_date, with_my_edits, written_for
from pmtui.session.draft import Draft


class Decisions:
    """The answers kept with this draft, until a save has used them."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    @property
    def count(self) -> int:
        """How many conflicts were decided since the last save."""
        return len(self._draft.decided)

    def keep(self, conflict: Conflict, decision: Decision) -> None:
        """Keep the decision about this conflict; it replaces an earlier one. What was written by hand as mine stays so."""
        if conflict.written is not None and decision.whose in ("mine", "both"):
            answer = take(conflict, decision.whose)
            decision = Decision(written=answer.text if isinstance(answer, Cell) else str(answer))
            self.write(conflict, decision.written)
        self._draft.decide(conflict.id, Decided.about(conflict, decision))

    def of(self, conflict: Conflict) -> Decision | None:
        """The decision about this conflict, None if there is none for its current sides."""
        kept = self._draft.decided.get(conflict.id)
        return kept.decision if kept is not None and kept.holds(conflict) else None

    def with_written(self, conflicts: Sequence[Conflict]) -> tuple[Conflict, ...]:
        """The conflicts; one that was answered by hand, and has changed since, has what was written as mine."""
        return tuple(self._with_written(conflict) for conflict in conflicts)

    def _with_written(self, conflict: Conflict) -> Conflict:
        decided, kept = self._draft.decided.get(conflict.id), self._draft.answers.get(conflict.id, Written())
        if decided is None or decided.decision.whose is not None or decided.holds(conflict):
            return conflict
        return replace(conflict, written=with_my_edits(replace(kept, text=decided.decision.written), conflict))

    def written(self, conflict: Conflict) -> str | None:
        """The text written as the answer to this conflict, also before a crash, merged with later edits; None for none."""
        kept = self._draft.answers.get(conflict.id)
        return up_to_date(kept, conflict) if kept is not None else None

    def write(self, conflict: Conflict, text: str) -> None:
        """Keep the text being written as the answer to this conflict."""
        self._draft.answer(conflict.id, written_for(conflict, text))
