"""An organisation's incident fields, and the known severities and states. Pure.

Severities and states are open sets that no endpoint lists (vendors' docs). Their values come from the definitions of the
fields ``severity`` and ``state``, then from facets of searches, then from the published values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pmtui.backends.answer import Json
from pmtui.backends.datadog.account.filters import SEVERITIES, STATES
from pmtui.backends.datadog.wire.values import leaf
from pmtui.model.fields import Choice

if TYPE_CHECKING:
    from pmtui.backends.datadog.wire.account import FieldDefinition

DETECTION_METHODS = ("customer", "employee", "monitor", "other", "unknown")

TYPES: Mapping[int, str] = {
    1: "dropdown",
    2: "multiselect",
    3: "textbox",
    4: "textarray",
    5: "metrictag",
    6: "autocomplete",
    7: "number",
    8: "datetime",
}
"""Numbers in definitions → names in incidents (vendor's OpenAPI)."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One field of incidents. ``type`` is a name in ``TYPES``, "" when unknown."""

    name: str
    label: str
    type: str
    choices: tuple[Choice, ...]
    required: bool
    incident_type: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """An organisation's definitions. ``facets`` are the values of searches by facet, frequent ones first."""

    fields: tuple[Definition, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, incident_type: str) -> dict[str, Definition]:
        """The fields of one incident type, by name, in the organisation's order."""
        return {each.name: each for each in self.fields if each.incident_type in ("", incident_type)}

    def choices(self, name: str, incident_type: str) -> tuple[Choice, ...]:
        """The known allowed values of a field."""
        defined = self.of(incident_type).get(name)
        if defined is not None and defined.choices:
            return defined.choices
        known = {"severity": SEVERITIES, "state": STATES, "detection_method": DETECTION_METHODS}.get(name, ())
        seen = self.facets.get(name, ())
        return tuple(Choice(value) for value in dict.fromkeys([*known, *seen] if known else sorted(seen)))

    def states(self) -> tuple[str, ...]:
        """Every known state of an incident. A search for any of them finds all incidents."""
        defined = [choice.value for each in self.fields if each.name == "state" for choice in each.choices]
        return tuple(dict.fromkeys([*STATES, *defined, *self.facets.get("state", ())]))


def read_definitions(rows: Iterable[FieldDefinition]) -> tuple[Definition, ...]:
    """The definitions that are not deleted, in the organisation's order."""
    alive = [each for each in rows if not each.attributes.deleted]
    return tuple(_definition(each) for each in sorted(alive, key=lambda each: (each.attributes.ordinal or "~", each.attributes.name)))


def _definition(row: FieldDefinition) -> Definition:
    attributes = row.attributes
    return Definition(
        name=attributes.name,
        label=attributes.display_name or words_of(attributes.name),
        type=TYPES.get(attributes.type or 0, ""),
        choices=tuple(
            Choice(each.value, each.display_name, each.short_description or each.description)
            for each in attributes.valid_values
            if each.value
        ),
        required=attributes.required,
        incident_type=next(iter(row.relationships.incident_type or ()), ""),
    )


def words_of(name: str) -> str:
    """``root_cause`` → ``Root cause``."""
    return name.replace("_", " ").strip().capitalize()


def read_facets(facets: Json) -> dict[str, tuple[str, ...]]:
    """The values in a search's facets; facets of people have handles. Values that are not understood are left out."""
    listed: list[tuple[str, Any]] = [(name, counts) for name, counts in facets.items() if name != "fields"]
    listed += [(leaf(each, "name"), each.get("facets")) for each in _objects(facets.get("fields"))]
    found: dict[str, tuple[str, ...]] = {}
    for name, counts in listed:
        if isinstance(counts, list):
            values = [value for each in _objects(counts) if (value := leaf(each, "handle") or leaf(each, "name"))]
            found[name] = tuple(dict.fromkeys(values))
    return found


def read_people(facets: Json) -> Iterator[Json]:
    """The people in a search's facets, as objects with ``uuid`` and the attributes of a user."""
    for name in ("commander", "responder", "created_by", "declared_by", "last_modified_by"):
        yield from _objects(facets.get(name))


def _objects(rows: Any) -> list[Json]:
    return [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else []


def merged_facets(old: Mapping[str, tuple[str, ...]], new: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Both merged, each value once."""
    names: Iterable[str] = dict.fromkeys([*old, *new])
    return {name: tuple(dict.fromkeys([*old.get(name, ()), *new.get(name, ())])) for name in names}
