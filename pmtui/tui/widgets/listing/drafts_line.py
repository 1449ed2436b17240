"""The line below the list: drafts that are not on the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from textual import work
from textual.content import Content
from textual.widgets import Static

from pmtui.display import display
from pmtui.model.incident import Incident
from pmtui.tui import words
from pmtui.tui.keymap import present_key
from pmtui.tui.launch import ProfilePlace

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace
    from pmtui.store.drafts import DraftInfo


OnDisk: TypeAlias = "tuple[tuple[DraftInfo, ...], tuple[DraftInfo, ...], tuple[str, ...], str]"
"""All drafts, those with a save in the queue, the profile of each one elsewhere, and why they could not be read, "" when they could."""


def _on_disk(workspace: Workspace) -> OnDisk:
    from pmtui.store.drafts import DraftUnreadable  # with the workspace, which the list does not wait for

    try:
        elsewhere = tuple(info.profile for info in workspace.drafts_elsewhere())
        return tuple(workspace.drafts_here()), tuple(workspace.queued()), elsewhere, ""
    except (OSError, DraftUnreadable) as error:
        return (), (), (), str(error)


class DraftsLine(Static):
    """Hidden when there are no drafts. ``waiting`` are those whose save is queued.

    ``profiles`` are those that one can switch to: how many drafts they have stands in a line of its own.
    """

    def __init__(self, profiles: Sequence[ProfilePlace]) -> None:
        super().__init__("", id="drafts", markup=False)
        self._names = {place.drafts: place.name for place in profiles}
        self.drafts: tuple[DraftInfo, ...] = ()
        self.waiting: tuple[DraftInfo, ...] = ()

    @property
    def incidents(self) -> frozenset[str]:
        """The ids of the incidents with a draft."""
        return frozenset(info.incident_id for info in self.drafts)

    def of(self, incident: Incident | None) -> DraftInfo | None:
        """The draft of an incident."""
        return next((info for info in self.drafts if incident and info.incident_id == incident.id), None)

    def look(self, workspace: Workspace, then: Callable[[str], None]) -> None:
        """Read the drafts on disk, many of them in a thread. ``then`` is called with the reason of a failure, "" for none."""
        if workspace.has_many_drafts():
            self._look_behind(workspace, then)
        else:
            then(self._show(_on_disk(workspace)))

    @work(exclusive=True)
    async def _look_behind(self, workspace: Workspace, then: Callable[[str], None]) -> None:
        then(self._show(await asyncio.to_thread(_on_disk, workspace)))

    def _show(self, found: OnDisk) -> str:
        self.drafts, self.waiting, elsewhere, why = found
        here = words.drafts(self.drafts, {info.path for info in self.waiting}) if self.drafts else ""
        there = words.drafts_elsewhere([self._names[each] for each in elsewhere if each in self._names], present_key("w", self))
        said = [Content.styled(display(line), style) for line, style in ((here, "$warning"), (there, "$muted")) if line]
        self.display = bool(said)
        self.styles.height = len(said)
        self.update(Content("\n").join(said))
        return why

    def to_send(self, incident: Incident | None) -> DraftInfo | None:
        """The draft to send next: of this incident, else the first queued one, else the first one; None for none."""
        under = [each for each in (self.of(incident),) if each is not None]
        return next((info for info in (*under, *self.waiting, *self.drafts) if not info.damaged), None)
