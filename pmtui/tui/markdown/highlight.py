"""A small line-by-line Markdown reader: the kind of a line, its inline notation, and its colours in the editor.

It is not a CommonMark parser: each line is read alone, so that an editor can colour the visible lines after each key. Only fenced
code spans lines; `code_lines` finds it. `render` shows cells by the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line of a cell. Form feeds, NEL and U+2028 do not: they are characters of the line."""

MAX_LINE = 8192
"""Characters of a line that are read for inline notation; what follows is plain."""

MAX_DEPTH = 6
"""How deep notation is read within notation."""


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive) of a line, drawn in the style `style` (a key of STYLES)."""

    start: int
    end: int
    style: str


STYLES: Mapping[str, str] = {
    "heading-1": "bold $md-heading-1",
    "heading-2": "bold $md-heading-2",
    "heading-3": "bold $md-heading-3",
    "bold": "bold",
    "italic": "italic",
    "strike": "strike",
    "code": "$md-code",
    "link": "underline $md-link",
    "address": "$muted",
    "quote": "$md-quote",
    "mention": "bold $md-mention",
    "marker": "$md-marker",
    "status": "bold $md-status",
    "date": "$md-mention",
    "info": "bold $primary",
    "warning": "bold $warning",
    "error": "bold $error",
    "success": "bold $success",
    "rule": "$cell-rule",
    "muted": "$muted",
    "late": "bold underline $warning",
    "found": "bold underline $warning",
    "found-here": "bold reverse $warning",
}
"""How each style looks, for Textual: attributes and variables of the theme."""

PANELS: Mapping[str, tuple[str, str]] = {
    "INFO": ("info", "ℹ"),
    "NOTE": ("info", "✎"),
    "TIP": ("success", "✦"),
    "WARNING": ("warning", "⚠"),
    "ERROR": ("error", "✖"),
    "SUCCESS": ("success", "✔"),
    "CUSTOM": ("info", "■"),
    "IMPORTANT": ("info", "✎"),
    "CAUTION": ("error", "✖"),
}
"""Panel names as in `> [!WARNING]`, each with its style and its icon."""


class LineKind(Enum):
    TEXT = "text"
    HEADING = "heading"
    RULE = "rule"
    QUOTE = "quote"
    PANEL = "panel"
    ITEM = "item"
    TABLE = "table"
    OPEN = "open"  # :::expand Full log
    CLOSE = "close"  # :::
    LEAF = "leaf"  # ::card https://…
    FENCE = "fence"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """The kind of a line. Its text begins at `body`; `word` and `level` depend on the kind.

    `level`: of a heading, or the depth of a quote. `word`: the list marker, the panel's or directive's name, or the language of a
    fence. `task`: the character in the brackets of a task, else "".
    """

    kind: LineKind
    body: int = 0
    level: int = 0
    word: str = ""
    task: str = ""


# Foreign text: no two repetitions that stand side by side match the same characters, or the first gives none back (`+`).
FENCED_ITEM = "fenced item"
PROSE = frozenset({"", FENCED_ITEM})
"""What ``code_lines`` says of lines that are no code."""
_FENCE = re.compile(r"\s*+(`{3,}+|~{3,}+)\s*+([^`]*+)$")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|$)")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*+){3,}+|(?:\*[ \t]*+){3,}+|(?:_[ \t]*+){3,}+)$")
_PANEL = re.compile(r"\s*>\s?\[!([A-Za-z]+)\][ \t]*")
_QUOTE = re.compile(r"\s*(?:>\s?)+")
ITEM = re.compile(r"(?P<indent>[ \t]*)(?P<marker>[-*+]|\d{1,9}[.)])(?P<gap>[ \t]+|$)(?P<task>\[[ xX]\](?:[ \t]+|$)|<>(?:[ \t]+|$))?")
"""A list item: indent, marker, gap and the task box (`[ ]`, `[x]`) or decision mark (`<>`)."""
_DIRECTIVE = re.compile(r"\s*(:{3,})[ \t]*(?:([A-Za-z][\w-]*)[ \t]*)?")
_LEAF = re.compile(r"\s*::([A-Za-z][\w-]*)(?:[ \t]+|$)")


def read_line(line: str, code: str = "") -> SourceLine:
    """Read a line; `code` is its entry of `code_lines`."""
    if code == FENCED_ITEM:  # drawn as an item
        code = ""
    if code == "fence":
        found = _FENCE.match(line)
        return SourceLine(LineKind.FENCE, len(line), word=found[2].strip() if found else "")
    if code:
        return SourceLine(LineKind.CODE)
    if found := _HEADING.match(line):
        return SourceLine(LineKind.HEADING, found.end(), level=len(found[1]))
    if _RULE.match(line):
        return SourceLine(LineKind.RULE)
    if found := _PANEL.match(line):
        return SourceLine(LineKind.PANEL, found.end(), level=1, word=found[1].upper())
    if found := _QUOTE.match(line):
        return SourceLine(LineKind.QUOTE, found.end(), level=found[0].count(">"))
    if found := ITEM.match(line):
        return SourceLine(
            LineKind.ITEM,
            found.end(),
            len(found["indent"].expandtabs(4)),
            found["marker"],
            (found["task"] or "").strip(" \t[]") or _blank_task(found),
        )
    if found := _DIRECTIVE.match(line):
        return SourceLine(LineKind.OPEN if found[2] else LineKind.CLOSE, found.end(), len(found[1]), found[2] or "")
    if found := _LEAF.match(line):
        return SourceLine(LineKind.LEAF, found.end(), word=found[1])
    return SourceLine(LineKind.TABLE if is_table_row(line) else LineKind.TEXT)


def _blank_task(item: re.Match[str]) -> str:
    return " " if (item["task"] or "").startswith("[") else ""


def is_table_row(line: str) -> bool:
    """Whether `line` is a table row with bars at both ends, as `| a

    b |`.
    """
    row = line.strip()
    return len(row) > 1 and row.startswith("|") and row.endswith("|")


def is_table_rule(line: str) -> bool:
    """Whether `line` is the rule below a table's header, as `| ---

    :-: |`.
    """
    return "|" in line and all(map(_is_dashes, line.strip().removeprefix("|").removesuffix("|").split("|")))


def _is_dashes(cell: str) -> bool:
    dashes = cell.strip().removeprefix(":").removesuffix(":")
    return bool(dashes) and not dashes.strip("-")


def may_fence(line: str) -> bool:
    """Whether the line can begin or end fenced code."""
    return "```" in line or "~~~" in line


def code_lines(lines: Sequence[str]) -> list[str]:
    """For each line "fence" (opens or closes fenced code), "code" (inside), FENCED_ITEM (an item that opens it), or ""."""
    states = [""] * len(lines)
    fence, since, until = "", 0, len(lines)  # the fence that is open, where it begins, and where its item ends
    for row in [row for row, line in enumerate(lines) if may_fence(line)]:
        if fence and row >= until:
            states[since:until] = ["code"] * (until - since)
            fence = ""
        found = _FENCE.match(lines[row])
        item = None if found or fence else ITEM.match(lines[row])
        if found and not fence:
            fence, since, until = found[1], row + 1, len(lines)
            states[row] = "fence"
        elif item and (opened := _FENCE.match(lines[row], item.end())):
            fence, since, until = opened[1], row + 1, _end_of_item(lines, row, item.end())
            states[row] = FENCED_ITEM
        elif found and found[1].startswith(fence) and not found[2].strip():
            states[since:row] = ["code"] * (row - since)
            states[row] = "fence"
            fence = ""
    if fence:
        states[since:until] = ["code"] * (until - since)
    return states


def is_in_fenced_item(states: Sequence[str], row: int) -> bool:
    """Whether the line is in code of a list item, or right below it: there its indent says whether the item goes on."""
    above = row - 1
    while above >= 0 and states[above] == "code":
        above -= 1
    return above >= 0 and states[above] == FENCED_ITEM


def _end_of_item(lines: Sequence[str], row: int, width: int) -> int:
    """The first line below an item that is not indented as its text is."""
    below = range(row + 1, len(lines))
    return next((at for at in below if lines[at].strip() and lines[at][:width].strip()), len(lines))


class Inline(NamedTuple):
    """An inline element: `start`–`end` is all of it, `inner`–`inner_end` its text, `target` its address."""

    kind: str
    start: int
    end: int
    inner: int
    inner_end: int
    target: str


_INLINE = re.compile(
    r"(?P<escape>\\[!-/:-@\[-`{-~])"
    r"|(?<!`)(?P<ticks>`++)(?P<code>(?!`).{1,2000}?(?<!`))(?P=ticks)(?!`)"
    r"|@\[(?P<mention>[^\]\n]{1,200}+)\]\((?P<mention_id>[^)\s]{0,200}+)\)"
    r"|:status\[(?P<status>[^\]]{0,200}+)\](?:\{(?P<status_color>[^}]{0,100}+)\})?"
    r"|:date\[(?P<date>[^\]]{0,100}+)\](?:\{[^}]{0,100}+\})?"
    r"|:[a-z][\w-]{0,40}\[(?P<directive>[^\]]{0,500}+)\](?:\{[^}]{0,200}+\})?"
    r"|!\[(?P<image>[^\]]{0,500}+)\]\((?P<image_target>[^)]{0,2000}+)\)"
    r"|\[(?P<link>[^\[\]]{1,1000}+)\]\((?P<link_target>[^)\s]{0,2000}+)(?:\s+\"[^\"]{0,500}+\")?\)"
    r"|\[(?P<span>[^\[\]]{1,1000}+)\]\{(?P<span_attributes>[^}]{1,200}+)\}"
    r"|<(?P<auto>(?:https?://|mailto:)[^<>\s]{1,2000}+)>(?:\{card\})?"
    r"|(?P<url>(?<![\w/])https?://[^\s<>\[\]()`]{1,2000}[^\s<>\[\]()`.,;:!?'\"*_])"
    r"|(?P<stars>\*\*|__)(?P<bold>(?=\S).{1,500}?(?<=\S))(?P=stars)"
    r"|~~(?P<strike>(?=\S).{1,500}?(?<=\S))~~"
    r"|\*(?P<italic>(?![\s*]).{1,500}?(?<![\s*]))\*(?!\*)"
    r"|(?<!\w)_(?P<italic_>(?![\s_]).{1,500}?(?<![\s_]))_(?!\w)"
)
_TARGETS = {"mention": "mention_id", "image": "image_target", "link": "link_target", "status": "status_color", "span": "span_attributes"}
_NESTING = frozenset({"bold", "italic", "strike", "span", "link"})


def inlines(text: str, start: int = 0) -> Iterator[Inline]:
    """The outermost inline elements of `text` from `start` on, in order."""
    for found in _INLINE.finditer(text, start, MAX_LINE):
        kind = next(name for name, value in found.groupdict().items() if value is not None and name in _READ)
        inner, inner_end = found.span(kind)
        target = found[_TARGETS[kind]] or "" if kind in _TARGETS else ""
        yield Inline(kind.rstrip("_"), found.start(), found.end(), inner, inner_end, target)


_READ = frozenset(
    {
        "escape",
        "code",
        "mention",
        "status",
        "date",
        "directive",
        "image",
        "link",
        "span",
        "auto",
        "url",
        "bold",
        "strike",
        "italic",
        "italic_",
    }
)


@lru_cache(maxsize=2048)
def line_spans(line: str, code: str = "") -> tuple[Span, ...]:
    """The colours of `line` in the editor. Spans may overlap; later ones override earlier ones."""
    what = read_line(line, code)
    if what.kind in (LineKind.CODE, LineKind.FENCE):
        return (Span(0, len(line), "marker" if what.kind is LineKind.FENCE else "code"),)
    if what.kind is LineKind.RULE:
        return (Span(0, len(line), "rule"),)
    spans = list(_block_spans(line, what))
    spans.extend(_inline_spans(line, what.body, len(line)))
    return tuple(span for span in spans if span.end > span.start)


def _block_spans(line: str, what: SourceLine) -> Iterator[Span]:
    end = len(line)
    if what.kind is LineKind.HEADING:
        yield Span(0, what.body, "marker")
        yield Span(what.body, end, f"heading-{min(what.level, 3)}")
    elif what.kind is LineKind.QUOTE:
        yield Span(0, what.body, "marker")
        yield Span(what.body, end, "quote")
    elif what.kind is LineKind.PANEL:
        yield Span(0, what.body, PANELS.get(what.word, ("info", ""))[0])
    elif what.kind in (LineKind.ITEM, LineKind.OPEN, LineKind.CLOSE, LineKind.LEAF):
        yield Span(0, what.body, "marker")
        if what.kind is LineKind.OPEN:
            yield Span(what.body, end, "bold")
    elif what.kind is LineKind.TABLE:
        if is_table_rule(line):
            yield Span(0, end, "marker")
        else:
            yield from (Span(bar.start(), bar.end(), "marker") for bar in re.finditer(r"(?<!\\)\|", line))


def _inline_spans(line: str, start: int, end: int, depth: int = 0) -> Iterator[Span]:
    for item in inlines(line[:end], start):
        if item.kind == "escape":
            yield Span(item.start, item.start + 1, "marker")
            continue
        yield Span(item.start, item.inner, "marker")
        yield Span(item.inner, item.inner_end, _STYLE_OF.get(item.kind, item.kind))
        yield Span(item.inner_end, item.end, "marker")
        if item.kind in _NESTING and depth < MAX_DEPTH:
            yield from _inline_spans(line, item.inner, item.inner_end, depth + 1)


_STYLE_OF = {"directive": "muted", "image": "link", "auto": "link", "url": "link", "span": "muted"}
