"""Writes pipe tables: every cell is one paragraph, without spans. Other tables are written with `:::table`."""

from __future__ import annotations

from typing import Any

from pmtui.formats.adf import brace
from pmtui.formats.adf.attributes import attribute_items
from pmtui.formats.adf.brace import Item
from pmtui.formats.adf.schema import INLINE
from pmtui.formats.adf.values import Node, attributes, children, kind, marks
from pmtui.formats.adf.write import escape
from pmtui.formats.adf.write.inline import write_inline

_CELLS = ("tableHeader", "tableCell")


def pipe_table(table: Node, items: list[Item]) -> list[str] | None:
    """The lines of a pipe table; None when the table does not fit pipe syntax.

    A table without a header row gets an empty one, because Markdown requires it. Attributes of a cell follow its words. Those
    of the table are in a row of their own, the first one, because people add rows at the end.
    """
    rows = children(table)
    if not rows or marks(table) or any(not _is_row(row) for row in rows):
        return None
    width = len(children(rows[0]))
    if not width or any(len(children(row)) != width for row in rows):
        return None
    headed = all(kind(cell) == "tableHeader" for cell in children(rows[0]))
    if headed and not any(_content(cell) for cell in children(rows[0])):
        return None
    written = [_row(row, plain="tableHeader" if headed and index == 0 else "tableCell") for index, row in enumerate(rows)]
    if not headed:
        written.insert(0, "|" + " |" * width)
    written[1:1] = ["|" + " --- |" * width, *([brace.write(items)] if items else [])]
    return written


def _is_row(row: Node) -> bool:
    return kind(row) == "tableRow" and all(_is_cell(cell) for cell in children(row))


def _is_cell(cell: Any) -> bool:
    if kind(cell) not in _CELLS or any(attributes(cell).get(span, 1) != 1 for span in ("colspan", "rowspan")):
        return False
    content = children(cell)
    if len(content) != 1 or kind(content[0]) != "paragraph" or marks(content[0]):
        return False
    return all(kind(node) in INLINE for node in children(content[0]))


def _content(cell: Node) -> list[Any]:
    return children(children(cell)[0])


def _row(row: Node, plain: str) -> str:
    return "| " + " | ".join(_cell(cell, plain) for cell in children(row)) + " |"


def _cell(cell: Node, plain: str) -> str:
    items = attribute_items(cell)
    if kind(cell) != plain:
        items.insert(0, ("header" if kind(cell) == "tableHeader" else "cell", None))
    words = escape.edges("<br>".join(write_inline(_content(cell))))
    words = words if items else escape.block_brace(words)
    return " ".join(part for part in (words, brace.write(items)) if part).replace("|", "\\|")
