"""Reads everything Datadog has on an incident and its postmortem, unchanged."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pmtui.backends.answer import Json
from pmtui.backends.archive import Archive, Missing, TimelineEntry, fingerprint_of
from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.datadog.api import Api
from pmtui.backends.datadog.history.timeline import timeline_of
from pmtui.backends.datadog.wire.values import leaf, walk
from pmtui.backends.trouble import NO_SERVICE, PASSING
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem

_PARTS = ("responders", "integrations", "todos")
_PICTURE = re.compile(r"!\[[^\]\n]{0,500}\]\(\s*<?([^\s)>]{1,2000})")
_FACTS = ("severity", "state", "created", "detected", "declared", "resolved", "customer_impact_scope", "visibility", "fields")


async def timeline(api: Api, incident: Incident, cells: Sequence[Any]) -> tuple[TimelineEntry, ...]:
    """Times, impacts, action items and these ``cells`` of the web app, oldest first.

    Raises BackendError, because an incomplete timeline would look complete.
    """
    answer, impacts, todos = await asyncio.gather(api.incident(incident.id), api.impacts(incident.id), api.todos(incident.id))
    people = await api.part(incident.id, "responders") if cells else {}
    return timeline_of(answer.raw["data"], impacts, todos.raw["data"], _names(answer.raw, people), cells)


async def archive(api: Api, postmortem: Postmortem) -> Archive:
    """The answers that the postmortem was read from, and the impacts. Raises BackendError for troubles in ``NO_SERVICE``."""
    origin: Any = postmortem.origin
    answer: Json = origin["answer"]
    raw: Json = {"incident": answer, **origin["parts"], **({"notebook": origin["notebook"]} if origin["notebook"] else {})}
    lacking = origin["lacking"].items()
    told_already = {each.why for each in postmortem.unread}
    missing = [Missing(name, why, trouble in PASSING) for name, (why, trouble) in lacking if why not in told_already]
    try:
        # An answer that was not understood is kept unchanged, too.
        for name in (name for name, (_, trouble) in lacking if trouble == Trouble.ANSWER and name in _PARTS):
            raw[name] = await api.part(postmortem.incident.id, name)
        raw["impacts"] = await api.impacts(postmortem.incident.id)
    except BackendError as error:
        if error.trouble in NO_SERVICE:
            raise
        missing.append(Missing("impacts", f"{error.said} ({error.status})", error.trouble in PASSING))
    names = _names(*(raw[name] for name in ("incident", *_PARTS) if name in raw))
    told = timeline_of(answer["data"], raw.get("impacts", ()), _rows(raw, "todos"), names)
    return Archive(raw, _facts(raw, names), told, _pictures(origin["notebook"]), (), tuple(missing), fingerprint_of(_steady(raw)))


def _facts(raw: Mapping[str, Any], names: Mapping[str, str]) -> Json:
    attributes = raw["incident"]["data"]["attributes"]
    facts: Json = {name: attributes[name] for name in _FACTS if name in attributes}
    facts["responders"] = [{"id": user, "name": names.get(user, "")} for each in _rows(raw, "responders") if (user := _user(each))]
    facts["attachments"] = [each for each in raw["incident"].get("included") or () if leaf(each, "type") == "incident_attachments"]
    return facts


def _rows(raw: Mapping[str, Any], name: str) -> list[Any]:
    answer = raw.get(name)
    rows = answer.get("data") if isinstance(answer, dict) else None
    return rows if isinstance(rows, list) else []


def _user(responder: Any) -> str:
    return leaf(responder, "relationships", "user", "data", "id")


def _names(*answers: Any) -> dict[str, str]:
    """The names of the side-loaded users, by id."""
    found: dict[str, str] = {}
    for answer in answers:
        for each in answer.get("included") or () if isinstance(answer, dict) else ():
            if leaf(each, "type") == "users":
                found[leaf(each, "id")] = next(filter(None, (leaf(each, "attributes", key) for key in ("name", "email", "handle"))), "")
    return found


def _pictures(notebook: Any) -> tuple[str, ...]:
    """The addresses of the pictures in a notebook: in Markdown, and in image cells."""
    found: dict[str, None] = {}
    for each in walk(notebook):
        if text := leaf(each, "text"):
            found |= dict.fromkeys(_PICTURE.findall(text))
        if leaf(each, "type") == "image" and (url := leaf(each, "url")):
            found[url] = None
    return tuple(found)


def _steady(value: Any) -> Any:
    """The JSON without values that change with every reading: ids of Markdown cells (seen 2026-09), and running durations."""
    if isinstance(value, list):
        return [_steady(each) for each in value]
    if not isinstance(value, dict):
        return value
    markdown = leaf(value, "attributes", "definition", "type") == "markdown"
    return {key: _steady(each) for key, each in value.items() if key != "field_analytics" and not (markdown and key == "id")}
