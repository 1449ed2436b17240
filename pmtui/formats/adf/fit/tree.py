"""Repairs a tree so that the schema allows it, and keeps every word of what ADF does not allow.

It uses the tables in schema.py. A node from the original that is still in its place is left alone, even if the tables do not
know it.

Every parent is one of four kinds: *wordy* (it holds inline nodes), a *list* (a misplaced child goes between two such lists),
*structural* (a misplaced child is wrapped), or a holder of blocks, in which a paragraph is always allowed. So each step
keeps a node, or descends into its content, or wraps it into what the parent holds: it terminates.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pmtui.formats.adf.fit.repairs import LISTS, OWN_ID, adapted, completed, fitted_attributes, taken_apart
from pmtui.formats.adf.fit.valid import is_valid
from pmtui.formats.adf.read.blocks import OPAQUE_NODE
from pmtui.formats.adf.schema import INLINE, NODES, WORDY, may_hold, valid_marks
from pmtui.formats.adf.trampoline import run
from pmtui.formats.adf.values import Node, attributes, children, dump, joined_texts, kind, marks, node, text, text_of, walk

#: Structural parents → the node that wraps a misplaced child.
_INNER = {"table": "tableRow", "tableRow": "tableCell", "layoutSection": "layoutColumn", "mediaSingle": "caption"}
#: A call in progress (see trampoline.py): it returns nodes, and so does every call that it makes.
_Fitting = Generator[Any, list[Node], list[Node]]
_KEY_ORDER = ("type", "attrs", "content", "text", "marks")


@dataclass(frozen=True, slots=True)
class Kept:
    """A node of the original (`whole`), or one that differs from it only in its content."""

    node: Node
    parent: str
    original: Node
    whole: bool


#: By id() of the node in the tree to fit; `Kept.node` keeps it alive, so that its id() is not reused.
KeptNodes = dict[int, Kept]


def fit(content: list[Any], kept: KeptNodes | None = None) -> list[Node]:
    """The blocks of a document, repaired so that the schema allows each of them."""
    fitter = _Fitter(kept or {})
    fitted: list[Node] = run(fitter.all(content, "doc", "doc"))
    fitter.name(fitted)
    return fitted


class _Fitter:
    def __init__(self, kept: KeptNodes) -> None:
        self.kept = kept
        self.nameless: dict[int, Node] = {}  # attributes that need a localId, by id()

    def all(self, nodes: list[Any], parent: str, holder: str) -> _Fitting:
        """The nodes, fitted into the parent. In a list they may include nodes that only its holder can hold."""
        fitted: list[Node] = []
        for child in nodes:
            fitted += yield self.one(child, parent, holder)
        if parent in WORDY:
            return joined_texts(fitted, self.kept)
        blocks: list[Node] = []
        for are_words, group in groupby(fitted, lambda found: kind(found) in INLINE and not self._stood_in(found, parent)):
            stretch = list(group)
            blocks += [node("paragraph", joined_texts(stretch, self.kept))] if are_words else stretch
        return blocks

    def one(self, child: Any, parent: str, holder: str) -> _Fitting:
        """The replacement of a node in this parent: itself, another node, its content, or nothing."""
        if not isinstance(child, dict):
            return [child]  # not a node: only an original can contain this, and keeps it
        if self._stood_in(child, parent):
            return (yield self._kept(child, self.kept[id(child)], holder))
        if kind(child) == OPAQUE_NODE:
            if is_valid(child["node"], parent):
                return [child["node"]]
            child = node("codeBlock", [text(child["source"])] if child["source"] else [], language="adf")
        if may_hold(parent, kind(child)):
            return (yield self._allowed(child, parent, holder))
        if parent in WORDY:
            return (yield self._in_words(child, parent))
        if parent in LISTS:
            return (yield self.one(child, holder, holder))
        if parent in _INNER:
            return (yield self.one(node(_INNER[parent], [child]), parent, holder))
        if kind(child) in INLINE:
            return (yield self.one(child, "paragraph", "paragraph"))
        if (other := adapted(child, parent)) is not None:
            return (yield self.one(other, parent, holder))
        return (yield self.all(taken_apart(child), parent, parent))

    def _stood_in(self, found: Node, parent: str) -> bool:
        kept = self.kept.get(id(found))
        return kept is not None and kept.parent == parent

    def _kept(self, child: Node, kept: Kept, holder: str) -> _Fitting:
        if kept.whole or not isinstance(child.get("content"), list):
            return [child]
        content = yield self.all(child["content"], kind(child), _holder(kind(child), kept.parent, holder))
        if [kind(n) for n in content] == [kind(n) for n in children(kept.original)]:
            return [{**child, "content": content}]
        own = {name: value for name, value in child.items() if name != "content"}
        return [self._dressed(made, own) for made in completed(kind(child), kept.parent, content)]

    def _allowed(self, child: Node, parent: str, holder: str) -> _Fitting:
        child_type = kind(child)
        if child_type == "text":
            return [text(text_of(child), valid_marks(marks(child), parent, "text"))] if text_of(child) else []
        attrs = fitted_attributes(child)
        if attrs is None:
            return (yield self.all(taken_apart(child), parent, holder))
        own: Node = {"type": child_type, "marks": valid_marks(marks(child), parent, child_type)}
        if attrs or child.get("attrs") == {} or NODES[child_type].attrs_required:
            own["attrs"] = attrs
        content = yield self.all(children(child), child_type, _holder(child_type, parent, holder))
        content = self._levelled(content) if child_type == "table" else content
        return [self._dressed(made, own) for made in completed(child_type, parent, content)]

    def _levelled(self, rows: list[Node]) -> list[Node]:
        """If one cell has empty attributes, give them to all, because nothing else can be written."""
        if not any(isinstance(cell, dict) and cell.get("attrs") == {} for row in rows for cell in children(row)):
            return rows
        return [
            row if id(row) in self.kept else {**row, "content": [self._with_attributes(cell) for cell in children(row)]} for row in rows
        ]

    def _with_attributes(self, cell: Node) -> Node:
        return cell if not isinstance(cell, dict) or "attrs" in cell or id(cell) in self.kept else {"type": kind(cell), "attrs": {}, **cell}

    def _in_words(self, child: Any, parent: str) -> _Fitting:
        """A block, or an inline node that the parent does not allow, as plain words."""
        content = taken_apart(child)
        if len(content) > len(children(child)) > 0:
            content.insert(1, {"type": "hardBreak"})
        return (yield self.all(content, parent, parent))

    def _dressed(self, made: Node, own: Node) -> Node:
        """A completed node with the attributes and marks of its source node, and an id if it needs one."""
        if kind(made) != kind(own):
            return made
        merged = {**own, **made}
        if not merged.get("marks"):
            merged.pop("marks", None)
        if kind(made) in OWN_ID and not isinstance(attributes(merged).get("localId"), str):
            merged["attrs"] = {**attributes(merged), "localId": None}
            self.nameless[id(merged["attrs"])] = merged["attrs"]
        rest = {key: value for key, value in merged.items() if key not in _KEY_ORDER}
        return {key: merged[key] for key in _KEY_ORDER if key in merged} | rest

    def name(self, content: list[Node]) -> None:
        """Give an id to every node that requires one, derived from the document, so that it is the same next time."""
        if not self.nameless:
            return
        digest = hashlib.sha256(dump(content).encode("utf-8", "surrogatepass")).hexdigest()
        number = 0
        for found in walk({"content": content}):
            attrs = found.get("attrs")
            if isinstance(attrs, dict) and id(attrs) in self.nameless:
                own = hashlib.sha256(f"{digest}:{number}".encode()).hexdigest()
                attrs["localId"] = f"{own[:8]}-{own[8:12]}-{own[12:16]}-{own[16:20]}-{own[20:32]}"
                number += 1


def _holder(node_type: str, parent: str, holder: str) -> str:
    """The type of the node that takes a child which this node cannot hold: the nearest ancestor that is not a list."""
    return holder if node_type in LISTS and parent in LISTS else parent
