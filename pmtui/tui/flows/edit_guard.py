"""Asks before a published postmortem is edited, because saving sets it back to draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App

from pmtui.model.fields import STATUS
from pmtui.session.session import Session
from pmtui.tui.dialogs.ask import Ask


class Guard:
    """Whether the user may edit. ``why`` is "" when they may. Their consent holds while the postmortem is open.

    ``unlocked`` is called when they consent, on whatever screen: the text below that screen is unlocked, too.
    """

    def __init__(self, session: Session, unlocked: Callable[[], object] = lambda: None) -> None:
        self._session, self._unlocked = session, unlocked
        self.accepted = False

    @property
    def why(self) -> str:
        """Why nothing can be edited until the user accepts what saving will do first."""
        base, mine = self._session.base, self._session.mine
        if not base.guard or self.accepted or mine.fields.get(STATUS) != base.fields.get(STATUS):
            return ""
        return "" if self._session.changes else base.guard

    @property
    def accepted_why(self) -> str:
        """What saving will do first, and the user has accepted; "" for nothing."""
        base, mine = self._session.base, self._session.mine
        return "" if self.why or mine.fields.get(STATUS) != base.fields.get(STATUS) else base.guard

    @property
    def text_locked(self) -> str:
        """Why the text cannot be edited now, "" when it can."""
        return self._session.read_only or self._session.mine.text_locked or self.why

    async def ask(self, app: App[Any]) -> bool:
        """Ask whether saving may set a published postmortem back. Returns whether it may be edited. Call it in a worker."""
        if self.why:
            question = Ask(self.why, [("e", "edit it")], default="e")
            self.accepted = await app.push_screen_wait(question) == "e"
            if self.accepted:
                self._unlocked()
        return not self.why
