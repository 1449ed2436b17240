"""Compares a draft with the server: what I changed, what others changed since, and what both changed. Read-only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from pmtui.display import display
from pmtui.model.changes import Change
from pmtui.model.diff import diff
from pmtui.model.postmortem import Postmortem
from pmtui.session.change_text import change_lines, change_title, part_title
from pmtui.session.review import Review
from pmtui.tui.closes_once import ClosesOnce
from pmtui.tui.widgets.bars import Divider, Head, KeyLine
from pmtui.tui.widgets.diff import draw_diff

KEYS = (("↑↓", "scroll"), ("esc", "back"), ("f1", "help"))


class CompareScreen(ClosesOnce[None]):
    HELP = "What your draft changes, and what was changed on the server since the draft was begun. Nothing is sent from here."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "back", priority=True),
        Binding("q", "dismiss", "back"),
    ]

    def __init__(self, review: Review, found: str) -> None:
        """``found`` says when the draft was last edited."""
        super().__init__()
        self._review, self._found = review, found
        self._head, self._scroll, self._sides = Head(), VerticalScroll(), Static("", markup=False, classes="aside")

    def compose(self) -> ComposeResult:
        yield self._head
        yield Divider()
        with self._scroll:
            yield self._sides
        yield KeyLine(KEYS)

    def on_mount(self) -> None:
        self._head.show(self._review.mine.incident.reference, self._found)
        self._scroll.focus()

    def on_resize(self) -> None:
        self._sides.update(Content("\n").join(_lines(self._review, self.size.width)))


def _lines(review: Review, width: int) -> Iterator[Content]:
    yield from _part("You changed", diff(review.base, review.mine), review.mine, width)
    yield Content("")
    yield from _part("Changed on the server since", review.theirs, review.server, width)
    if review.conflicts:
        yield Content("")
        both = ", ".join(dict.fromkeys(part_title(conflict.part, review.mine, review.server) for conflict in review.conflicts))
        said = f"Both changed {display(both)}. Saving asks about each."
        yield from (Content.styled(f" {row.plain}", "$warning") for row in Content(said).wrap(max(10, width - 2)))


def _part(title: str, changes: Sequence[Change], postmortem: Postmortem, width: int) -> Iterator[Content]:
    yield Content.styled(f" {title}: {'' if changes else 'nothing'}", "bold")
    for change in changes:
        for number, row in enumerate(Content(display(change_title(change, postmortem))).wrap(max(10, width - 6))):
            yield Content.styled(f"{'   ' if not number else '     '}{row.plain.rstrip()}", "bold $secondary")
        yield from draw_diff(change_lines(change), width)
