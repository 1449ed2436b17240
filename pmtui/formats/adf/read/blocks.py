"""Parses Markdown into a tree of ADF nodes. Nothing is checked or repaired here: `fit` does that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from markdown_it.token import Token

from pmtui.formats.adf import brace, notation, opaque
from pmtui.formats.adf.attributes import read_attributes, understood
from pmtui.formats.adf.fit.repairs import fitted_attributes
from pmtui.formats.adf.read import parts
from pmtui.formats.adf.read.inline import read_inline
from pmtui.formats.adf.read.parser import parse
from pmtui.formats.adf.read.parts import Frame, with_words
from pmtui.formats.adf.values import Node, children, node, text

#: A fence of JSON: {"type": OPAQUE_NODE, "node": the node, "source": the fence's body}.
OPAQUE_NODE = "adf:fence"
_HOLDERS = frozenset(holder for _, holder in notation.SECTIONS.values())
#: Markdown's own blocks of blocks, by the name of their tokens.
_CONTAINERS = {
    "blockquote": "blockquote",
    "bullet_list": "bulletList",
    "ordered_list": "orderedList",
    "list_item": "listItem",
    "table": "table",
    "tr": "tableRow",
    "th": "tableHeader",
    "td": "tableCell",
}


@dataclass(frozen=True, slots=True)
class Block:
    """A top-level block and its source lines; none when several blocks come from the same lines."""

    node: Node
    lines: tuple[int, int] | None


def read(markdown: str) -> list[Block]:
    """The top-level blocks of a Markdown text."""
    reader = _Reader(markdown, {})
    blocks = reader.read()
    literal = reader.parsed.unused()
    return _Reader(markdown, literal).read() if literal else blocks


class _Reader:
    """One pass over block tokens with a stack of open nodes."""

    def __init__(self, markdown: str, literal: Mapping[int, int]) -> None:
        self.parsed = parse(markdown, literal)
        self.line_count = markdown.count("\n") + 1
        self.root = Frame({"type": "doc", "content": []})
        self.stack = [self.root]
        self.spans: list[tuple[int, int]] = []
        self.line = 0
        self.tag = ""  # of the block whose words come next: p, h1, th
        self.rows: list[list[str]] = []  # the words of a pipe table's cells

    def read(self) -> list[Block]:
        for token in self.parsed.tokens:
            if token.map is not None and token.nesting >= 0:
                self.line = token.map[1]
            self._read(token)
        self.line = self.line_count
        self._pop_to(0)
        counts = Counter(self.spans)
        return [Block(made, span if counts[span] == 1 else None) for made, span in zip(self.root.content, self.spans, strict=True)]

    def _read(self, token: Token) -> None:
        """Open or close a block; what else a token says is read by the method with its name, if there is one."""
        node_type = _CONTAINERS.get(token.type.rpartition("_")[0])
        if token.nesting > 0:
            self.tag = token.tag
            if node_type is not None:
                start, end = token.map or (0, 0)
                self._push(Frame({"type": node_type}, start=start, end=end))
        if on := getattr(self, "_on_" + token.type, None):
            on(token)
        if token.nesting < 0 and node_type is not None:
            self._close_block()

    # ---- the stack --------------------------------------------------------------------------------------

    def _push(self, frame: Frame) -> None:
        frame.node.setdefault("content", [])
        if frame.directive:
            frame.holders = self.stack[-1].holders | (_HOLDERS & {frame.node["type"]})
        self.stack.append(frame)

    def _pop_to(self, depth: int) -> None:
        while len(self.stack) > depth + 1:
            self._close()

    def _close_block(self) -> None:
        """Close Markdown's innermost block, and any directives left open in it."""
        while self.stack[-1].directive:
            self._close()
        self._close()

    def _close(self) -> None:
        frame = self.stack.pop()
        for made in parts.finished(frame):
            self._add(made, (frame.start, self.line if frame.end is None else frame.end))

    def _add(self, made: Node, span: tuple[int, int]) -> None:
        top = self.stack[-1]
        if top.wordy and made["type"] == "paragraph":
            if top.content and children(made):
                top.content.append({"type": "hardBreak"})
            top.content.extend(children(made))
            return
        top.content.append(made)
        if top is self.root:
            self.spans.append(span)

    def _leaf(self, token: Token, made: Node) -> None:
        start, end = token.map or (self.line, self.line)
        self._add(made, (start, end))

    # ---- Markdown's own blocks --------------------------------------------------------------------------

    def _on_ordered_list_open(self, token: Token) -> None:
        order = token.attrs.get("start", 1)
        if order != 1:
            self.stack[-1].node["attrs"] = {"order": order}

    def _on_inline(self, token: Token) -> None:
        if self.tag == "p":
            self._paragraph(token)
        elif self.tag in ("th", "td"):
            self._cell(token)
        else:
            self._heading(token)

    def _heading(self, token: Token) -> None:
        words, items = parts.trailing_brace(token.content)
        levels = [item for item in items if item[0] == "level"]
        items_of_marks = [item for item in items if item[0] != "level"]
        marks = notation.read_block_marks(items_of_marks) if items_of_marks else []
        if marks is None or not understood("heading", levels):
            words, marks, levels = token.content, [], []
        heading: Node = {"type": "heading", "attrs": {"level": int(self.tag[1:]), **read_attributes("heading", levels)}}
        self._leaf(token, with_words(heading, read_inline(words, self.parsed), marks))

    def _paragraph(self, token: Token) -> None:
        frame = self.stack[-1]
        source: str | None = token.content
        if not frame.content and frame.node["type"] == "listItem" and not frame.directive:
            source = parts.take_box(token.content, frame)
        elif not frame.content and frame.node["type"] == "blockquote" and not frame.directive and frame.panel is None:
            source = parts.take_panel(token.content, frame)
        if source is None:
            return
        for part in [source] if frame.wordy else parts.with_pictures_apart(source):
            self._words(token, part)

    def _words(self, token: Token, source: str) -> None:
        frame = self.stack[-1]
        if not frame.wordy and (found := parts.picture(source, frame.node["type"])):
            self._leaf(token, found)
            return
        words, marks = parts.words_and_marks(source)
        nodes = [] if words == notation.EMPTY_PARAGRAPH or not words else read_inline(words, self.parsed)
        self._leaf(token, with_words({"type": "paragraph"}, nodes, marks))

    def _on_literal(self, token: Token) -> None:
        self._leaf(token, node("paragraph", [text(" ".join(token.content.split()))]))

    def _on_fence(self, token: Token) -> None:
        body = token.content.removesuffix("\n")
        info = token.info.strip()
        if info == notation.OPAQUE and (kept := opaque.decode(body)) is not None:
            self._leaf(token, {"type": OPAQUE_NODE, "node": kept, "source": body})
            return
        self._leaf(token, parts.code(info, body))

    def _on_code_block(self, token: Token) -> None:
        self._leaf(token, parts.code("", token.content.removesuffix("\n")))

    def _on_hr(self, token: Token) -> None:
        self._leaf(token, {"type": "rule"})

    # ---- tables -----------------------------------------------------------------------------------------

    def _on_table_open(self, token: Token) -> None:
        self.rows = []

    def _on_tr_open(self, token: Token) -> None:
        self.rows.append([])

    def _cell(self, token: Token) -> None:
        words, items = parts.trailing_brace(token.content)
        cell = self.stack[-1].node
        attrs = read_attributes("tableCell", items)
        if items and len(attrs) + (items[0] in parts.CELL_WORDS) != len(items):
            words, attrs, items = token.content, {}, []
        if items and items[0] in parts.CELL_WORDS:
            cell["type"] = parts.CELL_WORDS[items[0]]
        if attrs:
            cell["attrs"] = attrs
        self.rows[-1].append(token.content)
        self.stack[-1].content.append(node("paragraph", read_inline(words, self.parsed)))

    def _on_table_close(self, token: Token) -> None:
        frame = self.stack[-1]
        braces = {index: items for index, row in enumerate(self.rows) if index and (items := parts.table_items(row))}
        frame.items = tuple(item for items in braces.values() for item in items)
        frame.node["content"] = parts.rows_of(parts.levelled(frame.content), braces)
        if attrs := read_attributes("table", list(frame.items)):
            frame.node["attrs"] = attrs

    # ---- directives -------------------------------------------------------------------------------------

    def _on_directive(self, token: Token) -> None:
        if notation.CLOSING.match(token.content):
            self._close_directive()
            return
        match = notation.DIRECTIVE.match(token.content)
        if match is None:
            return
        word, rest = match[2], match[3].strip(" \t")
        if len(match[1]) == 2:
            leaf = parts.directive_node(notation.LEAVES[word], *parts.label_and_items(notation.LEAVES[word], rest))
            # a directive without its required attributes stays text: otherwise it would vanish while it is typed
            lacking = fitted_attributes(leaf) is None
            self._leaf(token, node("paragraph", [text(token.content)]) if lacking else leaf)
            return
        if word in notation.SECTIONS:
            self._close_sections(notation.SECTIONS[word][1])
        frame = self._container(word, rest)
        frame.start = (token.map or (0, 0))[0]
        self._push(frame)

    def _container(self, word: str, rest: str) -> Frame:
        if word == "adf":
            label, items = parts.label_and_items(brace.trailing(rest)[0].strip(), rest)
            wordy = ("inline", None) in items
            items = [item for item in items if item != ("inline", None)]
            return Frame(parts.directive_node(label or "", None, items), word, wordy=wordy)
        node_type = notation.CONTAINERS[word]
        if node_type == "expand" and self.stack[-1].node["type"] in notation.HOLDERS_OF_NESTED:
            node_type = "nestedExpand"
        label, items = parts.label_and_items(node_type, rest)
        return Frame(parts.directive_node(node_type, label, items), word, items=tuple(items))

    def _close_sections(self, holder: str) -> None:
        """Close what is open in the holder before a new row, cell or column."""
        if not self.stack[-1].holders & {holder, "table"}:
            return  # checked without searching the stack: stray rows could be nested as deep as the text is long
        depth = len(self.stack) - 1
        while self.stack[depth].node["type"] not in (holder, "table"):
            depth -= 1
        self._pop_to(depth)
        if self.stack[depth].node["type"] != holder:
            self._push(Frame({"type": "tableRow"}, "row"))

    def _close_directive(self) -> None:
        if not self.stack[-1].directive:
            return  # a stray `:::` closes nothing
        while self.stack[-1].directive in notation.SECTIONS and self.stack[-2].directive:
            self._close()
        self._close()
