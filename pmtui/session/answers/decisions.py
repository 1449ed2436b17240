"""The user's answers to the conflicts of one draft: what was decided, and what is being written. All of it is journalled like an edit."""

from __future__ import annotations

from pmtui.model.conflicts import Conflict, Decision
from pmtui.session.answers.decided import Decided
from pmtui.session.answers.written import up_to_date, written_for
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
        """Keep the decision about this conflict; it replaces an earlier one."""
        self._draft.decide(conflict.id, Decided.about(conflict, decision))

    def of(self, conflict: Conflict) -> Decision | None:
        """The decision about this conflict, None if there is none for its current sides."""
        kept = self._draft.decided.get(conflict.id)
        return kept.decision if kept is not None and kept.holds(conflict) else None

    def written(self, conflict: Conflict) -> str | None:
        """The text written as the answer to this conflict, also before a crash, merged with later edits; None for none."""
        kept = self._draft.answers.get(conflict.id)
        return up_to_date(kept, conflict) if kept is not None else None

    def write(self, conflict: Conflict, text: str) -> None:
        """Keep the text being written as the answer to this conflict."""
        self._draft.answer(conflict.id, written_for(conflict, text))
