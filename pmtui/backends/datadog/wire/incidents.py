"""Incidents, side-loaded users and attachments, and the answers that contain them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator

from pmtui.backends.answer import Flag, Id, Json, Plain, Text, Told, Wire, kind_of
from pmtui.backends.datadog.wire.values import Included, Resource, Stamp, ToMany, ToOne, moment, side_loaded
from pmtui.model.values import Person

POSTMORTEM, LINK = "postmortem", "link"
ATTACHMENTS, USERS = "incident_attachments", "users"
LISTS = frozenset({"multiselect", "textarray", "metrictag", "autocomplete"})
"""Types of incident fields whose value is a list (vendor's OpenAPI)."""

_Object = BeforeValidator(lambda value: {} if value is None else value)


class UserAttributes(Plain):
    """Every attribute may be null or empty."""

    email: Text = ""
    handle: Text = ""
    name: Text = ""


class User(Resource):
    """A user. ``name`` may be null or empty; then the e-mail address or handle is shown."""

    attributes: Annotated[UserAttributes, _Object, Field(default_factory=UserAttributes)]

    @property
    def person(self) -> Person:
        return Person(self.id, self.attributes.name, self.attributes.email or self.attributes.handle)

    @property
    def handle(self) -> str:
        return self.attributes.handle or self.attributes.email


class InlinedUser(Plain):
    """A user inside the attributes of an incident."""

    data: User | None = None


class WireDocument(Plain):
    """What an attachment points to."""

    documentUrl: Text = ""
    title: Text = ""


class AttachmentAttributes(Plain):
    """``attachment_type`` is required, because it decides what the attachment is."""

    attachment: WireDocument
    attachment_type: str
    modified: Stamp = ""


class Attachment(Resource, Wire):
    """A document or link attached to an incident. ``kind`` is ``postmortem``, ``link``, or another one."""

    attributes: AttachmentAttributes

    @property
    def kind(self) -> str:
        return self.attributes.attachment_type

    @property
    def url(self) -> str:
        return self.attributes.attachment.documentUrl

    @property
    def title(self) -> str:
        return self.attributes.attachment.title

    @property
    def modified(self) -> str:
        return self.attributes.modified


class AttachmentAnswer(Plain):
    """The answer to the POST of an attachment."""

    data: Attachment


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One entry of ``attributes.fields``. ``problem`` says why its value could not be understood, "" when it could."""

    type: str = ""
    value: str | tuple[str, ...] | None = None
    problem: str = ""

    @property
    def items(self) -> tuple[str, ...]:
        """The value as a list."""
        return self.value if isinstance(self.value, tuple) else (self.value,) if self.value else ()


def field_value(entry: Any, at: str) -> FieldValue:
    """Read ``{"type": …, "value": …}``. null is documented as "no value". ``at`` is the path of the entry."""
    if not isinstance(entry, dict):
        return FieldValue(problem=f"{at} is {kind_of(entry)}, not an object")
    kind = entry.get("type")
    kind = kind if isinstance(kind, str) else ""
    if "value" not in entry:
        return FieldValue(kind, problem=f"{at}.value is missing")
    value = entry["value"]
    if value is None:
        return FieldValue(kind)
    if _is_text(value) and kind not in LISTS:
        return FieldValue(kind, str(value))
    if isinstance(value, list) and all(map(_is_text, value)) and (value or kind in LISTS):
        return FieldValue(kind, tuple(map(str, value)))
    return FieldValue(kind, problem=f"{at}.value is {kind_of(value)}, not {'a list of strings' if kind in LISTS else 'a string'}")


def _is_text(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


class IncidentAttributes(Plain):
    """``fields`` is raw: see ``Incident.field``. Only searches and answers to a PATCH have users inside."""

    public_id: Id
    title: Told
    fields: dict[str, Any] | None = None
    severity: Text = ""
    state: Text = ""
    created: Stamp = ""
    modified: Stamp = ""
    declared: Stamp = ""
    resolved: Stamp = ""
    detected: Text = ""
    customer_impacted: bool | None = None
    customer_impact_scope: Text = ""
    customer_impact_start: Text = ""
    customer_impact_end: Text = ""
    incident_type_uuid: str | None = None
    visibility: Text = ""
    is_test: Flag = False
    commander: InlinedUser | None = None
    last_modified_by: InlinedUser | None = None


class IncidentRelationships(Plain):
    """A relationship that is missing is None, which is different from an empty one."""

    attachments: ToMany = None
    responders: ToMany = None
    integrations: ToMany = None
    impacts: ToMany = None
    commander_user: ToOne = None
    last_modified_by_user: ToOne = None


class Incident(Resource):
    """One incident of a list, a search or a GET."""

    attributes: IncidentAttributes
    relationships: Annotated[IncidentRelationships, _Object, Field(default_factory=IncidentRelationships)]

    def field(self, name: str) -> FieldValue | None:
        """A field of the incident by Datadog's name; None when the answer does not have it."""
        fields = self.attributes.fields or {}
        if name not in fields:
            return None
        return field_value(fields[name], f"data.attributes.fields.{name}")

    def field_text(self, name: str) -> str:
        """The text of a field, for severity and state, which an attribute repeats."""
        found = self.field(name)
        told = found.value if found is not None else None
        return (
            told if isinstance(told, str) and told else {"severity": self.attributes.severity, "state": self.attributes.state}.get(name, "")
        )

    @property
    def reference(self) -> str:
        """``IR-123``: the slug, which may be a ServiceNow number, or a number for old incidents without one."""
        slug = self.field("slug")
        return slug.value if slug is not None and isinstance(slug.value, str) and slug.value else f"IR-{self.attributes.public_id}"

    @property
    def created(self) -> datetime | None:
        return moment(self.attributes.created)


class IncidentAnswer(Wire):
    """The answer to the GET of an incident."""

    data: Incident
    included: Included

    @cached_property
    def users(self) -> dict[str, User]:
        return side_loaded(User, self.included, USERS)

    @cached_property
    def side_loaded_attachments(self) -> dict[str, Attachment]:
        return side_loaded(Attachment, self.included, ATTACHMENTS)

    @property
    def knows_attachments(self) -> bool:
        """Whether every attachment of the incident is side-loaded."""
        ids = self.data.relationships.attachments
        return ids is not None and all(each in self.side_loaded_attachments for each in ids)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """Newest first."""
        return newest_first(self.data, self.side_loaded_attachments)

    def with_attachments(self, attachments: tuple[Attachment, ...]) -> IncidentAnswer:
        """A copy with exactly these attachments."""
        links = [{"type": ATTACHMENTS, "id": each.id} for each in attachments]
        data = self.raw["data"]
        relationships = {**(data.get("relationships") or {}), "attachments": {"data": links}}
        others = [each for each in self.included if not (isinstance(each, dict) and each.get("type") == ATTACHMENTS)]
        rows = [{**each.raw, "type": ATTACHMENTS} for each in attachments]
        return IncidentAnswer.model_validate({**self.raw, "data": {**data, "relationships": relationships}, "included": [*others, *rows]})


def newest_first(incident: Incident, attachments: Mapping[str, Attachment]) -> tuple[Attachment, ...]:
    """The side-loaded attachments of an incident, newest first."""
    found = [attachments[each] for each in incident.relationships.attachments or () if each in attachments]
    return tuple(sorted(found, key=lambda each: str(moment(each.modified) or ""), reverse=True))


class SearchRow(Plain):
    """A row of a search, which wraps an incident."""

    data: Incident


def _counts(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _total(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class SearchAttributes(Plain):
    """``incidents`` are rows, parsed one by one; ``total`` counts all matches, None when it is missing."""

    incidents: list[Any]
    total: Annotated[int | None, PlainValidator(_total)] = None
    facets: Annotated[dict[str, Any], PlainValidator(_counts), Field(default={})]


class SearchResults(Plain):
    """The wrapper around the results of a search."""

    attributes: SearchAttributes


class SearchAnswer(Plain):
    """The answer to a search; ``included`` also repeats every incident."""

    data: SearchResults
    included: Included
