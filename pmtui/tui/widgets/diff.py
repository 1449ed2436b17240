"""Draws a diff: each line behind its tag, the words that differ highlighted, wrapped lines indented."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise, zip_longest

from textual.content import Content

from pmtui.display import clip, display
from pmtui.session.change_text import DiffLine, diff_words

INDENT = 5
STYLES = {"+": "$success", "-": "$error", " ": "$muted", "@": "$muted"}
MARK = "bold underline"
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
    """The rows of the new side of a diff: without replaced lines; unchanged lines are cut to one row."""
    room = max(10, width - 2)
    runs = [(tag, len(list(run))) for tag, run in groupby(lines, key=lambda line: line[0])]
    replaced = [tag == "-" and following == "+" for (tag, many), (following, _) in pairwise([*runs, ("", 0)]) for _ in range(many)]
    for (tag, text), gone in zip(_marked(lines), replaced, strict=True):
        if gone:
            continue
        style = STYLES.get(tag, "")
        rows = [Content(clip(text.plain, room))] if tag == " " else wrapped(text, room)
        for number, row in enumerate(rows):
            yield Content.assemble((f"{tag if not number else ' '} ", style), row.rstrip()).stylize_before(style)


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


def is_marked(row: Content) -> bool:
    """Whether this row is new or removed, or has highlighted words."""
    return any(span.style == MARK for span in row.spans) or row.plain[:2] in ("+ ", "- ")


def _marked(lines: Sequence[DiffLine]) -> Iterator[tuple[str, Content]]:
    """The lines, safe to show; of replaced lines, the words that differ are highlighted."""
    runs = [(tag, [text for _, text in run]) for tag, run in groupby(lines, key=lambda line: line[0])]
    gone: list[str] = []
    for (tag, texts), (next_tag, coming) in pairwise([*runs, ("", [])]):
        if tag == "-":
            partners = coming[: len(texts)] if next_tag == "+" else []
            yield from ((tag, _side(old, new, tag)) for old, new in zip_longest(texts, partners, fillvalue=""))
        elif tag == "+":
            yield from ((tag, _side(old, new, tag)) for old, new in zip_longest(gone[: len(texts)], texts, fillvalue=""))
        else:
            yield from ((tag, Content(display(text))) for text in texts)
        gone = texts if tag == "-" else []


def _side(before: str, after: str, tag: str) -> Content:
    """One side of a changed line, with the words that only it has highlighted."""
    words = diff_words(before, after)
    same = sum(len(text.strip()) for sign, text in words if sign == "=")
    plain = same < ALIKE * max(len(before), len(after), 1)
    return Content.assemble(*((display(text), MARK if sign == tag and not plain else "") for sign, text in words if sign in ("=", tag)))
