"""Converts a postmortem from the wire. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pmtui.backends.answer import Json
from pmtui.backends.base import Lost
from pmtui.backends.opsgenie import fields
from pmtui.backends.opsgenie.fields import could_not
from pmtui.backends.opsgenie.incidents import existence_of, page_of
from pmtui.backends.opsgenie.wire import Unreadable, WirePostmortem, document
from pmtui.formats.adf import to_markdown
from pmtui.formats.sections import lost_words, split, whole
from pmtui.model.fields import OWNER, RESPONDERS, SEVERITY, STATUS, TITLE, LockedBy
from pmtui.model.incident import Incident
from pmtui.model.postmortem import TEXT, Cell, Postmortem, Unread
from pmtui.model.values import label_of

SUMMARY = "summary"
SUMMARY_NAME = "Executive summary"
SUMMARY_PROMPT = "In a few sentences: what happened, whom it hit, what was done"
GUARD = "this postmortem is published: saving sets it back to draft, sends your edits and publishes it again"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the form depends on besides the postmortem.

    ``no_actor``: why the status cannot be changed (no actor is configured), "" when it can.
    ``no_right``: why nothing can be written. ``roles``: the account's role names.
    """

    no_actor: str = ""
    no_right: str = ""
    roles: tuple[str, ...] = ()

    def lock(self, published: bool) -> tuple[str, LockedBy]:
        """Why nothing of a postmortem can be edited, "" when it can.

        Editing a published postmortem sets its status, which needs an actor.
        """
        if self.no_right or not published:
            return self.no_right, LockedBy.RIGHTS
        return self.no_actor, LockedBy.ACTOR


def postmortem(
    wire: WirePostmortem,
    about: Incident,
    circumstances: Circumstances,
    read_at: datetime,
    *,
    like: Postmortem | None = None,
    notices: tuple[str, ...] = (),
) -> Postmortem:
    """A postmortem as read. ``about`` is its incident. Parts equal to ``like``, perhaps what was just sent, keep its spelling."""
    readings = _like(fields.read(wire.raw), like) if like is not None else fields.read(wire.raw)
    found = {name: each.value for name, each in readings.items()}
    if like is not None:
        found = fields.spelled_like(found, like.fields)
    published = wire.status == fields.PUBLISHED
    lock = circumstances.lock(published)
    locks = dict.fromkeys(fields.BY_NAME, lock) if lock[0] else {STATUS: (circumstances.no_actor, LockedBy.ACTOR)}
    unread = fields.unread(readings)
    try:
        cells = _cells(wire.raw, like.cells if like is not None else ())
    except Unreadable as why:
        cells, unread, lock = (), (*unread, Unread(TEXT, str(why))), (could_not(str(why)), LockedBy.UNREAD)
    return Postmortem(
        incident=replace(about, postmortem=existence_of(wire.status), owner=label_of(found[OWNER])),
        id=wire.postmortem_id,
        url=page_of(about.url, wire.postmortem_id),
        form=fields.form(readings, locks, circumstances.roles),
        fields=found,
        cells=cells,
        text_locked=lock[0],
        text_locked_by=lock[1],
        guard=GUARD if published else "",
        notices=notices,
        unread=unread,
        read_at=read_at,
        origin=wire.raw,
    )


def without_postmortem(
    about: Incident, read_at: datetime, why: str, by: LockedBy, notices: tuple[str, ...] = (), unread: tuple[Unread, ...] = ()
) -> Postmortem:
    """An incident without a postmortem, or with an unknown one; ``why`` nothing can be edited, and the kind of reason.

    ``unread``: there may be a text that could not be read.
    """
    values = {TITLE: about.title, SEVERITY: about.severity, STATUS: about.status}
    readings = {name: fields.Reading(value) for name, value in values.items()}
    form = tuple(replace(each, choices=()) for each in fields.form(readings, dict.fromkeys(values, (why, by)), ()))
    return Postmortem(
        incident=about, form=form, fields={**values}, text_locked=why, text_locked_by=by, notices=notices, unread=unread, read_at=read_at
    )


def begun(bare: Postmortem, circumstances: Circumstances) -> Postmortem:
    """The incident with a new postmortem: all fields and the executive summary, empty."""
    lock = circumstances.lock(published=False)
    locks = dict.fromkeys(fields.BY_NAME, lock) if lock[0] else {STATUS: (circumstances.no_actor, LockedBy.ACTOR)}
    summary = Cell(SUMMARY, "", pinned=True, name=SUMMARY_NAME, prompt=SUMMARY_PROMPT)
    return replace(bare, form=fields.form(fields.blank(), locks, circumstances.roles), fields={}, cells=(summary,), text_locked="")


def lost(cell: Cell) -> Lost | None:
    """The words of a Markdown cell that its blocks on the server do not have; None when they have all."""
    if not (cell.editable and cell.source):
        return None
    document = {"version": 1, "type": "doc", "content": json.loads(cell.source)}
    words = lost_words((cell,), document)
    return Lost(words, to_markdown(document)) if words else None


def _like(readings: Mapping[str, fields.Reading], like: Postmortem) -> Mapping[str, fields.Reading]:
    """Mark responders as unread when their roles are missing now but were there before: the list cannot be compared."""
    people = readings[RESPONDERS]
    was_locked = any(field.name == RESPONDERS and field.locked for field in like.form)
    if people.unwritable != fields.NO_ROLES or was_locked:
        return readings
    return {**readings, RESPONDERS: replace(people, unread="the roles are missing in data.responders")}


def _cells(raw: Json, like: Sequence[Cell]) -> tuple[Cell, ...]:
    """The executive summary, then the sections of the content. Raises Unreadable when either was not understood."""
    summary, content = document(raw, "executiveSummary"), document(raw, "content")
    pinned = next((cell for cell in like if cell.pinned), None)
    first = whole(summary, SUMMARY, SUMMARY_NAME, SUMMARY_PROMPT, pinned)
    return (first, *split(content, [cell for cell in like if not cell.pinned]))
