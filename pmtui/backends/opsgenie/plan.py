"""Plans the writes for changes: their order and their bodies. Pure.

The order: first a published postmortem is set back, because it refuses all other updates; then the fields, each by its own
call; then the two documents; the status last. Equal changes give equal step ids, and the two guard steps of a published
postmortem need only their id, so that a journalled plan can be finished after a crash.

If an account has no call for a single field, the full update is the last resort. It sets all fields, so it is planned only
when all were read, and its step lists what else it sends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Protocol

from pmtui.backends.answer import Json
from pmtui.backends.base import BackendError, Step, Trouble
from pmtui.backends.opsgenie import fields
from pmtui.backends.opsgenie.account.routes import FULL, FULL_UPDATE
from pmtui.backends.opsgenie.fields import BY_NAME, DRAFT, PUBLISHED, FieldSpec, could_not
from pmtui.backends.opsgenie.wire import Unreadable, document
from pmtui.formats.adf.read.unclosed import unclosed
from pmtui.formats.gaps import begins_with_heading
from pmtui.formats.joined_lines import warning
from pmtui.formats.list_numbers import recounted
from pmtui.formats.mentions import broken_in, misnamed_in
from pmtui.formats.sections import dumps, join, lost_words
from pmtui.model.changes import CellAdded, CellChange, CellEdited, Change, FieldChanged
from pmtui.model.fields import OWNER, STATUS
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.values import label_of

SET_BACK = "set-back"
PUBLISH_AGAIN = "publish-again"
UNDONE = "is set back to draft and must be published again"
SUMMARY = "executive-summary"
CONTENT = "content"
LARGE = 100_000
"""The review warns about documents of at least this many bytes; the vendor documents no limit."""

NUMBERS = 5
"""How many list numbers a warning names."""
LOST = 200
"""How many characters of lost words the review quotes."""

_STATUSES = {SET_BACK: DRAFT, PUBLISH_AGAIN: PUBLISHED}


class Calls(Protocol):
    """The account's update calls, as far as known."""

    def call(self, update: str) -> str:
        """The method and path of an update."""

    def instead(self, update: str) -> str:
        """The full update's call if no route of this update works, else ""."""


def steps(server: Postmortem, target: Postmortem, changes: Sequence[Change], calls: Calls, people: Mapping[str, str]) -> tuple[Step, ...]:
    """The steps for these changes. ``people`` are names by Atlassian account, as far as known.

    Raises BackendError (ANSWER) when a document that could not be read would be written.
    """
    status = next((change for change in changes if isinstance(change, FieldChanged) and change.name == STATUS), None)
    edits = _field_steps(server, changes, calls) + _document_steps(server, target, changes, calls, people)
    setting = [_status_step(server, STATUS, f"Status {status.before} → {status.after}", calls, (status,))] if status else []
    if server.fields.get(STATUS) != PUBLISHED or not edits:
        return (*edits, *setting)
    if status:  # from published to another status, which allows the edits
        return (*setting, *edits)
    back = replace(_status_step(server, SET_BACK, "Set back to draft", calls), status=DRAFT)
    again = replace(_status_step(server, PUBLISH_AGAIN, "Publish again", calls), status=PUBLISHED, undone=UNDONE)
    return (back, *edits, again)


def update_of(step: Step) -> str:
    """The name of a step's update (see ``account.routes``)."""
    if is_full(step):
        return FULL
    if step.id in _STATUSES:
        return STATUS
    return BY_NAME[step.id].update if step.id in BY_NAME else step.id


def is_full(step: Step) -> bool:
    """Whether this step is the full update, and was reviewed as that."""
    return step.request.endswith(FULL_UPDATE)


def body(server: Postmortem, target: Postmortem, step: Step) -> Json:
    """The body of a step that sets one field or document. The caller adds ``actorUserId``, which a change of status needs."""
    if step.id in _STATUSES:
        return {"status": _STATUSES[step.id]}
    if step.id == SUMMARY:
        return {"type": "adf", "executiveSummary": dumps(_summary(server, target))}
    if step.id == CONTENT:
        return {"type": "adf", "content": dumps(_content(server, target))}
    return fields.written(BY_NAME[step.id], target.fields[step.id])


def full_target(server: Postmortem, target: Postmortem, step: Step) -> Postmortem:
    """The result of a full update: the server's fields, with those that the step changes taken from the target."""
    if step.id in _STATUSES:
        return server.with_field(STATUS, _STATUSES[step.id])
    for change in step.changes:
        if isinstance(change, FieldChanged):
            server = server.with_field(change.name, target.fields[change.name])
    return server


def full_body(wanted: Postmortem) -> Json:
    """The body of the full update, which needs every field. The caller adds ``actorUserId``."""
    found: Json = {}
    for spec in fields.FIELDS:
        found.update(fields.written(spec, wanted.fields[spec.name]))
    return found


def why_not_full(server: Postmortem) -> str:
    """Why the full update would lose something of this postmortem, "" when it would not."""
    locked = next((field for field in server.form if field.name in BY_NAME and field.locked), None)
    if locked is not None:
        return f"{locked.label.lower()}: {locked.locked}"
    if not has_sessions(server):
        return could_not("data.iccSessions is not a list")
    return "" if server.fields.get(OWNER) is not None else "it has no owner, and an owner must be sent"


def has_sessions(server: Postmortem) -> bool:
    """Whether ``iccSessions``, a list that no single call writes and pmtui does not show, was understood."""
    return isinstance((server.origin or {}).get("iccSessions"), list)


def _field_steps(server: Postmortem, changes: Sequence[Change], calls: Calls) -> list[Step]:
    by_name = {change.name: change for change in changes if isinstance(change, FieldChanged) and change.name != STATUS}
    changed = [spec for spec in fields.FIELDS if spec.name in by_name]
    # If the full update is impossible, too, each field goes by its own call, whose error says what is wrong.
    lost = [spec for spec in changed if calls.instead(spec.update)] if not why_not_full(server) else []
    made = [Step(spec.name, spec.label, calls.call(spec.update), (by_name[spec.name],)) for spec in changed if spec not in lost]
    if lost:
        label = ", ".join((lost[0].label, *(spec.label.lower() for spec in lost[1:])))
        made.append(_full_step(server, FULL, label, calls, lost, tuple(by_name[spec.name] for spec in lost)))
    return made


def _full_step(
    server: Postmortem, name: str, label: str, calls: Calls, sets: Sequence[FieldSpec], changes: tuple[Change, ...] = ()
) -> Step:
    alone = ", ".join(spec.label.lower() for spec in sets)
    others = [
        f"also sends {spec.label.lower()}: {label_of(server.fields[spec.name]) or 'none'}" for spec in fields.FIELDS if spec not in sets
    ]
    first = f"this account has no working call for {alone} alone: the full update sends all fields, the others as they are on the server"
    return Step(name, label, calls.instead(sets[0].update), changes, (first, *others), first)


def _document_steps(
    server: Postmortem, target: Postmortem, changes: Sequence[Change], calls: Calls, people: Mapping[str, str]
) -> list[Step]:
    def step(name: str, label: str, written: tuple[CellChange, ...], sent: Json) -> Step:
        wrong = misnamed_in(written, server, people)
        return Step(
            name,
            label,
            calls.call(name),
            written,
            (*wrong, *broken_in(written), *_joined(written, target), *_warnings(written, sent)),
            "; ".join(wrong),
        )

    cells = [change for change in changes if not isinstance(change, FieldChanged)]
    summary = tuple(change for change in cells if _cell(change).pinned)
    content = tuple(change for change in cells if not _cell(change).pinned)
    made = []
    if summary:
        made.append(step(SUMMARY, "Executive summary", summary, _summary(server, target)))
    if content:
        label = "Text, 1 section" if len(content) == 1 else f"Text, {len(content)} sections"
        made.append(step(CONTENT, label, content, _content(server, target)))
    return made


def _joined(changes: Sequence[CellChange], target: Postmortem) -> list[str]:
    """The new cells that are no sections of their own on the server: there a section begins with a heading."""
    added = {change.cell.key for change in changes if isinstance(change, CellAdded) and not begins_with_heading(change.cell.text)}
    cells = [cell for cell in target.cells if not cell.pinned]
    return [
        f"{cell.title or 'the new section'}: without a heading it becomes part of the section before it, {before.title}; "
        f"begin it with a line such as ## Detection"
        for before, cell in pairwise(cells)
        if cell.key in added
    ]


def _warnings(changes: Sequence[CellChange], sent: Json) -> tuple[str, ...]:
    """The warnings before this document is sent: its size, words that it cannot hold, lines that it joins."""
    written = [_cell(change) for change in changes if isinstance(change, CellAdded | CellEdited)]
    lost = " ".join(lost_words(written, sent))
    found = [f"rich text cannot hold these words, and they would be lost: {lost[:LOST]}{'…' if len(lost) > LOST else ''}"] if lost else []
    for cell in written:
        if numbers := recounted(cell.text):
            listed = ", ".join(map(str, numbers[:NUMBERS]))
            found.append(
                f"{cell.title}: list numbers are counted on from the first: {listed} {'is' if len(numbers) == 1 else 'are'} not kept"
            )
        found += [f"{cell.title}: “{begun}” is not closed, and stays plain text" for begun in unclosed(cell.text)]
        found += filter(None, [warning(cell.title, cell.text)])
    return (*_size(dumps(sent)), *found)


def _status_step(server: Postmortem, name: str, label: str, calls: Calls, changes: tuple[Change, ...] = ()) -> Step:
    if calls.instead(STATUS) and not why_not_full(server):
        return _full_step(server, name, label, calls, (BY_NAME[STATUS],), changes)
    return Step(name, label, calls.call(STATUS), changes)


def _cell(change: CellChange) -> Cell:
    return change.cell if hasattr(change, "cell") else change.after


def _summary(server: Postmortem, target: Postmortem) -> Json:
    pinned = [cell for cell in target.cells if cell.pinned]
    return join(pinned, _stored(server, "executiveSummary"), [cell for cell in server.cells if cell.pinned])


def _content(server: Postmortem, target: Postmortem) -> Json:
    sections = [cell for cell in target.cells if not cell.pinned]
    return join(sections, _stored(server, "content"), [cell for cell in server.cells if not cell.pinned])


def _stored(server: Postmortem, key: str) -> Json:
    """The document as the server has it, with the envelope for a write."""
    try:
        found = document(server.origin if isinstance(server.origin, dict) else {}, key)
    except Unreadable as why:
        tried = f"save the text of {server.incident.reference}"
        raise BackendError(Trouble.ANSWER, tried, f"what is there could not be read: {why}", "nothing was sent") from None
    version = found.get("version")
    return {**found, "version": version if isinstance(version, int) else 1, "type": "doc"}


def _size(serialised: str) -> tuple[str, ...]:
    size = len(serialised.encode())
    return (f"the document has {size // 1000} kB; Opsgenie names no limit, but may have one",) if size > LARGE else ()
