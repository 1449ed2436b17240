"""What an organisation has defined: its incident fields, and the severities and states that are known. Pure.

Severities and states are open sets that no endpoint lists (vendors' docs): the definitions of the fields ``severity``
and ``state`` say most, then what search returned, then the published values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pmtui.backends.datadog.wire import Json, dig, linked, record, records, text
from pmtui.model.fields import Choice

SEVERITIES = ("UNKNOWN", "SEV-0", "SEV-1", "SEV-2", "SEV-3", "SEV-4", "SEV-5")
STATES = ("active", "stable", "resolved", "completed")
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
    """One field of incidents. ``type`` is a name of ``TYPES``, "" when it is not known."""

    name: str
    label: str
    type: str
    choices: tuple[Choice, ...]
    required: bool
    incident_type: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """What is known of an organisation. ``facets`` are values that search counted, by facet, the frequent ones first."""

    fields: tuple[Definition, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, incident_type: str) -> dict[str, Definition]:
        """The fields of one incident type, by name, in the organisation's order."""
        return {each.name: each for each in self.fields if each.incident_type in ("", incident_type)}

    def choices(self, name: str, incident_type: str) -> tuple[Choice, ...]:
        """The allowed values of a field, as far as known."""
        defined = self.of(incident_type).get(name)
        if defined is not None and defined.choices:
            return defined.choices
        known = {"severity": SEVERITIES, "state": STATES, "detection_method": DETECTION_METHODS}.get(name, ())
        seen = self.facets.get(name, ())
        return tuple(Choice(value) for value in dict.fromkeys([*known, *seen] if known else sorted(seen)))

    def states(self) -> tuple[str, ...]:
        """Every state that an incident may have: all of them together make the search for all incidents."""
        defined = [choice.value for each in self.fields if each.name == "state" for choice in each.choices]
        return tuple(dict.fromkeys([*STATES, *defined, *self.facets.get("state", ())]))


def read_definitions(resources: Sequence[Json]) -> tuple[Definition, ...]:
    """The definitions that are in force, in the organisation's order."""
    alive = [each for each in resources if not dig(each, "attributes", "deleted") and text(each, "attributes", "name")]
    return tuple(_definition(each) for each in sorted(alive, key=_ordinal))


def _ordinal(resource: Json) -> tuple[str, str]:
    return text(resource, "attributes", "ordinal") or "~", text(resource, "attributes", "name")


def _definition(resource: Json) -> Definition:
    attributes = record(resource, "attributes")
    number = attributes.get("type")
    name = text(attributes, "name")
    choices = tuple(
        Choice(text(each, "value"), text(each, "display_name"), text(each, "short_description") or text(each, "description"))
        for each in records(attributes, "valid_values")
        if text(each, "value")
    )
    return Definition(
        name=name,
        label=text(attributes, "display_name") or words_of(name),
        type=TYPES.get(number, "") if isinstance(number, int) else "",
        choices=choices,
        required=attributes.get("required") is True,
        incident_type=next(iter(linked(resource, "incident_type")), ""),
    )


def words_of(name: str) -> str:
    """``root_cause`` → ``Root cause``."""
    return name.replace("_", " ").strip().capitalize()


def read_facets(search: Json) -> dict[str, tuple[str, ...]]:
    """The values that a search counted, by facet; facets of people have handles."""
    found: dict[str, tuple[str, ...]] = {}
    facets = record(search, "data", "attributes", "facets")
    named: list[tuple[str, Any]] = [(name, counts) for name, counts in facets.items() if name != "fields" and isinstance(counts, list)]
    named += [(text(each, "name"), each.get("facets")) for each in records(facets, "fields")]
    for name, counts in named:
        values = [value for each in records({"all": counts}, "all") if (value := text(each, "handle") or text(each, "name"))]
        found[name] = tuple(dict.fromkeys(values))
    return found


def merged_facets(old: Mapping[str, tuple[str, ...]], new: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Both, each value once."""
    names: Iterable[str] = dict.fromkeys([*old, *new])
    return {name: tuple(dict.fromkeys([*old.get(name, ()), *new.get(name, ())])) for name in names}
