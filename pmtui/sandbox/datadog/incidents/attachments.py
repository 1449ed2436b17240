"""Attachments of an incident: postmortems and links. The rapid back end."""

from __future__ import annotations

from typing import Any

from pmtui.sandbox.datadog.answers import RAPID, Answer, Refusal, not_found, zulu
from pmtui.sandbox.datadog.call import Call, Route, mapped, pick, text
from pmtui.sandbox.datadog.incidents import rendering
from pmtui.sandbox.datadog.state import Record, State

KIND = "incident_attachments"
NUMBERS = {"1": "postmortem", "2": "link"}  # how the filter is documented; names are taken, too


def list_(state: State, call: Call) -> Answer:
    """All attachments. Users are included whether asked for or not (recorded 2026-02). No pages."""
    record = call.rapid_incident(state)
    wanted = call.request.param("filter[attachment_type]")
    kinds = {NUMBERS.get(kind, kind) for kind in wanted.split(",") if kind}
    items = [item for item in record["attachments"] if not kinds or item["attachment_type"] in kinds]
    people = dict.fromkeys(item["by"] for item in items)
    return 200, {
        "data": [rendering.attachment(record, item) for item in items],
        "included": [rendering.short_user(state, name) for name in people],
    }


def answer(state: State, record: Record, item: Record, status: int) -> Answer:
    """One attachment with the user who changed it."""
    return status, {"data": rendering.attachment(record, item), "included": [rendering.short_user(state, item["by"])]}


def attach(state: State, record: Record, kind: str, title: str, url: str, modified: str | None) -> Record:
    """Add an attachment of the caller's to the incident."""
    item = {"id": state.new_id(), "attachment_type": kind, "title": title, "documentUrl": url, "modified": modified, "by": state.me}
    state.change(record)
    record["attachments"] = [*record["attachments"], item]
    return item


def _link(attributes: dict[str, Any]) -> dict[str, str]:
    attachment = attributes.get("attachment")
    if not isinstance(attachment, dict):
        raise Refusal(400, "Missing required attribute in body", pointer="/data/attributes/attachment")
    link = {name: attachment.get(name) for name in ("title", "documentUrl")}
    for name, value in link.items():
        if not isinstance(value, str) or not value:
            raise Refusal(400, "Missing required attribute in body", pointer=f"/data/attributes/attachment/{name}")
    return {name: str(value) for name, value in link.items()}


def create(state: State, call: Call) -> Answer:
    """Attach a link or a postmortem; whether the address exists is not checked (recorded 2026-02)."""
    record = call.rapid_incident(state)
    attributes = call.attributes(KIND)
    kind = text(attributes, "attachment_type")
    if kind not in NUMBERS.values():
        raise Refusal(400, f'got attachment type "{kind}" expected one of "postmortem", "link"', pointer="/data/attributes/attachment_type")
    link = _link(attributes)
    return answer(state, record, attach(state, record, kind, link["title"], link["documentUrl"], zulu(state.stamp())), 201)


def _find(state: State, call: Call) -> tuple[Record, Record]:
    """The incident is looked up before the attachment."""
    record = call.rapid_incident(state)
    item = pick(record["attachments"], call.ids["attachment"])
    if item is None:
        raise not_found("attachment not found")
    return record, item


def update(state: State, call: Call) -> Answer:
    """Change title and address; the type stays."""
    record, item = _find(state, call)
    attributes = call.attributes(KIND)
    if attributes.get("attachment_type", item["attachment_type"]) != item["attachment_type"]:
        raise Refusal(400, "the type of an attachment can not be changed", pointer="/data/attributes/attachment_type")
    link = _link({"attachment": {name: item[name] for name in ("title", "documentUrl")} | mapped(attributes, "attachment")})
    state.change(record)
    item |= link | {"modified": zulu(state.stamp()), "by": state.me}
    return answer(state, record, item, 200)


def delete(state: State, call: Call) -> Answer:
    """Remove the attachment; the document stays."""
    record, item = _find(state, call)
    state.change(record)
    record["attachments"] = [one for one in record["attachments"] if one["id"] != item["id"]]
    return 204, None


PATH = "/api/v2/incidents/{incident}/attachments"
ROUTES = (
    Route("GET", PATH, list_, "incident_read", RAPID, bucket="attachments"),
    Route("POST", PATH, create, "incident_write", RAPID, bucket="attachments"),
    Route("PATCH", f"{PATH}/{{attachment}}", update, "incident_write", RAPID, bucket="attachments"),
    Route("DELETE", f"{PATH}/{{attachment}}", delete, "incident_write", RAPID, bucket="attachments"),
)
