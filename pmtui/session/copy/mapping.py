"""Maps the source's fields and values to the target's, by the configuration, else by names and kinds. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from pmtui.model.fields import DOCUMENT_TITLE, SEVERITY, STATUS, TITLE, Field, Kind

_NOTHING: Mapping[str, str] = MappingProxyType({})
BEGINNINGS = ("declared", "start_time", "started")
"""Names of fields that say when an incident began."""
ENDINGS = ("resolved", "resolve_time")
"""Names of fields that say when it ended."""
RECORDED = ("created", "created_time")
"""Names of fields that say when the account got the incident or the postmortem: each account has its own."""
_ALIKE: tuple[frozenset[str], ...] = (
    frozenset(BEGINNINGS),
    frozenset(ENDINGS),
    frozenset({"responder_teams", "teams"}),
)
"""Names of fields that mean the same."""
_BY_KIND = frozenset({Kind.PEOPLE, Kind.TEAMS, Kind.SERVICES, Kind.INCIDENTS, Kind.LINKS, Kind.TASKS})
"""Kinds of which a form has mostly one field, which then matches whatever its name."""
_STATES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"closed": ("closed", "completed", "resolved"), "completed": ("completed", "closed", "resolved"), "open": ("open", "active")}
)
"""Synonyms for the states of an incident, best first."""
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class FieldMap:
    """``fields`` maps the source's field names to the target's, "" for a field to leave out. ``values`` maps values, by the
    source's field name."""

    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def place(self, source: Field, form: Sequence[Field]) -> str | None:
        """The name of the target's field for this one: "" when it is to be left out, None when there is no place for it."""
        names = {each.name for each in form}
        if source.name in self.fields:
            return self.fields[source.name]
        if source.name in names:
            return source.name
        alike = next((name for group in _ALIKE if source.name in group for name in sorted(group & names)), None)
        if alike is not None or source.kind not in _BY_KIND:
            return alike
        same = [each.name for each in form if each.kind is source.kind]
        return same[0] if len(same) == 1 else None

    def value(self, name: str, value: str, target: Field) -> str | None:
        """The target's choice for a value of the source's field ``name``, None when no choice means the same."""
        said = self.values.get(name, _NOTHING)
        if value in said:
            return said[value]
        choices = [each.value for each in target.choices]
        if not choices:
            return value
        for each in target.choices:
            if value.casefold() in (each.value.casefold(), each.label.casefold()):
                return each.value
        return _same_number(value, choices) if target.name == SEVERITY else None

    def unknown(self, form: Sequence[Field]) -> str | None:
        """The first field that the configuration maps to a field that the target does not have, None when there is none."""
        names = {each.name for each in form}
        return next((name for name, wanted in self.fields.items() if wanted and wanted not in names), None)


def state_of(incident_state: str, target: Field) -> str | None:
    """The target's choice for the state of an incident, None when it has none."""
    choices = {each.value.casefold(): each.value for each in target.choices}
    state = incident_state.casefold()
    return next((choices[word] for word in _STATES.get(state, (state,)) if word in choices), None)


def _same_number(value: str, choices: Iterable[str]) -> str | None:
    """The only choice with the same number: SEV-1 for P1."""
    numbers = _NUMBER.findall(value)
    same = [each for each in choices if numbers and _NUMBER.findall(each) == numbers]
    return same[0] if len(same) == 1 else None


def as_toml(mapping: FieldMap, source: Sequence[Field], target: Sequence[Field]) -> str:
    """The mapping as TOML, to be pasted into the configuration and edited. "" leaves a field out."""
    there = {each.name: each for each in target}
    lines: list[str] = []
    for name in (SEVERITY, STATUS):
        field_ = next((each for each in source if each.name == name), None)
        if field_ is None or name not in there:
            continue
        lines += ["", f"[map.{name}]"]
        for choice in field_.choices:
            becomes = mapping.value(name, choice.value, there[name])
            lines.append(
                f"{_key(choice.value)} = {_text(becomes)}"
                if becomes is not None
                else f'# {_key(choice.value)} = "…"  # goes into the text; known: {", ".join(each.value for each in there[name].choices)}'
            )
    lines += ["", "[map.field]"]
    for field_ in source:
        if field_.name in (TITLE, DOCUMENT_TITLE):
            continue
        becomes = mapping.place(field_, target)
        lines.append(
            f"{_key(field_.name)} = {_text(becomes)}" if becomes is not None else f'# {_key(field_.name)} = "…"  # goes into the text'
        )
    return "\n".join(lines).strip() + "\n"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
