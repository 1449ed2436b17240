"""One request as a handler sees it: ids in the path, parameters, body."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pmtui.sandbox.datadog.answers import LEGACY, UUID, Answer, Refusal, not_found
from pmtui.sandbox.datadog.state import Record, State
from pmtui.sandbox.http import Request

MAX_PAGE = 100


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `ids` are the values of the names in the route's path. Its methods raise Refusal for what is missing or wrong."""

    request: Request
    ids: Mapping[str, str]

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent."""
        try:
            value = self.request.json()
        except ValueError:
            raise Refusal(400, "Invalid JSON in request body", pointer="/") from None
        if not isinstance(value, dict):
            raise Refusal(400, "Invalid request body: expected an object", pointer="/")
        return value

    def data(self, kind: str) -> dict[str, Any]:
        """`data` of a JSON:API body, whose `type` must be `kind`."""
        data = self.body().get("data")
        if not isinstance(data, dict):
            raise Refusal(400, "Missing required attribute in body", pointer="/data")
        if data.get("type") != kind:
            raise Refusal(400, f'got type "{data.get("type", "")}" expected one of "{kind}"', pointer="/data/type")
        return data

    def attributes(self, kind: str) -> dict[str, Any]:
        """`data.attributes` of a JSON:API body."""
        attributes = self.data(kind).get("attributes")
        if not isinstance(attributes, dict):
            raise Refusal(400, "Missing required attribute in body", pointer="/data/attributes")
        return attributes

    def includes(self) -> set[str]:
        """The names in `include`, separated by commas or repeated."""
        return {name for value in self.request.query.get("include", []) for name in value.split(",") if name}

    def number(self, name: str, default: int, most: int | None = None) -> int:
        """A parameter that is a whole number from 0 to `most`."""
        if name not in self.request.query:
            return default
        try:
            return self.request.whole_number(name, 0, most)
        except ValueError as error:
            raise Refusal(400, f"Invalid value for {name}: {self.request.param(name)}") from error

    def page(self) -> tuple[int, int]:
        """`page[size]` and `page[offset]`."""
        return self.number("page[size]", 10, MAX_PAGE), self.number("page[offset]", 0)

    def incident(self, state: State) -> Record:
        """The incident in the path; an unknown one is refused as the legacy back end does."""
        name = self.ids["incident"]
        record = state.incident(name)
        if record is None:
            raise Refusal(404, f"incident {name} not found")
        return record

    def rapid_incident(self, state: State) -> Record:
        """The incident in the path; an unknown or malformed id is refused as the rapid back end does, with 404."""
        name = self.ids["incident"]
        if not UUID.fullmatch(name):
            raise not_found("malformed incident ID")
        record = state.incident(name)
        if record is None:
            raise not_found("incident not found")
        return record


Handler = Callable[[State, Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` has names in braces. `scope` is "" when the keys suffice; `preview` names the switch of a preview endpoint."""

    method: str
    path: str
    handler: Handler
    scope: str = ""
    dialect: str = LEGACY
    bucket: str = "incidents"
    preview: str = ""


def pick(items: Iterable[Record], identifier: str) -> Record | None:
    """The record with that id."""
    return next((item for item in items if item["id"] == identifier), None)


def text(attributes: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A string in a body; required without a default."""
    value = attributes.get(name, default)
    if not isinstance(value, str):
        raise Refusal(400, f"Missing required attribute in body: {name}", pointer=f"/data/attributes/{name}")
    return value


def listed(attributes: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects in a body; empty when absent or null."""
    value = attributes.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Refusal(400, f"Invalid value for {name}: expected a list of objects", pointer=f"/data/attributes/{name}")
    return value


def mapped(attributes: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object in a body; empty when absent or null."""
    value = attributes.get(name)
    if value is not None and not isinstance(value, dict):
        raise Refusal(400, f"Invalid value for {name}: expected an object", pointer=f"/data/attributes/{name}")
    return value or {}


def relations(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """`relationships` of a body; empty when absent."""
    found = data.get("relationships")
    if found is not None and not isinstance(found, dict):
        raise Refusal(400, "Invalid value for relationships", pointer="/data/relationships")
    return found or {}


def related(data: Mapping[str, Any], name: str) -> str | None:
    """The id in a relationship of a body; None for null."""
    relation = relations(data).get(name)
    if not isinstance(relation, dict) or "data" not in relation:
        raise Refusal(400, f"Missing required relationship: {name}", pointer=f"/data/relationships/{name}")
    target = relation["data"]
    if target is None:
        return None
    if not isinstance(target, dict) or not isinstance(target.get("id"), str):
        raise Refusal(400, f"Invalid relationship: {name}", pointer=f"/data/relationships/{name}")
    return str(target["id"])
