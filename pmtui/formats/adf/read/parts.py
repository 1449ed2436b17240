"""Reads the parts of a block: markers before its words, braces after them, and the final node."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from pmtui.formats.adf import brace, notation
from pmtui.formats.adf.attributes import info_of, read_attributes, understood, with_defaults
from pmtui.formats.adf.brace import Item
from pmtui.formats.adf.schema import WORDY, is_attribute
from pmtui.formats.adf.values import Mark, Node, attributes, children, kind, node, text
from pmtui.formats.adf.write import escape

#: The node type of a pipe table's cell, by the word in its brace.
CELL_WORDS: dict[Item, str] = {("header", None): "tableHeader", ("cell", None): "tableCell"}
#: A paragraph that is only a picture.
IMAGE = re.compile(rf'!\[((?:[^\[\]\\\n]|\\.)*)\]\(([^\s()<>]*)(?:[ \t]+"((?:[^"\\\n]|\\.)*)")?\)({brace.PATTERN})?')
_LINKED = re.compile(r"\[(!\[.*)\]\(([^\s()<>]*)\)")
_LONG_OF_MEDIA = {short: name for name, short in notation.MEDIA_SHORT.items()}
_NEEDS_BLOCKS = frozenset({"blockquote", "panel", "listItem", "expand", "nestedExpand", "tableCell", "tableHeader", "layoutColumn"})
_OF_FRAME = ("width", "layout", "widthType")
_BOX = re.compile(r"\[([ xX])\](?:\s+|$)")
_SIGN = re.compile(r"<(\??)>(?:\s+|$)")


@dataclass(slots=True)
class Frame:
    """A node under construction."""

    node: Node
    directive: str = ""  # the word that opened it, "" for Markdown's own blocks
    wordy: bool = False  # its paragraphs become its words
    items: tuple[Item, ...] = ()  # items of its brace
    start: int = 0  # its first line
    end: int | None = None  # the line after it, if known when it is opened
    task: Node | None = None  # the task, if a list item is one
    panel: Node | None = None  # the panel, if a quote is one
    holders: frozenset[str] = frozenset()  # the types of SECTIONS' holders among itself and its ancestors, up to Markdown's own blocks

    @property
    def content(self) -> list[Any]:
        """The content so far."""
        found: list[Any] = self.node["content"]
        return found


def with_words(node: Node, words: list[Node], marks: list[Any]) -> Node:
    """The node with its words and marks, if any."""
    if words:
        node["content"] = words
    if marks:
        node["marks"] = marks
    return node


def trailing_brace(source: str) -> tuple[str, list[Item]]:
    """Split a block into its words and the items of the brace after them."""
    words, items = brace.trailing(source)
    return (words[:-1], items) if items and words[-1:] in ("", " ", "\n") else (source, [])


def words_and_marks(source: str) -> tuple[str, list[Mark]]:
    """A paragraph's words, and the marks of a brace after them, or after one of its lines: people type below it."""
    lines = source.split("\n")
    for index in reversed(range(len(lines))):
        words, items = trailing_brace(lines[index])
        if items and (marks := notation.read_block_marks(items)):
            return "\n".join([*lines[:index], *([words] if words else []), *lines[index + 1 :]]), marks
    return source, []


def with_pictures_apart(source: str) -> list[str]:
    """Split a paragraph so that each picture is alone: text typed right above or below a picture must not change it."""
    parts: list[list[str]] = []
    alone = True
    for line in source.split("\n") if source else []:
        is_picture = picture(line, "") is not None
        if is_picture or alone:
            parts.append([line])
        else:
            parts[-1].append(line)
        alone = is_picture
    return ["\n".join(part) for part in parts]


def take_box(source: str, frame: Frame) -> str | None:
    """Remove the leading `[ ]` or `<>` of a list item, which makes it a task or a decision."""
    if match := _BOX.match(source):
        frame.task = {"type": "taskItem", "attrs": {"state": "TODO" if match[1] == " " else "DONE"}}
    elif match := _SIGN.match(source):
        frame.task = {"type": "decisionItem", "attrs": {"state": "UNDECIDED" if match[1] else "DECIDED"}}
    else:
        return source
    return source[match.end() :] or None


def take_panel(source: str, frame: Frame) -> str | None:
    """Remove the `[!NOTE]` line of a quote, which makes it a panel."""
    match = notation.PANEL_MARKER.match(source)
    panel_type = notation.PANEL_ALIASES.get(match[1].lower(), match[1].lower()) if match else ""
    if match is None or panel_type not in notation.PANEL_TYPES:
        return source
    behind, _, below = source[match.end() :].partition("\n")
    words, items = brace.trailing(behind.strip(" \t"))
    if words or not understood("panel", items):
        words, items = behind.strip(" \t"), []
    frame.panel = {"type": "panel", "attrs": {"panelType": panel_type, **read_attributes("panel", items)}}
    return "\n".join(part for part in (words, below) if part) or None


def code(info: str, body: str) -> Node:
    """A code block."""
    language, attrs, marks = info_of(info)
    attrs = {**({"language": language} if language else {}), **attrs}
    return with_words(node("codeBlock", **attrs), [text(body)] if body else [], marks)


def picture(source: str, parent: str) -> Node | None:
    """`![alt](url "title"){…}`, perhaps in a link, on its own line; None when the line is not one, or has more than fits."""
    if linked := _LINKED.fullmatch(source):
        source = linked[1]
    image = IMAGE.fullmatch(source)
    if image is None:
        return None
    alt, title = escape.unescape(image[1]), escape.unescape(image[3] or "")
    items = brace.read(image[4]) if image[4] else []
    marks, rest = notation.read_marks(items or [])
    frame = [item for item in rest if item[0] in _OF_FRAME]
    own = [(_LONG_OF_MEDIA.get(key, key), value) for key, value in rest if key not in _OF_FRAME]
    within = parent in ("mediaGroup", "mediaSingle")
    if items is None or not (understood("media", own) and understood("mediaSingle", frame)) or (within and (title or frame)):
        return None
    media: Node = {"type": "media", "attrs": {**_target(image[2]), **({"alt": alt} if alt else {}), **read_attributes("media", own)}}
    marks += [{"type": "link", "attrs": {"href": escape.unescape(linked[2])}}] if linked else []
    if within:
        return with_words(media, [], marks)
    content = [with_words(media, [], marks), *([node("caption", [text(title)])] if title else [])]
    return node("mediaSingle", content, **with_defaults("mediaSingle", {}, frame))


def _target(address: str) -> dict[str, Any]:
    if address.startswith(notation.MEDIA_SCHEME):
        return {"type": "file", "collection": "", "id": address.removeprefix(notation.MEDIA_SCHEME)}
    return {"type": "external", "url": escape.unescape(address)}


def label_and_items(node_type: str, rest: str) -> tuple[str | None, list[Item]]:
    """Read what follows `:::name`: the label and the brace's items. A brace with unknown items belongs to the label."""
    label, items = brace.trailing(rest)
    known = [item for item in items if item not in (notation.CELLS_HAVE_ATTRIBUTES, ("inline", None))]
    if items and understood(node_type, notation.read_marks(known)[1]):
        label = label.rstrip(" \t")
    else:
        label, items = rest, []
    if label.startswith('"'):
        string = brace.unquoted(label)
        return (label if string is None else string), items
    return label or None, items


def directive_node(node_type: str, label: str | None, items: list[Item]) -> Node:
    """The node of a directive. A label that is not an attribute becomes its first content."""
    marks, rest = notation.read_marks(items)
    value: Any = notation.number(label) if node_type == "layoutColumn" and label else label
    name = notation.LABELS.get(node_type, "")
    is_label = label is not None and name != "" and (node_type != "layoutColumn" or is_attribute(node_type, "width", value))
    attrs = with_defaults(node_type, {name: value} if is_label else {}, rest)
    content = [node("paragraph", [text(label)])] if label is not None and not is_label and node_type not in WORDY else []
    return with_words(node(node_type, **attrs), content, marks)


# ---- pipe tables ----------------------------------------------------------------------------------------


def table_items(row: list[str]) -> list[Item]:
    """The attributes of a pipe table, from a row with only a brace. The row may be anywhere, because people add rows around it."""
    items = brace.read(row[0]) if row and not any(row[1:]) and brace.BRACE.fullmatch(row[0]) else None
    known = items and len(read_attributes("table", items)) + items.count(notation.CELLS_HAVE_ATTRIBUTES) == len(items)
    return items if items and known else []


def levelled(rows: list[Node]) -> list[Node]:
    """Fill all rows to the length of the longest: an extra cell is an extra column."""
    width = max(len(row["content"]) for row in rows)
    for index, row in enumerate(rows):
        missing = width - len(row["content"])
        cell_type = "tableCell" if index else "tableHeader"
        row["content"] += [{"type": cell_type, "content": [{"type": "paragraph"}]} for _ in range(missing)]
    return rows


def rows_of(rows: list[Node], braces: Container[int]) -> list[Node]:
    """The rows of a pipe table without brace rows and without an empty header row; at least one row stays."""
    kept = [row for index, row in enumerate(rows) if index not in braces]
    if len(kept) > 1 and not any(children(cell["content"][0]) or "attrs" in cell for cell in kept[0]["content"]):
        del kept[0]
    return kept


# ---- finished blocks ------------------------------------------------------------------------------------


def _give_cells_attributes(table: Node) -> None:
    """Give every cell attributes, even empty ones, as Atlassian's editor does."""
    for row in children(table):
        for cell in children(row):
            if kind(cell) in ("tableCell", "tableHeader"):
                cell.setdefault("attrs", {})


def finished(frame: Frame) -> list[Node]:
    """The nodes for a frame that is closed."""
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
    if node["type"] == "table" and notation.CELLS_HAVE_ATTRIBUTES in frame.items:
        _give_cells_attributes(node)
    if not frame.content and (node["type"] in _NEEDS_BLOCKS and frame.directive != "adf"):
        node["content"] = [{"type": "paragraph"}]
    return [node]


def _captioned(child: Node) -> Node:
    return {**child, "type": "caption"} if child["type"] == "paragraph" else child


def _task(frame: Frame) -> list[Node]:
    """The task, and the blocks below it."""
    below = frame.content
    words = children(below.pop(0)) if below and kind(below[0]) == "paragraph" else []
    return [with_words({**(frame.task or {})}, words, []), *below]


def _lists(read: Node) -> list[Node]:
    """A list, split where the kind of its items changes; blocks below a task follow it."""
    types = {"taskItem": "taskList", "decisionItem": "decisionList", "listItem": read["type"]}
    lists: list[Node] = []
    for item in read["content"]:
        list_type = types.get(item["type"])
        if list_type and (not lists or lists[-1]["type"] != list_type):
            own = {"attrs": attributes(read)} if "attrs" in read and list_type == "orderedList" else {}
            lists.append({"type": list_type, **own, "content": []})
        lists[-1]["content"].append(item)
    return lists
