"""A question with a few answers, each on one key. ``escape`` is always the answer that changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from pmtui.display import display

Answer = tuple[str, str]
"""A key and what it does: ("s", "save…")."""


class Ask(ModalScreen[str]):
    """Dismissed with the key of the answer, "" for escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss('')", "back", show=False)]

    def __init__(self, question: str, answers: Sequence[Answer], details: Sequence[str] = ()) -> None:
        super().__init__()
        self._question, self._answers, self._details = question, tuple(answers), tuple(details)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(display(self._question, multiline=True), "bold"), markup=False)
            for line in self._details:
                yield Static(Content(display(line, multiline=True)), markup=False, classes="dialog-detail")
            keys = [Content.assemble((f"  {key:<6}", "bold $secondary"), what) for key, what in (*self._answers, ("esc", "back"))]
            yield Static(Content("\n").join(keys), markup=False, classes="dialog-keys")

    def on_key(self, event: Key) -> None:
        if any(event.key == key for key, _ in self._answers):
            event.stop()
            self.dismiss(event.key)
