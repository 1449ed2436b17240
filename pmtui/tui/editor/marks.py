"""How what was found is marked: in the source of a cell that is edited, and in text as it reads."""

from __future__ import annotations

from textual.content import Content

from pmtui.tui.editor.search import pattern_of
from pmtui.tui.markdown.highlight import STYLES, Span

FOUND, HERE = "found", "found-here"


def marked(text: Content, wanted: str, nth: int) -> Content:
    """The text with each place where ``wanted`` stands marked, the ``nth`` of them, from 0, as the one to look at."""
    pattern = pattern_of(wanted)
    if pattern is None:
        return text
    places = [found.span() for found in pattern.finditer(text.plain)]
    for number, (start, end) in enumerate(places):
        here = number == min(nth, len(places) - 1)
        text = text.stylize(STYLES[HERE if here else FOUND], start, end)
    return text


def found_in(line: str, wanted: str, here: int) -> list[Span]:
    """As ``marked``, for one line of a source; ``here`` is the column of the place to look at, -1 for another line."""
    pattern = pattern_of(wanted)
    places = (found.span() for found in pattern.finditer(line)) if pattern is not None else ()
    return [Span(start, end, HERE if start == here else FOUND) for start, end in places]
