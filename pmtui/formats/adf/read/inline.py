"""Parses words in Markdown into inline nodes. Nothing is checked here: `fit` does that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from markdown_it.token import Token

from pmtui.formats.adf import brace
from pmtui.formats.adf.attributes import read_attributes, with_defaults
from pmtui.formats.adf.brace import Item
from pmtui.formats.adf.emoji import emoji_attributes
from pmtui.formats.adf.notation import WORDS
from pmtui.formats.adf.read.parser import Parsed
from pmtui.formats.adf.values import Mark, Node, joined_texts, text

#: An unknown node, shown by its words: only the original has the rest.
UNKNOWN_INLINE = "adf:inline"
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)\.(\d{3})Z)?")
_SIMPLE = {
    "strong_open": {"type": "strong"},
    "em_open": {"type": "em"},
    "s_open": {"type": "strike"},
}
#: Inside more marks than this, a mark that already applies is not added again.
_REPEATABLE = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_inline(source: str, parsed: Parsed) -> list[Node]:
    """The inline nodes of a block's words; neighbouring texts with equal marks are joined."""
    if source.endswith("\\") and (len(source) - len(source.rstrip("\\"))) % 2:
        source += "\n"  # so that a break at the end of a block counts
    return _Reading().read(parsed.words(source)) if source else []


@dataclass(slots=True)
class _Open:
    """The marks at one level, including those of enclosing levels; and the link opened there, if any."""

    marks: list[Mark]
    link: Mark | None = None
    source: str = ""  # the link's source
    worded: bool = True  # whether a text has the link


class _Reading:
    """One pass over inline tokens."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.open = [_Open([])]
        self.links: list[_Open] = []  # the entries of `open` that opened a link

    def read(self, tokens: list[Token]) -> list[Node]:
        for token in tokens:
            if token.type in ("text", "text_special"):
                self._text(token.content)
            elif token.type == "code_inline":
                self._text(token.content, {"type": "code"})
            elif token.type == "softbreak":
                self._text(" ")
            elif token.type == "image":
                self._image(token.meta, token.content)
            elif token.type == "link_open":
                self._open_link(token)
            elif token.nesting > 0:
                self._open(token.meta["marks"] if token.type == "span_open" else [_SIMPLE[token.type]])
            elif token.nesting < 0:
                self._close()
            else:
                self._node(_node(token))
        return joined_texts(self.nodes)

    def _open(self, marks: list[Mark]) -> None:
        """Open marks. Bold in bold is bold: asterisks can be nested as deep as a line is long."""
        around = self.open[-1].marks
        known = len(marks) == 1 and len(around) > _REPEATABLE and marks[0] in around
        self.open.append(_Open(around if known else [*around, *marks]))

    def _open_link(self, token: Token) -> None:
        meta = token.meta or {"href": token.attrs["href"], "title": "", "source": ""}
        link = _link(meta["href"], meta["title"])
        self.open.append(_Open([*self.open[-1].marks, link], link, meta["source"], worded=False))
        self.links.append(self.open[-1])

    def _close(self) -> None:
        """Close marks. A link without text (it is empty, or has a picture or another address) is followed by its address."""
        level = self.open[-1]
        if level.link is not None:
            if not level.worded:
                self._text(str(level.link["attrs"]["href"]) or level.source)
            self.links.pop()
        self.open.pop()

    def _text(self, content: str, *more: Mark) -> None:
        if not content:
            return
        if self.links:
            self.links[-1].worded = True
        self.nodes.append(text(content, [*self.open[-1].marks, *more]))

    def _node(self, node: Node) -> None:
        marks = list(self.open[-1].marks)
        if marks and node["type"] != "hardBreak":
            node["marks"] = marks
        self.nodes.append(node)

    def _image(self, picture: dict[str, str], alt: str) -> None:
        """Add a picture as a link, because ADF has no external pictures within words; inside a link, add its source as text."""
        if self.links:
            self._text(picture["source"])
        else:
            self._text(alt or picture["href"] or picture["source"], _link(picture["href"], picture["title"]))


def _link(href: str, title: str) -> Mark:
    return {"type": "link", "attrs": {"href": href, **({"title": title} if title else {})}}


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


def _word(word: str, words: str, items: list[Item]) -> Node:
    node_type, label = WORDS[word]
    if not node_type:
        return {"type": UNKNOWN_INLINE, "attrs": {"words": words, "of": brace.read_name(items)[0]}}
    keys = {key for key, _ in items}
    attrs = {label: words} if words or (label == "url" and "data" not in keys) else {}
    if node_type == "emoji":
        attrs = {label: f":{words}:"}
    if node_type == "date":
        attrs = {label: timestamp(words)}
    if node_type == "status" and items and items[0][1] is None:
        attrs["color"] = items[0][0]
        items = items[1:]
    return {"type": node_type, "attrs": with_defaults(node_type, attrs, items)}


def timestamp(shown: str) -> str:
    """Milliseconds since 1970 for an ISO date; anything else is returned as the time stamp."""
    match = _DATE.fullmatch(shown)
    if match is None:
        return shown
    try:
        moment = datetime(*(int(part or 0) for part in match.groups()[:6]), tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError:
        return shown
    return str((moment - _EPOCH) // timedelta(milliseconds=1) + int(match[7] or 0))
