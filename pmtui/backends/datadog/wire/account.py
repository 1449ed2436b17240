"""What an organisation has: people, teams, services, definitions of fields, types and templates."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from pmtui.backends.answer import Flag, Id, OrEmpty, Text, Told, Wire
from pmtui.backends.datadog.wire.incidents import User
from pmtui.backends.datadog.wire.values import Resource, ToOne


class UserAnswer(Wire):
    data: User


class Validity(Wire):
    """The answer to the question whether an API key is valid."""

    valid: bool


class TeamAttributes(Wire):
    handle: Text = ""
    name: Text = ""


def _labelled(team: TeamAttributes) -> TeamAttributes:
    if not (team.handle or team.name):
        raise PydanticCustomError("unnamed", "has neither handle nor name")
    return team


class Team(Wire):
    attributes: Annotated[TeamAttributes, AfterValidator(_labelled)]

    @property
    def label(self) -> str:
        return self.attributes.handle or self.attributes.name


class ServiceSchema(Wire):
    name: Id = Field(alias="dd-service")


class ServiceAttributes(Wire):
    service: ServiceSchema = Field(alias="schema")


class Service(Wire):
    attributes: ServiceAttributes


class ChoiceValue(Wire):
    value: Text = ""
    display_name: Text = ""
    short_description: Text = ""
    description: Text = ""


class FieldDefinitionAttributes(Wire):
    """``type`` is a number of ``definitions.TYPES``; ``deleted`` a time, or nothing."""

    name: Id
    display_name: Text = ""
    type: int | None = None
    ordinal: Text = ""
    required: Flag = False
    deleted: Any = None
    valid_values: Annotated[list[ChoiceValue], OrEmpty, Field(default_factory=list)]


class FieldDefinitionRelationships(Wire):
    incident_type: ToOne = None


class FieldDefinition(Wire):
    attributes: FieldDefinitionAttributes
    relationships: FieldDefinitionRelationships = FieldDefinitionRelationships()


class IncidentTypeAttributes(Wire):
    prefix: Text = ""


class IncidentType(Wire):
    attributes: IncidentTypeAttributes


class TemplateAttributes(Wire):
    """``is_default`` is the time at which it was made the default, or null."""

    name: Text = ""
    content: Told
    location: Text = ""
    is_default: Text


class PostmortemTemplate(Resource):
    attributes: TemplateAttributes
