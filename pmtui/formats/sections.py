"""Splits an ADF (Atlassian Document Format) document into cells, one per section, and joins cells into a document.

A section begins at a heading of any level. What Markdown cannot express (an extension, an unknown node) becomes an opaque
cell of its own, so that typing never damages its JSON, and it can be moved like any cell. The text after it continues in a
Markdown cell without a heading. Sections are split only between top-level blocks, so the blocks of all cells in order are
the document.

Grey prompts (hints of templates) are not text: a body of only prompts becomes ``Cell.prompt``. They stay while the section
has no text, and go when it gets some.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from pmtui.formats import adf
from pmtui.formats.adf import describe_opaque, from_markdown, is_opaque, to_markdown
from pmtui.formats.adf.values import dump, marks, text_of, walk
from pmtui.model.matching import matching_blocks
from pmtui.model.postmortem import Cell, CellKind

Node = dict[str, Any]

PROMPT_COLOR = "#7a869a"
"""The grey of the prompts in Opsgenie's default template (vendor's docs, recorded 2026-02)."""

_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_MADE_BY_SERVERS = frozenset({"localId"})


def split(document: Mapping[str, Any], like: Sequence[Cell] = ()) -> tuple[Cell, ...]:
    """The cells of a document.

    ``like`` are cells that the document may have been made from. Unchanged ones come back with their keys, boundaries and
    spelling (``* a`` stays ``* a``), so that what was sent equals what is read.
    """
    nodes = blocks(document)
    taken = {cell.key for cell in like}
    keys = (key for number in count(1) if (key := f"c{number}") not in taken)
    if not like:
        return tuple(_fresh(nodes, keys))
    prints = [_fingerprint(node) for node in nodes]
    runs = [(cell, [_fingerprint(node) for node in nodes_of(cell)]) for cell in like]
    cells: list[Cell] = []
    at = 0
    for cell, start, end in _known(nodes, prints, runs):
        cells += _fresh(nodes[at:start], keys)
        cells.append(_same_cell(cell, nodes[start:end]))
        at = end
    cells += _fresh(nodes[at:], keys)
    return tuple(_known_again(cells, runs))


def _known(nodes: Sequence[Any], prints: Sequence[str], runs: Sequence[tuple[Cell, list[str]]]) -> Iterator[tuple[Cell, int, int]]:
    """The unchanged cells in order, each with its range of nodes: from, to."""
    places: dict[int, int] = {}
    for i, j, length in matching_blocks([each for _, run in runs for each in run], prints):
        places.update((i + step, j + step) for step in range(length))
    following = [""]  # the first print after each cell, for the last cell first
    for _, run in reversed(runs[1:]):
        following.append(run[0] if run else following[-1])
    at = first = 0
    for cell, run in runs:
        start = places.get(first, -1) if run else at
        end = start + len(run)
        stands = start >= at and all(places.get(first + step) == start + step for step in range(len(run)))
        after = following.pop()
        if stands and _ends_there(nodes, prints, end, after):
            yield cell, start, end
            at = end
        first += len(run)


def join(cells: Iterable[Cell], document: Mapping[str, Any], stored: Iterable[Cell] = ()) -> Node:
    """Join cells into a document, with the envelope of ``document``, the one on the server.

    ``stored`` are the server's cells: the originals for edited cells with the same key. Every block equal to a block of
    ``document`` goes back as that block, including hidden attributes.
    """
    originals = {cell.key: cell for cell in stored}
    nodes = [node for cell in cells for node in nodes_of(cell, originals.get(cell.key))]
    waiting = _waiting(blocks(document), lambda node: node)
    return {**document, "content": [_taken(waiting, node) for node in nodes]}


def lost_words(cells: Iterable[Cell], document: Mapping[str, Any]) -> tuple[str, ...]:
    """The words, numbers and addresses of Markdown cells that the document does not have: see `adf.lost_words`.

    For the document that `join` made, these are the words that a save would lose. For the document on the server after a
    save, they are the words that it lost; `split` with ``like`` cannot show these, because it returns our own spelling.
    """
    return adf.lost_words("\n\n".join(cell.text for cell in cells if cell.editable), document)


def whole(document: Mapping[str, Any], key: str, name: str, prompt: str, like: Cell | None = None) -> Cell:
    """A whole document as one pinned cell with a fixed name. If it equals ``like``, that spelling is kept."""
    nodes = blocks(document)
    if like is not None and [_fingerprint(node) for node in nodes_of(like)] == [_fingerprint(node) for node in nodes]:
        return replace(like, source=dumps(nodes), prompt=_prompt(nodes) or prompt)
    return Cell(key, _text(nodes), source=dumps(nodes), pinned=True, name=name, prompt=_prompt(nodes) or prompt)


def nodes_of(cell: Cell, stored: Cell | None = None) -> list[Node]:
    """The blocks of a cell: its original ones if it was not edited, else its Markdown as blocks.

    ``stored`` is the cell as the server has it now, which is the better original.
    """
    if not cell.editable:
        return _loads(cell.source)
    for each in (stored, cell):
        if each is not None and each.editable and each.source and _text(nodes := _loads(each.source)) == cell.text:
            return nodes
    if not cell.text.strip():
        return []
    original = _loads((stored if stored is not None and stored.editable else cell).source)
    hidden = _waiting(original, _unbroken)
    made = [_taken(hidden, node) for node in blocks(from_markdown(cell.text, original=_document(_shown(original))))]
    only_heading = len(made) == 1 and made[0].get("type") == "heading"
    return made + [node for node in original[1:] if _is_blank(node)] if only_heading and _is_template(original) else made


def _waiting(nodes: Iterable[Any], seen: Callable[[Any], Any]) -> dict[str, deque[Any]]:
    """Blocks by their content as ``seen``, equal ones in order."""
    waiting: dict[str, deque[Any]] = defaultdict(deque)
    for node in nodes:
        waiting[canonical(seen(node))].append(node)
    return waiting


def _taken(waiting: Mapping[str, deque[Any]], node: Any) -> Any:
    """The first waiting block equal to this one, else this one."""
    same = waiting.get(canonical(node))
    return same.popleft() if same else node


def blocks(document: Mapping[str, Any]) -> list[Any]:
    """The top-level blocks of a document, [] when it has no list of them."""
    content = document.get("content")
    return content if isinstance(content, list) else []


def dumps(value: Any) -> str:
    """Compact JSON that can always be written as UTF-8: only lone surrogates are escaped.

    Raises ValueError for NaN and infinity, which are not JSON.
    """
    text = _COMPACT.encode(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text


def canonical(node: Any) -> str:
    """A node as a string for comparing, ignoring the order of keys, ``localId``s (servers add them) and 1 versus 1.0."""
    return dump(node, _MADE_BY_SERVERS)


def _fingerprint(node: Any) -> str:
    """The visible content of a block, for comparing: a server may add or remove invisible attributes."""
    said = canonical(node)
    return to_markdown(_document([json.loads(said)])) if isinstance(node, dict) else said


def _ends_there(nodes: Sequence[Any], prints: Sequence[str], end: int, following: str) -> bool:
    """Whether a cell of ``like`` can end here. ``following`` is the first print of the next one.

    A section that continues with anything else got text from somebody else, so it is not the same.
    """
    return end == len(nodes) or prints[end] == following or _begins(nodes[end])


def _begins(node: Any) -> bool:
    """Whether a cell always begins at this block."""
    return _is_heading(node) or is_opaque(node)


def _fresh(nodes: Sequence[Any], keys: Iterator[str]) -> list[Cell]:
    return [_cell(next(keys), group) for group in _groups(nodes)]


def _groups(nodes: Sequence[Any]) -> list[list[Any]]:
    groups: list[list[Any]] = []
    closed = True
    for node in nodes:
        opaque = is_opaque(node)
        if closed or opaque or _is_heading(node):
            groups.append([node])
        else:
            groups[-1].append(node)
        closed = opaque
    return groups


def _cell(key: str, nodes: list[Any]) -> Cell:
    if len(nodes) == 1 and is_opaque(nodes[0]):
        return Cell(key, describe_opaque(nodes[0]), CellKind.OPAQUE, dumps(nodes))
    return Cell(key, _text(nodes), source=dumps(nodes), prompt=_prompt(nodes))


def _same_cell(cell: Cell, nodes: list[Any]) -> Cell:
    """The cell with the server's blocks as its originals. An opaque cell *is* its source, so it is unchanged."""
    return replace(cell, source=dumps(nodes), prompt=_prompt(nodes)) if cell.editable else cell


def _known_again(cells: list[Cell], runs: Sequence[tuple[Cell, list[str]]]) -> Iterator[Cell]:
    """Give new cells that equal one of ``runs`` its key and spelling: the section was moved."""
    taken = {cell.key for cell in cells}
    free = {"\n".join(run): cell for cell, run in runs if run and cell.key not in taken}
    for cell in cells:
        nodes = _loads(cell.source)
        known = free.pop("\n".join(_fingerprint(node) for node in nodes), None) if free else None
        yield _same_cell(known, nodes) if known is not None else cell


def _text(nodes: Sequence[Any]) -> str:
    """The Markdown of a cell. A heading without a body ends in an empty line, so that typing at the end begins the body."""
    kept = _shown(nodes)
    text: str = to_markdown(_document(kept)).rstrip("\n") if kept else ""
    return text + "\n\n" if len(kept) == 1 and _is_heading(kept[0]) else text


def _prompt(nodes: Sequence[Any]) -> str:
    words = [_words(node).strip() for node in nodes if _is_blank(node)] if _is_template(nodes) else []
    return " ".join(word for word in words if word)


def _shown(nodes: Sequence[Any]) -> list[Any]:
    """The editable part of a section: without prompts, and without line breaks at the ends of paragraphs.

    The vendor's template has a line break after each prompt, so many sections end in one. As a backslash it would be exactly
    where people start to type. It comes back with every paragraph that was not edited.
    """
    kept = [node for node in nodes if not _is_blank(node)] if _is_template(nodes) else nodes
    return [_unbroken(node) for node in kept]


def _unbroken(node: Any) -> Any:
    """A paragraph without the line breaks at its end; anything else unchanged."""
    if not isinstance(node, dict) or node.get("type") != "paragraph":
        return node
    inlines = blocks(node)
    end = len(inlines)
    while end > 1 and isinstance(inlines[end - 1], dict) and inlines[end - 1].get("type") == "hardBreak":
        end -= 1
    return {**node, "content": inlines[:end]} if end < len(inlines) else node


def _is_template(nodes: Sequence[Any]) -> bool:
    """Whether a section has only a heading, prompts and blanks."""
    body = nodes[1:] if nodes and _is_heading(nodes[0]) else nodes
    return all(_is_blank(node) for node in body)


def _is_blank(node: Any) -> bool:
    """Whether this is a paragraph without words, or with only prompts."""
    if not isinstance(node, dict) or node.get("type") != "paragraph" or node.get("marks"):
        return False
    return all(_is_blank_inline(inline) for inline in blocks(node))


def _is_blank_inline(inline: Any) -> bool:
    if not isinstance(inline, dict):
        return False
    if inline.get("type") == "hardBreak":
        return True
    if inline.get("type") != "text":
        return False
    return not str(inline.get("text", "")).strip() or any(_is_grey(mark) for mark in marks(inline))


def _is_grey(mark: Any) -> bool:
    if not isinstance(mark, dict) or mark.get("type") != "textColor" or not isinstance(mark.get("attrs"), dict):
        return False
    return str(mark["attrs"].get("color")).lower() == PROMPT_COLOR


def _is_heading(node: Any) -> bool:
    return isinstance(node, dict) and node.get("type") == "heading"


def _words(node: Any) -> str:
    """All text in a node."""
    return "".join(text_of(each) for each in walk(node))


def _document(nodes: list[Any]) -> Node:
    return {"version": 1, "type": "doc", "content": nodes}


def _loads(source: str) -> list[Any]:
    return json.loads(source) if source else []
