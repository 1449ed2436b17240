"""Both sides changed the same thing: yours, theirs and what was there before. Nothing is chosen for you."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from pmtui.display import display
from pmtui.model.conflicts import Answer, Conflict, Side, can_take, take
from pmtui.model.postmortem import Cell
from pmtui.model.values import label_of
from pmtui.session.change_text import Line as DiffLine
from pmtui.session.change_text import diff_lines
from pmtui.session.session import Session
from pmtui.tui.dialogs.prompt import Prompt
from pmtui.tui.widgets.bars import Head, KeyLine, Line, StatusLine
from pmtui.tui.widgets.diff import draw_diff

TEXT_KEYS = (("m", "mine"), ("t", "theirs"), ("b", "both"), ("e", "edit the result"), ("esc", "cancel"))
VALUE_KEYS = (("m", "mine"), ("t", "theirs"), ("esc", "cancel"))


@dataclass(frozen=True)
class Settled:
    """What the conflict ends in; a screen dismissed with None is one that was left."""

    answer: Answer


class ConflictScreen(Screen["Settled | None"]):
    HELP = "You and somebody else changed the same thing since you opened it. Choose; until then nothing is sent."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "mine", "take mine"),
        Binding("t", "theirs", "take theirs"),
        Binding("b", "both", "keep both texts"),
        Binding("e", "edit", "edit the result"),
        Binding("escape", "dismiss(None)", "cancel", priority=True),
    ]

    def __init__(self, session: Session, conflict: Conflict, number: int, total: int, there: str) -> None:
        """``there`` says where the other side is: "on the server"."""
        super().__init__()
        self._there, self._head = there, Head()
        self._session, self._conflict, self._number, self._total = session, conflict, number, total

    @property
    def _is_text(self) -> bool:
        return can_take(self._conflict, "both")

    def compose(self) -> ComposeResult:
        base = self._conflict.base
        yield self._head
        with Horizontal(classes="sides"):
            yield _place("yours", SideView(self._conflict.mine, base, changes), "side")
            yield _place(self._there, SideView(self._conflict.theirs, base, changes), "side")
        yield _place("original", SideView(base, self._conflict.mine, what_was_there), "before")
        yield StatusLine()
        yield KeyLine(TEXT_KEYS if self._is_text else VALUE_KEYS)

    def on_mount(self) -> None:
        self._head.show("Both changed", self._what(), f"{self._number} of {self._total}")

    def _what(self) -> str:
        for side in (self._conflict.mine, self._conflict.theirs, self._conflict.base):
            if isinstance(side, Cell):
                return side.title
        names = {field.name: field.label for field in self._session.mine.form}
        return names.get(self._conflict.part.field, self._conflict.part.field)

    def action_mine(self) -> None:
        self.dismiss(Settled(take(self._conflict, "mine")))

    def action_theirs(self) -> None:
        self.dismiss(Settled(take(self._conflict, "theirs")))

    def action_both(self) -> None:
        if self._is_text:
            self.dismiss(Settled(take(self._conflict, "both")))

    @work
    async def action_edit(self) -> None:
        """Write the result by hand. What is written is kept, on disk too, until it is sent: ``e`` brings it back."""
        if not self._is_text:
            return
        written = self._session.written(self._conflict)
        text = label_of_answer(take(self._conflict, "both")) if written is None else written
        typed = partial(self._session.write_answer, self._conflict)
        result = await self.app.push_screen_wait(Prompt(self._what(), text, lines=True, typed=typed))
        if result is not None:
            self.dismiss(Settled(result))


def label_of_answer(answer: Answer) -> str:
    """The text that an answer stands for."""
    return answer.text if isinstance(answer, Cell) else label_of(answer)


class SideView(Static):
    """One side of the conflict. Of a text ``show`` picks what matters, beside the ``other`` text."""

    def __init__(self, side: Side, other: Side, show: Callable[[str, str], Iterable[DiffLine]]) -> None:
        super().__init__(markup=False)
        self._side, self._other, self._show = side, other, show
        self._drawn_at = -1

    def on_resize(self, event: Resize) -> None:
        if event.size.width != self._drawn_at:
            self._drawn_at = event.size.width
            self.update(Content("\n").join(self._rows(event.size.width)))

    def _rows(self, width: int) -> list[Content]:
        this, other = text_of(self._side), text_of(self._other)
        if this is not None and other is not None and this != other:
            return list(draw_diff(list(self._show(other, this)), width, indent=0))
        shown = self._side.text if isinstance(self._side, Cell) else label_of(self._side)
        return [Content(display(shown, multiline=True)) if shown else Content.styled("nothing", "$muted")]


def changes(before: str, after: str) -> Iterable[DiffLine]:
    return diff_lines(before, after)


def what_was_there(after: str, before: str) -> Iterable[DiffLine]:
    """The lines that were changed, as they were."""
    return [(tag if tag == "@" else " ", text) for tag, text in diff_lines(before, after) if tag != "+"]


def text_of(side: Side) -> str | None:
    """The text of a side that has several lines of it; None for a value that is looked at as a whole."""
    if isinstance(side, Cell):
        return side.text if side.editable else None
    return side if isinstance(side, str) and "\n" in side else None


def _place(title: str, view: SideView, classes: str) -> Vertical:
    return Vertical(Line(title), VerticalScroll(view, can_focus=True), classes=classes)
