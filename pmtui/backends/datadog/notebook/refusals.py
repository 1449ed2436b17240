"""What a notebook was refused for: the service says it as the repr of a Python value, in one string. Pure.

Recorded shapes (vendor's client, vendor's CLI): ``{'name': ['Length must be …']}``, ``{'cells': {3: {'errors':
[{'detail': …, 'source': {'pointer': …}}]}}}``; a detail may come as one entry for each of its characters.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pmtui.backends.datadog.wire.values import leaf

_SILENT = frozenset({"_schema", "errors", "cells", "data", "attributes"})  # names that tell a person nothing


@dataclass(frozen=True, slots=True)
class Complaint:
    """``path`` leads to what is wrong, cells by their index from 0; ``pointer`` is the vendor's own, "" for none."""

    said: str
    path: tuple[str | int, ...] = ()
    pointer: str = ""

    @property
    def field(self) -> str:
        """The attribute of the notebook that it is about, "" for none of its own."""
        return str(self.path[0]) if self.path and self.path[0] not in _SILENT else ""

    @property
    def words(self) -> str:
        names = [str(each).replace("_", " ") for each in self.path if isinstance(each, str) and each not in _SILENT]
        cells = [f"cell {each + 1}" for each in self.path if isinstance(each, int)][:1]
        where = [*cells, *([self.pointer] if self.pointer else [])]
        return ": ".join((*names, self.said)) + (f" ({', '.join(where)})" if where else "")


def complaints(error: str) -> tuple[Complaint, ...]:
    """All that the string complains of, () when it holds no such value."""
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
    """The detail of which each of these errors has one character, "" when they are errors of their own."""
    details = [leaf(each, "detail") for each in errors]
    whole = rejoined(details) if _texts(details) else []
    return whole[0] if len(whole) == 1 and len(details) > 1 else ""


def rejoined(details: Sequence[str]) -> list[str]:
    """Some details arrive as one entry for each character (the vendor's CLI joins them again, too)."""
    return ["".join(details)] if len(details) >= 4 and all(len(each) == 1 for each in details) else list(details)
