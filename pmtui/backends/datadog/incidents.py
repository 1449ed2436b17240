"""Incidents as Datadog tells of them, as ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pmtui.backends.datadog.account.site import Site
from pmtui.backends.datadog.wire import Json, dig, linked, moment, record, text
from pmtui.model.postmortem import EPOCH, Existence, Incident
from pmtui.model.values import Person

POSTMORTEM = "postmortem"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document or a link that hangs on an incident. ``kind`` is ``postmortem`` or ``link``, perhaps others."""

    id: str
    kind: str
    url: str
    title: str
    modified: str


def attachment_of(resource: Json) -> Attachment:
    attributes = record(resource, "attributes")
    inner = record(attributes, "attachment")
    return Attachment(
        text(resource, "id"),
        text(attributes, "attachment_type"),
        text(inner, "documentUrl"),
        text(inner, "title"),
        text(attributes, "modified"),
    )


def resource_of(attachment: Attachment) -> Json:
    """The inverse of ``attachment_of``."""
    inner = {"title": attachment.title, "documentUrl": attachment.url}
    attributes = {"attachment_type": attachment.kind, "attachment": inner, "modified": attachment.modified}
    return {"type": "incident_attachments", "id": attachment.id, "attributes": attributes}


def attachments_of(resource: Json, included: Mapping[str, Json]) -> tuple[Attachment, ...]:
    """The attachments of an incident that were side-loaded, newest first."""
    found = [attachment_of(included[each]) for each in linked(resource, "attachments") if each in included]
    return tuple(sorted(found, key=lambda each: moment(each.modified), reverse=True))


def person_of(user: Json) -> Person:
    """Somebody; ``name`` may be null or empty, then people know the e-mail or the handle."""
    attributes = record(user, "attributes")
    email = text(attributes, "email") or text(attributes, "handle")
    return Person(text(user, "id") or text(attributes, "uuid"), text(attributes, "name"), email)


def commander_of(resource: Json, users: Mapping[str, Json]) -> Person | None:
    """The commander. ``attributes.commander`` comes first: the relationship is stale in the answer to a PATCH (recorded)."""
    inlined = record(resource, "attributes", "commander", "data")
    if inlined:
        return person_of(inlined)
    for identifier in linked(resource, "commander_user"):
        return person_of(users.get(identifier, {"id": identifier}))
    return None


def reference_of(resource: Json) -> str:
    """``IR-123``: the slug, which may be a ServiceNow number; old incidents have none."""
    slug = text(resource, "attributes", "fields", "slug", "value")
    number = text(resource, "attributes", "public_id")
    return slug or (f"IR-{number}" if number else text(resource, "id"))


def field_text(resource: Json, name: str) -> str:
    """Severity and state: a field that is sent, and an attribute that echoes it."""
    return text(resource, "attributes", "fields", name, "value") or text(resource, "attributes", name)


def existence_of(resource: Json, included: Mapping[str, Json]) -> Existence:
    """What the attachments say of a postmortem; UNKNOWN when their ids are all there is."""
    if not isinstance(dig(resource, "relationships", "attachments", "data"), list):
        return Existence.UNKNOWN
    ids = linked(resource, "attachments")
    if any(attachment_of(included[each]).kind == POSTMORTEM for each in ids if each in included):
        return Existence.YES
    return Existence.NONE if all(each in included for each in ids) else Existence.UNKNOWN


def incident_of(resource: Json, site: Site, users: Mapping[str, Json], attachments: Mapping[str, Json]) -> Incident:
    """One incident of a list, a search or a GET."""
    attributes = record(resource, "attributes")
    commander = commander_of(resource, users)
    return Incident(
        id=text(resource, "id"),
        reference=reference_of(resource),
        title=text(attributes, "title"),
        severity=field_text(resource, "severity"),
        status=field_text(resource, "state"),
        owner=commander.label if commander else "",
        created=created if (created := moment(attributes.get("created"))) != EPOCH else None,
        postmortem=existence_of(resource, attachments),
        url=site.incident_url(text(attributes, "public_id")),
        private=attributes.get("visibility") == "private",
        test=attributes.get("is_test") is True,
    )
