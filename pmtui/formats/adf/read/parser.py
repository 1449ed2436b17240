"""markdown-it-py with the notation's own rules. Blocks are parsed first; the words of each block when asked for."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.common.entities import entities
from markdown_it.rules_block import StateBlock, paragraph
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from pmtui.formats.adf import brace
from pmtui.formats.adf.emoji import EMOJI
from pmtui.formats.adf.notation import CLOSING, CONTAINERS, DIRECTIVE, LEAVES, WORDS, is_readable, read_marks
from pmtui.formats.adf.write import escape

_TEXT = r"((?:[^\[\]\\\n]|\\.)*)"
_WORD = re.compile(rf":([a-z]+)\[{_TEXT}\]({brace.PATTERN})?")
_EMOJI = re.compile(r":([a-z0-9_+-]+):")
_MENTION = re.compile(rf"@\[{_TEXT}\]\(([^\s()<>]*)\)({brace.PATTERN})?")
_CARD = re.compile(r"<(https?:[^\s<>]*)>\{card\}")
_BREAK = re.compile(r"<br ?/?>")
_ENTITY = re.compile(r"&(?:#(?:[xX]([0-9a-fA-F]{1,6})|([0-9]{1,7}))|([A-Za-z][A-Za-z0-9]{1,31}));")
#: Blocks nested deeper than this are words of the block that they stand in. markdown-it recurses for each level
#: and would drop what is below its own limit without a word.
_MAX_LEVEL = 80


@cache
def _markdown() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "maxNesting": 100}).enable(["table", "strikethrough"])
    md.core.ruler.disable(["inline", "text_join"])
    md.inline.ruler.disable(["html_inline", "linkify"], ignoreInvalid=True)
    md.block.ruler.disable("html_block")
    md.normalizeLink = lambda url: url  # type: ignore[method-assign]
    md.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    md.validateLink = lambda url: True  # type: ignore[method-assign]
    md.block.ruler.before("table", "directive", _directive, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.block.ruler.before("directive", "too deep", _too_deep)
    md.inline.ruler.at("entity", _entity)
    md.inline.ruler.before("link", "lone bracket", _lone_bracket)
    md.inline.ruler.before("link", "bracket", _bracket)
    md.inline.ruler.before("autolink", "card", _card)
    md.inline.ruler.after("escape", "word", _word)
    md.inline.ruler.after("word", "mention", _mention)
    return md


def parse_blocks(source: str) -> tuple[list[Token], dict[str, object]]:
    """The block tokens, their words not parsed yet, and the environment that `parse_inline` needs for them."""
    env: dict[str, object] = {}
    return _markdown().parse(source, env), env


def parse_inline(source: str, env: dict[str, object]) -> list[Token]:
    """The inline tokens of a block's words."""
    md = _markdown()
    return md.inline.parse(source, md, env, [])


# ---- block rules ----------------------------------------------------------------------------------------


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    return not silent and state.level >= _MAX_LEVEL and paragraph(state, start, end, silent)


def _directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line `:::name …`, `:::` or `::name …`: one token each; `read` makes containers of them."""
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


# ---- inline rules ---------------------------------------------------------------------------------------


def _push(state: StateInline, silent: bool, kind: str, match: re.Match[str], **meta: object) -> bool:
    if not silent:
        state.push(kind, "", 0).meta = meta
    state.pos = match.end()
    return True


def _entity(state: StateInline, silent: bool) -> bool:
    """Character references. Numbers are read as they are, so that any character can be said."""
    match = _ENTITY.match(state.src, state.pos)
    if match is None or (match[3] and match[3] not in entities):
        return False
    if not silent:
        token = state.push("text_special", "", 0)
        token.content = entities[match[3]] if match[3] else escape.character(int(match[1], 16) if match[1] else int(match[2]))
    state.pos = match.end()
    return True


def _word(state: StateInline, silent: bool) -> bool:
    """`:status[…]{…}` and `:tada:`."""
    if state.src[state.pos] != ":":
        return False
    match = _WORD.match(state.src, state.pos, state.posMax)
    if match and match[1] in WORDS:
        items = brace.read(match[3]) if match[3] else []
        if items is not None and is_readable(items):
            return _push(state, silent, "word", match, word=match[1], text=escape.unescape(match[2]), items=items)
    match = _EMOJI.match(state.src, state.pos, state.posMax)
    if match is None or match[1] not in EMOJI or (state.pos and state.src[state.pos - 1].isalnum()):
        return False
    return _push(state, silent, "emoji", match, name=match[1])


def _mention(state: StateInline, silent: bool) -> bool:
    match = _MENTION.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "@" else None
    items = brace.read(match[3]) if match and match[3] else []
    if match is None or items is None:
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


def _lone_bracket(state: StateInline, silent: bool) -> bool:
    """`[` without any `]` behind it is a character: looking for its end again and again would be quadratic."""
    if state.src[state.pos] != "[" or state.src.find("]", state.pos, state.posMax) >= 0:
        return False
    if not silent:
        state.append_pending("[")
    state.pos += 1
    return True


def _bracket(state: StateInline, silent: bool) -> bool:
    """`[words]{marks}` and `[words](url "title")`; other brackets are markdown-it's business."""
    start = state.pos
    if state.src[start] != "[":
        return False
    label_end = state.md.helpers.parseLinkLabel(state, start)
    if label_end < 0 or label_end + 1 >= state.posMax:
        return False
    found = _span_tail(state, label_end + 1) if state.src[label_end + 1] == "{" else _link_tail(state, label_end + 1)
    if found is None:
        return False
    marks, end = found
    if not silent:
        limit = state.posMax
        state.pos, state.posMax = start + 1, label_end
        state.push("span_open", "", 1).meta = {"marks": marks}
        state.md.inline.tokenize(state)
        state.push("span_close", "", -1)
        state.posMax = limit
    state.pos = end
    return True


def _span_tail(state: StateInline, position: int) -> tuple[list[dict[str, object]], int] | None:
    match = brace.BRACE.match(state.src, position, state.posMax)
    items = brace.read(match[0]) if match else None
    if match is None or not items:
        return None
    marks, rest = read_marks(items)
    return (marks, match.end()) if not rest else None


def _link_tail(state: StateInline, position: int) -> tuple[list[dict[str, object]], int] | None:
    source, limit = state.src, state.posMax
    if source[position] != "(":
        return None
    target = state.md.helpers.parseLinkDestination(source, _skip_blanks(source, position + 1, limit), limit)
    if not target.ok:
        return None
    attrs: dict[str, object] = {"href": target.str}
    position = _skip_blanks(source, target.pos, limit)
    if position > target.pos:
        title = state.md.helpers.parseLinkTitle(source, position, limit)
        if title.ok:
            attrs["title"] = title.str
            position = _skip_blanks(source, title.pos, limit)
    if position >= limit or source[position] != ")":
        return None
    return [{"type": "link", "attrs": attrs}], position + 1


def _skip_blanks(source: str, position: int, limit: int) -> int:
    while position < limit and source[position] in " \t\n":
        position += 1
    return position
