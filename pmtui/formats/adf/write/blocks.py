"""Writes ADF blocks as Markdown. Pure, without a parser, and without recursion: documents may be nested a thousand deep.

A node that does not have the shape of its notation is written as `:::adf type`, which fits every node.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from pmtui.formats.adf.trampoline import run
from pmtui.formats.adf.values import kind, text_of, walk
from pmtui.formats.adf.write import fenced, prefixed, words
from pmtui.formats.adf.write.base import Attempt, Lines, Place, Writer, Writing, is_well_formed

_WRITERS: dict[str, Writer] = {
    "paragraph": words.write_paragraph,
    "heading": words.write_heading,
    "codeBlock": words.write_code,
    "rule": words.write_rule,
    "blockquote": prefixed.write_blockquote,
    "panel": prefixed.write_panel,
    "bulletList": prefixed.write_list,
    "orderedList": prefixed.write_list,
    "taskList": prefixed.write_tasks,
    "decisionList": prefixed.write_decisions,
    "mediaSingle": fenced.write_single,
    "media": fenced.write_picture,
    "layoutSection": fenced.write_sections,
    "table": fenced.write_table,
    **dict.fromkeys(("expand", "nestedExpand", "bodiedExtension", "bodiedSyncBlock", "mediaGroup"), fenced.write_container),
    **dict.fromkeys(("extension", "syncBlock", "blockCard", "embedCard"), fenced.write_leaf),
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
    wordless = fenced.is_json(node) or not any(text_of(inner).strip() for inner in walk(node))
    return wordless and not _has_notation(node)  # in this order: words are found at once, the notation is only known once all is written


def _has_notation(node: Any) -> bool:
    writing = _begun(node, Place())
    if not isinstance(writing, Generator):
        return writing is not None
    try:
        next(writing)
    except StopIteration as done:
        return done.value is not None
    return True  # it writes its content


def _begun(node: Any, place: Place) -> Lines | Attempt | None:
    writer = _WRITERS.get(kind(node))
    return writer(node, place) if writer is not None and is_well_formed(node) else None


def _block(node: Any, place: Place) -> Writing:
    writing = _begun(node, place)
    lines = (yield from writing) if isinstance(writing, Generator) else writing
    return lines if lines is not None else (yield from fenced.write_anything(node, place))
