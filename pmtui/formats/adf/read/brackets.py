"""Inline rules for brackets: `[words]{marks}`, links of all kinds, and pictures.

markdown-it's own rules search for the end of a label at each bracket. Here the brackets of a text are paired once, so that
the time is linear in their number.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from markdown_it.common.utils import normalizeReference
from markdown_it.rules_inline import StateInline

from pmtui.formats.adf import brace
from pmtui.formats.adf.notation import read_marks

#: The brackets, and the characters that begin something which binds tighter.
_NOTABLE = re.compile(r"[\[\]`<\\:@&]")
#: Keys of the environment of one parse: the pairs of brackets, and the number of links so far.
_PAIRS = "pairs of brackets"
_LINKS = "links"
#: Key of the environment of a document: the labels of references that links used.
USED = "used"


class Target(NamedTuple):
    """The address of a link or picture, the position after it in the text, and the label of its definition."""

    href: str
    title: str
    end: int
    label: str = ""


def bracket(state: StateInline, silent: bool) -> bool:
    """`[words]{marks}` and `[words](url "title")`, `[words][label]`, `[label]`."""
    start = state.pos
    if state.src[start] != "[":
        return False
    label_end = _label_end(state, start)
    if label_end is None:
        return False
    if found := _span_tail(state, label_end + 1):
        marks, end = found
        if not silent:
            state.push("span_open", "", 1).meta = {"marks": marks}
            _words(state, start + 1, label_end)
            state.push("span_close", "", -1)
        state.pos = end
        return True
    target = _target(state, start + 1, label_end)
    if target is None:
        return False
    if not silent:
        _link(state, start, label_end, target)
    state.pos = target.end
    return True


def image(state: StateInline, silent: bool) -> bool:
    """`![alt](url "title")`, `![alt][label]`."""
    start = state.pos
    if state.src[start] != "!" or state.src[start + 1 : start + 2] != "[":
        return False
    label_end = _label_end(state, start + 1)
    target = None if label_end is None else _target(state, start + 2, label_end)
    if target is None:
        return False
    if not silent:
        token = state.push("image", "", 0)
        token.content = state.src[start + 2 : label_end]
        title = f' "{target.title}"' if target.title else ""
        source = f"![{token.content}]({target.href}{title})" if target.label else state.src[start : target.end]
        token.meta = {"href": target.href, "title": target.title, "source": source}
        state.env[USED].add(target.label)
    state.pos = target.end
    return True


def _link(state: StateInline, start: int, label_end: int, target: Target) -> None:
    """Push the link's tokens. A link that contains another link is not one (CommonMark): its brackets are text."""
    links = state.env[_LINKS] = state.env.get(_LINKS, 0) + 1
    opening = state.push("link_open", "", 1)
    opening.meta = {"href": target.href, "title": target.title, "source": state.src[start : target.end]}
    _words(state, start + 1, label_end)
    closing = state.push("link_close", "", -1)
    if state.env[_LINKS] > links:
        for token, content in ((opening, "["), (closing, state.src[label_end : target.end])):
            token.type, token.nesting, token.content = "text", 0, content
    else:
        state.env[USED].add(target.label)


def _words(state: StateInline, start: int, end: int) -> None:
    limit = state.posMax
    state.pos, state.posMax = start, end
    state.md.inline.tokenize(state)
    state.posMax = limit


def _label_end(state: StateInline, start: int) -> int | None:
    """The position of the bracket that closes the one at `start`; None when there is none."""
    if _PAIRS not in state.env:
        state.env[_PAIRS] = _pairs(StateInline(state.src, state.md, {**state.env, _PAIRS: {}}, []))
    end: int | None = state.env[_PAIRS].get(start)
    return end if end is not None and end < state.posMax else None


def _pairs(state: StateInline) -> dict[int, int]:
    """Opening bracket → closing bracket. Brackets in code, in addresses and after a backslash are text."""
    pairs: dict[int, int] = {}
    waiting: list[int] = []
    while match := _NOTABLE.search(state.src, state.pos):
        state.pos = match.start()
        if match[0] == "[":
            waiting.append(state.pos)
        elif match[0] == "]":
            if waiting:
                pairs[waiting.pop()] = state.pos
        else:
            state.md.inline.skipToken(state)
            continue
        state.pos += 1
    return pairs


def _span_tail(state: StateInline, position: int) -> tuple[list[dict[str, object]], int] | None:
    match = brace.BRACE.match(state.src, position, state.posMax)
    items = brace.read(match[0]) if match else None
    if match is None or not items:
        return None
    marks, rest = read_marks(items)
    return (marks, match.end()) if not rest else None


def _target(state: StateInline, start: int, label_end: int) -> Target | None:
    """The target after a label: an address in parentheses, else the label of a definition, perhaps the same label."""
    return _address(state, label_end + 1) or _reference(state, start, label_end)


def _address(state: StateInline, position: int) -> Target | None:
    source, limit = state.src, state.posMax
    if position >= limit or source[position] != "(":
        return None
    href = state.md.helpers.parseLinkDestination(source, _skip_blanks(source, position + 1, limit), limit)
    if not href.ok:
        return None
    words = ""
    position = _skip_blanks(source, href.pos, limit)
    if position > href.pos:
        title = state.md.helpers.parseLinkTitle(source, position, limit)
        if title.ok:
            words = title.str
            position = _skip_blanks(source, title.pos, limit)
    if position >= limit or source[position] != ")":
        return None
    return Target(href.str, words, position + 1)


def _reference(state: StateInline, start: int, label_end: int) -> Target | None:
    label, end = state.src[start:label_end], label_end + 1
    if end < state.posMax and state.src[end] == "[" and (other := _label_end(state, end)) is not None:
        label, end = state.src[end + 1 : other] or label, other + 1
    name = normalizeReference(label)
    found = state.env.get("references", {}).get(name)
    if not found:
        return None
    return Target(found["href"], found["title"], end, name)


def _skip_blanks(source: str, position: int, limit: int) -> int:
    while position < limit and source[position] in " \t\n":
        position += 1
    return position
