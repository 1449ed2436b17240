"""Asks for one text, which is checked before it is accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from pmtui.display import display
from pmtui.tui.closes_once import Dialog
from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.editor.keeper import Keeper
from pmtui.tui.editor.line_input import TextLine


class Prompt(Dialog["str | None"]):
    """An input with the text selected. The result is the text, None for escape.

    ``lines`` shows a small editor instead, in which ctrl+s accepts. ``typed`` is called with the text after each key.
    """

    HELP = "One text. It counts only when it is accepted; esc goes back."
    typed_on_with = frozenset({"enter"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "back", show=False, priority=True),
        Binding("f1", "app.help", "help", show=False),
        Binding("ctrl+s", "accept", "accept", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        text: str = "",
        *,
        check: Callable[[str], str] | None = None,
        lines: bool = False,
        typed: Callable[[str], None] = lambda text: None,
    ) -> None:
        super().__init__()
        self._typed = typed
        self._title, self._text, self._check, self._lines = title, text, check, lines
        self._keys = "ctrl+s accept  esc back" if lines else "enter accept  esc back"
        self._detail = Static(self._keys, markup=False, classes="dialog-detail")
        self._editor = Editor(text, keeper=Keeper(self._edited, self._undo, self._redo)) if lines else None
        self._line = TextLine(text, typed=self._line_typed)
        self._past: list[str] = []
        self._undone: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog prompt"):
            yield Static(Content.styled(display(self._title, multiline=True), "bold"), markup=False)
            if self._editor is not None:
                with VerticalScroll(can_focus=False):  # the editor grows with its text
                    yield self._editor
            else:
                yield self._line
            yield self._detail

    def on_mount(self) -> None:
        if self._editor is not None:
            self._editor.move_cursor(self._editor.document.end)
        place = self._line if self._editor is None else self._editor
        self._line.selection = Selection(0, len(self._line.value))  # what is typed replaces it
        place.focus()
        self.call_after_refresh(place.scroll_visible, animate=False)  # below a long title in a tiny window

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        self._accept(event.value)

    def _line_typed(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self._told_of(text)

    def _edited(self, start: int, removed: str, inserted: str) -> None:
        self._past.append(self._text)
        self._text, self._undone = self._text[:start] + inserted + self._text[start + len(removed) :], []
        self._told_of(self._text)

    def _undo(self) -> str:
        return self._step(self._past, self._undone)

    def _redo(self) -> str:
        return self._step(self._undone, self._past)

    def _step(self, there: list[str], back: list[str]) -> str:
        if there:
            back.append(self._text)
            self._text = there.pop()
            self._told_of(self._text)
        return self._text

    def _told_of(self, text: str) -> None:
        """Clear the error: it was about an earlier text."""
        self._detail.update(self._keys)
        self._typed(text)

    def action_accept(self) -> None:
        self._accept(self._editor.source_text if self._editor is not None else self._line.value)

    def _accept(self, text: str) -> None:
        why = self._check(text.strip()) if self._check is not None and text.strip() else ""
        if why:
            self._detail.update(Content.styled(f"{display(why)}\n{self._keys}", "$error"))
        else:
            self.dismiss(text)
