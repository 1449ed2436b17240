"""Postmortem templates: reads them, and fills in the known variables; the others stay and are reported. Pure.

No published endpoint renders a template (vendors' docs). Simple variables are filled in here; live and AI variables are
left for Datadog.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pmtui.backends.base import Template
from pmtui.backends.datadog.incidents import commander_of
from pmtui.backends.datadog.origin import Origin
from pmtui.backends.datadog.wire.account import PostmortemTemplate
from pmtui.formats.typed_time import readable
from pmtui.model.values import Person

NOTEBOOKS = "datadog_notebooks"
OUTLINE = "## Summary\n\n## What happened\n\n## Impact\n\n## Timeline\n\n## Root cause\n\n## Lessons learned\n\n## Action items"
"""The first text of a postmortem without a template."""

_VARIABLE = re.compile(r"\{\{\s*(?:incident\.)?([A-Za-z0-9_.-]+)\s*\}\}")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,2}(?:[ \t]|$)")
PLACES = {NOTEBOOKS: "Datadog notebook", "confluence": "Confluence", "google_docs": "Google Docs"}


PLAIN = Template("", "no template: a plain outline", OUTLINE)


def read_templates(rows: Sequence[PostmortemTemplate], origin: Origin) -> tuple[Template, ...]:
    """The templates of the incident's type, the default first. The default is the one most recently made default."""
    ordered = sorted(rows, key=lambda each: each.attributes.is_default, reverse=True)
    default = next((each.id for each in ordered if each.attributes.is_default), "")
    return tuple(_template(each, origin, default) for each in ordered)


def _template(row: PostmortemTemplate, origin: Origin, default: str) -> Template:
    preview, unfilled = filled(row.attributes.content, origin)
    location = row.attributes.location
    return Template(
        id=row.id,
        name=row.attributes.name or row.id,
        preview=preview,
        location=PLACES.get(location, location),
        default=row.id == default,
        unfilled=tuple(map(_in_words, unfilled)),
        locked="" if location in ("", NOTEBOOKS) else f"its text will be in {PLACES.get(location, location)}, where pmtui cannot edit it",
    )


def _in_words(variable: str) -> str:
    """What a variable stands for, as people say it."""
    if variable.startswith("ai_"):
        return f"{_in_words(variable.removeprefix('ai_'))} (by Datadog's AI)"
    return "key facts of the incident" if variable == "card" else variable.replace("_", " ")


def filled(content: str, origin: Origin) -> tuple[str, tuple[str, ...]]:
    """The content with the known variables filled in, and the names of the others."""
    known = _known(origin)
    unfilled: list[str] = []

    def value(found: re.Match[str]) -> str:
        if found[1] in known:
            return known[found[1]]
        unfilled.append(found[1])
        return found[0]

    return _VARIABLE.sub(value, content), tuple(dict.fromkeys(unfilled))


def _known(origin: Origin) -> dict[str, str]:
    """The values of the variables that the incident has. A variable without a value becomes a fixed phrase."""
    incident, attributes = origin.incident, origin.incident.attributes
    fields = {name: ", ".join(map(readable, value.items)) for name in attributes.fields or () if (value := incident.field(name))}
    commander = commander_of(incident, origin.users)
    scope = attributes.customer_impact_scope
    known = {
        **fields,
        "title": attributes.title,
        "id": incident.reference,
        "public_id": attributes.public_id,
        "severity": incident.field_text("severity"),
        "state": incident.field_text("state"),
        "status": incident.field_text("state"),
        "customer_impacted": "" if attributes.customer_impacted is None else "yes" if attributes.customer_impacted else "no",
        "customer_impact": scope,
        "scope_of_impact": scope,
        **_person("commander", commander),
    }
    times = ("created", "detected", "resolved", "customer_impact_start", "customer_impact_end")
    known |= {name: readable(getattr(attributes, name)) for name in times}
    return {name: value for name, value in known.items() if value}


def _person(name: str, person: Person | None) -> dict[str, str]:
    if person is None:
        return {}
    return {name: person.label, f"{name}_name": person.label, f"{name}_handle": person.email, f"{name}_email": person.email}


def sections(content: str) -> list[str]:
    """Split Markdown before each heading of levels 1 and 2, except in code: one notebook cell each."""
    cut: list[list[str]] = [[]]
    fence = ""
    for line in content.splitlines():
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and line.strip() == mark[1]:
            fence = ""
        elif not fence and _HEADING.match(line):
            cut.append([])
        cut[-1].append(line)
    return [section for lines in cut if (section := "\n".join(lines).strip("\n"))]
