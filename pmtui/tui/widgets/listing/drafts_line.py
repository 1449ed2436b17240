"""The line below the list: drafts that are not on the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from textual import work
from textual.content import Content
from textual.widgets import Static

from pmtui.display import display
from pmtui.model.incident import Incident
from pmtui.tui import words

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace
    from pmtui.store.drafts import DraftInfo


OnDisk: TypeAlias = "tuple[tuple[DraftInfo, ...], tuple[DraftInfo, ...], str]"
"""All drafts, those with a save in the queue, and why they could not be read, "" when they could."""


def _on_disk(workspace: Workspace) -> OnDisk:
    from pmtui.store.drafts import DraftUnreadable  # with the workspace, which the list does not wait for

    try:
        return tuple(workspace.drafts_here()), tuple(workspace.queued()), ""
    except (OSError, DraftUnreadable) as error:
        return (), (), str(error)


class DraftsLine(Static):
    """Hidden when there are no drafts. ``waiting`` are those whose save is queued."""

    def __init__(self) -> None:
        super().__init__("", id="drafts", markup=False)
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
        self.drafts, self.waiting, why = found
        self.display = bool(self.drafts)
        self.update(Content.styled(display(words.drafts(self.drafts, {info.path for info in self.waiting})), "$warning"))
        return why

    def to_send(self, incident: Incident | None) -> DraftInfo | None:
        """The draft to send next: of this incident, else the first queued one, else the first one; None for none."""
        under = [each for each in (self.of(incident),) if each is not None]
        return next((info for info in (*under, *self.waiting, *self.drafts) if not info.damaged), None)
