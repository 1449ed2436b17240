"""Turns changes into Datadog's narrowest calls. Pure. Both planning and sending use it, so that they agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pmtui.backends.answer import Json
from pmtui.backends.base import BackendError, Step, Trouble
from pmtui.backends.datadog.api import INCIDENTS, NOTEBOOKS
from pmtui.backends.datadog.changes import issues as issue_writes
from pmtui.backends.datadog.changes import tasks as task_writes
from pmtui.backends.datadog.changes.call import Write
from pmtui.backends.datadog.fields import ATTRIBUTES, DETECTED, IMPACT_END, IMPACT_START, IMPACTED, SCOPE, YES, wire_name
from pmtui.backends.datadog.form.values import responder_ids
from pmtui.backends.datadog.notebook.cells import replacement
from pmtui.backends.datadog.origin import Origin, origin_of
from pmtui.backends.datadog.wire.incidents import LISTS
from pmtui.backends.datadog.wire.values import stamp_of
from pmtui.backends.http.client import segment
from pmtui.formats.joined_lines import warning
from pmtui.formats.mentions import broken_in
from pmtui.model.changes import CellAdded, CellEdited, Change, FieldChanged
from pmtui.model.diff import patch
from pmtui.model.fields import ACTION_ITEMS, DOCUMENT_TITLE, LINKED_ISSUES, OWNER, RESPONDERS, TITLE, Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Named, Person, Value, label_of

NOTEBOOK_WRITE = "notebook"
_APART = frozenset({RESPONDERS, LINKED_ISSUES, ACTION_ITEMS, DOCUMENT_TITLE})
_TYPES = {
    Kind.TEXT: "textbox",
    Kind.PROSE: "textbox",
    Kind.CHOICE: "dropdown",
    Kind.CHOICES: "multiselect",
    Kind.WORDS: "textarray",
    Kind.SERVICES: "autocomplete",
    Kind.TEAMS: "autocomplete",
    Kind.NUMBER: "number",
    Kind.TIME: "datetime",
}


def writes_of(server: Postmortem, target: Postmortem, changes: Sequence[Change], me: str = "") -> list[Write]:
    """The calls for these changes of ``target``: the text first, calls that notify people last. ``me`` is the id of who acts, if known.

    Raises BackendError for a value that cannot be sent.
    """
    origin = origin_of(server)
    fields = [each for each in changes if isinstance(each, FieldChanged)]
    names = {each.name: each for each in fields}
    in_text = [each for each in changes if not isinstance(each, FieldChanged) or each.name == DOCUMENT_TITLE]
    on_incident = [each for each in fields if each.name not in _APART]
    found: list[Write] = []
    if in_text:
        found.append(_notebook(server, target, origin, in_text))
    if on_incident:
        found.append(_incident(server, target, origin, on_incident, me))
    if LINKED_ISSUES in names:
        found += issue_writes.of(origin, _tuple(target, LINKED_ISSUES), names[LINKED_ISSUES])
    if ACTION_ITEMS in names:
        found += task_writes.of(origin, _tuple(target, ACTION_ITEMS), names[ACTION_ITEMS])
    if RESPONDERS in names:
        found += _responders(server, target, origin, names[RESPONDERS])
    return found


def step_of(write: Write) -> Step:
    """A call as a step, without its body."""
    return Step(write.id, write.label, f"{write.method} {write.path}", write.changes, write.warnings)


def _tuple(postmortem: Postmortem, name: str) -> tuple[Any, ...]:
    value = postmortem.fields.get(name)
    return value if isinstance(value, tuple) else ()


def _notebook(server: Postmortem, target: Postmortem, origin: Origin, changes: Sequence[Change]) -> Write:
    assert origin.notebook is not None  # without a notebook the text is locked
    wanted = patch(server, changes)
    name = label_of(wanted.fields.get(DOCUMENT_TITLE)) or origin.notebook.attributes.name
    attributes = replacement(origin.notebook, server.cells, wanted.cells, name)
    data: Json = {"type": "notebooks", "attributes": attributes}
    label = "Save the text" if any(not isinstance(each, FieldChanged) for each in changes) else "Rename the document"
    return Write(
        NOTEBOOK_WRITE,
        label,
        "PUT",
        f"{NOTEBOOKS}/{segment(origin.notebook.id)}",
        data,
        tuple(changes),
        (*broken_in(changes), *_joined(changes)),
    )


def _joined(changes: Sequence[Change]) -> tuple[str, ...]:
    """Warnings for sections in which a renderer joins lines."""
    written = [each.cell if isinstance(each, CellAdded) else each.after for each in changes if isinstance(each, CellAdded | CellEdited)]
    return tuple(filter(None, (warning(cell.title, cell.text) for cell in written)))


def _incident(server: Postmortem, target: Postmortem, origin: Origin, changes: Sequence[FieldChanged], me: str) -> Write:
    """One PATCH with only the changes. Every field is sent with the type that was read."""
    attributes: Json = {}
    relationships: Json = {}
    fields: Json = {}
    for each in changes:
        value = target.fields.get(each.name)
        if each.name == TITLE:
            attributes["title"] = value
        elif each.name == OWNER:
            relationships["commander_user"] = {"data": _user(value)}
        elif each.name in ATTRIBUTES:
            attributes[each.name] = _attribute(each.name, value)
        else:
            fields[wire_name(each.name)] = _field(target, origin, each.name, value)
    attributes |= {"fields": fields} if fields else {}
    identifier = origin.incident.id
    data: Json = {"type": "incidents", "id": identifier}
    data |= {"attributes": attributes} if attributes else {}
    data |= {"relationships": relationships} if relationships else {}
    label = "Save " + ", ".join(_label(target, each.name).lower() for each in changes)
    warnings = _warnings(server, target, changes, me)
    return Write("incident", label, "PATCH", f"{INCIDENTS}/{segment(identifier)}", data, tuple(changes), warnings)


def _user(value: Value) -> Json | None:
    if value is None:
        return None
    if not isinstance(value, Person) or not value.id:
        raise _cannot(OWNER, f"{label_of(value)!r} is not a Datadog user: choose from the list")
    return {"id": value.id, "type": "users"}


def _attribute(name: str, value: Value) -> Any:
    if name == IMPACTED:
        return value == YES
    if name == SCOPE:
        return value or ""
    assert name in (IMPACT_START, IMPACT_END, DETECTED)
    return _stamp(name, value)


def _stamp(name: str, value: Value) -> str | None:
    try:
        return stamp_of(label_of(value))
    except ValueError:
        raise _cannot(name, f"{label_of(value)!r} is not a time such as 2026-11-22T03:10Z") from None


def _field(target: Postmortem, origin: Origin, name: str, value: Value) -> Json:
    known = origin.incident.field(wire_name(name))
    kind = (known.type if known else "") or origin.types.get(wire_name(name), "") or _TYPES[target.field(name).kind]
    if kind in LISTS or isinstance(value, tuple):
        items: Iterable[Any] = value if isinstance(value, tuple) else () if value is None else (value,)
        return {"type": kind, "value": [each.id or each.name if isinstance(each, Named) else each for each in items]}
    if not value:
        return {"type": kind, "value": None}
    return {"type": kind, "value": _number(name, value) if kind == "number" else value}


def _number(name: str, value: Value) -> int | float:
    words = label_of(value)
    try:
        number = float(words)
        return int(words) if number.is_integer() and words.lstrip("+-").isdigit() else number
    except (ValueError, OverflowError):
        raise _cannot(name, f"{words!r} is not a number") from None


def _responders(server: Postmortem, target: Postmortem, origin: Origin, change: FieldChanged) -> list[Write]:
    """One call for each person added or removed: Datadog has no call that sets the list."""
    incident = segment(origin.incident.id)
    path = f"{INCIDENTS}/{incident}/responders"
    before = {each.id: each for each in _tuple(server, RESPONDERS)}
    after = {each.id: each for each in _tuple(target, RESPONDERS)}
    found: list[Write] = []
    for identifier, person in after.items():
        if identifier not in before:
            if not identifier:
                raise _cannot(RESPONDERS, f"{person.label!r} is not a Datadog user: choose from the list")
            data: Json = {"type": "incident_responders", "relationships": {"user": {"data": {"id": identifier, "type": "users"}}}}
            warning = f"e-mails {person.label} and adds them to the incident's channels"
            found.append(
                Write(f"responder:add:{identifier}", f"Add {person.label} as a responder", "POST", path, data, (change,), (warning,))
            )
    ids = responder_ids(origin)
    for identifier, person in before.items():
        if identifier not in after and identifier in ids:
            label = f"Remove {person.label} from the responders"
            found.append(Write(f"responder:remove:{identifier}", label, "DELETE", f"{path}/{segment(ids[identifier])}", None, (change,)))
    return found


def _warnings(server: Postmortem, target: Postmortem, changes: Sequence[FieldChanged], me: str) -> tuple[str, ...]:
    """What the save does to people. Every PATCH makes the caller a responder (recorded)."""
    there = {each.id for each in _tuple(server, RESPONDERS)}
    said = ["you will be added as a responder" if me else "you may be added as a responder"] if not me or me not in there else []
    for each in changes:
        consequence = next((field.consequence for field in target.form if field.name == each.name), "")
        if consequence and target.fields.get(each.name):
            said.append(consequence.replace("{}", label_of(target.fields.get(each.name))))
    return tuple(dict.fromkeys(said))


def _label(postmortem: Postmortem, name: str) -> str:
    return next((field.label for field in postmortem.form if field.name == name), name)


def _cannot(name: str, said: str) -> BackendError:
    return BackendError(Trouble.INVALID, f"save {name}", said, "correct it, then save again", fields={name: said})
