"""Nodes without a notation, as JSON in a fence: one node per line with its depth, to any depth."""

from __future__ import annotations

from typing import Any

from pmtui.formats.adf.values import Node, attributes, children, dump, kind, loads

_NAMING = ("extensionKey", "title", "text", "url", "resourceId", "id")


def encode(root: Any) -> list[str]:
    """One line per node: its depth (none for the first), and the node without its content."""
    lines: list[str] = []
    stack: list[tuple[int, Any]] = [(0, root)]
    while stack:
        depth, current = stack.pop()
        nested = isinstance(current, dict) and isinstance(current.get("content"), list)
        own = {k: v for k, v in current.items() if k != "content"} | {"content": []} if nested else current
        lines.append((f"{depth} " if depth else "") + _one_line(own))
        stack.extend((depth + 1, child) for child in reversed(children(current) if nested else []))
    return lines


def _one_line(value: Any) -> str:
    """JSON with those characters escaped that a Markdown parser would change (they are only in strings)."""
    return "".join(char if char.isprintable() else _escaped(char) for char in dump(value))


def _escaped(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


def decode(source: str) -> Node | None:
    """The inverse of `encode`; None for any other lines. It also reads plain JSON of one node."""
    whole = loads(source)
    if isinstance(whole, dict):
        return whole if kind(whole) else None
    ancestors: list[Node] = []
    for line in source.split("\n"):
        depth_, _, rest = line.partition(" ") if line[:1].isdigit() else ("0", "", line)
        own = loads(rest)
        depth = int(depth_) if depth_.isdecimal() and len(depth_) < 7 else -1
        if not isinstance(own, dict) or not kind(own) or depth < 0 or depth > len(ancestors) or (depth == 0 and ancestors):
            return None
        if depth:
            parent = ancestors[depth - 1]
            if not isinstance(parent.get("content"), list):
                return None
            parent["content"].append(own)
        del ancestors[depth:]
        ancestors.append(own)
    return ancestors[0]


def describe_opaque(node: Any) -> str:
    """A description of the node: "extension: jira-chart". Foreign text: show it through `display`."""
    if not isinstance(node, dict) or not kind(node):
        return "unknown"
    named = next((v for name in _NAMING if isinstance(v := attributes(node).get(name), str) and v), "")
    return f"{kind(node)}: {named}" if named else kind(node)
