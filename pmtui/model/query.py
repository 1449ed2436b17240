"""The filter line of the incident list: ``state:active sev:1,2 owner:jane checkout``. Pure; no vendor's syntax."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

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
"""Every word that may stand before a colon, and the facet that it means."""

OFFERED = ("state", "sev", "owner", "service", "team", "pm", "after", "before", "tag")
"""One name for each facet, the one to tell people."""

_TERM = re.compile(r'(?:(?P<name>[A-Za-z_]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S+))')


@dataclass(frozen=True, slots=True)
class Query:
    """Free text, and facets each with the values of which one must hold. Facet names are the values of ``NAMES``.

    ``after`` and ``before`` are ISO dates, compared with the incident's creation. ``phrases`` are the words of ``text``,
    those that were quoted together as one.
    """

    text: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    phrases: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """What must be found: words, and quoted phrases as they are."""
        return self.phrases or tuple(self.text.split())

    @property
    def empty(self) -> bool:
        """Whether it asks for everything."""
        return not self.text and not self.facets


def parse(line: str) -> Query:
    """Read a filter line. Total: what is no known facet (``http://x``, ``foo:bar``) is free text."""
    words: list[str] = []
    facets: dict[str, tuple[str, ...]] = {}
    for term in _TERM.finditer(line):
        facet = NAMES.get((term["name"] or "").lower())
        value = term["quoted"] if term["quoted"] is not None else (term["plain"] or "")
        if facet is None:
            if value.rstrip(":").lower() not in NAMES or not value.endswith(":"):  # a facet whose value is still to come
                words.append(value if not term["name"] else f"{term['name']}:{value}")
        else:
            values = (value,) if term["quoted"] is not None else tuple(v for v in value.split(",") if v)
            facets[facet] = facets.get(facet, ()) + values
    return Query(" ".join(words), {name: values for name, values in facets.items() if values}, tuple(words))


def misread(line: str) -> str:
    """What to say of names that filter nothing (``foo:bar``), "" when there are none. ``parse`` takes them as words."""
    found = []
    for term in _TERM.finditer(line):
        name = term["name"] or ((term["plain"] or "").removesuffix(":") if (term["plain"] or "").endswith(":") else "")
        address = (term["plain"] or "").startswith("//")
        if name.isidentifier() and len(name) > 1 and name.lower() not in NAMES and not address:
            found.append(f"{name}:")
    if not found:
        return ""
    names = " ".join(f"{each}:" for each in OFFERED)
    unknown = ", ".join(f'"{each}"' for each in dict.fromkeys(found))
    return f"unknown filter {unknown}; there are {names}"
