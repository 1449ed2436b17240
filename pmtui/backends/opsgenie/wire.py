"""Opsgenie's answers as pydantic models. ``backends.answer`` says what is strict and what is not.

Half of the shapes are undocumented, and ids in the documentation's samples are not UUIDs, so an id is any text.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from pmtui.backends.answer import Id, Json, Moment, Rows, Text, Wire, kind_of, reason, understand, understand_rows
from pmtui.backends.answer import moment as moment
from pmtui.formats.strict_json import is_deep, parse
from pmtui.model.postmortem import EPOCH

DEEPEST = 150
"""The most levels of JSON in a document; a table in a column in a section has about twenty."""

POSTMORTEM_PROPERTY = "postmortemId"
"""The key in an incident's extra properties that names its postmortem: a convention of clients, not of Opsgenie."""

M = TypeVar("M", bound=BaseModel)


class Unreadable(Exception):
    """A part of an answer was not understood. The message has the path: "data.content is null, not an object"."""


class Model(BaseModel):
    """The base of the models here, as strict as ``Wire``: ``tiny_id`` is ``tinyId`` on the wire.

    It keeps no raw JSON, so that ten thousand incidents are read in half the time.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True, strict=True, defer_build=True)


class Kept(Wire):
    """The base of models whose raw JSON is needed."""

    model_config = ConfigDict(alias_generator=to_camel)


class Data(Model, Generic[M]):
    """The envelope ``{"data": …, "took", "requestId"}``."""

    data: M


def data_of(model: type[M], answer: Any, tried: str, *, identity: str = "") -> M:
    """The content of the envelope. An answer without an envelope is accepted if it has the key ``identity``.

    Raises BackendError (ANSWER).
    """
    if identity and isinstance(answer, dict) and "data" not in answer and identity in answer:
        return understand(model, answer, tried)
    return understand(Data[model], answer, tried).data  # type: ignore[valid-type]


class Listed(Model):
    """The envelope of a list without a total."""

    data: list[Any]


def rows_of(model: type[M], answer: Any, tried: str) -> Rows[M]:
    """The rows of a list, and messages about rows that were not understood. Raises BackendError (ANSWER) when there is no list."""
    return understand_rows(model, understand(Listed, answer, tried).data, at="data")


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


class Paging(Model):
    """``next`` is an address, "" after the last page."""

    next: Text = ""


class Incidents(Listed):
    """A page of the list of incidents. ``total_count`` was seen but is not documented; None when it is missing."""

    paging: Paging | None = None
    total_count: Annotated[int | None, BeforeValidator(_whole)] = None


class Links(Model):
    """The addresses of an incident: ``web`` is its browser address."""

    web: Text = ""


class Properties(Model):
    """The extra properties of an incident; ``POSTMORTEM_PROPERTY`` is ours."""

    postmortem_id: Text = ""


class WireIncident(Model):
    """An incident, from a list, a GET or a postmortem's ``rootIncident`` (which has no properties and no address)."""

    id: Id
    tiny_id: Text = ""
    message: Text = ""
    description: Text = ""
    status: Text = ""
    priority: Text = ""
    created_at: Moment = None
    updated_at: Moment = None
    creation_time: Moment = None  # its name in a postmortem
    links: Links | None = None
    extra_properties: Properties | None = None

    @property
    def created(self) -> datetime | None:
        """When it was created, None when that is missing."""
        return self.created_at or self.creation_time

    @property
    def postmortem_id(self) -> str:
        """The postmortem that the incident itself names, "" when it names none. Anyone can edit it: verify."""
        return self.extra_properties.postmortem_id.strip() if self.extra_properties else ""


def _nobody(value: Any) -> Any:
    return None if isinstance(value, dict) and not value.get("id") else value


class WirePostmortem(Kept):
    """A postmortem. Fields and documents are read one by one from ``raw`` (see ``read``), so that a bad one costs only itself."""

    postmortem_id: Id
    root_incident: Annotated[WireIncident | None, BeforeValidator(_nobody)] = None  # None when the postmortem does not name its incident

    @property
    def status(self) -> str:
        """draft, in-review, published or an undocumented status; "" when it is missing."""
        found = self.raw.get("status")
        return found if isinstance(found, str) else ""


class Created(Model):
    """The answer to the creation of a postmortem; seen with and without an envelope."""

    postmortem_id: Id


class Accepted(Model):
    """The answer to a write that is applied later. The id is for asking for its result."""

    request_id: Id


class Processed(Model):
    """The result of such a write. The vendor's Go SDK has ``is_success`` besides ``success``; ``status`` says why it failed."""

    is_success: bool | None = None
    success: bool | None = None
    status: Text = ""


class Item(Kept):
    """An item in a list of a postmortem. Its shape on read is undocumented: an object with an id, or a bare id."""

    id: Id
    name: Text = ""
    message: Text = ""
    tiny_id: Text = ""
    username: Text = ""
    full_name: Text = ""
    role: Text = ""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"id": value} if isinstance(value, str) else value

    @property
    def tells_role(self) -> bool:
        """Whether it has a role, even an empty one."""
        return "role" in self.raw

    @property
    def label(self) -> str:
        """The label, "" when it is missing."""
        return self.name or self.full_name or self.message or self.username


class Issue(Model):
    """A linked issue: its address, or an object with the address under an undocumented key."""

    address: Id
    key: Text = ""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"address": value}
        return {**value, "address": next(filter(None, map(value.get, ("url", "link", "self"))), None)} if isinstance(value, dict) else value


class User(Model):
    """A user of the account."""

    id: Id
    username: Text = ""  # the e-mail address
    full_name: Text = ""


class Named(Model):
    """A team or a service."""

    id: Id
    name: Text = ""


class Role(Model):
    """A role, by its name."""

    name: Id


class Plan(Model):
    """The account's plan."""

    name: Text = ""


class Account(Model):
    """The account: its name, and its plan if the key may see it."""

    name: Id
    plan: Plan | None = None


class Note(Model):
    """A note of an incident."""

    note: Text = ""


class Words(Model):
    """The text of a timeline entry."""

    content: Text = ""


class TimelineItem(Model):
    """An entry of an incident's timeline."""

    title: Words | None = None
    description: Words | None = None


class Timeline(Model):
    """An incident's timeline; entries are read one by one."""

    entries: list[Any]


class WireDocument(Model):
    """The envelope of a document in Atlassian Document Format. ``formats.adf`` reads the blocks."""

    type: Literal["doc"] = "doc"
    content: list[Any]


def document(raw: Json, key: str) -> Json:
    """The document under a key of a postmortem: an object, or the object as a string of JSON.

    An empty document is ``{"version": 1, "type": "doc", "content": []}``. Raises Unreadable for anything else, also for null
    and a missing key: taken for an empty text they would lead to overwriting the text.
    """
    path = f"data.{key}"
    if key not in raw:
        raise Unreadable(f"{path} is missing")
    value = raw[key]
    if isinstance(value, str):
        try:
            value = parse(value)
        except (ValueError, RecursionError):
            raise Unreadable(f"{path} is a string that is not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable(f"{path} is {kind_of(value)}, not an object")
    try:
        WireDocument.model_validate(value)
    except ValidationError as error:
        raise Unreadable(reason(error, path)) from None
    if is_deep(value, DEEPEST):
        raise Unreadable(f"{path} is nested more than {DEEPEST} levels deep")
    return value


def part(kind: Any, raw: Json, key: str) -> Any:
    """One part of a postmortem, of this type. Raises Unreadable."""
    if key not in raw:
        raise Unreadable(f"data.{key} is missing")
    try:
        return _adapter(kind).validate_python(raw[key])
    except ValidationError as error:
        raise Unreadable(reason(error, f"data.{key}")) from None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970, for the search. Integers throughout, because floats would lose the last digit."""
    passed = at - EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1000 + passed.microseconds // 1000
