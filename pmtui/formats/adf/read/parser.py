"""markdown-it-py with the notation's rules. Blocks are parsed first, the words of each block on request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, paragraph, reference, table
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from pmtui.formats.adf import brace
from pmtui.formats.adf.attributes import is_word, understood
from pmtui.formats.adf.emoji import EMOJI
from pmtui.formats.adf.notation import CLOSING, CONTAINERS, DIRECTIVE, LEAVES, WORDS
from pmtui.formats.adf.read import brackets
from pmtui.formats.adf.write import escape
from pmtui.formats.words import REFERENCE, resolve

_TEXT = r"((?:[^\[\]\\\n]|\\.)*)"
_WORD = re.compile(rf":([a-z]+)\[{_TEXT}\]({brace.PATTERN})?")
_EMOJI = re.compile(r":([a-z0-9_+-]+):")
_MENTION = re.compile(rf"@\[{_TEXT}\]\(([^\s()<>]*)\)({brace.PATTERN})?")
_CARD = re.compile(r"<(https?:[^\s<>]*)>\{card\}")
_BREAK = re.compile(r"<br ?/?>")
_ENTITY = re.compile(REFERENCE)
#: Blocks nested deeper than this are words of their parent block. markdown-it recurses for each level
#: and would silently drop what is below its own limit.
_MAX_LEVEL = 80
#: Key of the environment: see `parse`.
_LITERAL = "literal"


@cache
def _markdown() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "maxNesting": 100}).enable(["table", "strikethrough"])
    md.core.ruler.disable(["inline", "text_join"])
    md.inline.ruler.disable(["html_inline", "linkify"], ignoreInvalid=True)
    md.block.ruler.disable("html_block")
    md.normalizeLink = lambda url: url  # type: ignore[method-assign]
    md.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    md.validateLink = lambda url: True  # type: ignore[method-assign]
    md.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.at("reference", _definition)
    md.block.ruler.before("table", "directive", _directive, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.block.ruler.before("directive", "too deep", _too_deep)
    md.inline.ruler.at("entity", _entity)
    md.inline.ruler.at("link", brackets.bracket)
    md.inline.ruler.at("image", brackets.image)
    md.inline.ruler.before("autolink", "card", _card)
    md.inline.ruler.after("escape", "word", _word)
    md.inline.ruler.after("word", "mention", _mention)
    return md


@dataclass(frozen=True, slots=True)
class Parsed:
    """The block tokens of a text, with words not parsed yet, and the definitions for its references."""

    tokens: list[Token]
    env: dict[str, Any]

    def words(self, source: str) -> list[Token]:
        """The inline tokens of a block's words."""
        md = _markdown()
        return md.inline.parse(source, md, dict(self.env), [])

    def unused(self) -> dict[int, int]:
        """Definitions `[label]: address` that no link uses, after all words were parsed: first line → line after the last."""
        definitions: dict[str, Any] = self.env.get("references", {})
        unused = [each for label, each in definitions.items() if label not in self.env[brackets.USED]]
        return {each["map"][0]: each["map"][1] for each in [*unused, *self.env.get("duplicate_refs", ())]}


def parse(source: str, literal: Mapping[int, int]) -> Parsed:
    """Parse the blocks of a text. ``literal``: definitions to read as words, first line → line after the last."""
    env: dict[str, Any] = {_LITERAL: literal, brackets.USED: set()}
    return Parsed(_markdown().parse(source, env), env)


# ---- block rules ----------------------------------------------------------------------------------------


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    return not silent and state.level >= _MAX_LEVEL and paragraph(state, start, end, silent)


def _directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line `:::name …`, `:::` or `::name …` as one token; `read` builds containers from them."""
    position = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("::", position) or state.is_code_block(start):
        return False
    line = state.src[position : state.eMarks[start]]
    match = DIRECTIVE.match(line)
    known = match is not None and match[2] in (LEAVES if len(match[1]) == 2 else CONTAINERS)
    if not known and not CLOSING.match(line):
        return False
    if not silent:
        token = state.push("directive", "", 0)
        token.content = line.rstrip()
        token.map = [start, start + 1]
        state.line = start + 1
    return True


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`[label]: address`. An unused definition stays as the words it was written with."""
    below = state.env[_LITERAL].get(start)
    if below is None:
        return reference(state, start, end, silent)
    if not silent:
        token = state.push("literal", "", 0)
        token.content = state.getLines(start, below, state.blkIndent, False).strip()
        token.map = [start, below]
        state.line = below
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A pipe table. Cells beyond the first row's length become further columns, where GFM would drop them."""
    first = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    read, state.tokens[first:] = state.tokens[first:], []
    row: list[int] | None = None
    cells = 0
    for token in read:
        if token.type == "tr_open":
            row, cells = token.map, 0
        elif token.type == "td_open":
            cells += 1
        elif token.type == "tr_close" and row and cells:
            state.tokens += _further_cells(state, row[0], cells)
        state.tokens.append(token)
    return True


def _further_cells(state: StateBlock, line: int, known: int) -> list[Token]:
    cells = escapedSplit(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip())
    further = cells[1:] if cells[:1] == [""] else cells
    while further and not further[-1].strip():
        further.pop()
    tokens: list[Token] = []
    for cell in further[known:]:
        words = Token("inline", "", 0, map=[line, line + 1], content=cell.strip())
        tokens += [Token("td_open", "td", 1), words, Token("td_close", "td", -1)]
    return tokens


# ---- inline rules ---------------------------------------------------------------------------------------


def _push(state: StateInline, silent: bool, kind: str, match: re.Match[str], **meta: object) -> bool:
    if not silent:
        state.push(kind, "", 0).meta = meta
    state.pos = match.end()
    return True


def _entity(state: StateInline, silent: bool) -> bool:
    """Character references. Every number is accepted, so that any character can be written."""
    match = _ENTITY.match(state.src, state.pos)
    content = resolve(match[0]) if match else ""
    if match is None or content == match[0]:
        return False
    if not silent:
        state.push("text_special", "", 0).content = content
    state.pos = match.end()
    return True


def _word(state: StateInline, silent: bool) -> bool:
    """`:status[…]{…}` and `:tada:`."""
    if state.src[state.pos] != ":":
        return False
    match = _WORD.match(state.src, state.pos, state.posMax)
    if match and match[1] in WORDS:
        items = brace.read(match[3]) if match[3] else []
        if items is not None and is_word(match[1], items):
            return _push(state, silent, "word", match, word=match[1], text=escape.unescape(match[2]), items=items)
    match = _EMOJI.match(state.src, state.pos, state.posMax)
    if match is None or match[1] not in EMOJI or (state.pos and state.src[state.pos - 1].isalnum()):
        return False
    return _push(state, silent, "emoji", match, name=match[1])


def _mention(state: StateInline, silent: bool) -> bool:
    match = _MENTION.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "@" else None
    items = brace.read(match[3]) if match and match[3] else []
    if match is None or items is None or not understood("mention", items):
        return False
    return _push(state, silent, "mention", match, name=escape.unescape(match[1]), id=match[2], items=items)


def _card(state: StateInline, silent: bool) -> bool:
    """`<https://…>{card}` and `<br>`."""
    if state.src[state.pos] != "<":
        return False
    if match := _CARD.match(state.src, state.pos, state.posMax):
        return _push(state, silent, "card", match, url=match[1])
    if match := _BREAK.match(state.src, state.pos, state.posMax):
        return _push(state, silent, "hardbreak", match)
    return False
