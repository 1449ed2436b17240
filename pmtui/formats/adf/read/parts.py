"""The parts of a block of Markdown: markers in front of its words, braces behind them, what it is in the end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pmtui.formats.adf import brace
from pmtui.formats.adf.brace import Item
from pmtui.formats.adf.notation import (
    CELLS_HAVE_ATTRIBUTES,
    LABELS,
    MEDIA_SCHEME,
    MEDIA_SHORT,
    PANEL_ALIASES,
    PANEL_MARKER,
    PANEL_TYPES,
    is_readable,
    number,
    read_block_marks,
    read_marks,
)
from pmtui.formats.adf.read.inline import read_attributes, with_defaults
from pmtui.formats.adf.values import Mark, Node, attributes, children, kind, node
from pmtui.formats.adf.write import escape

#: What a pipe table's cell can be, by the word in the brace behind it.
CELL_WORDS: dict[Item, str] = {("header", None): "tableHeader", ("cell", None): "tableCell"}
#: A picture alone in its paragraph.
IMAGE = re.compile(rf'!\[((?:[^\[\]\\\n]|\\.)*)\]\(([^\s()<>]*)(?:[ \t]+"[^"]*")?\)({brace.PATTERN})?')
_NEEDS_BLOCKS = frozenset({"blockquote", "panel", "listItem", "expand", "nestedExpand", "tableCell", "tableHeader", "layoutColumn"})
_OF_FRAME = ("width", "layout", "widthType")
_BOX = re.compile(r"\[([ xX])\](?:\s+|$)")
_SIGN = re.compile(r"<(\??)>(?:\s+|$)")
_REST = re.compile(rf"(?:(.*?)[ \t]*)?({brace.PATTERN})$")


@dataclass(slots=True)
class Frame:
    """A node under construction."""

    node: Node
    directive: str = ""  # the word that opened it, "" for Markdown's own blocks
    wordy: bool = False  # paragraphs in it give their words to it
    items: tuple[Item, ...] = ()  # of its brace
    start: int = 0  # its first line
    end: int | None = None  # the line below it, where that is known when it is opened
    task: Node | None = None  # what a list item turned out to be
    panel: Node | None = None  # what a quote turned out to be
    holders: frozenset[str] = frozenset()  # the types of SECTIONS' holders that it stands in and is, up to Markdown's own blocks

    @property
    def content(self) -> list[Any]:
        """The content so far."""
        found: list[Any] = self.node["content"]
        return found


def with_words(node: Node, words: list[Node], marks: list[Any]) -> Node:
    if words:
        node["content"] = words
    if marks:
        node["marks"] = marks
    return node


def trailing_brace(source: str) -> tuple[str, list[Item]]:
    """A block's words and the items of the brace behind them."""
    if not source.endswith("}"):
        return source, []
    at = max(source.rfind(" {"), source.rfind("\n{"))
    match = brace.BRACE.fullmatch(source, at + 1)
    items = brace.read(match[0]) if match else None
    return (source[: max(at, 0)], items) if items else (source, [])


def words_and_marks(source: str) -> tuple[str, list[Mark]]:
    """A paragraph's words and the marks of the brace behind them, or behind a line of them: people type below it."""
    lines = source.split("\n")
    for index in reversed(range(len(lines))):
        words, items = trailing_brace(lines[index])
        if items and (marks := read_block_marks(items)):
            return "\n".join([*lines[:index], *([words] if words else []), *lines[index + 1 :]]), marks
    return source, []


def with_pictures_apart(source: str) -> list[str]:
    """A paragraph's lines together, but pictures alone: a line typed right below or above one leaves it a picture."""
    parts: list[list[str]] = []
    alone = True
    for line in source.split("\n") if source else []:
        picture = IMAGE.fullmatch(line) is not None
        if picture or alone:
            parts.append([line])
        else:
            parts[-1].append(line)
        alone = picture
    return ["\n".join(part) for part in parts]


def take_box(source: str, frame: Frame) -> str | None:
    """Words of a list item without the `[ ]` or `<>` in front of them, which make it a task or a decision."""
    if match := _BOX.match(source):
        frame.task = {"type": "taskItem", "attrs": {"state": "TODO" if match[1] == " " else "DONE"}}
    elif match := _SIGN.match(source):
        frame.task = {"type": "decisionItem", "attrs": {"state": "UNDECIDED" if match[1] else "DECIDED"}}
    else:
        return source
    return source[match.end() :] or None


def take_panel(source: str, frame: Frame) -> str | None:
    """Words of a quote without the `[!NOTE]` line, which makes it a panel."""
    match = PANEL_MARKER.match(source)
    panel_type = PANEL_ALIASES.get(match[1].lower(), match[1].lower()) if match else ""
    if match is None or panel_type not in PANEL_TYPES:
        return source
    items = brace.read(match[2]) if brace.BRACE.fullmatch(match[2]) else None
    attrs = {"panelType": panel_type, **read_attributes("panel", items or [])}
    frame.panel = {"type": "panel", "attrs": attrs}
    rest = [source[match.end() :]] if items is not None or not match[2] else [match[2], source[match.end() :]]
    return "\n".join(part for part in rest if part) or None


def code(info: str, body: str) -> Node:
    match = _REST.fullmatch(info)
    items = brace.read(match[2]) if match else None
    node: Node = {"type": "codeBlock"}
    attrs: dict[str, Any] = {}
    if match and items is not None:
        info = match[1] or ""
        marks, rest = read_marks(items)
        attrs = read_attributes("codeBlock", rest)
        if marks:
            node["marks"] = marks
    attrs = {**({"language": info} if info else {}), **attrs}
    if attrs:
        node["attrs"] = attrs
    if body:
        node["content"] = [{"type": "text", "text": body}]
    return node


def media(image: re.Match[str], parent: str) -> Node | None:
    alt, target, source = escape.unescape(image[1]), image[2], image[3]
    items = brace.read(source) if source else []
    if items is None:
        return None
    internal = target.startswith(MEDIA_SCHEME)
    attrs: dict[str, Any] = {"type": "file", "collection": ""} if internal else {"type": "external"}
    attrs |= {"id": target.removeprefix(MEDIA_SCHEME)} if internal else {"url": target}
    attrs |= {"alt": alt} if alt else {}
    marks, rest = read_marks(items)
    long = {short: name for name, short in MEDIA_SHORT.items()}
    own = [(long.get(key, key), value) for key, value in rest if key not in _OF_FRAME]
    media: Node = {"type": "media", "attrs": {**attrs, **read_attributes("media", own)}}
    if marks:
        media["marks"] = marks
    if parent in ("mediaGroup", "mediaSingle"):
        return media
    frame = [item for item in rest if item[0] in _OF_FRAME]
    single: Node = {"type": "mediaSingle", "attrs": with_defaults("mediaSingle", {}, frame), "content": [media]}
    return single if single["attrs"] else node("mediaSingle", [media])


def label_and_items(rest: str) -> tuple[str | None, list[Item]]:
    match = _REST.fullmatch(rest)
    items = brace.read(match[2]) if match else None
    items = items if items is not None and is_readable(items) else None
    label = (match[1] or "") if match and items is not None else rest
    if label.startswith('"'):
        string = brace.unquoted(label)
        return (label if string is None else string), items or []
    return label or None, items or []


def directive_node(node_type: str, label: str | None, items: list[Item]) -> Node:
    marks, rest = read_marks(items)
    labelled = (
        {LABELS[node_type]: number(label) if node_type == "layoutColumn" else label} if label is not None and node_type in LABELS else {}
    )
    attrs = with_defaults(node_type, labelled, rest)
    made: Node = {"type": node_type}
    if attrs:
        made["attrs"] = attrs
    if marks:
        made["marks"] = marks
    return made


# ---- pipe tables ----------------------------------------------------------------------------------------


def table_items(row: list[str]) -> list[Item]:
    """The attributes of a pipe table, where a row of it says nothing else. It may stand anywhere: people add rows around it."""
    items = brace.read(row[0]) if row and not any(row[1:]) and brace.BRACE.fullmatch(row[0]) else None
    known = items and len(read_attributes("table", items)) + items.count(CELLS_HAVE_ATTRIBUTES) == len(items)
    return items if items and known else []


def rows_of(rows: list[Node], braces: list[int]) -> list[Node]:
    """The rows of a pipe table without its braces, and without an empty row of headers; one is left at least."""
    taken = set(braces)
    kept = [row for index, row in enumerate(rows) if index not in taken]
    if len(kept) > 1 and not any(children(cell["content"][0]) or "attrs" in cell for cell in kept[0]["content"]):
        del kept[0]
    return kept


# ---- finished blocks ------------------------------------------------------------------------------------


def give_cells_attributes(table: Node) -> None:
    """What Atlassian's editor does: every cell has attributes, be they empty."""
    for row in children(table):
        for cell in children(row):
            if kind(cell) in ("tableCell", "tableHeader"):
                cell.setdefault("attrs", {})


def finished(frame: Frame) -> list[Node]:
    """What an open node has become when it is closed."""
    node = frame.node
    if not node["type"]:
        return frame.content
    if node["type"] in ("bulletList", "orderedList") and not frame.directive:
        return _lists(node)
    if node["type"] == "listItem" and frame.task is not None:
        return _task(frame)
    if frame.panel is not None:
        node = {**frame.panel, "content": frame.content}
    if node["type"] == "mediaSingle":
        node["content"] = [_captioned(child) for child in frame.content]
    if node["type"] == "table" and CELLS_HAVE_ATTRIBUTES in frame.items:
        give_cells_attributes(node)
    if not frame.content and (node["type"] in _NEEDS_BLOCKS and frame.directive != "adf"):
        node["content"] = [{"type": "paragraph"}]
    return [node]


def _captioned(child: Node) -> Node:
    return {**child, "type": "caption"} if child["type"] == "paragraph" else child


def _task(frame: Frame) -> list[Node]:
    """The task, and what stands below it."""
    below = frame.content
    words = children(below.pop(0)) if below and kind(below[0]) == "paragraph" else []
    return [with_words({**(frame.task or {})}, words, []), *below]


def _lists(read: Node) -> list[Node]:
    """A list, split where its items change their kind; what stands below a task follows it."""
    types = {"taskItem": "taskList", "decisionItem": "decisionList", "listItem": read["type"]}
    lists: list[Node] = []
    for item in read["content"]:
        list_type = types.get(item["type"])
        if list_type and (not lists or lists[-1]["type"] != list_type):
            own = {"attrs": attributes(read)} if "attrs" in read and list_type == "orderedList" else {}
            lists.append({"type": list_type, **own, "content": []})
        lists[-1]["content"].append(item)
    return lists
