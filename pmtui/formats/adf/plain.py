"""Converts our notation to plain Markdown: a panel becomes a quote, a mention a name. Pure.

It is for targets that accept only plain Markdown, and counts what was changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pmtui.formats.adf import from_markdown, opaque, to_markdown
from pmtui.formats.adf.emoji import EMOJI
from pmtui.formats.adf.schema import INLINE
from pmtui.formats.adf.trampoline import run
from pmtui.formats.adf.values import Mark, Node, attributes, children, kind, marks, node, text, text_of, walk
from pmtui.formats.adf.write.inline import iso_date, words_of

_KEPT_MARKS = frozenset({"strong", "em", "strike", "code", "link"})
_MARKS: Mapping[str, str] = {
    "textColor": "colour",
    "backgroundColor": "colour",
    "underline": "underline",
    "subsup": "raised or lowered words",
    "annotation": "comment",
    "alignment": "alignment",
    "indentation": "indentation",
}
_KEPT_BLOCKS = frozenset({"blockquote", "bulletList", "listItem", "taskList"})
_BARE = frozenset({"strong", "em", "strike"})

_Nodes = list[Any]
_Work = Generator[Any, _Nodes, _Nodes]


@dataclass(frozen=True, slots=True)
class PlainText:
    """``text`` is plain Markdown; ``changed`` counts the replacements by kind: ``panel → quote``."""

    text: str
    changed: tuple[tuple[str, int], ...] = ()


@lru_cache(maxsize=64)  # a copy asks for the same cells again after each reading of its target
def plain(markdown: str) -> PlainText:
    """Convert a text. A text without our notation is returned unchanged."""
    document = from_markdown(markdown)
    changed: Counter[str] = Counter()
    blocks = [_without_braces(block, changed) for block in run(_each(children(document), changed), lambda each: _block(each, changed))]
    text_ = to_markdown({**document, "content": blocks})
    read_away = any(mark in markdown for mark in (":::", ":adf["))  # the notation of what no schema knows is not in the document
    if text_ == to_markdown(document) and not read_away:
        return PlainText(markdown)
    return PlainText(text_, tuple(sorted((+changed).items())))


def _each(nodes: _Nodes, changed: Counter[str]) -> _Work:
    made: _Nodes = []
    for each in nodes:
        made += yield each
    return made


def _block(block: Any, changed: Counter[str]) -> _Work:
    """The blocks that replace a block."""
    name = kind(block)
    if name in ("paragraph", "heading"):
        return _words_block(block, changed)
    if name == "codeBlock":
        return _code(block, changed)
    if name == "rule":
        return [node("rule")]
    if name == "taskItem":
        return [{**block, "content": _inlines(block, changed)}]
    if name == "table":
        return [_table(block, changed)]
    if name in ("mediaSingle", "mediaGroup"):
        return _pictures(block, changed)
    if name == "decisionList":
        changed["decision → list item"] += len(children(block))
        return [node("bulletList", [_decision(item, changed) for item in children(block)])]
    if not children(block):
        return _leaf(block, changed)
    inner = yield from _each(children(block), changed)
    return _around(block, inner, changed)


def _code(block: Node, changed: Counter[str]) -> _Nodes:
    """Code as it is; a block that only its JSON can say becomes its name and its words."""
    language = attributes(block).get("language")
    if language == "adf" and (kept := opaque.decode("".join(map(text_of, children(block))))) is not None:
        changed["rich block → its words"] += 1
        words = " ".join(text_of(each) for each in walk(kept) if kind(each) == "text")
        named = node("paragraph", [text(opaque.describe_opaque(kept), [{"type": "em"}])])
        return [named, *([node("paragraph", [text(words)])] if words.strip() else [])]
    return [node("codeBlock", [text(text_of(each)) for each in children(block)], **({"language": language} if language else {}))]


def _words_block(block: Node, changed: Counter[str]) -> _Nodes:
    for mark in marks(block):
        changed[f"{_MARKS.get(kind(mark), kind(mark))} → none"] += 1
    content = _inlines(block, changed)
    if kind(block) == "heading":
        return [node("heading", content, level=attributes(block).get("level", 1))]
    return [node("paragraph", content)] if content else []


def _around(block: Node, inner: _Nodes, changed: Counter[str]) -> _Nodes:
    """The replacement of a block of blocks, whose content is already plain."""
    name = kind(block)
    if name in _KEPT_BLOCKS:
        return [{"type": name, "content": inner or [node("paragraph")]}]
    if name == "orderedList":
        return [node(name, inner, order=attributes(block).get("order", 1))]
    if name == "panel":
        changed["panel → quote"] += 1
        return [node("blockquote", _led(str(attributes(block).get("panelType", "")).capitalize(), inner))]
    if name in ("layoutSection", "layoutColumn"):
        changed["columns → one below the other"] += name == "layoutSection"
        return inner
    changed[f"{'folding section' if name in ('expand', 'nestedExpand') else _called(name)} → its text"] += 1
    title = [node("paragraph", [text(label, [{"type": "strong"}])])] if (label := _label(block)) else []
    return [*title, *inner]


def _leaf(block: Node, changed: Counter[str]) -> _Nodes:
    """The replacement of a card or a macro."""
    name, url = kind(block), attributes(block).get("url")
    if name in ("blockCard", "embedCard") and url:
        changed["card → link"] += 1
        return [node("paragraph", [_link(url, url)])]
    words = _label(block) or words_of(block)
    changed[f"{_called(name)} → its name"] += 1
    return [node("paragraph", [text(f"{_called(name)}: {words}" if words else _called(name), [{"type": "em"}])])]


def _called(name: str) -> str:
    return "macro" if "xtension" in name or "sync" in name.lower() else "rich block"


def _label(block: Any) -> str:
    found = (attributes(block).get(name) for name in ("title", "extensionKey", "text"))
    return next((each for each in found if isinstance(each, str) and each.strip()), "")


def _led(word: str, blocks: _Nodes) -> _Nodes:
    """The blocks, with a bold word before the first words."""
    lead = text(f"{word}:", [{"type": "strong"}])
    if blocks and kind(blocks[0]) == "paragraph":
        return [node("paragraph", [lead, text(" "), *children(blocks[0])]), *blocks[1:]]
    return [node("paragraph", [lead]), *blocks]


def _decision(item: Any, changed: Counter[str]) -> Node:
    word = "Decision" if attributes(item).get("state") == "DECIDED" else "Open decision"
    return node("listItem", [node("paragraph", [text(f"{word}: ", [{"type": "strong"}]), *_inlines(item, changed)])])


def _pictures(block: Node, changed: Counter[str]) -> _Nodes:
    """Keep pictures with an address; an uploaded file becomes its name."""
    made: _Nodes = []
    for each in children(block):
        attrs = attributes(each)
        if kind(each) == "caption":
            changed["caption → words"] += 1
            made.append(node("paragraph", _inlines(each, changed)))
        elif attrs.get("type") == "external" and isinstance(attrs.get("url"), str):
            known = {name: attrs[name] for name in ("type", "url", "alt") if attrs.get(name)}
            made.append(node("mediaSingle", [node("media", **known)], layout="center"))
        else:
            changed["uploaded file → its name"] += 1
            name = attrs.get("alt") or attrs.get("id") or "without a name"
            made.append(node("paragraph", [text(f"Uploaded file: {name}", [{"type": "em"}])]))
    return made


def _table(table: Node, changed: Counter[str]) -> Node:
    """A table for pipe syntax: one paragraph per cell, no spans, all rows as long as the longest."""
    rows = _grid(table, changed)
    longest = max(map(len, rows), default=0)
    if {name: value for name, value in attributes(table).items() if name != "localId"}:
        changed["settings of a table → none"] += 1
    made = []
    for number, row in enumerate(rows):
        filled = [*row, *[node("tableCell", [node("paragraph")]) for _ in range(longest - len(row))]]
        heads = number == 0 and all(kind(cell) == "tableHeader" for cell in row)
        changed["heading cell → cell"] += 0 if heads else sum(kind(cell) == "tableHeader" for cell in row)
        made.append(node("tableRow", [{**cell, "type": "tableHeader" if heads else "tableCell"} for cell in filled]))
    return node("table", made)


def _grid(table: Node, changed: Counter[str]) -> list[_Nodes]:
    """The rows, with an empty cell wherever one above or to the left spans, so that every word stays in its column."""
    rows: list[_Nodes] = []
    below: dict[int, int] = {}  # column → rows that a cell above still covers
    for row in children(table):
        made: _Nodes = []
        for cell in children(row):
            while below.get(len(made)):
                below[len(made)] -= 1
                made.append(node("tableCell", [node("paragraph")]))
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            below |= dict.fromkeys(range(len(made), len(made) + wide), high - 1)
            made.append(_table_cell(cell, changed))
            made += [node(kind(cell) or "tableCell", [node("paragraph")]) for _ in range(wide - 1)]
        below = {column: left - (column >= len(made)) for column, left in below.items() if left > (column >= len(made))}
        rows.append(made)
    return rows


def _span(cell: Any, name: str) -> int:
    """How many columns or rows a cell takes. Nobody has made a table of more than a hundred by hand."""
    told = attributes(cell).get(name, 1)
    return min(max(told, 1), 100) if isinstance(told, int) else 1


def _table_cell(cell: Any, changed: Counter[str]) -> Node:
    spans = [attributes(cell).get(name, 1) for name in ("colspan", "rowspan")]
    changed["spanned cell → one cell"] += any(span not in (1, None) for span in spans)
    content = children(cell)
    lines = _lines(content, changed)
    if len(content) > 1 or any(kind(each) != "paragraph" for each in content):
        changed["blocks in a table's cell → lines"] += 1
    words: _Nodes = []
    for line in lines:
        words += [*([node("hardBreak")] if words else []), *line]
    return node(kind(cell) or "tableCell", [node("paragraph", words)])


def _lines(blocks: _Nodes, changed: Counter[str], depth: int = 0) -> list[_Nodes]:
    """The content of a cell as lines: one for each paragraph, list item, or line of code."""
    found: list[_Nodes] = []
    for block in blocks:
        if kind(block) == "codeBlock":
            code = "".join(text_of(each) for each in children(block)).split("\n")
            found += [[text(line, [{"type": "code"}])] for line in code if line]
        elif any(kind(child) in INLINE for child in children(block)):
            found.append(_inlines(block, changed))
        elif kind(block) in ("listItem", "taskItem", "decisionItem"):
            inner = _lines(children(block), changed, depth + 1)
            found += [[text("• "), *inner[0]], *inner[1:]] if inner else []
        elif depth < 100:
            inner = _lines(children(block), changed, depth + 1)
            found += inner if inner or (not children(block) and not words_of(block)) else [[text(words_of(block))]]
    return [line for line in found if line]


def _inlines(block: Any, changed: Counter[str]) -> _Nodes:
    """The words of a block with plain marks only, without a final break."""
    made: _Nodes = []
    for each in children(block):
        made += _inline(each, changed)
    while made and kind(made[-1]) == "hardBreak":
        made.pop()
    return made


def _inline(each: Any, changed: Counter[str]) -> _Nodes:
    name, attrs = kind(each), attributes(each)
    if name == "text":
        return [text(text_of(each), _plain_marks(each, changed))] if text_of(each) else []
    if name == "hardBreak":
        return [node("hardBreak")]
    said, became = _said(name, attrs, each)
    changed[became] += 1
    if name == "inlineCard" and said:
        return [_link(said, said)]
    bold: list[Mark] = [{"type": "strong"}] if name == "status" else [{"type": "em"}] if name == "placeholder" else []
    return [text(said, bold)] if said else []


def _said(name: str, attrs: Mapping[str, Any], each: Any) -> tuple[str, str]:
    """The words that replace an inline node, and the kind of replacement."""
    shown = attrs.get("text")
    words = shown if isinstance(shown, str) else ""
    match name:
        case "mention":
            return words or f"@{attrs.get('id', '')}", "mention → name"
        case "emoji":
            short = str(attrs.get("shortName", ""))
            return words or EMOJI.get(short.strip(":"), short), "emoji → character"
        case "date":
            return iso_date(str(attrs.get("timestamp", ""))).replace(".000Z", "Z"), "date → words"
        case "status":
            return words, "status → bold words"
        case "inlineCard":
            return str(attrs.get("url") or words_of(each)), "card → link"
        case "placeholder":
            return words, "prompt → words"
        case "mediaInline":
            return f"Uploaded file: {attrs.get('alt') or attrs.get('id') or 'without a name'}", "uploaded file → its name"
    return words_of(each) or str(attrs.get("extensionKey", "")), f"{_called(name)} → its words"


def _plain_marks(each: Any, changed: Counter[str]) -> list[Mark]:
    """The marks that Markdown has, with their attributes in Markdown."""
    kept: list[Mark] = []
    for mark in marks(each):
        if kind(mark) not in _KEPT_MARKS:
            changed[f"{_MARKS.get(kind(mark), 'rich mark')} → none"] += 1
            continue
        attrs = {name: value for name, value in attributes(mark).items() if name in ("href", "title")}
        kept.append({"type": kind(mark), **({"attrs": attrs} if attrs else {})})
    return kept


def _link(url: str, words: str) -> Node:
    return text(words, [{"type": "link", "attrs": {"href": url}}])


def _without_braces(block: Node, changed: Counter[str]) -> Node:
    """A block of our own, without bold or italics in places where Markdown has no syntax for them."""
    if "]{" in to_markdown({"version": 1, "type": "doc", "content": [block]}):
        for each in walk(block):
            plain_marks = [mark for mark in marks(each) if kind(mark) not in _BARE]
            if plain_marks != marks(each):
                each["marks"] = plain_marks
                changed["bold or italics within a word → none"] += 1
    return block
