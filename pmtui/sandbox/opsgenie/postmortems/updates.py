"""The bodies of postmortem updates: mandatory keys, and allowed values.

Every key listed is mandatory (docs.opsgenie.com "Postmortem API", recorded 2026-02). Beyond the documented enumerations it is
assumed which values are refused: unknown users, teams, services and incidents, and texts that are not URLs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from pmtui.sandbox.opsgenie.answers import Json, invalid
from pmtui.sandbox.opsgenie.state import State

SEVERITIES = ("P1", "P2", "P3", "P4", "P5")
STATUSES = ("draft", "in-review", "published")
NOT_A_DOCUMENT = "must be a document in Atlassian Document Format, serialised to a JSON string"

# update → mandatory keys
KEYS = {
    "status": ("actorUserId", "status"),
    "owner": ("ownerId",),
    "severity": ("severity",),
    "title": ("title",),
    "jira-issues": ("jiraIssues",),
    "related-incidents": ("relatedIncidentIds",),
    "affected-services": ("affectedServices",),
    "responder-teams": ("responderTeams",),
    "responder-users": ("responderUsers",),
    "content": ("type", "content"),
    "executive-summary": ("type", "executiveSummary"),
    "full": (
        "actorUserId",
        "title",
        "severity",
        "status",
        "ownerId",
        "jiraIssues",
        "relatedIncidentIds",
        "affectedServices",
        "responderTeams",
        "responderUsers",
    ),
}
LISTS = frozenset({"jiraIssues", "relatedIncidentIds", "affectedServices", "responderTeams", "responderUsers"})

Check = Callable[[Any, State], str]  # what is wrong with a value, "" for nothing


def read_update(update: str, body: Json, state: State) -> Json:
    """The validated values of an update; documents are parsed, `actorUserId` and `type` left out.

    Raises Refusal: 422 that names every missing or wrong key.
    """
    errors = {}
    for key in KEYS[update]:
        fault = "must be given" if body.get(key) is None else CHECKS[key](body[key], state)
        if fault:
            errors[key] = fault
    if errors:
        raise invalid(**errors)
    values = {key: body[key] for key in KEYS[update] if key not in ("actorUserId", "type")}
    return {key: json.loads(value) if key in ("content", "executiveSummary") else value for key, value in values.items()}


def user_fault(value: Any, state: State) -> str:
    """Why a value is not a user's id, "" when it is."""
    return "" if isinstance(value, str) and value in state.users else f"No user exists with id [{value}]"


def _text_fault(value: Any, _state: State) -> str:
    return "" if isinstance(value, str) and value.strip() else "must be a text that is not empty"


def _one_of(choices: tuple[str, ...]) -> Check:
    return lambda value, _state: "" if value in choices else f"Invalid value '{value}', should be one of [{', '.join(choices)}]"


def _document_fault(value: Any, _state: State) -> str:
    if not isinstance(value, str):
        return NOT_A_DOCUMENT
    try:
        document = json.loads(value)
        json.dumps(document, ensure_ascii=False).encode()
        return "" if _is_document(document) else NOT_A_DOCUMENT
    except (ValueError, RecursionError):
        return NOT_A_DOCUMENT


def _is_document(item: Any) -> bool:
    root = isinstance(item, dict) and item.get("type") == "doc" and item.get("version") == 1
    return root and isinstance(item.get("content"), list) and _is_node(item)


def _is_node(item: Any) -> bool:
    """Whether this is a valid node, with all its children: a type, a list of nodes, no empty texts."""
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        return False
    if item["type"] == "text":
        return isinstance(item.get("text"), str) and item["text"] != ""
    children = item.get("content", [])
    return isinstance(children, list) and all(map(_is_node, children))


def _each(check: Check) -> Check:
    """A check for a list: the first fault of an item."""

    def fault(value: Any, state: State) -> str:
        if not isinstance(value, list):
            return "must be a list"
        return next((found for item in value if (found := check(item, state))), "")

    return fault


def _url_fault(value: Any, _state: State) -> str:
    parts = urlsplit(value) if isinstance(value, str) else None
    return "" if parts and parts.scheme in ("http", "https") and parts.netloc else f"Invalid Jira issue URL '{value}'"


def _incident_fault(value: Any, state: State) -> str:
    return "" if isinstance(value, str) and value in state.incidents else f"No incident exists with id [{value}]"


def _named(noun: str, table: str, *keys: str) -> Check:
    """A check of `{name, id}` and further keys, all texts, with the id of a row of `table`."""

    def fault(value: Any, state: State) -> str:
        if not isinstance(value, dict):
            return f"must be objects with {', '.join(keys)}"
        missing = [key for key in keys if not isinstance(value.get(key), str)]
        if missing:
            return f"'{missing[0]}' must be given for each"
        return "" if value["id"] in getattr(state, table) else f"No {noun} exists with id [{value['id']}]"

    return fault


CHECKS: dict[str, Check] = {
    "actorUserId": user_fault,
    "ownerId": user_fault,
    "title": _text_fault,
    "severity": _one_of(SEVERITIES),
    "status": _one_of(STATUSES),
    "type": _one_of(("adf",)),
    "content": _document_fault,
    "executiveSummary": _document_fault,
    "jiraIssues": _each(_url_fault),
    "relatedIncidentIds": _each(_incident_fault),
    "affectedServices": _each(_named("service", "services", "id", "name")),
    "responderTeams": _each(_named("team", "teams", "id", "name")),
    "responderUsers": _each(_named("user", "users", "id", "name", "role")),
}
