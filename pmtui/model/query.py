"""The filter line of the incident list: ``state:active sev:1,2 owner:jane checkout``. Pure; no vendor's syntax."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

NAMES: Mapping[str, str] = {
    "state": "status",
    "status": "status",
    "sev": "severity",
    "severity": "severity",
    "priority": "severity",
    "owner": "owner",
    "commander": "owner",
    "service": "service",
    "team": "team",
    "pm": "postmortem",
    "postmortem": "postmortem",
    "after": "after",
    "before": "before",
    "tag": "tag",
}
"""Every name that may precede a colon, and its facet."""

OFFERED = ("state", "sev", "owner", "service", "team", "pm", "after", "before", "tag")
"""The names of facets as they are shown to people."""

SHOWN: Mapping[str, str] = {NAMES[name]: name for name in OFFERED}
"""Each facet, and its name as it is shown to people."""

POSTMORTEM: Mapping[str, str] = {
    **dict.fromkeys(("yes", "any", "true", "1", "y"), "yes"),
    **dict.fromkeys(("none", "no", "false", "0", "n", "missing", "no-postmortem"), "none"),
    **dict.fromkeys(("in-review", "in review", "review"), "in-review"),
    "draft": "draft",
    "published": "published",
}
"""What may be typed after ``pm:``, and what it means."""

EVERY_FILTER: Mapping[str, tuple[str, ...]] = {**dict.fromkeys(SHOWN, ()), "postmortem": tuple(dict.fromkeys(POSTMORTEM.values()))}
"""All facets, each with the values that are the same everywhere; () for any value."""

_TERM = re.compile(r'(?:(?P<name>[A-Za-z_]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S+))')


@dataclass(frozen=True, slots=True)
class Query:
    """Free text, and facets, each with values of which one must match. Facet names are the values of ``NAMES``.

    ``after`` and ``before`` are ISO dates, compared with the incident's creation. ``phrases`` are the words of ``text``;
    words quoted together are one phrase.
    """

    text: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    phrases: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """The words and quoted phrases to find."""
        return self.phrases or tuple(self.text.split())

    @property
    def empty(self) -> bool:
        """Whether it matches everything."""
        return not self.text and not self.facets


def parse(line: str) -> Query:
    """Parse a filter line. It never raises: an unknown facet (``http://x``, ``foo:bar``) is free text."""
    words: list[str] = []
    facets: dict[str, tuple[str, ...]] = {}
    for term in _TERM.finditer(line):
        facet = NAMES.get((term["name"] or "").lower())
        value = term["quoted"] if term["quoted"] is not None else (term["plain"] or "")
        if facet is None:
            if value.rstrip(":").lower() not in NAMES or not value.endswith(":"):  # a facet without a value yet
                words.append(value if not term["name"] else f"{term['name']}:{value}")
        else:
            values = (value,) if term["quoted"] is not None else tuple(v for v in value.split(",") if v)
            facets[facet] = facets.get(facet, ()) + values
    return Query(" ".join(words), {name: values for name, values in facets.items() if values}, tuple(words))


def without_value(line: str) -> tuple[str, ...]:
    """The facets that are named with nothing behind the colon (``state:``), which ``parse`` leaves out."""
    found: list[str] = []
    for term in _TERM.finditer(line):
        named, value = term["name"] or "", term["quoted"] if term["quoted"] is not None else (term["plain"] or "")
        if not named and value.endswith(":"):
            named, value = value[:-1], ""
        if named.lower() in NAMES and not value.strip(","):
            found.append(NAMES[named.lower()])
    return tuple(dict.fromkeys(found))


def day(text: str) -> datetime | None:
    """The beginning of a day (``2026-11-30``), or a moment in ISO format; in UTC where it has no zone. None for anything else."""
    try:
        read = datetime.fromisoformat(text) if len(text) > len("2026-11-30") else datetime.combine(date.fromisoformat(text), time())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def misread(line: str, facets: Collection[str] = tuple(SHOWN)) -> str:
    """An error for unknown names (``foo:bar``), which ``parse`` takes as words; "" when there are none.

    The error names the filters in ``facets``.
    """
    found = []
    for term in _TERM.finditer(line):
        name = term["name"] or ((term["plain"] or "").removesuffix(":") if (term["plain"] or "").endswith(":") else "")
        address = (term["plain"] or "").startswith("//")
        if name.isidentifier() and len(name) > 1 and name.lower() not in NAMES and not address:
            found.append(f"{name}:")
    if not found:
        return ""
    names = " ".join(f"{shown}:" for facet, shown in SHOWN.items() if facet in facets)
    unknown = ", ".join(f'"{each}"' for each in dict.fromkeys(found))
    return f"unknown filter {unknown}; there are {names or 'words only'}"
