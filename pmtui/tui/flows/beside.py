"""Chooses and reads a second postmortem to show beside the open one. It is read-only: no draft is opened, no lock is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.app import App

from pmtui.backends.base import BackendError, SeveralDocuments
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import TEXT, Postmortem
from pmtui.model.query import parse
from pmtui.model.values import Named
from pmtui.tui.dialogs.picker import Found, Pick, Picker
from pmtui.tui.flows.opening import which_document

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace

Show = Callable[[Postmortem], Awaitable[None]]
Tell = Callable[[str, str], None]
Said = tuple[str, str]
"""Words for the status line, and their style."""


async def ask_which(app: App[None], workspace: Workspace, here: Incident) -> Incident | None:
    """The incident that the user chooses from the list, filtered as there; None for escape."""
    found: dict[str, Incident] = {}

    async def search(text: str) -> Found:
        page = await workspace.incidents(parse(text))
        others = [each for each in page.incidents if each.id != here.id and each.postmortem is not Existence.NONE]
        found.update({each.id: each for each in others})
        called = {each.id: f"{each.reference}  {each.title}" for each in others}
        return Found([Pick(Named(each.id, called[each.id]), called[each.id], _hint(each)) for each in others])

    answer = await app.push_screen_wait(Picker("Show another postmortem beside", search=search))
    return found.get(answer.value.id) if isinstance(answer, Pick) and isinstance(answer.value, Named) else None


def _hint(incident: Incident) -> str:
    return " · ".join(part for part in (incident.severity, incident.status) if part)


async def read_beside(app: App[None], workspace: Workspace, incident: Incident, show: Show, tell: Tell) -> Said | None:
    """Show the cached reading, then the server's. Returns a notice, None when everything was read."""
    reference = incident.reference
    seen = await asyncio.to_thread(workspace.last_seen_of, incident)
    if seen is not None and seen.id:
        await show(seen)
    tell(f"reading {reference}…", "")
    try:
        server = await _read(app, workspace, incident)
    except BackendError as error:
        return error.message, "$error"
    if server is None:
        return None
    if not server.id:
        return f"{reference} has no postmortem yet", "$muted"
    await show(server)
    why = server.why_unread(TEXT)
    return (f"the text of {reference} could not be read: {why}", "$error") if why else None


async def _read(app: App[None], workspace: Workspace, incident: Incident) -> Postmortem | None:
    """Read a postmortem; None when there are several and the user chose none. Raises BackendError."""
    try:
        return await workspace.read(incident)
    except SeveralDocuments as several:
        document = await which_document(app, incident, several)
        return await workspace.read(incident, document) if document else None
