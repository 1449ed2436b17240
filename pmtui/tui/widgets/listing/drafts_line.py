"""The line below the list: drafts that are not on the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from textwrap import wrap
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content
from textual.widgets import Static

from pmtui.display import display
from pmtui.model.incident import Incident
from pmtui.tui import words
from pmtui.tui.keymap import present_key
from pmtui.tui.launch import ProfilePlace
from pmtui.tui.widgets.listing.incident_list import HALF_WAY, LOCAL

if TYPE_CHECKING:
    from pmtui.session.listing.unsent import OnDisk
    from pmtui.session.workspace import Workspace
    from pmtui.store.drafts import DraftInfo


LIST_FIRST = 2.0
"""Seconds that many drafts wait for the rows of the list, which they would hold up."""


def _on_disk(workspace: Workspace) -> tuple[OnDisk, str]:
    """The drafts, and why they could not be read, "" when they could."""
    from pmtui.session.listing.unsent import OnDisk  # with the workspace, which the list does not wait for

    try:
        return workspace.unsent(), ""
    except OSError as error:
        return OnDisk((), ()), str(error)


class DraftsLine(Static):
    """Hidden when there are no drafts. ``waiting`` are those whose save is queued.

    ``profiles`` are those that one can switch to: how many drafts they have stands in a line of its own.
    """

    def __init__(self, profiles: Sequence[ProfilePlace]) -> None:
        super().__init__("", id="drafts", markup=False)
        self._names = {place.drafts: place.name for place in profiles}
        self.drafts: tuple[DraftInfo, ...] = ()
        self.waiting: tuple[DraftInfo, ...] = ()
        self._said: list[tuple[str, str]] = []  # the lines, each with its style
        self._list_is_there = asyncio.Event()

    @property
    def marks(self) -> dict[str, str]:
        """The mark of each incident with a draft, by its id."""
        return {info.incident_id: HALF_WAY if info.owes else LOCAL for info in self.drafts}

    def of(self, incident: Incident | None) -> DraftInfo | None:
        """The draft of an incident."""
        return next((info for info in self.drafts if incident and info.incident_id == incident.id), None)

    def look(self, workspace: Workspace, then: Callable[[str], None]) -> None:
        """Read the drafts on disk, many of them behind the list, in a thread. ``then`` gets the reason of a failure, "" for none."""
        if workspace.has_many_drafts():
            self._look_behind(workspace, then)
        else:
            then(self._show(*_on_disk(workspace)))

    @work(exclusive=True)
    async def _look_behind(self, workspace: Workspace, then: Callable[[str], None]) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._list_is_there.wait(), LIST_FIRST)
        then(self._show(*await asyncio.to_thread(_on_disk, workspace)))

    def list_shown(self) -> None:
        """The list has rows on the screen."""
        self._list_is_there.set()

    def _show(self, found: OnDisk, why: str) -> str:
        self.drafts, self.waiting = found.here, found.queued
        save, switch = present_key("ctrl+s", self), present_key("w", self)
        elsewhere = [info for info in found.elsewhere if info.profile in self._names]
        half_way = words.half_way(self.drafts, lambda info: f"open it, {save}")
        half_way_there = words.half_way(elsewhere, lambda info: f"{switch} to profile {self._names[info.profile]}, open it, {save}")
        here = words.drafts(self.drafts, {info.path for info in self.waiting})
        there = words.drafts_elsewhere([self._names[info.profile] for info in elsewhere if words.has_edits(info)], switch)
        self._said = [(half_way, "$error"), (half_way_there, "$error"), (here, "$warning"), (there, "$muted")]
        self._lay_out()
        return why

    def _lay_out(self) -> None:
        """Show the lines: what a save left on the server in whole, on as many as it needs, the others cut off at the edge."""
        cells = max(self.app.size.width - 1, 20)
        said: list[Content] = []
        for text, style in self._said:
            whole = style == "$error"
            lines = wrap(text.strip(), cells, initial_indent=" ", subsequent_indent="   ") if whole else [text] if text else []
            said += [Content.styled(display(line), style) for line in lines]
        self.display = bool(said)
        self.styles.height = len(said)
        self.update(Content("\n").join(said))

    def on_resize(self) -> None:
        """Wrap again."""
        self._lay_out()

    def to_send(self, incident: Incident | None) -> DraftInfo | None:
        """The draft to send next: of this incident, else the first queued one, else the first one; None for none."""
        under = [each for each in (self.of(incident),) if each is not None]
        return next((info for info in (*under, *self.waiting, *self.drafts) if not info.damaged), None)
