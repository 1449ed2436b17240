"""Writes blocks between `:::name` and `:::`, and one-line blocks, `::name`."""

from __future__ import annotations

from pmtui.formats.adf import brace, notation, opaque
from pmtui.formats.adf.attributes import attribute_items
from pmtui.formats.adf.brace import Item
from pmtui.formats.adf.notation import scalar
from pmtui.formats.adf.schema import INLINE, NODES, WORDY
from pmtui.formats.adf.values import Node, attributes, children, kind
from pmtui.formats.adf.write import escape
from pmtui.formats.adf.write.base import Attempt, Lines, Place, Writing, body, is_container, is_well_formed, marks_items, sequence, spaced
from pmtui.formats.adf.write.media import simple_media, write_media
from pmtui.formats.adf.write.table import pipe_table
from pmtui.formats.adf.write.words import fence, paragraph_lines

_WORDS = {node_type: word for word, node_type in [*notation.CONTAINERS.items(), *notation.LEAVES.items()]} | {"nestedExpand": "expand"}
_HOLDER_OF_PART = dict(notation.SECTIONS.values())


def write_container(node: Node, place: Place) -> Attempt:
    """`:::expand Full log` … `:::`."""
    node_type = kind(node)
    nested = "nestedExpand" if place.parent in notation.HOLDERS_OF_NESTED else "expand"
    if not is_container(node, Place()) or (node_type in ("expand", "nestedExpand") and node_type != nested):
        return None
    written = yield from body(node, place.within(node_type))
    return [_opening(node), *written, ":::"]


def write_sections(node: Node, place: Place) -> Attempt:
    """Columns, and tables that do not fit pipe syntax. Each `:::column`, `:::row` and `:::cell` closes the one before."""
    if not _holds_only_parts(node):
        return None
    lines = [_opening(node)]
    for part in children(node):
        lines.append(_opening(part))
        cells = children(part) if kind(part) == "tableRow" else []
        for cell in cells:
            written = yield from body(cell, place.within(kind(cell)))
            lines += [_opening(cell), *written]
        if kind(part) != "tableRow":
            lines += yield from body(part, place.within(kind(part)))
    return [*lines, ":::"]


def _holds_only_parts(node: Node) -> bool:
    return bool(children(node)) and all(
        _HOLDER_OF_PART.get(kind(part)) == kind(node)
        and is_container(part, Place())
        and (kind(part) != "tableRow" or not children(part) or _holds_only_parts(part))
        for part in children(node)
    )


def write_table(node: Node, place: Place) -> Attempt:
    """A pipe table if it fits, else `:::table`."""
    items = [*attribute_items(node), *([notation.CELLS_HAVE_ATTRIBUTES] if _cells_have_attributes(node) else [])]
    return pipe_table(node, items) or (yield from write_sections(node, place))


def _cells_have_attributes(table: Node) -> bool:
    """Whether every cell has attributes and some are empty, which needs a word in the table's brace."""
    cells = [cell for row in children(table) for cell in children(row)]
    own = [cell["attrs"] for cell in cells if isinstance(cell, dict) and isinstance(cell.get("attrs"), dict)]
    return len(own) == len(cells) and not all(own)


def _opening(node: Node) -> str:
    name = notation.LABELS.get(kind(node), "")
    value = scalar(attributes(node).get(name))
    items = [*attribute_items(node, name), *marks_items(node)]
    if kind(node) == "table" and _cells_have_attributes(node):
        items.append(notation.CELLS_HAVE_ATTRIBUTES)
    return ":::" + spaced(_WORDS[kind(node)], "" if value is None else escape.label(value), brace.write(items))


def write_leaf(node: Node, place: Place) -> Lines | None:
    """`::card https://…`; a node with more than fits a line becomes a fence."""
    attrs = attributes(node)
    needs_json = any(name in notation.JSON_ATTRIBUTES or scalar(value) is None for name, value in attrs.items() if name != "localId")
    if "content" in node or needs_json or not isinstance(attrs.get(notation.LABELS[kind(node)]), str):
        return None
    return [_opening(node)[1:]]


def write_single(node: Node, place: Place) -> Attempt:
    """A picture on one line; with a caption, or marks on its frame, `:::media`."""
    if lines := simple_media(node):
        return lines
    content = children(node)
    if [kind(child) for child in content] == ["media", "caption"] and children(content[1]):
        picture, words = write_media(content[0]), children(content[1])
        if picture and all(kind(word) in INLINE for word in words):
            return [_opening(node), *picture, "", *paragraph_lines(words, []), ":::"]
    return (yield from write_container(node, place))


def write_picture(node: Node, place: Place) -> Lines | None:
    """A picture or file in a frame or group."""
    return write_media(node) if place.parent in ("mediaSingle", "mediaGroup") else None


def write_anything(node: object, place: Place) -> Writing:
    """`:::adf type` around the content of any node; without content, or if malformed, JSON in a fence."""
    if not isinstance(node, dict) or is_json(node):
        return fence(opaque.encode(node), notation.OPAQUE)
    if kind(node) in INLINE:
        return [":::adf {inline}", *paragraph_lines([node], []), ":::"]
    content = children(node)
    items: list[Item] = [*(attribute_items(node) if kind(node) in NODES else []), *marks_items(node)]
    head = ":::adf " + escape.label(kind(node))
    wordy = all(kind(child) in INLINE for child in content) if content else kind(node) in WORDY
    if wordy:
        lines = paragraph_lines(content, []) if content else []
        return [spaced(head, brace.write([("inline", None), *items])), *lines, ":::"]
    lines = yield from sequence(content, place.within(kind(node)))
    return [spaced(head, brace.write(items)), *lines, ":::"]


def is_json(node: object) -> bool:
    """Whether a node without a notation is written as JSON: it has no content, or is malformed."""
    if not isinstance(node, dict) or not kind(node) or not is_well_formed(node):
        return True
    return "content" not in node and kind(node) not in INLINE and kind(node) not in WORDY
