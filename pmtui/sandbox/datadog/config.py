"""Configuration of incidents: types, fields, roles, templates. The rapid back end."""

from __future__ import annotations

from typing import Any

from pmtui.sandbox.datadog import catalogue
from pmtui.sandbox.datadog.call import Call, mapped, related, text
from pmtui.sandbox.datadog.routes import Handler, Route
from pmtui.sandbox.datadog.store import Record, Store
from pmtui.sandbox.datadog.wire import RAPID, Answer, Refusal, named_id, zulu

PATH = "/api/v2/incidents/config"
MAX_FIELDS = 1000
TEMPLATE_KINDS = ("postmortem_templates", "postmortem_template")
SETTINGS = {"confluence": "confluence_postmortem_settings", "google_docs": "google_docs_postmortem_settings"}


def types(store: Store, call: Call) -> Answer:
    return 200, {"data": list(store.types.values())}


def _one(items: dict[str, Record], name: str) -> Record:
    found = items.get(name)
    if found is None:
        raise Refusal(404, "Not Found")
    return found


def _reader(collection: str, name: str) -> Handler:
    """A handler that answers one thing of a collection by its id."""

    def read(store: Store, call: Call) -> Answer:
        return 200, {"data": _one(getattr(store, collection), call.ids[name])}

    return read


def create_type(store: Store, call: Call) -> Answer:
    """The dates have nine digits, once."""
    attributes = call.attributes("incident_types")
    prefix = attributes.get("prefix") or "IR"
    made = catalogue.incident_type(store.new_id(), text(attributes, "name"), prefix, text(attributes, "description", ""), store.me)
    now = store.stamp()
    made["attributes"] |= {"createdAt": now.replace("+00:00", "Z"), "modifiedAt": now.replace("+00:00", "Z")}
    store.types[made["id"]] = made
    store.fields |= {field["id"]: field for field in catalogue.fields_of(made["id"], store.me)}
    nine = {name: now.replace("+00:00", f"{digits}Z") for name, digits in (("createdAt", "877"), ("modifiedAt", "959"))}
    return 201, {"data": made | {"attributes": made["attributes"] | nine}}


def update_type(store: Store, call: Call) -> Answer:
    made = _one(store.types, call.ids["type"])
    attributes = call.attributes("incident_types")
    made["attributes"] |= {name: text(attributes, name) for name in ("name", "description") if name in attributes}
    made["attributes"] |= {"modifiedAt": store.stamp().replace("+00:00", "Z"), "lastModifiedBy": store.me}
    return 200, {"data": made}


def delete_type(store: Store, call: Call) -> Answer:
    """Not one that incidents have (the service's words for that are not known)."""
    made = _one(store.types, call.ids["type"])
    if made["attributes"]["is_default"] or any(record["type"] == made["id"] for record in store.incidents()):
        raise Refusal(400, "incident type is in use")
    del store.types[made["id"]]
    return 204, None


def org_settings(store: Store, call: Call) -> Answer:
    """A free map for each type; severities and states are not in it."""
    if "type" in call.ids:
        return 200, {"data": _org_settings(_one(store.types, call.ids["type"]))}
    return 200, {"data": [_org_settings(item) for item in store.types.values()]}


def _org_settings(item: Record) -> dict[str, Any]:
    dates = {"created": item["attributes"]["createdAt"], "modified": item["attributes"]["modifiedAt"]}
    related = {"incident_type": catalogue.relation("incident_types", item["id"])}
    attributes = {**dates, "settings": {"pagerduty_paging": False}}
    return {"id": named_id(f"settings {item['id']}"), "type": "incident_org_settings", "attributes": attributes, "relationships": related}


def fields(store: Store, call: Call) -> Answer:
    """Pages are counted from 0."""
    size, number = call.number("page[size]", MAX_FIELDS, MAX_FIELDS), call.number("page[number]", 0)
    kind, deleted = call.request.param("filter[incident-type]"), call.request.param("include-deleted") == "true"
    found = [
        field
        for field in store.fields.values()
        if (not kind or field["relationships"]["incident_type"]["data"]["id"] == kind)
        and (deleted or field["attributes"]["deleted"] is None)
    ]
    page = found[number * size : (number + 1) * size]
    return 200, {"data": page, "meta": {"offset": number * size, "size": len(page)}}


def roles(store: Store, call: Call) -> Answer:
    kind = call.request.param("filter[incident-type]")
    found = [one for one in store.roles.values() if not kind or one["relationships"]["incident_type"]["data"]["id"] == kind]
    return 200, {"data": found}


def templates(store: Store, call: Call) -> Answer:
    kind, sort = call.request.param("filter[incident-type]"), call.request.param("sort", "created_at")
    if sort not in ("created_at", "-created_at"):
        raise Refusal(400, f"invalid sort {sort}")
    found = [one for one in store.templates.values() if not kind or one["relationships"]["incident_type"]["data"]["id"] == kind]
    return 200, {"data": sorted(found, key=lambda one: str(one["attributes"]["createdAt"]), reverse=sort.startswith("-"))}


def _template_body(call: Call) -> dict[str, Any]:
    data = mapped(call.body(), "data")
    if data.get("type") not in TEMPLATE_KINDS:
        raise Refusal(400, f'got type "{data.get("type", "")}" expected one of "postmortem_templates"', pointer="/data/type")
    return data


def create_template(store: Store, call: Call) -> Answer:
    """The settings must fit the place; the incident type is required."""
    data = _template_body(call)
    attributes = mapped(data, "attributes")
    place = attributes.get("location") or "datadog_notebooks"
    if place not in ("datadog_notebooks", *SETTINGS):
        raise Refusal(400, f"invalid location {place!r}", pointer="/data/attributes/location")
    needed = SETTINGS.get(place)
    if needed and not attributes.get(needed):
        raise Refusal(400, f"{needed} is required for location {place}", pointer=f"/data/attributes/{needed}")
    kind = related(data, "incident_type")
    if kind not in store.types:
        raise Refusal(400, "incident type not found", pointer="/data/relationships/incident_type")
    default = store.stamp() if attributes.get("is_default") else None
    made = catalogue.template(
        store.new_id(), text(attributes, "name"), text(attributes, "content"), place, default, kind, store.stamp(), store.me
    )
    if needed:
        made["attributes"][needed] = mapped(attributes, needed)
    store.templates[made["id"]] = made
    return 201, {"data": made}


def update_template(store: Store, call: Call) -> Answer:
    made = _one(store.templates, call.ids["template"])
    data = _template_body(call)
    if data.get("id") != made["id"]:
        raise Refusal(400, "data.id must be the id of the template", pointer="/data/id")
    attributes = mapped(data, "attributes")
    changed = {name: text(attributes, name) for name in ("name", "content") if name in attributes}
    made["attributes"] |= changed | {name: mapped(attributes, name) for name in SETTINGS.values() if name in attributes}
    if "is_default" in attributes:
        made["attributes"]["is_default"] = store.stamp() if attributes["is_default"] else None
    made["attributes"]["modifiedAt"] = store.stamp().replace("+00:00", "Z")
    return 200, {"data": made}


def delete_template(store: Store, call: Call) -> Answer:
    del store.templates[_one(store.templates, call.ids["template"])["id"]]
    return 204, None


def settings(store: Store, call: Call) -> Answer:
    dates = dict.fromkeys(("created", "modified"), zulu(catalogue.FOUNDED))
    return 200, {
        "data": {"id": catalogue.ORG, "type": "incidents_global_settings", "attributes": {**dates, "analytics_dashboard_id": "abc-def-ghi"}}
    }


READ, WRITE = "incident_settings_read", "incident_settings_write"
ROUTES = (
    Route("GET", f"{PATH}/types", types, READ, RAPID, "config"),
    Route("POST", f"{PATH}/types", create_type, WRITE, RAPID, "config"),
    Route("GET", f"{PATH}/types/org-settings", org_settings, READ, RAPID, "config"),
    Route("GET", f"{PATH}/types/{{type}}", _reader("types", "type"), READ, RAPID, "config"),
    Route("PATCH", f"{PATH}/types/{{type}}", update_type, WRITE, RAPID, "config"),
    Route("DELETE", f"{PATH}/types/{{type}}", delete_type, WRITE, RAPID, "config"),
    Route("GET", f"{PATH}/types/{{type}}/org-settings", org_settings, READ, RAPID, "config"),
    Route("GET", f"{PATH}/user-defined-fields", fields, READ, RAPID, "config"),
    Route("GET", f"{PATH}/user-defined-fields/{{field}}", _reader("fields", "field"), READ, RAPID, "config"),
    Route("GET", f"{PATH}/user-defined-roles", roles, READ, RAPID, "config"),
    Route("GET", f"{PATH}/user-defined-roles/{{role}}", _reader("roles", "role"), READ, RAPID, "config"),
    Route("GET", f"{PATH}/global/settings", settings, READ, RAPID, "config"),
    Route("GET", f"{PATH}/postmortem-templates", templates, READ, RAPID, "config", "templates"),
    Route("POST", f"{PATH}/postmortem-templates", create_template, WRITE, RAPID, "config", "templates"),
    Route(
        "GET",
        f"{PATH}/postmortem-templates/{{template}}",
        _reader("templates", "template"),
        READ,
        RAPID,
        "config",
        "templates",
    ),
    Route("PATCH", f"{PATH}/postmortem-templates/{{template}}", update_template, WRITE, RAPID, "config", "templates"),
    Route(
        "DELETE",
        f"{PATH}/postmortem-templates/{{template}}",
        delete_template,
        WRITE,
        RAPID,
        "config",
        "templates",
    ),
)
