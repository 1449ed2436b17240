"""One visual row of text as segments: styles laid over each other, tabs drawn as blanks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from rich.segment import Segment
from rich.style import Style

from pmtui.tui.markdown.highlight import Span


def column_styles(start: int, end: int, spans: Iterable[Span], base: Style, look: Callable[[str], Style]) -> list[Style]:
    """The style of each column from `start` to `end` (exclusive); later spans override earlier ones."""
    styles = [base] * (end - start)
    for span in spans:
        style = look(span.style)
        for column in range(max(start, span.start), min(end, span.end)):
            styles[column - start] += style
    return styles


def expand_tabs(text: str, tabs_before: int, tab_widths: Sequence[int]) -> list[str]:
    """The characters of a row, with each tab as blanks. `tab_widths` are those of the whole line."""
    widths = iter(tab_widths[tabs_before:])
    return [" " * next(widths) if char == "\t" else char for char in text]


def segments(characters: Sequence[str], styles: Sequence[Style]) -> list[Segment]:
    """The row as segments of one style each."""
    runs = groupby(zip(characters, styles, strict=True), key=lambda pair: pair[1])
    return [Segment("".join(char for char, _ in run), style) for style, run in runs]
