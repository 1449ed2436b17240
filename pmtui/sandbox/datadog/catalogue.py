"""People and configuration of the Datadog organisation: users, incident types, fields, templates.

Configuration is kept in the shape in which the service answers it (OpenAPI document of datadog-api-client 2.62.0).
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from pmtui.sandbox.datadog.answers import named_id, zulu
from pmtui.sandbox.world.facts import World
from pmtui.sandbox.world.people import PEOPLE

STANDARD_TYPE = "41d2e10b-0000-4736-92d7-000000000001"
SECURITY_TYPE = "41d2e10b-0000-4736-92d7-000000000002"
TEMPLATE_NOTEBOOK = "93645509-874e-45c4-adfa-623bfeaead89"  # the id in the vendor's own example
TEMPLATE_CONFLUENCE = "93645509-874e-45c4-adfa-623bfeaead90"
TEMPLATE_GOOGLE = "93645509-874e-45c4-adfa-623bfeaead91"
FOUNDED = "2024-01-15T09:30:00.123456+00:00"
ORG = "4dee724d-0000-11ea-a77b-000000000001"

SEVERITIES = {
    "SEV-0": "Everything is down",
    "SEV-1": "Critical",
    "SEV-2": "High",
    "SEV-3": "Moderate",
    "SEV-4": "Low",
    "SEV-5": "Minor",
    "UNKNOWN": "Unknown",
}
STATES = {"active": "Active", "stable": "Stable", "resolved": "Resolved", "completed": "Completed"}
DETECTIONS = {"unknown": "Unknown", "customer": "Customer", "employee": "Employee", "monitor": "Monitor", "other": "Other"}
REGIONS = {"us-east": "US east", "us-west": "US west", "eu-west": "EU west", "ap-south": "AP south"}
YES_NO = {"yes": "Yes", "no": "No", "not-needed": "Not needed"}
DROPDOWN, MULTISELECT, TEXTBOX, TEXTARRAY, METRICTAG, AUTOCOMPLETE, NUMBER, DATETIME = range(1, 9)
KINDS = ("", "dropdown", "multiselect", "textbox", "textarray", "metrictag", "autocomplete", "number", "datetime")

# name, display name, type, category, collected at, required, valid values
FIELDS: tuple[tuple[str, str, int, str | None, str | None, bool, dict[str, str] | None], ...] = (
    ("severity", "Severity", DROPDOWN, None, None, True, SEVERITIES),
    ("state", "State", DROPDOWN, None, None, True, STATES),
    ("detection_method", "Detection method", DROPDOWN, "what_happened", "active", False, DETECTIONS),
    ("root_cause", "Root cause", TEXTBOX, "why_it_happened", "resolved", True, None),
    ("summary", "Summary", TEXTBOX, "what_happened", "active", False, None),
    ("services", "Services", AUTOCOMPLETE, "what_happened", "active", False, None),
    ("teams", "Teams", AUTOCOMPLETE, "what_happened", "active", False, None),
    ("slug", "Slug", TEXTBOX, None, None, False, None),
    ("regions", "Regions", MULTISELECT, "what_happened", "stable", False, REGIONS),
    ("customers_notified", "Customers notified", DROPDOWN, "what_happened", "resolved", False, YES_NO),
    ("runbooks", "Runbooks", TEXTARRAY, "what_happened", None, False, None),
    ("cost_center", "Cost center", METRICTAG, None, "completed", False, None),
    ("lost_orders", "Lost orders", NUMBER, "what_happened", "completed", False, None),
    ("rolled_back", "Rolled back at", DATETIME, "why_it_happened", "resolved", False, None),
)
RESERVED = frozenset({"severity", "state", "detection_method", "root_cause", "summary", "services", "teams", "slug"})
SEARCHED = {"services": ("/api/v2/services/definitions", "filter[name]"), "teams": ("/api/v2/team", "filter[keyword]")}

TEMPLATES = (
    (TEMPLATE_NOTEBOOK, "Standard postmortem", "datadog_notebooks", FOUNDED),
    (TEMPLATE_CONFLUENCE, "Postmortem in Confluence", "confluence", None),
    (TEMPLATE_GOOGLE, "Postmortem in Google Docs", "google_docs", None),
)
TEMPLATE_TEXT = """# Postmortem {{incident.id}}: {{incident.title}}

{{incident.card}}

## Summary

{{incident.severity}}, declared {{incident.created}} by {{incident.commander}}. {{incident.summary}}

## Impact

{{incident.customer_impact}}

## Timeline

{{incident.timeline}}

## Root cause

{{incident.root_cause}}

## Action items

{{incident.follow-ups}}"""


@cache
def user_id(key: str) -> str:
    """The id of the person with this key."""
    return named_id(f"user {key}")


@cache
def handle(key: str) -> str:
    """The handle (an e-mail address) of the person with this key."""
    return next(person.email for person in PEOPLE if person.key == key)


def users(world: World) -> dict[str, dict[str, Any]]:
    """Users by id, in the shape of `/api/v2/users`. A name may be null."""
    made: dict[str, dict[str, Any]] = {}
    for person in world.people:
        gravatar = hashlib.md5(person.email.encode(), usedforsecurity=False).hexdigest()
        attributes: dict[str, Any] = {
            "name": person.name or None,
            "handle": person.email,
            "created_at": FOUNDED,
            "modified_at": FOUNDED,
            "email": person.email,
            "icon": f"https://secure.gravatar.com/avatar/{gravatar}?s=48&d=retro",
            "title": person.job,
            "verified": True,
            "service_account": person.job == "Service account",
            "disabled": not person.active,
            "allowed_login_methods": [],
            "status": "Active" if person.active else "Disabled",
        }
        relationships = {"roles": {"data": []}, "org": {"data": {"type": "orgs", "id": ORG}}}
        identifier = user_id(person.key)
        made[identifier] = {"type": "users", "id": identifier, "attributes": attributes, "relationships": relationships}
    return made


def types(me: str) -> dict[str, dict[str, Any]]:
    """The incident types, by id."""
    return _by_id(
        [
            _type(STANDARD_TYPE, "Standard", "IR", "Anything that hurts customers or colleagues.", me, private=False),
            _type(SECURITY_TYPE, "Security", "SEC", "Confidentiality, integrity or availability of data.", me, private=True),
        ]
    )


def fields(me: str) -> dict[str, dict[str, Any]]:
    """The fields of both incident types, by id: the reserved ones, and for the standard type the organisation's own."""
    return _by_id(
        [
            _field(kind, row, ordinal, me)
            for kind in (STANDARD_TYPE, SECURITY_TYPE)
            for ordinal, row in enumerate(FIELDS)
            if kind == STANDARD_TYPE or row[0] in RESERVED
        ]
    )


def templates(me: str) -> dict[str, dict[str, Any]]:
    """The postmortem templates, by id."""
    return _by_id([_template(identifier, name, place, default, me) for identifier, name, place, default in TEMPLATES])


def _by_id(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {item["id"]: item for item in items}


def relation(kind: str, identifier: str | None) -> dict[str, Any]:
    """A JSON:API relationship to one thing, or to none."""
    return {"data": None if identifier is None else {"type": kind, "id": identifier}}


def people(me: str) -> dict[str, Any]:
    """The relationships of a thing that one user made and changed last."""
    return {"created_by_user": relation("users", me), "last_modified_by_user": relation("users", me)}


def _type(identifier: str, name: str, prefix: str, description: str, me: str, *, private: bool) -> dict[str, Any]:
    attributes = {
        "name": name,
        "description": description,
        "is_default": not private,
        "prefix": prefix,
        "createdAt": zulu(FOUNDED),
        "createdBy": me,
        "modifiedAt": zulu(FOUNDED),
        "lastModifiedBy": me,
        "configuration": {
            "private_incidents": private,
            "private_incidents_by_default": private,
            "allow_workflows": True,
            "allow_incident_deletion": True,
            "editable_timestamps": not private,
            "test_incidents": True,
            "create_message": "",
            "slug_source": "default",
            "disable_out_of_the_box_postmortem_template": False,
        },
    }
    nothing = {f"{name}_configuration": {"data": None} for name in ("google_chat", "google_meet", "microsoft_teams", "zoom")}
    return {"id": identifier, "type": "incident_types", "attributes": attributes, "relationships": {**people(me), **nothing}}


@cache
def field_id(kind: str, name: str) -> str:
    """The id of a field of an incident type."""
    return named_id(f"field {kind} {name}")


def _field(
    kind: str, row: tuple[str, str, int, str | None, str | None, bool, dict[str, str] | None], ordinal: int, me: str
) -> dict[str, Any]:
    name, display, number, category, collected, required, values = row
    search = SEARCHED.get(name)
    attributes = {
        "name": name,
        "display_name": display,
        "type": number,
        "category": category,
        "collected": collected,
        "required": required,
        "reserved": name in RESERVED,
        "default_value": "UNKNOWN" if name == "severity" else "unknown" if name == "detection_method" else None,
        "ordinal": f"{ordinal:03}",
        "tag_key": name if number == METRICTAG else None,
        "valid_values": None if values is None else [_value(value, label) for value, label in values.items()],
        "metadata": None if search is None else _metadata(name, *search),
        "created": zulu(FOUNDED),
        "modified": zulu(FOUNDED),
        "deleted": None,
    }
    relationships = {**people(me), "incident_type": relation("incident_types", kind)}
    return {"id": field_id(kind, name), "type": "user_defined_field", "attributes": attributes, "relationships": relationships}


def _value(value: str, label: str) -> dict[str, str]:
    return {"value": value, "display_name": label, "description": "", "short_description": ""}


def _metadata(name: str, url: str, parameter: str) -> dict[str, Any]:
    return {
        "category": name,
        "search_url": url,
        "search_query_param": parameter,
        "search_limit_param": "page[size]",
        "search_result_path": "data",
        "search_params": {},
    }


def _template(identifier: str, name: str, place: str, default: str | None, me: str) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "name": name,
        "content": TEMPLATE_TEXT,
        "location": place,
        "is_default": default,
        "createdAt": zulu(FOUNDED),
        "modifiedAt": zulu(FOUNDED),
    }
    if place == "confluence":
        attributes["confluence_postmortem_settings"] = {"account_id": "example", "space_id": "ENG", "parent_id": "393217"}
    if place == "google_docs":
        attributes["google_docs_postmortem_settings"] = {"account_id": "example", "parent_folder_id": "1AbCdEfGh"}
    relationships = {"incident_type": relation("incident_types", STANDARD_TYPE), "last_modified_by_user": relation("users", me)}
    return {"id": identifier, "type": "postmortem_templates", "attributes": attributes, "relationships": relationships}


def known_kinds(fields: dict[str, Any], incident_type_id: str) -> dict[str, dict[str, Any]]:
    """The attributes of the fields that incidents of a type have, by name."""
    return {
        field["attributes"]["name"]: field["attributes"]
        for field in fields.values()
        if field["attributes"]["deleted"] is None and field["relationships"]["incident_type"]["data"]["id"] == incident_type_id
    }
