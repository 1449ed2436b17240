"""Incidents: list, get, update and import. The legacy back end, except import."""

from __future__ import annotations

from typing import Any

from pmtui.sandbox.datadog import catalogue
from pmtui.sandbox.datadog.answers import RAPID, Answer, Refusal, moment, named_id
from pmtui.sandbox.datadog.call import Call, Route, mapped, related, relations, text
from pmtui.sandbox.datadog.incidents import rendering
from pmtui.sandbox.datadog.scenario import responder_record
from pmtui.sandbox.datadog.state import Record, State

ENDED = ("resolved", "completed")
SINGLE, MULTIPLE = ("dropdown", "textbox"), ("multiselect", "textarray", "metrictag", "autocomplete")
TITLE_LIMIT = 1024


def list_(state: State, call: Call) -> Answer:
    """A page of the incidents, oldest first; no filter, no sort, no total."""
    size, offset = call.page()
    records = [record for name in state.order[offset : offset + size] if (record := state.incident(name)) is not None]
    body: dict[str, Any] = {"data": [rendering.incident(state, record) for record in records]}
    if call.includes():
        body["included"] = rendering.included(state, records, call.includes())
    pagination = {"offset": offset, "size": len(records)}
    if len(records) == size or state.switches.list_next_offset == "on":
        pagination["next_offset"] = offset + len(records)
    return 200, body | {"meta": {"pagination": pagination}}


def _answer(state: State, call: Call, record: Record, data: dict[str, Any], status: int = 200) -> Answer:
    body: dict[str, Any] = {"data": data}
    if call.includes():
        body["included"] = rendering.included(state, [record], call.includes())
    return status, body


def get(state: State, call: Call) -> Answer:
    """One incident; `include=users,attachments` adds those."""
    record = call.incident(state)
    return _answer(state, call, record, rendering.incident(state, record))


def import_(state: State, call: Call) -> Answer:
    """Import a past incident. Fields are sent without a type; `resolved` is only allowed in a resolved state.

    Users become responders automatically on any action (documented): so does who imports.
    """
    data, attributes = call.data("incidents"), call.attributes("incidents")
    record = _new(state, _title(text(attributes, "title")), _type(state, attributes))
    record["visibility"] = attributes.get("visibility", "organization")
    if record["visibility"] not in ("organization", "private"):
        raise Refusal(400, "visibility must be organization or private", pointer="/data/attributes/visibility")
    for name in ("declared", "detected", "resolved"):
        if attributes.get(name):
            record[name] = moment(attributes[name], name)
    values = mapped(attributes, "fields")
    _set_fields(state, record, {name: value if isinstance(value, dict) else {"value": value} for name, value in values.items()})
    if record["resolved"] and record["fields"]["state"]["value"] not in ENDED:
        raise Refusal(400, "resolved needs a state that is resolved", pointer="/data/attributes/resolved")
    if "declared_by_user" in relations(data):
        record["declared_by"] = _user(state, related(data, "declared_by_user"))
    if "commander_user" in relations(data):
        record["commander"] = _user(state, related(data, "commander_user"))
        if record["commander"]:
            _join(state, record, record["commander"])
    if state.switches.auto_responder == "on":
        _join(state, record, state.me)
    state.add(record)
    return 201, {"data": rendering.imported(state, record)}


def update(state: State, call: Call) -> Answer:
    """Change only what was sent. The caller becomes a responder, and so does a new commander."""
    record = call.incident(state)
    data = call.data("incidents")
    if data.get("id") != record["id"]:
        raise Refusal(400, "data.id must be the id of the incident")
    changed = _changed(state, record, data, mapped(data, "attributes"))
    state.change(record)
    record.update(changed)
    state.touch(record)
    if state.switches.auto_responder == "on":
        _join(state, record, state.me)
        if changed.get("commander"):
            _join(state, record, record["commander"])
    stale = "commander" in changed and state.switches.stale_commander == "on"
    return _answer(state, call, record, rendering.written(state, record, stale_commander=stale))


def _changed(state: State, record: Record, data: dict[str, Any], attributes: dict[str, Any]) -> Record:
    """The changes of a PATCH, validated as a whole before anything is changed. Unknown attributes are ignored."""
    new = {"fields": dict(record["fields"]), "type": record["type"], "resolved": record["resolved"], "times": dict(record["times"])}
    if "title" in attributes:
        new["title"] = _title(attributes["title"])
    for name in ("detected", "customer_impact_start", "customer_impact_end"):
        if name in attributes:
            new[name] = moment(attributes[name], name)
    new |= {name: value for name, value in _plain(attributes).items() if name != "is_test"}
    if new.get("customer_impacted") and not (new.get("customer_impact_scope") or record["customer_impact_scope"]):
        raise Refusal(400, "Failed to update incident: description cannot be empty")
    _set_fields(state, new, mapped(attributes, "fields"))
    if "commander_user" in relations(data):
        new["commander"] = _user(state, related(data, "commander_user"))
    _end(state, record, new)
    return new


def _end(state: State, record: Record, new: Record) -> None:
    """Set `resolved` when the new state is a resolved one, else clear it."""
    now_in = new["fields"]["state"]["value"] if "state" in new["fields"] else None
    if now_in in ENDED and record["resolved"] is None:
        new["resolved"] = state.stamp()
    elif now_in not in ENDED and now_in in catalogue.STATES:
        new["resolved"] = None


def _plain(attributes: dict[str, Any]) -> Record:
    """The attributes that are stored as sent, if their type is right."""
    kinds: dict[str, tuple[type, ...]] = {
        "customer_impacted": (bool,),
        "customer_impact_scope": (str, type(None)),
        "notification_handles": (list, type(None)),
        "is_test": (bool,),
    }
    for name in kinds.keys() & attributes.keys():
        if not isinstance(attributes[name], kinds[name]):
            raise Refusal(400, f"Invalid value for {name}")
    return {name: attributes[name] for name in kinds if name in attributes}


def _title(title: Any) -> str:
    if not isinstance(title, str) or not title.strip():
        raise Refusal(400, "title cannot be empty")
    if len(title) > TITLE_LIMIT:
        raise Refusal(400, f"title is longer than {TITLE_LIMIT} characters")
    return title


def _type(state: State, attributes: dict[str, Any]) -> str:
    default = next(name for name, item in state.types.items() if item["attributes"]["is_default"])
    name = attributes.get("incident_type_uuid") or default
    if not isinstance(name, str) or name not in state.types:
        raise Refusal(404, f"incident type {name} not found")
    return name


def _user(state: State, identifier: str | None) -> str | None:
    if identifier is not None and identifier not in state.users:
        raise Refusal(400, f"user {identifier} not found")
    return identifier


def _set_fields(state: State, record: Record, fields: dict[str, Any]) -> None:
    """Merge fields by name. A value must fit the field's type; a severity or state must be a known one."""
    known = catalogue.known_kinds(state.fields, record["type"])
    for name, given in fields.items():
        if not isinstance(given, dict) or "value" not in given:
            raise Refusal(400, f"Invalid value for field {name}")
        if name not in known and name not in record["fields"]:
            raise Refusal(400, f"Field {name} is not defined for this incident type")
        if name == "slug":
            raise Refusal(400, "Field slug is read-only")
        kind = catalogue.KINDS[known[name]["type"]] if name in known else record["fields"][name]["type"]
        if kind in ("number", "datetime") and name not in record["fields"] and state.switches.first_values == "off":
            raise Refusal(400, f"Invalid type for field {name}")
        old = record["fields"].get(name, {}).get("value")
        allowed = [one["value"] for one in known.get(name, {}).get("valid_values") or []]
        _check_value(name, kind, given["value"], allowed, old)
        record["fields"][name] = {"type": kind, "value": given["value"]}


def _check_value(name: str, kind: str, value: Any, allowed: list[str], old: Any) -> None:
    texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    right = {
        **dict.fromkeys(SINGLE, isinstance(value, str)),
        **dict.fromkeys(MULTIPLE, texts),
        "number": isinstance(value, (int, float)) and not isinstance(value, bool),
        "datetime": isinstance(value, str),
    }
    if value is not None and not right[kind]:
        raise Refusal(400, f"Invalid value for field {name}: not a value for type {kind}")
    for item in value if texts else [value]:
        if allowed and item is not None and item not in allowed and item != old:
            raise Refusal(400, f"Invalid value for field {name}: {item!r} is not one of the valid values")


def _join(state: State, record: Record, user: str) -> None:
    if all(one["user"] != user for one in record["responders"]):
        now = state.stamp()
        name = f"{record['id']} {user} {now}"
        record["responders"] = [*record["responders"], responder_record(name, user, now, [], now if user == state.me else None)]


def _new(state: State, title: str, kind: str) -> Record:
    now, number, me = state.stamp(), state.next_public_id, state.me
    configuration = state.types[kind]["attributes"]
    values = {"severity": "UNKNOWN", "state": "active", "detection_method": "unknown", "slug": f"{configuration['prefix']}-{number}"}
    known = catalogue.known_kinds(state.fields, kind)
    fields = {name: {"type": catalogue.KINDS[field["type"]], "value": values.get(name)} for name, field in known.items()}
    return {
        "id": named_id(f"incident {now}"),
        "public_id": number,
        "type": kind,
        "title": title,
        **dict.fromkeys(("created", "modified", "declared", "detected"), now),
        **dict.fromkeys(("resolved", "archived", "customer_impact_scope", "customer_impact_start", "customer_impact_end")),
        "customer_impacted": False,
        "times": dict.fromkeys(
            ("customer_impact_duration", "time_to_detect", "time_to_repair", "time_to_internal_response", "time_to_resolve"), 0
        ),
        "notification_handles": None,
        **dict.fromkeys(("created_by", "declared_by", "last_modified_by"), me),
        "commander": None,
        "is_test": False,
        "visibility": "private" if configuration["configuration"]["private_incidents_by_default"] else "organization",
        "fields": {name: field for name, field in fields.items() if field["type"] not in ("number", "datetime")},
        **{name: [] for name in ("attachments", "integrations", "responders", "impacts", "todos", "timeline")},
    }


PATH = "/api/v2/incidents"
ROUTES = (
    Route("GET", PATH, list_, "incident_read", bucket="incidents_list"),
    Route("POST", f"{PATH}/import", import_, "incident_write", RAPID, bucket="incidents_write"),
    Route("GET", f"{PATH}/{{incident}}", get, "incident_read", bucket="incidents"),
    Route("PATCH", f"{PATH}/{{incident}}", update, "incident_write", bucket="incidents_write"),
)
