"""Checks a tree against the schema, without recursion."""

from __future__ import annotations

from typing import Any

from pmtui.formats.adf.schema import MAY_BE_EMPTY, NESTING, NODES, has_valid_attributes, is_valid_mark, mark_sets, may_hold
from pmtui.formats.adf.values import Node, children, kind, marks

_MARKED = frozenset({"text", "paragraph", "heading", "codeBlock", "expand"})


def is_valid(root: Any, parent: str) -> bool:
    """Whether the node and its descendants are allowed in this parent."""
    stack = [(root, parent)]
    while stack:
        node, above = stack.pop()
        if not isinstance(node, dict) or not _is_valid_alone(node, above):
            return False
        stack.extend((child, kind(node)) for child in children(node))
    return True


def _is_valid_alone(node: Node, parent: str) -> bool:
    """Whether the node itself is valid, ignoring its content."""
    node_type = kind(node)
    if not may_hold(parent, node_type):
        return False
    keys = {"type", "attrs"}
    keys |= {"content"} if node_type in NESTING else set()
    keys |= {"text"} if node_type == "text" else set()
    keys |= {"marks"} if any(mark_sets(parent, node_type)) or node_type in _MARKED else set()
    if not node.keys() <= keys or not has_valid_attributes(node, NODES[node_type]) or not _has_valid_marks(node, parent):
        return False
    if node_type == "text":
        return isinstance(node.get("text"), str) and node["text"] != ""
    return node_type not in NESTING or _has_valid_content(node, parent)


def _has_valid_marks(node: Node, parent: str) -> bool:
    if not isinstance(node.get("marks", []), list) or not all(is_valid_mark(mark) for mark in marks(node)):
        return False
    carried = {kind(mark) for mark in marks(node)}
    return any(carried <= allowed for allowed in mark_sets(parent, kind(node)))


def _has_valid_content(node: Node, parent: str) -> bool:
    node_type = kind(node)
    if "content" not in node:
        return node_type in MAY_BE_EMPTY and node_type != "tableRow"
    content = node["content"]
    if not isinstance(content, list):
        return False
    if node_type == "mediaSingle":
        return [kind(child) for child in content] in (["media"], ["media", "caption"])
    if node_type == "layoutSection" and parent == "doc":
        return 2 <= len(content) <= 3
    return bool(content) or node_type in MAY_BE_EMPTY
