"""Both sides changed the same thing: yours, theirs and what was there before. Nothing is chosen for you."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from pmtui.display import display
from pmtui.model.conflicts import Answer, Conflict, Side, can_take, take
from pmtui.model.postmortem import Cell
from pmtui.model.values import label_of
from pmtui.session.session import Session
from pmtui.tui.chrome import Head, KeyLine, StatusLine, rule
from pmtui.tui.prompt import Prompt

TEXT_KEYS = (("m", "mine"), ("t", "theirs"), ("b", "both"), ("e", "edit the result"), ("esc", "nothing is sent"))
VALUE_KEYS = (("m", "mine"), ("t", "theirs"), ("esc", "nothing is sent"))


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
        Binding("escape", "dismiss(None)", "send nothing"),
    ]

    def __init__(self, session: Session, conflict: Conflict, number: int, total: int) -> None:
        super().__init__()
        self._session, self._conflict, self._number, self._total = session, conflict, number, total

    @property
    def _is_text(self) -> bool:
        return can_take(self._conflict, "both")

    def compose(self) -> ComposeResult:
        yield Head()
        with Horizontal(classes="sides"):
            yield self._side("yours", self._conflict.mine)
            yield self._side("on the server", self._conflict.theirs)
        with Vertical(classes="before"):
            yield Static(rule("before", 200), markup=False)
            with VerticalScroll():
                yield Static(_words(self._conflict.base), markup=False)
        yield StatusLine()
        yield KeyLine(TEXT_KEYS if self._is_text else VALUE_KEYS)

    def _side(self, title: str, side: Side) -> Vertical:
        return Vertical(
            Static(rule(title, 200), markup=False),
            VerticalScroll(Static(_words(side), markup=False)),
            classes="side",
        )

    def on_mount(self) -> None:
        self.query_one(Head).show("Both changed", self._what(), f"{self._number} of {self._total}")

    def _what(self) -> str:
        for side in (self._conflict.mine, self._conflict.theirs, self._conflict.base):
            if isinstance(side, Cell):
                return side.title
        names = {field.name: field.label for field in self._session.mine.form}
        return names.get(self._conflict.field, self._conflict.field)

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


def _words(side: Side) -> Content:
    if isinstance(side, Cell):
        return Content(display(side.text, multiline=True)) if side.text else Content.styled("empty", "$muted")
    return Content(display(label_of(side), multiline=True)) if side else Content.styled("nothing", "$muted")
