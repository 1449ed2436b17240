"""Which writes bring a change to the server, in which order, and with which bodies. Pure.

Order: a published postmortem is set back first, because it refuses all other updates; then the fields, each by its own
call; then the two documents; the status last. The ids of steps are the same for the same changes, and the two steps that
frame the edits of a published postmortem need nothing but their id: a journalled plan can be finished after a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pmtui.backends.base import Step
from pmtui.backends.opsgenie import fields
from pmtui.backends.opsgenie.fields import BY_NAME, DRAFT, PUBLISHED
from pmtui.backends.opsgenie.wire import Json, document
from pmtui.formats.sections import dumps, join
from pmtui.model.changes import CellChange, Change, FieldChanged
from pmtui.model.fields import STATUS
from pmtui.model.postmortem import Cell, Postmortem

SET_BACK = "set-back"
PUBLISH_AGAIN = "publish-again"
SUMMARY = "executive-summary"
CONTENT = "content"
LARGE = 100_000
"""Bytes of a document from which on the review warns; the vendor documents no limit."""

RouteOf = Callable[[str], str]


def steps(server: Postmortem, target: Postmortem, changes: Sequence[Change], route_of: RouteOf) -> tuple[Step, ...]:
    """The writes for these changes. ``route_of`` tells method and path of an update, as far as known."""
    status = next((change for change in changes if isinstance(change, FieldChanged) and change.name == STATUS), None)
    edits = _field_steps(changes, route_of) + _document_steps(server, target, changes, route_of)
    setting = [_status_step(STATUS, f"Status {status.before} → {status.after}", route_of, (status,))] if status else []
    if server.fields.get(STATUS) != PUBLISHED or not edits:
        return (*edits, *setting)
    if status:  # away from published, which lets the edits through
        return (*setting, *edits)
    back = _status_step(SET_BACK, "Set back to draft", route_of)
    return (back, *edits, _status_step(PUBLISH_AGAIN, "Publish again", route_of))


def update_of(step: Step) -> str:
    """The update (see ``routes``) that a step makes."""
    if step.id in (SET_BACK, PUBLISH_AGAIN):
        return STATUS
    return BY_NAME[step.id].update if step.id in BY_NAME else step.id


def body(server: Postmortem, target: Postmortem, step: Step) -> Json:
    """The body of a step's request; ``actorUserId``, which a change of status also needs, is added by the caller."""
    if step.id == SET_BACK:
        return {"status": DRAFT}
    if step.id == PUBLISH_AGAIN:
        return {"status": PUBLISHED}
    if step.id == SUMMARY:
        return {"type": "adf", "executiveSummary": dumps(_summary(server, target))}
    if step.id == CONTENT:
        return {"type": "adf", "content": dumps(_content(server, target))}
    return fields.written(BY_NAME[step.id], target.fields[step.id])


def _field_steps(changes: Sequence[Change], route_of: RouteOf) -> list[Step]:
    by_name = {change.name: change for change in changes if isinstance(change, FieldChanged) and change.name != STATUS}
    return [Step(wire.name, wire.label, route_of(wire.update), (by_name[wire.name],)) for wire in fields.FIELDS if wire.name in by_name]


def _document_steps(server: Postmortem, target: Postmortem, changes: Sequence[Change], route_of: RouteOf) -> list[Step]:
    cells = [change for change in changes if not isinstance(change, FieldChanged)]
    summary = tuple(change for change in cells if _is_summary(change))
    content = tuple(change for change in cells if not _is_summary(change))
    steps = []
    if summary:
        steps.append(Step(SUMMARY, "Executive summary", route_of(SUMMARY), summary, _size(dumps(_summary(server, target)))))
    if content:
        label = "Text, 1 section" if len(content) == 1 else f"Text, {len(content)} sections"
        steps.append(Step(CONTENT, label, route_of(CONTENT), content, _size(dumps(_content(server, target)))))
    return steps


def _status_step(name: str, label: str, route_of: RouteOf, changes: tuple[Change, ...] = ()) -> Step:
    return Step(name, label, route_of(STATUS), changes)


def _is_summary(change: CellChange) -> bool:
    return _cell(change).pinned


def _cell(change: CellChange) -> Cell:
    return change.cell if hasattr(change, "cell") else change.after


def _summary(server: Postmortem, target: Postmortem) -> Json:
    pinned = [cell for cell in target.cells if cell.pinned]
    return join(pinned, _stored(server, "executiveSummary"), [cell for cell in server.cells if cell.pinned])


def _content(server: Postmortem, target: Postmortem) -> Json:
    sections = [cell for cell in target.cells if not cell.pinned]
    return join(sections, _stored(server, "content"), [cell for cell in server.cells if not cell.pinned])


def _stored(server: Postmortem, key: str) -> Json:
    """The document as the server has it, with the envelope that a write needs; an empty one where no server gave any."""
    origin = server.origin if isinstance(server.origin, dict) else {}
    found = document(origin.get(key)) or {}
    return {**found, "version": found.get("version", 1), "type": found.get("type", "doc"), "content": found.get("content", [])}


def _size(serialised: str) -> tuple[str, ...]:
    size = len(serialised.encode())
    return (f"the document has {size // 1000} kB; Opsgenie names no limit, but may have one",) if size > LARGE else ()
