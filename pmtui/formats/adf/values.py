"""JSON values in the converter: types, safe access, canonical serialisation.

ADF is plain dicts and lists. A document can be nested a thousand deep, so nothing here recurses on its depth.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from json.encoder import encode_basestring
from typing import Any

from pmtui.formats.strict_json import parse

Node = dict[str, Any]
Mark = dict[str, Any]

#: Follows the last item of a list or object: see `dump`.
_END = object()


def kind(node: Any) -> str:
    """The type of a node or mark; "" for anything else."""
    found = node.get("type") if isinstance(node, dict) else None
    return found if isinstance(found, str) else ""


def attributes(node: Any) -> dict[str, Any]:
    """The attributes, {} when they are missing or not an object."""
    found = node.get("attrs") if isinstance(node, dict) else None
    return found if isinstance(found, dict) else {}


def marks(node: Any) -> list[Any]:
    """The marks, [] when they are missing or not a list."""
    found = node.get("marks") if isinstance(node, dict) else None
    return found if isinstance(found, list) else []


def children(node: Any) -> list[Any]:
    """The content, [] when it is missing or not a list."""
    found = node.get("content") if isinstance(node, dict) else None
    return found if isinstance(found, list) else []


def text_of(node: Any) -> str:
    """The text of a text node, "" when it has none."""
    found = node.get("text") if isinstance(node, dict) else None
    return found if isinstance(found, str) else ""


def node(kind_: str, content: list[Any] | None = None, **attrs: Any) -> Node:
    """A node with its keys in ADF's usual order, without empty attributes and content."""
    made: Node = {"type": kind_}
    if attrs:
        made["attrs"] = attrs
    if content:
        made["content"] = content
    return made


def text(value: str, marks_: list[Mark] | None = None) -> Node:
    """A text node."""
    return {"type": "text", "text": value, **({"marks": marks_} if marks_ else {})}


def joined_texts(nodes: list[Any], kept: Container[int] = ()) -> list[Any]:
    """The inline nodes with neighbouring texts joined where their marks are equal, but for nodes whose id() is in ``kept``."""
    runs: list[list[Any]] = []
    for each in nodes:
        before = runs[-1][-1] if runs else None
        both_new = kind(each) == kind(before) == "text" and id(each) not in kept and id(before) not in kept
        if both_new and marks(each) == marks(before):
            runs[-1].append(each)
        else:
            runs.append([each])
    return [run[0] if len(run) == 1 else {**run[0], "text": "".join(map(text_of, run))} for run in runs]


def walk(root: Any) -> Iterator[Node]:
    """Every node of the tree in document order, parents first."""
    stack = [root]
    while stack:
        current = stack.pop()
        if isinstance(current, dict):
            yield current
            stack.extend(reversed(children(current)))


def loads(source: str) -> Any:
    """Parse JSON; None when invalid (see `strict_json.parse`)."""
    try:
        return parse(source)
    except (ValueError, RecursionError):
        return None


def dump(root: Any, without: frozenset[str] = frozenset()) -> str:
    """Canonical JSON of a value of any depth: sorted keys, and 1.0 written as 1, because JSON has one kind of number.

    Keys in ``without`` are left out of every object, and so are objects with no other keys.
    """
    out: list[str] = []
    stack = [("", root)]  # the text before a value, and the value
    while stack:
        before, value = stack.pop()
        if isinstance(value, str):
            out.append(before + encode_basestring(value))
        elif isinstance(value, dict) and (keys := sorted(_shown(value, without), reverse=True)):
            stack.append(("}", _END))
            stack += [("," + encode_basestring(key) + ":", value[key]) for key in keys[:-1]]
            stack.append((before + "{" + encode_basestring(keys[-1]) + ":", value[keys[-1]]))
        elif isinstance(value, list) and value:
            stack.append(("]", _END))
            stack += [(",", item) for item in value[:0:-1]]
            stack.append((before + "[", value[0]))
        elif value is _END:
            out.append(before)
        elif isinstance(value, dict):
            out.append(before + "{}")
        else:
            out.append(before + json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value))
    return "".join(out)


def _shown(value: dict[str, Any], without: frozenset[str]) -> list[str]:
    if not without:
        return list(value)
    return [key for key, item in value.items() if key not in without and not (isinstance(item, dict) and item.keys() <= without)]
