"""Deletes a postmortem, after the user typed its reference, because that cannot be undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import App

from pmtui.backends.base import BackendError
from pmtui.session.session import Session
from pmtui.tui import words
from pmtui.tui.dialogs.prompt import Prompt
from pmtui.tui.keymap import present_key

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Removed:
    """The result: whether the postmortem is ``gone``, and what to say."""

    gone: bool
    words: str
    style: str = ""


def why_not_removed(workspace: Workspace, session: Session) -> str:
    """Why the open postmortem cannot be deleted, "" when it can."""
    if not session.mine.id or session.read_only:
        return session.read_only or "there is nothing here to delete"
    return "" if workspace.backend.removal(session.mine) else "this postmortem cannot be deleted here"


async def remove(app: App[None], workspace: Workspace, session: Session) -> Removed:
    """Ask for the reference, then delete the postmortem and its draft."""
    mine, reference = session.mine, session.mine.incident.reference
    if why := why_not_removed(workspace, session):
        return Removed(False, why, "$muted")
    if session.offline:
        again = present_key("f5", app.screen)
        return Removed(False, f"nothing was deleted: others may have changed it since it was read · {again} reads it again", "$warning")
    what = workspace.backend.removal(mine)
    if await app.push_screen_wait(Prompt(f"{words.sentence(what)}\n\nType {reference} to do it.")) != reference:
        return Removed(False, "nothing was deleted", "$muted")
    try:
        notices = await workspace.remove(session)
    except BackendError as error:
        return Removed(False, error.message, "$error")
    session.abandon()
    return Removed(True, " · ".join(notices))
