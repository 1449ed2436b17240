"""Writes ADF blocks as Markdown. Pure, without a parser, and without recursion: documents may be nested a thousand deep.

A node that does not have the shape of its notation is written as `:::adf type`, which fits every node.
"""

from __future__ import annotations

from typing import Any

from pmtui.formats.adf.trampoline import run
from pmtui.formats.adf.values import kind, text_of, walk
from pmtui.formats.adf.write.base import Lines, Place, Writer, Writing, is_well_formed
from pmtui.formats.adf.write.fenced import (
    is_json,
    write_anything,
    write_container,
    write_leaf,
    write_picture,
    write_sections,
    write_single,
    write_table,
)
from pmtui.formats.adf.write.prefixed import write_blockquote, write_decisions, write_list, write_panel, write_tasks
from pmtui.formats.adf.write.words import write_code, write_heading, write_paragraph, write_rule

_WRITERS: dict[str, Writer] = {
    "paragraph": write_paragraph,
    "heading": write_heading,
    "codeBlock": write_code,
    "rule": write_rule,
    "blockquote": write_blockquote,
    "panel": write_panel,
    "bulletList": write_list,
    "orderedList": write_list,
    "taskList": write_tasks,
    "decisionList": write_decisions,
    "expand": write_container,
    "nestedExpand": write_container,
    "bodiedExtension": write_container,
    "bodiedSyncBlock": write_container,
    "mediaGroup": write_container,
    "mediaSingle": write_single,
    "media": write_picture,
    "layoutSection": write_sections,
    "table": write_table,
    "extension": write_leaf,
    "syncBlock": write_leaf,
    "blockCard": write_leaf,
    "embedCard": write_leaf,
}


def write_blocks(nodes: list[Any]) -> list[Lines]:
    """Write the blocks of a document. Returns the lines of each."""
    written: list[Lines] = []
    place, previous = Place(), None
    for node in nodes:
        place = place.after(previous, node)
        written.append(run(_block(node, place), lambda request: _block(*request)))
        previous = node
    return written


def is_opaque(node: Any) -> bool:
    """Whether a top-level block has nothing to edit in the notation: it is JSON, or a nameless container without words."""
    return not _has_notation(node) and (is_json(node) or not any(text_of(inner).strip() for inner in walk(node)))


def _has_notation(node: Any) -> bool:
    writer = _WRITERS.get(kind(node))
    if writer is None or not is_well_formed(node):
        return False
    try:
        next(writer(node, Place()))
    except StopIteration as done:
        return done.value is not None
    return True  # it writes its content


def _block(node: Any, place: Place) -> Writing:
    writer = _WRITERS.get(kind(node))
    lines = (yield from writer(node, place)) if writer is not None and is_well_formed(node) else None
    return lines if lines is not None else (yield from write_anything(node, place))
