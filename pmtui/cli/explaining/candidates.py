"""Completes a command line from what is on this computer: profiles, references, field names, choices.

The shell calls this at each tab: nothing is sent, and neither Textual nor httpx nor pydantic is loaded. What is offered is
typed into a command line, so foreign text is offered only when no shell gives its characters a meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise

from pmtui.cli.context import Context
from pmtui.config import ConfigError
from pmtui.model.fields import STATUS
from pmtui.model.postmortem import Postmortem
from pmtui.store.cache import Cache
from pmtui.store.drafts import Drafts

WITH_REFERENCE = frozenset(
    [
        "show",
        "set",
        "edit",
        "status",
        "publish",
        "create",
        "adopt",
        "open",
        "delete",
        "pull",
        "diff",
        "log",
        "recover",
        "timeline",
        "export",
    ]
)
"""Commands whose first argument is a reference. Of ``cell`` and ``drafts`` it is the second."""

_SECOND = frozenset({"cell", "drafts"})
_PROFILE = ("-p", "--profile")
_PLAIN = re.compile(r"[\w.:/@+=-]+")


def candidates(context: Context, words: Sequence[str]) -> list[str]:
    """Completions for the last of the words after ``pmtui``. A damaged configuration or disk never raises."""
    *before, current = words or [""]
    with suppress(ConfigError, OSError):
        return [each for each in dict.fromkeys(_known(context, before, current)) if each.startswith(current) and _PLAIN.fullmatch(each)]
    return []


def _known(context: Context, before: Sequence[str], current: str) -> Iterator[str]:
    if before and before[-1] in _PROFILE:
        yield from context.config.names
        return
    profile = next((value for option, value in pairwise(before) if option in _PROFILE), None)
    values = {place + 1 for place, word in enumerate(before) if word in _PROFILE}
    plain = [word for place, word in enumerate(before) if not word.startswith("-") and place not in values]
    if not plain:
        return
    command, *others = plain
    cache = Cache(context.cache, context.config.select(profile))
    if command in WITH_REFERENCE | _SECOND and len(others) == (1 if command in _SECOND else 0):
        yield from _references(cache, context)
    elif command == "set" and others:
        yield from _assignments(cache.find(others[0]), current)
    elif command == "status" and len(others) == 1:
        yield from _choices(cache.find(others[0]), STATUS)


def _references(cache: Cache, context: Context) -> Iterator[str]:
    """References without their #, which begins a comment in a shell."""
    yield from (info.reference.lstrip("#") for info in Drafts(context.state).list())
    seen = cache.incidents()
    yield from (incident.reference.lstrip("#") for incident in (seen.incidents if seen is not None else ()))
    yield from (postmortem.incident.reference.lstrip("#") for postmortem in cache.postmortems())


def _assignments(postmortem: Postmortem | None, current: str) -> Iterator[str]:
    """``FIELD=`` for each field; once a name is typed, its choices."""
    name = current.partition("=")[0] if "=" in current else ""
    for field in postmortem.form if postmortem is not None else ():
        if name and field.name == name.rstrip("+-"):
            yield from (f"{name}={choice.value}" for choice in field.choices)
        elif not name and not field.locked:
            yield f"{field.name}="


def _choices(postmortem: Postmortem | None, name: str) -> Iterator[str]:
    for field in postmortem.form if postmortem is not None else ():
        if field.name == name:
            yield from (choice.value for choice in field.choices)
