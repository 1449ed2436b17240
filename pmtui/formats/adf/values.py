"""JSON values as the converter meets them: types, safe serialisation, fingerprints.

ADF is handled as plain dicts and lists. A document can be nested a thousand deep, so nothing here recurses
without a way out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
Mark = dict[str, Any]


def kind(node: Any) -> str:
    """The node's or mark's type; "" for anything that is no node."""
    found = node.get("type") if isinstance(node, dict) else None
    return found if isinstance(found, str) else ""


def attributes(node: Any) -> dict[str, Any]:
    """The attributes, {} where there are none (or where they are no object)."""
    found = node.get("attrs") if isinstance(node, dict) else None
    return found if isinstance(found, dict) else {}


def marks(node: Any) -> list[Any]:
    """The marks, [] where there are none (or where they are no list)."""
    found = node.get("marks") if isinstance(node, dict) else None
    return found if isinstance(found, list) else []


def children(node: Any) -> list[Any]:
    """The content, [] where there is none (or where it is no list)."""
    found = node.get("content") if isinstance(node, dict) else None
    return found if isinstance(found, list) else []


def text_of(node: Any) -> str:
    """The text of a text node; "" where it has none."""
    found = node.get("text") if isinstance(node, dict) else None
    return found if isinstance(found, str) else ""


def node(kind_: str, content: list[Any] | None = None, **attrs: Any) -> Node:
    """A node with its keys in ADF's usual order; empty attributes and content stay away."""
    made: Node = {"type": kind_}
    if attrs:
        made["attrs"] = attrs
    if content:
        made["content"] = content
    return made


def text(value: str, marks_: list[Mark] | None = None) -> Node:
    """A text node."""
    return {"type": "text", "text": value, **({"marks": marks_} if marks_ else {})}


def walk(root: Any) -> Iterator[Node]:
    """Every node of the tree, parents first, in the order of the document."""
    stack = [root]
    while stack:
        current = stack.pop()
        if isinstance(current, dict):
            yield current
            stack.extend(reversed(children(current)))


def parse(source: str) -> Any:
    """The value that JSON says. Raises ValueError also for NaN and 1e999: Python reads them, but no server does."""
    return json.loads(source, parse_constant=_no_constant, parse_float=_finite)


def loads(source: str) -> Any:
    """The value that JSON says; None where it is none."""
    try:
        return parse(source)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _finite(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):
        raise ValueError(f"{digits} is too large")
    return found


def dump(value: Any) -> str:
    """Canonical JSON of a value: sorted keys, and 1.0 written as 1, as JSON has but one kind of number."""
    try:
        return json.dumps(_plain_numbers(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return _dump_deep(value)


def _plain_numbers(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {k: _plain_numbers(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(v) for v in value]
    return value


def _dump_deep(root: Any) -> str:
    """What `dump` gives, without recursion, for values nested deeper than Python's stack."""
    out: list[str] = []
    stack: list[tuple[str, Any]] = [("", root)]  # text to write as it is, or ("", value)
    while stack:
        literal, value = stack.pop()
        if literal:
            out.append(literal)
        elif isinstance(value, dict):
            parts: list[tuple[str, Any]] = [("{", None)]
            for index, key in enumerate(sorted(value)):
                parts += [(("," if index else "") + json.dumps(key, ensure_ascii=False) + ":", None), ("", value[key])]
            stack.extend(reversed([*parts, ("}", None)]))
        elif isinstance(value, list):
            parts = [("[", None)]
            for index, item in enumerate(value):
                parts += [(",", None), ("", item)] if index else [("", item)]
            stack.extend(reversed([*parts, ("]", None)]))
        else:
            out.append(json.dumps(_plain_numbers(value), ensure_ascii=False))
    return "".join(out)
