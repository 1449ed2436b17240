"""A question with a few answers, each on one key. ``escape`` is always the answer that changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Event, Key
from textual.widgets import Static

from pmtui.display import display
from pmtui.tui.closes_once import Dialog
from pmtui.tui.dialogs.seen import WaryScreen
from pmtui.tui.keymap import pressed_name

KEY_CELLS = 8
"""Cells before an answer, as in the style sheet."""
LEAST_OF_QUESTION = 3
"""Rows that a question keeps before the answers are cut to a line each."""
KeyedAnswer = tuple[str, str]
"""A key and what it does: ("s", "save…")."""


class Ask(Dialog[str], WaryScreen[str]):
    """A question. The result is the key of the answer, "" for escape. A key that is no answer, or came too early to be one, is told so."""

    HELP = "One key answers. esc goes back, and changes nothing."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss('')", "back", show=False, priority=True),
        Binding("f1,question_mark", "app.help", "help", show=False),  # the app's keys do not reach a dialog
    ]

    def __init__(
        self,
        question: str,
        answers: Sequence[KeyedAnswer],
        details: Sequence[str] = (),
        *,
        default: str = "",
        also: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """``default`` is the answer for enter, which must be harmless, and is named with it.

        ``also`` maps further keys, which are not shown, to the answers that people mean by them; never enter.
        """
        super().__init__()
        self._default, self._also = default, {**also, **({"enter": default} if default else {})}
        self._said = ""  # about the latest key, if it is no answer
        self._question, self._answers, self._details = question, tuple(answers), tuple(details)
        self._dialog, self._keys, self._text = (
            Vertical(classes="dialog"),
            Vertical(classes="dialog-keys"),
            VerticalScroll(classes="dialog-text"),
        )

    @property
    def answers(self) -> tuple[KeyedAnswer, ...]:
        return self._answers

    @property
    def _shown_answers(self) -> tuple[KeyedAnswer, ...]:
        told = ((key, f"{what}  (or enter)" if key == self._default else what) for key, what in self._answers)
        return (*told, ("esc", f"back  ({self._said})" if self._said else "back"))

    def compose(self) -> ComposeResult:
        with self._dialog:
            with self._text:
                yield Static(Content.styled(display(self._question, multiline=True), "bold"), markup=False)
                for line in self._details:
                    yield Static(Content(display(line, multiline=True)), markup=False, classes="dialog-detail")
            with self._keys:
                for key, what in self._shown_answers:
                    with Horizontal(classes="answer"):
                        yield Static(Content.styled(f"  {key}", "bold $secondary"), markup=False, classes="answer-key")
                        yield Static(Content(display(what)), markup=False, classes="answer-text")

    def on_mount(self) -> None:
        self._give_room()

    def on_resize(self) -> None:
        self.call_after_refresh(self._give_room)

    def _give_room(self) -> None:
        """Keep the answers in sight: a question that is too long for the window scrolls."""
        dialog, keys = self._dialog, self._keys
        rows = self.size.height if self.has_class("-short") else self.size.height * 9 // 10
        around = dialog.gutter.height + keys.styles.margin.height
        cells = keys.content_size.width - KEY_CELLS
        wrapped = sum(len(Content(what).wrap(cells)) for _, what in self._shown_answers) if cells > 0 else 0
        tight = around + wrapped + LEAST_OF_QUESTION > rows
        self.set_class(tight, "-tight")
        self._text.styles.max_height = max(1, rows - around - (len(self._shown_answers) if tight else wrapped))

    def on_key(self, event: Key) -> None:
        key = self._also.get(event.key, event.key)
        if any(key == each for each, _ in self._answers):
            event.stop()
            self.dismiss(key)
        elif event.key not in self.active_bindings:
            self._say(f"{pressed_name(event)} does nothing here")

    def tell_early(self) -> None:
        self._say(self.not_taken)

    def _say(self, said: str) -> None:
        self._said = said
        if self.is_mounted:
            self.query(".answer-text").last(Static).update(Content(display(self._shown_answers[-1][1])))
            self._give_room()


class Menu(Ask):
    """A choice that only the key which opened it leads to, and that does no harm: who knows it types its answer at once."""

    def is_early(self, event: Event) -> bool:
        return False
