"""The repairs that `fit` combines: of attributes, of content, and replacements of nodes."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import groupby
from typing import Any

from pmtui.formats.adf.notation import LABELS
from pmtui.formats.adf.opaque import describe_opaque
from pmtui.formats.adf.read.inline import UNKNOWN_INLINE
from pmtui.formats.adf.schema import INLINE, MAY_BE_EMPTY, NESTING, NODES, may_hold
from pmtui.formats.adf.values import Node, attributes, children, kind, marks, node, text
from pmtui.formats.adf.write.inline import words_of

#: A child that does not belong into one of these goes between two of them.
LISTS = frozenset({"bulletList", "orderedList", "taskList", "decisionList", "mediaGroup"})
#: Nodes that must have a localId.
OWN_ID = frozenset({"taskList", "taskItem", "blockTaskItem", "decisionList", "decisionItem", "syncBlock", "bodiedSyncBlock"})
#: Default values of required attributes.
_REQUIRED: dict[str, dict[str, Any]] = {
    "heading": {"level": 1},
    "panel": {"panelType": "info"},
    "taskItem": {"state": "TODO"},
    "blockTaskItem": {"state": "TODO"},
    "decisionItem": {"state": "DECIDED"},
    "status": {"color": "neutral"},
    "embedCard": {"layout": "center"},
    "layoutColumn": {"width": 50},
}


# ---- another node instead -------------------------------------------------------------------------------


def adapted(child: Any, parent: str) -> Node | None:
    """An equivalent block that fits a parent of blocks; None when there is none."""
    for wanted, make in _ADAPTERS.get(kind(child), {}).items():
        if may_hold(parent, wanted):
            return make(child)
    return None


def words_in(child: Any) -> list[Node]:
    """The words of a misplaced node without content, as a text node; [] for none."""
    if not isinstance(child, dict):
        return []
    if kind(child) == UNKNOWN_INLINE:
        words = str(attributes(child).get("words", ""))
    else:
        words = words_of(child) or str(attributes(child).get("timestamp", ""))
    carried = marks(child) if kind(child) in INLINE else []
    if isinstance(url := attributes(child).get("url"), str) and url:
        carried = [*carried, {"type": "link", "attrs": {"href": url}}]
        words = words or url
    return [text(words, carried)] if words else []


def taken_apart(child: Any) -> list[Any]:
    """The replacement of a misplaced node: its content, after its title, or else its words."""
    content = children(child)
    return [*_called(child), *content] if content else words_in(child)


def _called(child: Node) -> list[Node]:
    if kind(child) == "panel":
        return [text(f"[!{str(attributes(child).get('panelType')).upper()}]")]
    called = attributes(child).get(LABELS.get(kind(child), ""))
    return [text(called)] if isinstance(called, str) and called else []


def _retyped(new_type: str) -> Callable[[Node], Node]:
    return lambda child: {**child, "type": new_type}


def _as_paragraph(child: Node) -> Node:
    return node("paragraph", children(child))


def _as_bullets(child: Node) -> Node:
    items = [_as_paragraph(item) if kind(item) in ("taskItem", "decisionItem") else item for item in children(child)]
    return node("bulletList", [node("listItem", [item]) for item in items])


def _as_link(child: Node) -> Node:
    url = attributes(child).get("url")
    return node("paragraph", [node("inlineCard", url=url) if isinstance(url, str) and url else text(describe_opaque(child))])


def _within(*wrappers: str) -> Callable[[Node], Node]:
    """Wrap a stray part into what holds it, from the inside out."""
    return lambda child: reduce(lambda inner, wrapper: node(wrapper, [inner]), wrappers, child)


#: What can stand for a misplaced block, the best first.
_ADAPTERS: dict[str, dict[str, Callable[[Node], Node]]] = {
    "heading": {"paragraph": _as_paragraph},
    "caption": {"paragraph": _as_paragraph},
    "expand": {"nestedExpand": _retyped("nestedExpand")},
    "nestedExpand": {"expand": _retyped("expand")},
    "rule": {"paragraph": lambda child: node("paragraph", [text("---")])},
    "listItem": {"bulletList": _within("bulletList")},
    "taskList": {"bulletList": _as_bullets},
    "taskItem": {"taskList": _within("taskList"), "paragraph": _as_paragraph},
    "blockTaskItem": {"taskList": _within("taskList")},
    "decisionList": {"bulletList": _as_bullets},
    "decisionItem": {"decisionList": _within("decisionList"), "paragraph": _as_paragraph},
    "tableRow": {"table": _within("table")},
    "tableCell": {"table": _within("tableRow", "table")},
    "tableHeader": {"table": _within("tableRow", "table")},
    "media": {"mediaSingle": _within("mediaSingle")},
    **{leaf: {"paragraph": _as_link} for leaf in ("blockCard", "embedCard", "extension", "syncBlock")},
}


# ---- attributes -----------------------------------------------------------------------------------------


def fitted_attributes(child: Node) -> dict[str, Any] | None:
    """The attributes that the schema allows, with defaults; None when a required one is missing and has no default.

    A missing required localId is not added here, but when the document is complete.
    """
    child_type = kind(child)
    rule = NODES[child_type]
    if not rule.forms or (not rule.attrs_required and "attrs" not in child):
        return {}
    found = attributes(child)
    best: dict[str, Any] | None = None
    for form in rule.forms:
        defaults = {name: value for name, value in _REQUIRED.get(child_type, {}).items() if name in form.required}
        allowed = defaults | {name: value for name, value in found.items() if name in form.checks and form.checks[name](value)}
        missing = form.required - allowed.keys() - ({"localId"} if child_type in OWN_ID else set())
        if not missing and (best is None or len(allowed) > len(best)):
            best = allowed
    return {} if best is None and not rule.attrs_required else best


# ---- content --------------------------------------------------------------------------------------------


def completed(node_type: str, parent: str, content: list[Node]) -> list[Node]:
    """The node with complete content, split into several if the content needs it. Attributes are added later."""
    if node_type in LISTS:
        return _split(node_type, content)
    if node_type == "mediaSingle":
        return _singles(content)
    if node_type == "layoutSection":
        return _columns(content) if parent == "doc" else [{"type": node_type, "content": content}]
    if not content and node_type in NESTING and node_type not in MAY_BE_EMPTY:
        content = [node("paragraph")] if may_hold(node_type, "paragraph") else [{"type": "tableRow", "content": []}]
    return [{"type": node_type, **({"content": content} if content or node_type == "tableRow" else {})}]


def _split(node_type: str, content: list[Node]) -> list[Node]:
    parts: list[Node] = []
    for fits, group in groupby(content, lambda child: may_hold(node_type, kind(child))):
        stretch = list(group)
        parts += [{"type": node_type, "content": stretch}] if fits else stretch
    return parts


def _singles(content: list[Node]) -> list[Node]:
    """Split a frame into frames with one picture and one caption each; content without a picture becomes words."""
    frames: list[Node] = []
    for child in content:
        last = frames[-1] if frames else None
        if kind(child) == "media":
            frames.append({"type": "mediaSingle", "content": [child]})
        elif last is not None and kind(last) == "mediaSingle" and len(last["content"]) == 1:
            last["content"].append(child)
        else:
            frames.append(_as_paragraph(child))
    return frames


def _columns(content: list[Node]) -> list[Node]:
    """Make two or three columns, as the schema requires: a single one is not a layout, and further ones go below it."""
    if len(content) < 2:
        return [child for column in content for child in children(column)]
    columns = [dict(column) for column in content[:3]]
    for extra in content[3:]:
        columns[-1]["content"] = [*columns[-1]["content"], *children(extra)]
    return [{"type": "layoutSection", "content": columns}]
