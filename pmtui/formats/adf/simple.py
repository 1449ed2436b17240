"""Reduces a document to common constructs: what only this format has becomes a quote, a name, a link. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from pmtui.formats.adf.values import Node, attributes, children, kind, marks, node, text, text_of, walk

_MARKS = frozenset({"strong", "em", "code", "link", "strike"})
_KEPT = frozenset({"paragraph", "heading", "bulletList", "orderedList", "listItem", "blockquote", "codeBlock", "rule"})
_CARDS = frozenset({"blockCard", "embedCard"})


def simple(document: Node) -> Node:
    """The document with only paragraphs, headings, lists, quotes, code, rules, tables, links and emphasis."""
    return {"version": 1, "type": "doc", "content": list(_blocks(children(document)))}


def _blocks(nodes: Iterable[Any]) -> Iterator[Node]:
    for each in nodes:
        yield from _block(each)


def _block(block: Any) -> Iterator[Node]:
    name = kind(block)
    inner = children(block)
    if name in ("paragraph", "heading"):
        level = {"level": attributes(block).get("level", 1)} if name == "heading" else {}
        yield node(name, _ended(list(_inlines(inner))), **level)
    elif name == "panel":
        yield node("blockquote", list(_blocks(inner)))
    elif name in ("taskList", "decisionList"):
        yield _listed(block)
    elif name in ("expand", "nestedExpand"):
        title = attributes(block).get("title")
        if isinstance(title, str) and title:
            yield _paragraph([text(title, [{"type": "strong"}])])
        yield from _blocks(inner)
    elif name == "table":
        yield _table(block)
    elif name in _CARDS:
        yield _paragraph([_link(attributes(block).get("url"))])
    elif name in ("mediaSingle", "mediaGroup"):
        yield from (_paragraph([_picture(each)]) for each in inner if kind(each) == "media")
        yield from (_paragraph(list(_inlines(children(each)))) for each in inner if kind(each) == "caption")
    elif name in _KEPT:
        kept = inner if name == "codeBlock" else list(_blocks(inner))
        yield {key: value for key, value in {**block, "content": kept}.items() if key in ("type", "attrs", "content") and value}
    elif any(kind(each) == "text" for each in inner):
        yield _paragraph(list(_inlines(inner)))
    else:  # layouts, macros and unknown nodes: their content
        yield from _blocks(inner)


def _listed(block: Any) -> Node:
    """Keep tasks, which most programs know; turn decisions into list items."""
    tasks = kind(block) == "taskList"
    items: list[Node] = []
    for each in children(block):
        words = list(_inlines(children(each)))
        if kind(each) in ("taskList", "decisionList"):
            items.append(_listed(each) if tasks else node("listItem", [_paragraph([]), _listed(each)]))
        elif tasks:
            items.append(node("taskItem", words, localId="", state=attributes(each).get("state", "TODO")))
        else:
            items.append(node("listItem", [_paragraph(words)]))
    return node("taskList", items, localId="") if tasks else node("bulletList", items)


def _table(table: Any) -> Node:
    """Turn every cell into one paragraph, its blocks separated by line breaks."""
    rows: list[Node] = []
    for row in children(table):
        cells: list[Node] = []
        for cell in children(row):
            words: list[Node] = []
            for block in _blocks(children(cell)):
                line = [each for each in walk(block) if kind(each) == "text"]
                words += [*([{"type": "hardBreak"}] if words and line else []), *line]
            cells.append(node(kind(cell) or "tableCell", [_paragraph(words)]))
        rows.append(node("tableRow", cells))
    return node("table", rows)


def _inlines(nodes: Iterable[Any]) -> Iterator[Node]:
    for each in nodes:
        name, told = kind(each), attributes(each)
        if name == "text":
            yield text(text_of(each), [mark for mark in marks(each) if kind(mark) in _MARKS])
        elif name == "hardBreak":
            yield {"type": "hardBreak"}
        elif name == "inlineCard":
            yield _link(told.get("url"))
        elif name == "mediaInline":
            yield _picture(each)
        elif words := _words(name, told):
            yield text(words)
        else:
            yield from _inlines(children(each))


def _words(name: str, told: dict[str, Any]) -> str:
    if name == "date":
        return _date(told.get("timestamp"))
    if name == "placeholder":
        return ""
    found = told.get("text") or told.get("shortName")
    return found if isinstance(found, str) else ""


def _date(timestamp: Any) -> str:
    try:
        return datetime.fromtimestamp(int(timestamp) / 1000, UTC).date().isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return ""


def _link(url: Any) -> Node:
    address = url if isinstance(url, str) else ""
    return text(address or "link", [{"type": "link", "attrs": {"href": address}}] if address else [])


def _picture(media: Any) -> Node:
    told = attributes(media)
    name = told.get("alt") or told.get("id") or "without a name"
    url = told.get("url")
    words = f"picture: {name}"
    return text(words, [{"type": "link", "attrs": {"href": url}}] if isinstance(url, str) and url else [])


def _paragraph(content: list[Node]) -> Node:
    return node("paragraph", _ended(content))


def _ended(content: list[Node]) -> list[Node]:
    """Remove line breaks at the end, which are invisible."""
    while content and kind(content[-1]) == "hardBreak":
        content = content[:-1]
    return content
