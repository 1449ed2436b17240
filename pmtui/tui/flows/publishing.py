"""Publishing from the screens: the status is set, and a save sends it."""

from __future__ import annotations

from collections.abc import Callable

from pmtui.model.fields import STATUS
from pmtui.model.postmortem import published_status
from pmtui.session.session import Session


def why_not_published(session: Session) -> str:
    """Why the open postmortem cannot be published now, "" when it can. Foreign text."""
    value = published_status(session.mine)
    if not value:
        return "this vendor has no published status"
    if why := session.read_only or next((field.locked for field in session.mine.form if field.name == STATUS), ""):
        return why
    return "it is published, and nothing is changed" if session.base.fields.get(STATUS) == value and not session.changes else ""


def publish(session: Session) -> Callable[[], object] | None:
    """Set the status; nothing is sent yet. Returns what sets it back, if the user does not go on; None when it was set before.

    Raises Locked.
    """
    value, before = published_status(session.mine), session.mine.fields.get(STATUS)
    if before == value:
        return None
    session.set_field(STATUS, value)
    return lambda: session.retract(STATUS, before) if session.mine.fields.get(STATUS) == value else None
