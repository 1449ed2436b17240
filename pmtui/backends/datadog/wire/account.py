"""The data of an organisation: people, teams, services, field definitions, incident types and templates."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from pmtui.backends.answer import Flag, Id, OrEmpty, Plain, Text, Told
from pmtui.backends.datadog.wire.incidents import User
from pmtui.backends.datadog.wire.values import Resource, ToOne


class UserAnswer(Plain):
    """The answer about the current user."""

    data: User


class Validity(Plain):
    """The answer to the validation of an API key."""

    valid: bool


class TeamAttributes(Plain):
    """``handle`` is what incident fields contain; old teams may have only a name."""

    handle: Text = ""
    name: Text = ""


def _labelled(team: TeamAttributes) -> TeamAttributes:
    if not (team.handle or team.name):
        raise PydanticCustomError("unnamed", "has neither handle nor name")
    return team


class Team(Plain):
    """One team; it has a handle or a name."""

    attributes: Annotated[TeamAttributes, AfterValidator(_labelled)]

    @property
    def label(self) -> str:
        return self.attributes.handle or self.attributes.name


class ServiceSchema(Plain):
    """A service in schema v2.2."""

    name: Id = Field(alias="dd-service")


class ServiceAttributes(Plain):
    """The wrapper around a schema."""

    service: ServiceSchema = Field(alias="schema")


class Service(Plain):
    """One service of the catalogue."""

    attributes: ServiceAttributes


class ChoiceValue(Plain):
    """An allowed value of a field."""

    value: Text = ""
    display_name: Text = ""
    short_description: Text = ""
    description: Text = ""


class FieldDefinitionAttributes(Plain):
    """``type`` is a number in ``definitions.TYPES``; ``deleted`` is a time, or nothing."""

    name: Id
    display_name: Text = ""
    type: int | None = None
    ordinal: Text = ""
    required: Flag = False
    deleted: Any = None
    valid_values: Annotated[list[ChoiceValue], OrEmpty, Field(default=[])]


class FieldDefinitionRelationships(Plain):
    """The incident type that a field belongs to; none for all types."""

    incident_type: ToOne = None


class FieldDefinition(Plain):
    """One user-defined field."""

    attributes: FieldDefinitionAttributes
    relationships: Annotated[FieldDefinitionRelationships, Field(default_factory=FieldDefinitionRelationships)]


class IncidentTypeAttributes(Plain):
    """``prefix`` is the beginning of references: ``IR``."""

    prefix: Text = ""
    is_default: Flag = False


class IncidentType(Plain):
    """One incident type."""

    id: Text = ""
    attributes: IncidentTypeAttributes


class TemplateAttributes(Plain):
    """``is_default`` is the time when it was made the default, or null."""

    name: Text = ""
    content: Told
    location: Text = ""
    is_default: Text


class PostmortemTemplate(Resource):
    """One postmortem template."""

    attributes: TemplateAttributes
