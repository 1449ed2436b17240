"""Draws a diff: each line behind its tag, the words that differ highlighted, wrapped lines indented."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise, zip_longest

from textual.content import Content

from pmtui.display import display
from pmtui.session.change_text import DiffLine, diff_words

INDENT = 5
STYLES = {"+": "$success", "-": "$error", " ": "$muted", "@": "$muted"}
MARK = "bold underline"
GAP = "underline"
"""The style of the character behind words that only the other side has."""
Piece = tuple[str, str]
"""A text, and its style."""
MarkedLine = tuple[str, Sequence[Piece]]
"""A tag, and the pieces of the line."""
_BEGINNING = re.compile(r" *(?:> ?| *(?:[-*+]|\d{1,4}[.)]) +(?:\[[ xX]\] +)?)*")
ALIKE = 0.3
"""How similar two lines must be for their words to be compared."""


def draw_diff(lines: Sequence[DiffLine], width: int, indent: int = INDENT) -> Iterator[Content]:
    """The rows of a diff (see ``session.change_text``) at this width, the tags behind this many blanks."""
    room = max(10, width - indent - 2)
    for tag, text in _marked(lines):
        style = STYLES.get(tag, "")
        for number, row in enumerate(wrapped(text, room)):
            yield Content.assemble((f"{' ' * indent}{tag if not number else ' '} ", style), row.rstrip()).stylize_before(style)


def draw_side(lines: Sequence[DiffLine], width: int) -> Iterator[Content]:
    """The rows of the new side of a diff: without replaced lines; where words are missing in a line, the place is marked."""
    return _rows(_new_side(lines), width)


def draw_result(lines: Sequence[DiffLine], width: int) -> Iterator[Content]:
    """As ``draw_side``; of a changed line only what differs, and the words around it."""
    return _rows(((tag, around_marks(text, width)) for tag, text in _new_side(lines)), width)


def _new_side(lines: Sequence[DiffLine]) -> Iterator[tuple[str, Content]]:
    runs = [(tag, len(list(run))) for tag, run in groupby(lines, key=lambda line: line[0])]
    replaced = [tag == "-" and following == "+" for (tag, many), (following, _) in pairwise([*runs, ("", 0)]) for _ in range(many)]
    return (line for line, gone in zip(_marked(lines, GAP), replaced, strict=True) if not gone)


def _rows(lines: Iterable[tuple[str, Content]], width: int) -> Iterator[Content]:
    for tag, text in lines:
        style = STYLES.get(tag, "")
        for number, row in enumerate(wrapped(text, max(10, width - 2))):
            yield Content.assemble((f"{tag if not number else ' '} ", style), row.rstrip()).stylize_before(style)


def around_marks(text: Content, cells: int) -> Content:
    """The text from about half a row before its first mark to half a row behind the last, with ``…`` for the rest."""
    marks = [span for span in text.spans if span.style in (MARK, GAP)]
    if not marks:
        return text
    begin = text.plain.rfind(" ", 0, max(0, min(span.start for span in marks) - cells // 2)) + 1
    behind = max(span.end for span in marks) + cells // 2
    end = text.plain.find(" ", behind) if behind < len(text.plain) else -1
    cut = text[begin:] if end < 0 else text[begin:end]
    return Content.assemble("… " if begin else "", cut, " …" if end >= 0 else "")


def draw_marked(lines: Sequence[MarkedLine], width: int) -> Iterator[Content]:
    """The rows of lines whose marks are given, behind their tags."""
    return _rows(((tag, Content.assemble(*((display(piece), mark) for piece, mark in pieces))) for tag, pieces in lines), width)


def wrapped(text: Content, cells: int) -> list[Content]:
    """The rows of a line of Markdown. Those after the first one stand below its words, behind the blanks and signs of a list or quote."""
    begins = _BEGINNING.match(text.plain)
    return hung(text, cells, len(begins[0]) if begins is not None else 0)


def hung(text: Content, cells: int, hang: int) -> list[Content]:
    """The rows of a line; those after the first one begin this many cells further right."""
    room = max(10, cells)
    first, *others = text.wrap(room) or [text]
    if not others or not 0 < hang <= room // 2 or not text.plain.startswith(first.plain):
        return [first, *others]
    left = len(text.plain) - len(text.plain[len(first.plain) :].lstrip(" "))
    return [first, *(Content.assemble(" " * hang, row) for row in text[left:].wrap(room - hang))]


def first_difference(rows: Sequence[Content]) -> int:
    """The first row with a mark; of a line that is new or removed as a whole, its first row. 0 when nothing differs."""
    line: int | None = None  # where the last changed line begins
    for number, row in enumerate(rows):
        if any(span.style in (MARK, GAP) for span in row.spans):
            return number
        if row.plain[:2].rstrip():
            if line is not None:
                return line
            line = number if row.plain[0] in "+-" else None
    return line or 0


def _marked(lines: Sequence[DiffLine], gap: str = "") -> Iterator[tuple[str, Content]]:
    """The lines, safe to show; of replaced lines, the words that differ are highlighted. ``gap`` is the style where words are missing."""
    runs = [(tag, [text for _, text in run]) for tag, run in groupby(lines, key=lambda line: line[0])]
    gone: list[str] = []
    for (tag, texts), (next_tag, coming) in pairwise([*runs, ("", [])]):
        if tag == "-":
            partners = coming[: len(texts)] if next_tag == "+" else []
            yield from ((tag, _side(old, new, tag, gap)) for old, new in zip_longest(texts, partners, fillvalue=""))
        elif tag == "+":
            yield from (
                (tag, _side(old, new, tag, gap)) for old, new in zip_longest(gone[: len(texts)], texts, fillvalue=gone[-1] if gone else "")
            )
        else:
            yield from ((tag, Content(display(text))) for text in texts)
        gone = texts if tag == "-" else []


def _side(before: str, after: str, tag: str, gap: str) -> Content:
    """One side of a changed line, with the words that only it has highlighted."""
    words = diff_words(before, after)
    same = sum(len(text.strip()) for sign, text in words if sign == "=")
    if same < ALIKE * max(len(before), len(after), 1):
        return Content.assemble(*(display(text) for sign, text in words if sign in ("=", tag)))
    return Content.assemble(*((display(text), style) for text, style in pieces(words, tag, gap)))


def pieces(words: Sequence[DiffLine], tag: str, gap: str) -> list[Piece]:
    """The words of one side with their styles: ``MARK`` for what only it has, ``gap`` for the character behind what only the other has."""
    found: list[Piece] = []
    missing = False
    for sign, text in words:
        if sign == tag:
            found.append((text, MARK))
        elif sign != "=":
            missing = bool(gap)
            continue
        elif missing:
            found += [(text[:1], gap), (text[1:], "")]
        else:
            found.append((text, ""))
        missing = False
    if missing and found:
        text, style = found.pop()
        found += [(text[:-1], style), (text[-1:], gap)]
    return [(text, style) for text, style in found if text]
