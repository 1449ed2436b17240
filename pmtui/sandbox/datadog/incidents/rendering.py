"""An incident record as the service shows it. Which keys it has depends on the call.

List and GET leave out the people, a PATCH includes them, search rounds dates (recorded 2026-02).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pmtui.sandbox.datadog import catalogue
from pmtui.sandbox.datadog.answers import seconds_only, zulu
from pmtui.sandbox.datadog.catalogue import relation
from pmtui.sandbox.datadog.state import Record, State

DATES = ("resolved", "customer_impact_start", "customer_impact_end", "created", "modified", "detected", "archived", "declared")
PEOPLE = ("last_modified_by", "commander", "created_by", "declared_by")


def short_user(state: State, identifier: str, missing: str | None = None) -> dict[str, Any]:
    """A user as it is included; `missing` stands for a name that is not set."""
    full = state.users[identifier]["attributes"]
    attributes = {
        "uuid": identifier,
        "handle": full["handle"],
        "email": full["email"],
        "name": full["name"] or missing,
        "icon": full["icon"],
    }
    return {"type": "users", "id": identifier, "attributes": attributes}


def _person(state: State, identifier: str | None, missing: str | None) -> dict[str, Any] | None:
    return None if identifier is None else {"data": short_user(state, identifier, missing)}


def incident(state: State, record: Record) -> dict[str, Any]:
    """As list and GET show it."""
    fields = {name: dict(value) for name, value in record["fields"].items()}
    attributes = {
        "public_id": record["public_id"],
        "incident_type_uuid": record["type"],
        "title": record["title"],
        **{name: record[name] for name in DATES},
        "customer_impact_scope": record["customer_impact_scope"],
        "customer_impacted": record["customer_impacted"],
        "notification_handles": record["notification_handles"],
        "last_modified_by_uuid": record["last_modified_by"],
        "created_by_uuid": record["created_by"],
        "declared_by_uuid": record["declared_by"],
        "creation_idempotency_key": None,
        **record["times"],
        "is_test": record["is_test"],
        "fields": fields,
        "field_analytics": None,
        "severity": record["fields"].get("severity", {}).get("value"),
        "state": record["fields"].get("state", {}).get("value"),
        "non_datadog_creator": None,
        "visibility": record["visibility"],
        "case_id": None,
    }
    return {"type": "incidents", "id": record["id"], "attributes": attributes, "relationships": _relationships(state, record)}


def _relationships(state: State, record: Record) -> dict[str, Any]:
    def several(kind: str, name: str) -> dict[str, Any]:
        return {"data": [{"type": kind, "id": item["id"]} for item in record[name]]}

    fields = [{"type": "user_defined_field", "id": catalogue.field_id(record["type"], name)} for name in record["fields"]]
    return {
        "created_by_user": relation("users", record["created_by"]),
        "last_modified_by_user": relation("users", record["last_modified_by"]),
        "commander_user": relation("users", record["commander"]),
        "declared_by_user": relation("users", record["declared_by"]),
        "user_defined_fields": {"data": fields},
        "integrations": several("incident_integrations", "integrations"),
        "attachments": several("incident_attachments", "attachments"),
        "responders": several("incident_responders", "responders"),
        "impacts": several("incident_impacts", "impacts"),
    }


def written(state: State, record: Record, *, created: bool = False, stale_commander: bool = False) -> dict[str, Any]:
    """As POST and PATCH answer: with the people; a POST does not know their ids yet."""
    shown = incident(state, record)
    attributes = shown["attributes"]
    for name in PEOPLE:
        attributes[name] = _person(state, record[name], None)
    if created:
        attributes |= {"last_modified_by_uuid": None, "created_by_uuid": None, "declared_by_uuid": None}
    if stale_commander:
        shown["relationships"]["commander_user"] = {"data": None}
    return shown


def found(state: State, record: Record) -> dict[str, Any]:
    """As search shows it: whole seconds, "" for null, no ids of fields."""
    shown = incident(state, record)
    attributes = shown["attributes"]
    for name in PEOPLE:
        attributes[name] = _person(state, record[name], "")
    for name in DATES:
        attributes[name] = seconds_only(attributes[name])
    attributes |= {"last_modified_by_uuid": None, "created_by_uuid": None, "declared_by_uuid": None}
    attributes["customer_impact_scope"] = record["customer_impact_scope"] or ""
    attributes["field_analytics"] = {"state": {attributes["state"]: {"duration": 0, "spans": [_span(record)]}}}
    shown["relationships"]["user_defined_fields"] = {"data": []}
    return shown


def _span(record: Record) -> dict[str, Any]:
    """When the incident entered its current state, in seconds since the epoch."""
    return {"start": int(datetime.fromisoformat(record["resolved"] or record["created"]).timestamp()), "end": None}


def imported(state: State, record: Record) -> dict[str, Any]:
    """As the rapid back end answers an import: dates end in Z, no computed times."""
    shown = incident(state, record)
    shown["relationships"]["incident_type"] = relation("incident_types", record["type"])
    shown["attributes"] = {
        name: zulu(value) if name in DATES else value
        for name, value in sorted(shown["attributes"].items())
        if name not in record["times"] and name not in ("customer_impacted", "field_analytics")
    }
    return shown


def attachment(record: Record, item: Record) -> dict[str, Any]:
    """An attachment of an incident."""
    return {
        "id": item["id"],
        "type": "incident_attachments",
        "attributes": {
            "attachment": {"title": item["title"], "documentUrl": item["documentUrl"]},
            "attachment_type": item["attachment_type"],
            "modified": item["modified"],
        },
        "relationships": {"incident": relation("incidents", record["id"]), "last_modified_by_user": relation("users", item["by"])},
    }


def included(state: State, records: list[Record], names: set[str]) -> list[dict[str, Any]]:
    """The people and attachments for `include=users,attachments`, each once."""
    things: dict[str, dict[str, Any]] = {}
    for record in records:
        if "users" in names:
            people = [record[name] for name in PEOPLE] + [one["user"] for one in record["responders"]]
            things |= {identifier: short_user(state, identifier) for identifier in people if identifier is not None}
        if "attachments" in names:
            things |= {item["id"]: attachment(record, item) for item in record["attachments"]}
    return list(things.values())
