"""The world's incidents as Datadog records, and their documents as notebooks.

Record: the plain JSON that `rendering` turns into answers; dates are formatted by `answers.stamp`, people are user ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pmtui.sandbox.datadog import catalogue
from pmtui.sandbox.datadog.answers import named_id, stamp
from pmtui.sandbox.datadog.notebooks.cells import cells
from pmtui.sandbox.datadog.rich_samples import spoil
from pmtui.sandbox.world.facts import Incident, Issue, Postmortem, World

FIRST_PUBLIC_ID = 309
FIRST_NOTEBOOK, FIRST_NEW_NOTEBOOK, DOCUMENTS = 4_000_000, 9_000_000, 4  # up to four documents an incident
JIRA, SLACK, UNKNOWN_INTEGRATION = 8, 1, 42


def incident_id(number: int) -> str:
    """The id of the world's incident with this number."""
    return named_id(f"incident {number}")


def public_id(number: int) -> int:
    """The number that people use for it."""
    return FIRST_PUBLIC_ID + number - 1


def app_host(site: str) -> str:
    """Where the web UI of a site lives: `app.` in front of those that have no region in their name."""
    return f"app.{site}" if site.count(".") == 1 else site


def slug(text: str) -> str:
    """A title as it stands in a document's URL."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")


def document_url(home: str, site: str, notebook: int, title: str) -> str:
    """The address of a postmortem; `home` is notebook, confluence or google_docs."""
    if home == "confluence":
        return f"https://example.atlassian.net/wiki/spaces/ENG/pages/{notebook}/{slug(title).replace('-', '+')}"
    if home == "google_docs":
        return f"https://docs.google.com/document/d/1{named_id(str(notebook)).replace('-', '')}/edit"
    return f"https://{app_host(site)}/notebook/{notebook}/{slug(title)}"


def notebook_ids(world: World) -> Iterator[int]:
    """The ids of the notebooks that the world's postmortems have."""
    for incident in world.incidents:
        for index, postmortem in enumerate(incident.postmortems):
            if _is_notebook(postmortem):
                yield FIRST_NOTEBOOK + incident.number * DOCUMENTS + index


def _is_notebook(postmortem: Postmortem) -> bool:
    """Whether the document is a notebook that exists; a deleted one leaves its attachment behind."""
    return postmortem.home == "notebook" and "dangling" not in postmortem.quirks


def notebook(world: World, identifier: int) -> dict[str, Any] | None:
    """The notebook of one of the world's postmortems; cells have no ids yet. None when the id is nobody's."""
    number, index = divmod(identifier - FIRST_NOTEBOOK, DOCUMENTS)
    if not 1 <= number <= len(world.incidents) or index >= len(world.incidents[number - 1].postmortems):
        return None
    incident = world.incidents[number - 1]
    postmortem = incident.postmortems[index]
    if not _is_notebook(postmortem):
        return None
    handles = {person.key: person.email for person in world.people}
    written = stamp((incident.resolved or incident.created) + timedelta(hours=1, microseconds=96_812))
    end = incident.resolved or incident.created + timedelta(hours=1)
    backwards = "bad_time" in postmortem.quirks
    span = {"start": stamp(end if backwards else incident.created), "end": stamp(incident.created if backwards else end), "live": False}
    made = cells(postmortem.sections, handles)
    if "rejected_cell" in postmortem.quirks:
        spoil(made)
    return {
        "id": identifier,
        "name": postmortem.title[:80],
        "cells": made,
        "time": span,
        "metadata": {"type": "postmortem", "is_template": False, "take_snapshots": False, "is_favorite": False},
        "template_variables": [],
        "status": "published",
        "created": written,
        "modified": written,
        "tags": None,
        "author": catalogue.user_id(postmortem.owner),
        "quirks": list(postmortem.quirks),
    }


def incident(world: World, number: int, site: str) -> dict[str, Any]:
    """The record of one of the world's incidents."""
    source = world.incidents[number - 1]
    identifier = incident_id(number)
    created = stamp(source.created + timedelta(microseconds=638_926))
    resolved = None if source.resolved is None else stamp(source.resolved + timedelta(microseconds=35_556))
    creator = catalogue.user_id(source.commander or world.me)
    hit = bool(source.impact)
    last = max([source.resolved or source.created, *(event.at for event in source.events)])
    return {
        "id": identifier,
        "public_id": public_id(number),
        "type": catalogue.SECURITY_TYPE if source.private else catalogue.STANDARD_TYPE,
        "title": source.title,
        "created": created,
        "modified": stamp(last + timedelta(microseconds=40_951)),
        "declared": created,
        "detected": stamp(source.detected + timedelta(microseconds=629_404)),
        "resolved": resolved,
        "archived": None,
        "customer_impacted": hit,
        "customer_impact_scope": source.impact or None,
        "customer_impact_start": created if hit else None,
        "customer_impact_end": resolved if hit else None,
        "times": _times(source),
        "notification_handles": [{"display_name": "#incidents", "handle": "@slack-incidents"}] if number % 5 == 0 else None,
        "created_by": creator,
        "declared_by": creator,
        "last_modified_by": creator,
        "commander": catalogue.user_id(source.commander) if source.commander else None,
        "is_test": source.test,
        "visibility": "private" if source.private else "organization",
        "fields": _fields(world, source),
        "attachments": list(_attachments(source, site)),
        "integrations": list(_integrations(source, creator, created)),
        "responders": list(_responders(source, created)),
        "impacts": _impacts(source, creator, created, resolved),
        "todos": [_todo(source, index, creator) for index in range(len(source.actions))],
        "timeline": [_cell(source, index) for index in range(len(source.events))],
    }


def _times(source: Incident) -> dict[str, int]:
    resolve = int((source.resolved - source.created).total_seconds()) if source.resolved else 0
    return {
        "customer_impact_duration": resolve if source.impact else 0,
        "time_to_detect": int((source.created - source.detected).total_seconds()),
        "time_to_repair": resolve,
        "time_to_internal_response": 0,
        "time_to_resolve": resolve,
    }


def _fields(world: World, source: Incident) -> dict[str, Any]:
    """The names of `fields`. Only some incidents have number and date-time fields, and those of another type."""
    services = {service.key: service.name for service in world.services}
    prefix = "SEC" if source.private else "IR"
    values: dict[str, tuple[str, Any]] = {
        "severity": ("dropdown", source.severity),
        "state": ("dropdown", source.state),
        "detection_method": ("dropdown", source.detection),
        "root_cause": ("textbox", source.root_cause or None),
        "summary": ("textbox", source.summary or None),
        "services": ("autocomplete", [services[key] for key in source.services] or None),
        "teams": ("autocomplete", list(source.teams) or None),
        "slug": ("textbox", f"{prefix}-{public_id(source.number)}"),
    }
    if not source.private:
        values |= {
            "regions": ("multiselect", ["us-east", "eu-west"][: 1 + source.number % 2] if source.number % 3 else None),
            "customers_notified": ("dropdown", "yes" if source.impact else None),
            "runbooks": ("textarray", [f"https://runbooks.example.com/{source.services[0]}"] if source.services else None),
            "cost_center": ("metrictag", [f"cc-{source.number % 7}"] if source.number % 2 else None),
        }
        if source.number % 3 == 0:
            values |= {
                "lost_orders": ("number", source.number * 7 % 400 if source.impact else None),
                "rolled_back": ("datetime", stamp(source.resolved) if source.resolved else None),
            }
    return {name: {"type": kind, "value": value} for name, (kind, value) in values.items()}


def _attachments(source: Incident, site: str) -> Iterator[dict[str, Any]]:
    for index, postmortem in enumerate(source.postmortems):
        number = FIRST_NOTEBOOK + source.number * DOCUMENTS + index
        yield _attachment(
            source,
            f"postmortem {index}",
            "postmortem",
            postmortem.title,
            document_url(postmortem.home, site, number, postmortem.title),
            postmortem,
        )
    for issue in source.issues:
        if issue.tracker != "jira":
            yield _attachment(source, issue.key, "link", issue.key, issue.url, None)


def _attachment(source: Incident, name: str, kind: str, title: str, url: str, postmortem: Postmortem | None) -> dict[str, Any]:
    written: datetime = (source.resolved or source.created) + timedelta(hours=1, microseconds=72_714)
    return {
        "id": named_id(f"attachment {source.number} {name}"),
        "attachment_type": kind,
        "title": title,
        "documentUrl": url,
        "modified": stamp(written).replace("+00:00", "Z"),
        "by": catalogue.user_id(postmortem.owner if postmortem else source.commander or "jane"),
    }


def _integrations(source: Incident, creator: str, created: str) -> Iterator[dict[str, Any]]:
    """The integration records. In every other incident one record has all Jira issues, else there is one for each."""
    jira = [_jira(issue) for issue in source.issues if issue.tracker == "jira"]
    lumps = [jira] if source.number % 2 == 0 and jira else [[issue] for issue in jira]
    channel = {
        "channel_id": f"C{source.number:010}",
        "channel_name": f"incident-{public_id(source.number)}",
        "team_id": "T01234567",
        "redirect_url": f"https://slack.com/app_redirect?channel=C{source.number:010}&team=T01234567",
    }
    records: list[tuple[int, int, Any]] = [(SLACK, 2, {"channels": [channel]}), *((JIRA, 3, {"issues": lump}) for lump in lumps)]
    if source.number % 4 == 0:
        records.append((UNKNOWN_INTEGRATION, 2, {"rooms": [{"room": f"war-room-{source.number}", "opaque": {"keep": [1, None, "x"]}}]}))
    for index, (kind, status, metadata) in enumerate(records):
        yield {
            "id": named_id(f"integration {source.number} {index}"),
            "integration_type": kind,
            "status": status,
            "metadata": metadata,
            "created": created,
            "modified": created,
            "by": creator,
        }


def _jira(issue: Issue) -> dict[str, str]:
    return {
        "account": "https://example.atlassian.net",
        "project_key": issue.key.partition("-")[0],
        "issue_key": issue.key,
        "issuetype_id": "10001",
        "redirect_url": issue.url,
    }


def _responders(source: Incident, created: str) -> Iterator[dict[str, Any]]:
    """The responders. In every seventh incident one is a guest from Slack, who is not a user."""
    for responder in source.responders:
        roles = [named_id(f"role {source.number} {responder.person} {responder.role}")] if responder.role else []
        acted = any(event.person == responder.person for event in source.events)
        yield responder_record(
            f"{source.number} {responder.person}", catalogue.user_id(responder.person), created, roles, created if acted else None
        )
    if source.number % 7 == 0:
        yield {
            **responder_record(f"{source.number} guest", None, created, [], None),
            "external_id": "U0G9QF9C6",
            "external_source": "slack",
        }


def responder_record(name: str, user: str | None, created: str, roles: list[str], active: str | None) -> dict[str, Any]:
    """The record of a responder; `user` is None for a guest from a chat, `active` when they did something last."""
    return {
        "id": named_id(f"responder {name}"),
        "user": user,
        "roles": roles,
        "created": created,
        "modified": created,
        "last_active": active,
        "external_id": None,
        "external_source": None,
    }


def _impacts(source: Incident, creator: str, created: str, resolved: str | None) -> list[dict[str, Any]]:
    if not source.impact:
        return []
    name = named_id(f"impact {source.number}")
    return [
        {
            "id": name,
            "description": source.impact,
            "start_at": created,
            "end_at": resolved,
            "fields": None,
            "created": created,
            "modified": created,
            "by": creator,
        }
    ]


def _todo(source: Incident, index: int, creator: str) -> dict[str, Any]:
    action = source.actions[index]
    made = stamp(source.resolved or source.created)
    return {
        "id": named_id(f"todo {source.number} {index}"),
        "content": action.text,
        "assignees": ["@" + catalogue.handle(action.person)],
        "due_date": stamp(action.due) if action.due else None,
        "completed": made if action.done else None,
        "created": made,
        "modified": made,
        "by": creator,
    }


def _cell(source: Incident, index: int) -> dict[str, Any]:
    event = source.events[index]
    return {
        "id": named_id(f"timeline {source.number} {index}"),
        "cell_type": "markdown",
        "content": {"content": event.text},
        "important": event.important,
        "display_time": stamp(event.at),
        "created": stamp(event.at),
        "modified": stamp(event.at),
        "source": "datadog",
        "by": catalogue.user_id(event.person),
    }
