"""A document screen that can show a second postmortem beside it."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from pmtui.model.postmortem import Postmortem
from pmtui.tui.flows.addresses import address_of
from pmtui.tui.flows.beside import ask_which, read_beside
from pmtui.tui.screens.writing import WritingScreen
from pmtui.tui.widgets.beside import Beside
from pmtui.tui.worker_groups import Group

SPLIT = 120
"""Columns from which there is room for 72 cells of text and another postmortem."""


class SplitScreen(WritingScreen):
    """Subclasses create ``beside``, call ``make_split`` after a resize, and define ``to_text``."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("alt+o", "beside", "show another postmortem beside, go there, close it", show=False)]

    beside: Beside

    async def to_text(self) -> None:
        """Move the focus back to the text."""
        raise NotImplementedError

    @property
    def _has_room(self) -> bool:
        return self.app.size.width >= SPLIT

    def make_split(self) -> bool:
        """Show or hide the second postmortem, depending on the width. Returns whether it has just become visible."""
        showed = self.has_class("-beside")
        shows = self.beside.postmortem is not None and self._has_room
        if not shows and self.beside.has_keys:
            self.call_next(self.to_text)
        self.set_class(shows, "-beside")
        return shows and not showed

    @property
    def address(self) -> str:
        other = self.beside.postmortem
        return address_of(other) if other is not None and self.beside.has_keys else super().address

    def why_not(self, action: str) -> str:
        return self._no_room if action == "beside" and not self._has_room else super().why_not(action)

    @property
    def _no_room(self) -> str:
        return f"another postmortem beside takes {SPLIT} columns, here are {self.app.size.width}"

    async def action_beside(self) -> None:
        """Choose a second postmortem; if there is one, focus it; from there, close it."""
        if not self._has_room:
            self.tell_until_next_key(self._no_room)
        elif self.beside.postmortem is None:
            self._open_beside()
        elif not self.beside.has_keys:
            self.beside.take_keys()
        else:
            await self.to_text()
            await self.beside.close()
            self.make_split()

    @work(exclusive=True, group=Group.BESIDE)
    async def _open_beside(self) -> None:
        incident = await ask_which(self.app, self.workspace, self.session.mine.incident)
        if incident is None:
            return
        said = await read_beside(self.app, self.workspace, incident, self._show_beside, self.tell)
        if said is None:
            self._status_line.let_go()  # of what said that it is being read
        await self.sync()
        if said is not None:
            self.tell(*said)

    async def _show_beside(self, postmortem: Postmortem) -> None:
        await self.beside.show(postmortem)
        if self.make_split() and self.is_current:
            self.beside.take_keys()
