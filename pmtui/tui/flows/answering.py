"""The conflicts of a save, one after the other: each is answered once, and the answer can be changed."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from textual.app import App

from pmtui.backends.base import Identity
from pmtui.display import count
from pmtui.model.conflicts import Conflict, Decision
from pmtui.model.part import Part
from pmtui.model.postmortem import Touch, characters
from pmtui.session.change_text import conflict_title
from pmtui.session.review import Review
from pmtui.session.session import Session
from pmtui.threads import worked_out
from pmtui.tui import words
from pmtui.tui.dialogs.conflict import DECIDED, About, ConflictScreen
from pmtui.tui.dialogs.curtain import Curtain
from pmtui.tui.widgets.sides import Sides


def decisions_kept(session: Session) -> str:
    """That what was decided about conflicts is not lost, "" when nothing was decided."""
    decided = session.decisions.count
    return f"what you decided about {count(decided, 'conflict')} is kept with the draft" if decided else ""


class Answering:
    """The conflicts of a review. The session remembers the answers, also those of earlier reviews.

    Those whose ids are in ``left_out`` are not asked about: the user left them out of this save.
    """

    def __init__(
        self, app: App[None], session: Session, review: Review, identity: Identity, curtain: Curtain, left_out: Collection[str]
    ) -> None:
        self._app, self._session, self._review, self._identity, self._curtain = app, session, review, identity, curtain
        self._left_out = left_out

    async def open_ones(self) -> Review | None:
        """The review with the answers; asks about the conflicts without one, which can be skipped. None when the user went back."""
        return await self._asked(self._next_open(0))

    async def as_answered(self) -> Review:
        """The review with the answers that there are; the other conflicts are open in it."""
        return await self._answered()

    async def all(self, part: Part | None) -> Review | None:
        """As ``open_ones``, beginning at the conflict about this part, else at the first open one, so that each answer can be changed."""
        parts = [conflict.part for conflict in self._review.conflicts]
        number = parts.index(part) if part in parts else self._next_open(0)
        return await self._asked(number if number < len(parts) else 0)

    @property
    def answers(self) -> dict[Part, str]:
        """How the conflicts about each part were answered, the last of several."""
        decided = ((conflict.part, self._session.decisions.of(conflict)) for conflict in self._review.conflicts)
        return {part: decision.whose or "written" for part, decision in decided if decision is not None}

    async def _asked(self, number: int) -> Review | None:
        conflicts = self._review.conflicts
        while number < len(conflicts):
            conflict = conflicts[number]
            sides = await worked_out(partial(Sides.of, conflict), characters(self._review.mine.cells))
            answer = await self._app.push_screen_wait(ConflictScreen(self._session, conflict, sides, self._about(number)))
            if answer is None:
                return None
            if isinstance(answer, Decision):
                self._session.decisions.keep(conflicts[number], answer)
                number = self._next_open(number + 1)
            else:
                number = answer.index
        return await self._answered()

    def _next_open(self, number: int) -> int:
        """The index of the first conflict from here without an answer; the number of conflicts when there is none."""
        every, decisions = self._review.conflicts, self._session.decisions
        still_open = (n for n, each in enumerate(every) if decisions.of(each) is None and each.id not in self._left_out)
        return next((n for n in still_open if n >= number), len(every))

    async def _answered(self) -> Review:
        review = self._review
        for conflict in self._review.conflicts:
            if (decision := self._session.decisions.of(conflict)) is None:
                continue
            review = await worked_out(partial(self._with, review, conflict, decision), characters(review.mine.cells))
        return review

    def _with(self, review: Review, conflict: Conflict, decision: Decision) -> Review:
        return self._session.resolve(review, conflict, decision.answer(conflict))

    def _about(self, number: int) -> About:
        touch = self._touch(self._review.conflicts[number])
        last = words.last_changed(touch, words.now(), self._identity.on_it) or f"{self._identity.it} does not say who changed it"
        every = tuple((self._title(conflict), self._how(conflict)) for conflict in self._review.conflicts)
        return About(index=number, all_of_them=every, there=self._identity.on_it, last=last, early=self._curtain.taken())

    def _title(self, conflict: Conflict) -> str:
        return conflict_title(conflict, self._review.mine, self._review.server)

    def _how(self, conflict: Conflict) -> str:
        decision = self._session.decisions.of(conflict)
        return DECIDED[decision.whose] if decision is not None else ""

    def _touch(self, conflict: Conflict) -> Touch:
        return self._review.server.text_touched if conflict.part.cell else self._review.server.touched
