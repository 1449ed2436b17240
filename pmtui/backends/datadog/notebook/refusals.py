"""Parses a notebook's validation error, which is the repr of a Python value in one string. Pure.

Recorded shapes (vendor's client, vendor's CLI): ``{'name': ['Length must be …']}``, ``{'cells': {3: {'errors':
[{'detail': …, 'source': {'pointer': …}}]}}}``; a detail may be split into one entry per character.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pmtui.backends.datadog.wire.values import leaf

_SILENT = frozenset({"_schema", "errors", "cells", "data", "attributes"})  # names that mean nothing to people


@dataclass(frozen=True, slots=True)
class Complaint:
    """A validation error. ``path`` leads to its place, cells by index from 0; ``pointer`` is the vendor's, "" for none."""

    said: str
    path: tuple[str | int, ...] = ()
    pointer: str = ""

    @property
    def field(self) -> str:
        """The attribute of the notebook that it is about, "" for none."""
        return str(self.path[0]) if self.path and self.path[0] not in _SILENT else ""

    @property
    def words(self) -> str:
        names = [str(each).replace("_", " ") for each in self.path if isinstance(each, str) and each not in _SILENT]
        cells = [f"cell {each + 1}" for each in self.path if isinstance(each, int)][:1]
        where = [*cells, *([self.pointer] if self.pointer else [])]
        return ": ".join((*names, self.said)) + (f" ({', '.join(where)})" if where else "")


def complaints(error: str) -> tuple[Complaint, ...]:
    """All validation errors in the string, () when it is not such a value."""
    start = error.find("{")
    try:
        found = ast.literal_eval(error[start:].strip()) if start >= 0 else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    return tuple(_all(found, ())) if isinstance(found, dict) else ()


def _all(value: Any, path: tuple[str | int, ...]) -> Iterator[Complaint]:
    if isinstance(value, str):
        yield Complaint(value, path)
    elif isinstance(value, dict) and "detail" in value:
        detail = value["detail"]
        for said in rejoined(detail) if _texts(detail) else [str(detail)]:
            yield Complaint(said, path, leaf(value, "source", "pointer"))
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _all(each, (*path, name) if isinstance(name, str | int) else path)
    elif _texts(value):
        yield from (Complaint(said, path) for said in rejoined(value))
    elif isinstance(value, list) and (joined := _letters(value)):
        yield Complaint(joined, path, leaf(value[0], "source", "pointer"))
    elif isinstance(value, list):
        for each in value:
            yield from _all(each, path)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)


def _letters(errors: list[Any]) -> str:
    """The detail that was split into these errors, one character each; "" when they are real errors."""
    details = [leaf(each, "detail") for each in errors]
    whole = rejoined(details) if _texts(details) else []
    return whole[0] if len(whole) == 1 and len(details) > 1 else ""


def rejoined(details: Sequence[str]) -> list[str]:
    """Join details that were split into one entry per character (the vendor's CLI does this, too)."""
    return ["".join(details)] if len(details) >= 4 and all(len(each) == 1 for each in details) else list(details)
