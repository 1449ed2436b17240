"""Words in Markdown as inline nodes. Nothing is checked here: what does not belong is `fit`'s business."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from markdown_it.token import Token

from pmtui.formats.adf import brace
from pmtui.formats.adf.brace import Item
from pmtui.formats.adf.emoji import emoji_attributes
from pmtui.formats.adf.notation import DEFAULTS, JSON_ATTRIBUTES, LONG, NONE, STATUS_COLORS, WORDS, number
from pmtui.formats.adf.read.parser import parse_inline
from pmtui.formats.adf.schema import NODES, is_attribute
from pmtui.formats.adf.values import Mark, Node, loads

#: A node that we do not know, shown by its words: only the original knows more.
UNKNOWN_INLINE = "adf:inline"
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)\.(\d{3})Z)?")
_SIMPLE = {
    "strong_open": {"type": "strong"},
    "em_open": {"type": "em"},
    "s_open": {"type": "strike"},
}
#: More marks than this around a mark, and it is not said again where it already holds.
_REPEATABLE = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_inline(source: str, env: dict[str, object]) -> list[Node]:
    """The inline nodes of a block's words; neighbouring texts with equal marks are one."""
    if source.endswith("\\") and (len(source) - len(source.rstrip("\\"))) % 2:
        source += "\n"  # a break at the end of a block is one too
    return _Reading().read(parse_inline(source, env)) if source else []


class _Reading:
    """One pass over inline tokens."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.open: list[list[Mark]] = [[]]  # the marks at each level, those of the levels around it among them

    def read(self, tokens: list[Token]) -> list[Node]:
        for token in tokens:
            if token.type in ("text", "text_special"):
                self._text(token.content)
            elif token.type == "code_inline":
                self._text(token.content, {"type": "code"})
            elif token.type == "softbreak":
                self._text(" ")
            elif token.type == "image":
                self._image(token)
            elif token.nesting > 0:
                self._open(_opened(token))
            elif token.nesting < 0:
                self.open.pop()
            else:
                self._node(_node(token))
        return self.nodes

    def _open(self, marks: list[Mark]) -> None:
        """Bold in bold is bold: asterisks can be nested as deep as a line is long, and each word has all their marks."""
        around = self.open[-1]
        self.open.append(around if len(marks) == 1 and len(around) > _REPEATABLE and marks[0] in around else [*around, *marks])

    def _text(self, content: str, *more: Mark) -> None:
        if not content:
            return
        marks = [*self.open[-1], *more]
        last = self.nodes[-1] if self.nodes else None
        if last is not None and last["type"] == "text" and last.get("marks", []) == marks:
            last["text"] += content
        else:
            self.nodes.append({"type": "text", "text": content, **({"marks": marks} if marks else {})})

    def _node(self, node: Node) -> None:
        marks = list(self.open[-1])
        if marks and node["type"] != "hardBreak":
            node["marks"] = marks
        self.nodes.append(node)

    def _image(self, token: Token) -> None:
        """ADF has no pictures from elsewhere within words: a link to it."""
        url = str(token.attrs.get("src", ""))
        self._text(token.content or url or "!", {"type": "link", "attrs": {"href": url}})


def _opened(token: Token) -> list[Mark]:
    if token.type == "span_open":
        found: list[Mark] = token.meta["marks"]
        return found
    if token.type == "link_open":
        title = token.attrs.get("title")
        return [{"type": "link", "attrs": {"href": token.attrs["href"], **({"title": title} if title else {})}}]
    return [_SIMPLE[token.type]]


def _node(token: Token) -> Node:
    meta: dict[str, Any] = token.meta
    if token.type == "hardbreak":
        return {"type": "hardBreak"}
    if token.type == "emoji":
        return {"type": "emoji", "attrs": dict(emoji_attributes(meta["name"]))}
    if token.type == "card":
        return {"type": "inlineCard", "attrs": {"url": meta["url"]}}
    if token.type == "mention":
        return _mention(meta["name"], meta["id"], meta["items"])
    return _word(meta["word"], meta["text"], meta["items"])


def _mention(name: str, target: str, items: list[Item]) -> Node:
    shown = {"text": "@" + name} if name else {}
    return {"type": "mention", "attrs": {"id": target, **shown, **read_attributes("mention", items)}}


def _word(word: str, text: str, items: list[Item]) -> Node:
    node_type, label = WORDS[word]
    if not node_type:
        return {"type": UNKNOWN_INLINE, "attrs": {"words": text, "of": brace.read_name(items)[0]}}
    keys = {key for key, _ in items}
    attrs = {label: text} if text or (label == "url" and "data" not in keys) else {}
    if node_type == "emoji":
        attrs = {label: f":{text}:"}
    if node_type == "date":
        attrs = {label: timestamp(text)}
    if node_type == "status" and items and items[0][1] is None:
        attrs["color"] = items[0][0]
        items = items[1:]
    return {"type": node_type, "attrs": with_defaults(node_type, attrs, items)}


def timestamp(shown: str) -> str:
    """Milliseconds since 1970 for an ISO date; anything else is the time stamp itself."""
    match = _DATE.fullmatch(shown)
    if match is None:
        return shown
    try:
        moment = datetime(*(int(part or 0) for part in match.groups()[:6]), tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError:
        return shown
    return str((moment - _EPOCH) // timedelta(milliseconds=1) + int(match[7] or 0))


def read_attributes(node_type: str, items: list[Item]) -> dict[str, Any]:
    """Attributes from the items of a brace, each of the type that the node's attribute has; others are left out."""
    found: dict[str, Any] = {}
    for key, value in items:
        name = key if key in _names(node_type) else LONG.get(key, key)
        if value is None:
            continue
        if name in JSON_ATTRIBUTES:
            found[name] = loads(value)
            continue
        for typed in (value, number(value), {"true": True, "false": False}.get(value)):
            if typed is not None and is_attribute(node_type, name, typed):
                found[name] = typed
                break
    return found


def with_defaults(node_type: str, attrs: dict[str, Any], items: list[Item]) -> dict[str, Any]:
    """The attributes that stand in the notation, those that go without saying, and those of the brace."""
    defaults = {name: value for name, value in DEFAULTS.get(node_type, {}).items() if (name, NONE) not in items}
    return {**defaults, **attrs, **read_attributes(node_type, items)}


def _names(node_type: str) -> set[str]:
    rule = NODES.get(node_type)
    return {name for form in rule.forms for name in form.checks} if rule else set()


__all__ = ["STATUS_COLORS", "UNKNOWN_INLINE", "read_attributes", "read_inline", "timestamp"]
