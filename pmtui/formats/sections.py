"""A document in Atlassian Document Format as cells, one a section, and cells as a document again.

A section begins at a heading of any level. What Markdown cannot say (an extension, a node that nobody knows) becomes an
opaque cell of its own, wherever it stands: typing can then never damage its JSON, and it can be moved like any cell. The
text after it goes on in a Markdown cell without a heading. Sections are cut between top-level blocks only, so the blocks
of all cells in order are the document.

Grey prompts (how templates say what belongs in a section) are not text: a body of nothing else shows as
``Cell.prompt``. They stay while the section has no text of its own and go when it gets some.
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

_MADE_BY_SERVERS = frozenset({"localId"})


def split(document: Mapping[str, Any], like: Sequence[Cell] = ()) -> tuple[Cell, ...]:
    """The cells of a document.

    ``like`` are cells that the document was perhaps made of: where it still says the same, they come back with their
    keys, boundaries and spelling (``* a`` stays ``* a``), so that what was sent compares equal to what was read.
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
    """The cells that still say the same, in order, each with its place among the nodes: from, to."""
    places: dict[int, int] = {}
    for i, j, length in matching_blocks([each for _, run in runs for each in run], prints):
        places.update((i + step, j + step) for step in range(length))
    following = [""]  # what the cells after each one begin with, from the last one on
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
    """The document that these cells make, with the envelope of ``document``, which is what the server has.

    ``stored`` are the server's cells: they are the originals that edited cells of the same key are written against.
    Every block that says what a block of ``document`` says goes back as that block, hidden attributes and all.
    """
    originals = {cell.key: cell for cell in stored}
    nodes = [node for cell in cells for node in nodes_of(cell, originals.get(cell.key))]
    waiting = _waiting(blocks(document), lambda node: node)
    return {**document, "content": [_taken(waiting, node) for node in nodes]}


def lost_words(cells: Iterable[Cell], document: Mapping[str, Any]) -> tuple[str, ...]:
    """The words, numbers and addresses of Markdown cells that the document does not have: see `adf.lost_words`.

    Asked of the document that `join` made, it tells what a save would lose. Asked of the document that the server gave
    after a save, it tells what the save did lose: `split` with ``like`` cannot, since it hands back our own spelling.
    """
    return adf.lost_words("\n\n".join(cell.text for cell in cells if cell.editable), document)


def whole(document: Mapping[str, Any], key: str, name: str, prompt: str, like: Cell | None = None) -> Cell:
    """A whole document as one pinned cell with a fixed name. ``like`` keeps its spelling where it says the same."""
    nodes = blocks(document)
    if like is not None and [_fingerprint(node) for node in nodes_of(like)] == [_fingerprint(node) for node in nodes]:
        return replace(like, source=dumps(nodes), prompt=_prompt(nodes) or prompt)
    return Cell(key, _text(nodes), source=dumps(nodes), pinned=True, name=name, prompt=_prompt(nodes) or prompt)


def nodes_of(cell: Cell, stored: Cell | None = None) -> list[Node]:
    """The blocks that a cell stands for: its original ones when it was not touched, else its Markdown as blocks.

    ``stored`` is the same cell as the server has it now, the better original when there is one.
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
    """Blocks by what they say as they are ``seen``, those that say the same in their order."""
    waiting: dict[str, deque[Any]] = defaultdict(deque)
    for node in nodes:
        waiting[canonical(seen(node))].append(node)
    return waiting


def _taken(waiting: Mapping[str, deque[Any]], node: Any) -> Any:
    """The first waiting block that says what this one says, else this one."""
    same = waiting.get(canonical(node))
    return same.popleft() if same else node


def blocks(document: Mapping[str, Any]) -> list[Any]:
    """The top-level blocks of a document, none when it has no list of them."""
    content = document.get("content")
    return content if isinstance(content, list) else []


def dumps(value: Any) -> str:
    """Compact JSON that can always be written as UTF-8: half surrogate pairs are escaped, all else is plain.

    Raises ValueError for NaN and infinity, which are no JSON.
    """
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text


def canonical(node: Any) -> str:
    """What a node says, as a text to compare: without the order of keys, ``localId``s (servers add them) and 1 vs 1.0."""
    return dump(node, _MADE_BY_SERVERS)


def _fingerprint(node: Any) -> str:
    """What a person reads of a block: equal also where a server has filled in or left out what does not show."""
    said = canonical(node)
    return to_markdown(_document([json.loads(said)])) if isinstance(node, dict) else said


def _ends_there(nodes: Sequence[Any], prints: Sequence[str], end: int, following: str) -> bool:
    """Whether a cell of ``like`` can end here. ``following`` is what the next one begins with.

    A section that goes on with anything else has got text by somebody else's hand: it is not the same one any more.
    """
    return end == len(nodes) or prints[end] == following or _begins(nodes[end])


def _begins(node: Any) -> bool:
    """Whether a cell begins at this block whatever stands before it."""
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
    """The cell as it is, with the server's blocks as its originals. An opaque cell *is* its source: it stays."""
    return replace(cell, source=dumps(nodes), prompt=_prompt(nodes)) if cell.editable else cell


def _known_again(cells: list[Cell], runs: Sequence[tuple[Cell, list[str]]]) -> Iterator[Cell]:
    """Sections that were moved: fresh cells that say what one of ``runs`` said take its key and spelling."""
    taken = {cell.key for cell in cells}
    free = {"\n".join(run): cell for cell, run in runs if run and cell.key not in taken}
    for cell in cells:
        nodes = _loads(cell.source)
        known = free.pop("\n".join(_fingerprint(node) for node in nodes), None) if free else None
        yield _same_cell(known, nodes) if known is not None else cell


def _text(nodes: Sequence[Any]) -> str:
    """The Markdown of a cell. A heading without a body ends in an empty line: who types at the end begins the body."""
    kept = _shown(nodes)
    text: str = to_markdown(_document(kept)).rstrip("\n") if kept else ""
    return text + "\n\n" if len(kept) == 1 and _is_heading(kept[0]) else text


def _prompt(nodes: Sequence[Any]) -> str:
    words = [_words(node).strip() for node in nodes if _is_blank(node)] if _is_template(nodes) else []
    return " ".join(word for word in words if word)


def _shown(nodes: Sequence[Any]) -> list[Any]:
    """What of a section is text to edit: no prompts, and no line breaks at the ends of paragraphs.

    The vendor's template has one after each prompt, so many sections end in one: as Markdown's backslash it would stand
    just where people begin to type. It comes back with every paragraph that was not edited.
    """
    kept = [node for node in nodes if not _is_blank(node)] if _is_template(nodes) else nodes
    return [_unbroken(node) for node in kept]


def _unbroken(node: Any) -> Any:
    """A paragraph without the line breaks at its end; anything else as it is."""
    if not isinstance(node, dict) or node.get("type") != "paragraph":
        return node
    inlines = blocks(node)
    end = len(inlines)
    while end > 1 and isinstance(inlines[end - 1], dict) and inlines[end - 1].get("type") == "hardBreak":
        end -= 1
    return {**node, "content": inlines[:end]} if end < len(inlines) else node


def _is_template(nodes: Sequence[Any]) -> bool:
    """Whether nobody has written in this section: a heading perhaps, and then nothing but prompts and blanks."""
    body = nodes[1:] if nodes and _is_heading(nodes[0]) else nodes
    return all(_is_blank(node) for node in body)


def _is_blank(node: Any) -> bool:
    """A paragraph without words, or whose words are all in the grey of a prompt."""
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
    """All the text in a node."""
    return "".join(text_of(each) for each in walk(node))


def _document(nodes: list[Any]) -> Node:
    return {"version": 1, "type": "doc", "content": nodes}


def _loads(source: str) -> list[Any]:
    return json.loads(source) if source else []
