"""What one does with the text as a whole: find and replace."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.events import DescendantFocus

from pmtui.tui.flows.finding import Around, Finder
from pmtui.tui.screens.session_screen import SessionScreen
from pmtui.tui.widgets.document import Document


class WritingScreen(SessionScreen):
    """A screen whose session shows as a document. Subclasses make ``document``, and then ``finder`` by ``new_finder``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+f", "find", "find", priority=True),
        Binding("alt+r", "replace", "find and replace", priority=True),
    ]

    document: Document
    finder: Finder

    def new_finder(self) -> Finder:
        """What finds in this screen's document."""
        return Finder(self.session, self.document, Around(self.sync, self.tell, self.may_edit))

    def may_edit(self) -> bool:
        """Whether the text can be edited; says why not."""
        why = self._guard.text_locked
        if why:
            self.tell(why, "$warning")
        return not why

    async def action_find(self) -> None:
        await self.finder.begin()

    async def action_replace(self) -> None:
        await self.finder.begin_replacing()

    @on(DescendantFocus)
    def _keys_went_elsewhere(self) -> None:
        self.finder.focus_moved()
