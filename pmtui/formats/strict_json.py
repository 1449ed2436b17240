"""Parses JSON from outside: refuses what would not be written back unchanged, and finds nesting that is too deep. Pure.

Python accepts more than JSON (NaN, 1e999, repeated keys) and changes it silently; and its stack ends at about a thousand
levels. Nothing here recurses on the depth of its input, except Python's own parser.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

DEEPEST = 200
"""The most levels of nested lists and objects in an answer, and in a record on disk."""
_NESTED = (dict, list, tuple)
_ZERO = re.compile(r"-?0(?:\.0*+)?(?:[eE].*)?")


def parse(source: str) -> Any:
    """Parse JSON.

    Raises ValueError for what would not be written back unchanged: NaN, 1e999 and 1e-999, which Python reads as other numbers;
    a repeated key of an object; integers longer than Python reads. Raises RecursionError for values nested deeper than
    Python's stack.
    """
    try:
        return json.loads(source, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_object)
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        if str(error).startswith("Exceeds the limit"):
            raise ValueError("a number has thousands of digits") from None
        raise


def is_deep(data: Any, deepest: int = DEEPEST) -> bool:
    """Whether JSON is nested deeper than this. It works level by level, without recursion."""
    level = [data]
    for _ in range(deepest):
        level = [inner for each in level if isinstance(each, _NESTED) for inner in (each.values() if isinstance(each, dict) else each)]
        if not level:
            return False
    return True


def deep_place(source: str) -> str:
    """The beginning of the path to the first place nested too deeply: "data.cells[3].definition"."""
    path: list[str | int] = []  # the current member of each open list and object
    name = ""
    for token in _TOKEN.finditer(source):
        said = token[0]
        if said[0] == '"':
            name = said[1:-1]
        elif said == ":":
            path[-1] = name
        elif said == "," and path and isinstance(at := path[-1], int):
            path[-1] = at + 1
        elif said in "[{":
            path.append(0 if said == "[" else "")
        elif said in "]}" and path:
            path.pop()
        if len(path) > DEEPEST:
            break
    steps = (f"[{step}]" if isinstance(step, int) else f".{step[:_LONGEST_NAME]}" for step in path[:_STEPS])
    return "".join(steps).removeprefix(".")


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}:,]', re.DOTALL)
_STEPS, _LONGEST_NAME = 6, 40
"""The steps of a path that are shown."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"an object has the name {twice[:40]!r} twice")
    return made


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _finite(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):
        raise ValueError(f"{digits[:20]} is too large a number")
    if found == 0 and not _ZERO.fullmatch(digits):
        raise ValueError(f"{digits[:20]} is too small a number")
    return found
