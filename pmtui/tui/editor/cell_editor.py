"""The cell editor: what its keys do. Undo and where to go beyond its edges are its keeper's, completion the screen's."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import EditResult, Location

from pmtui.tui.editor.key_order import pasted_text, take_own_key
from pmtui.tui.editor.list_keys import CODE_STEP, TEXT_STEP, indent, indent_code, is_item, next_item, outdent, outdent_code
from pmtui.tui.editor.source_document import differing_span
from pmtui.tui.editor.text_area import ExactTextArea
from pmtui.tui.markdown.highlight import LINE_END

_MENTION = re.compile(r"(?:^|(?<=[\s(]))@(\w[\w.-]{0,40})$")
_VERTICAL = {"up": -1, "pageup": -1, "down": 1, "pagedown": 1}
_FOR_THE_APP = frozenset({"ctrl+e", "ctrl+p", "ctrl+q", "ctrl+s", "f6", "f7"})


def _editor_bindings(bindings: Sequence[BindingType]) -> list[BindingType]:
    """TextArea's bindings without the keys that belong to the app."""
    kept: list[BindingType] = []
    for binding in bindings:
        assert isinstance(binding, Binding)
        keys = [key for key in binding.key.split(",") if key not in _FOR_THE_APP]
        if keys:
            kept.append(Binding(",".join(keys), binding.action, binding.description, show=False))
    return kept


async def nowhere(direction: int) -> None:
    """There is nothing beyond the edges."""


@dataclass(frozen=True)
class Keeper:
    """Who keeps an editor's text. Called at once, in the order of the keys: a message would come after those that were
    typed behind it.

    ``typed`` gets each change by the user, before any frame can show it: the offset where it is, what was there and what
    is there now. ``undo`` and ``redo`` return the text as it is then, None when there is none any more. ``leave`` goes on
    above (-1) or below (+1).
    """

    typed: Callable[[int, str, str], None] = lambda start, removed, inserted: None
    undo: Callable[[], str | None] = lambda: None
    redo: Callable[[], str | None] = lambda: None
    leave: Callable[[int], Awaitable[None]] = nowhere


class Editor(ExactTextArea, inherit_bindings=False):
    """One cell's Markdown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_editor_bindings(TextArea.BINDINGS),
        Binding("tab", "indent", "indent", show=False),
        Binding("shift+tab", "outdent", "outdent", show=False),
        Binding("ctrl+e", "line_end_or_outside", "end of the line; from there edit in $EDITOR", show=False),
        Binding("ctrl+home", "cell_edge(False)", "start of the cell", show=False),
        Binding("ctrl+end", "cell_edge(True)", "end of the cell", show=False),
    ]

    @dataclass
    class MentionStarted(Message):
        """`@` and letters stand before the cursor; `Editor.complete` replaces them."""

        editor: Editor
        query: str

        @property
        def control(self) -> Editor:
            return self.editor

    def __init__(self, text: str = "", *, placeholder: str = "", keeper: Keeper | None = None) -> None:
        super().__init__(text, placeholder=placeholder)
        self._keeper = keeper or Keeper()

    def edited(self, start: int, removed: str, inserted: str) -> None:
        self._keeper.typed(start, removed, inserted)

    # --- Moving

    def action_cursor_page_up(self) -> None:
        self._page(-1)

    def action_cursor_page_down(self) -> None:
        self._page(1)

    def action_cell_edge(self, at_end: bool) -> None:
        self.move_cursor(self.document.end if at_end else self.document.start)

    def _page(self, direction: int) -> None:
        rows = max(1, self._window().height - 1)
        self.move_cursor(self.navigator.get_location_at_y_offset(self.cursor_location, direction * rows), record_width=False)

    def _way_out(self, key: str) -> int:
        """The direction in which this key leaves the text from where the cursor stands; 0 when it does not."""
        direction = _VERTICAL.get(key, 0)
        at_edge = self.navigator.is_first_wrapped_line if direction < 0 else self.navigator.is_last_wrapped_line
        return direction if direction and at_edge(self.cursor_location) else 0

    # --- Keys

    async def on_key(self, event: events.Key) -> None:
        """Enter, and the keys bound here, in the order in which they came; TextArea types the rest."""
        focused = self.screen.focused
        if focused is not None and focused is not self:  # typed behind a key that moved the focus
            focused.post_message(events.Key(event.key, event.character))
        elif self.read_only:
            return
        elif direction := self._way_out(event.key):
            await self._keeper.leave(direction)
        elif (pasted := pasted_text(event)) is not None:
            self.type_over(pasted, *sorted(self.selection))
        elif event.key == "enter":
            self._enter()
        else:
            await take_own_key(self, event)
            return
        event.stop()
        event.prevent_default()

    def action_indent(self) -> None:
        """Take list items and selected lines one level deeper; elsewhere type blanks up to the next tab stop."""
        row, column = self.cursor_location
        if self.read_only:
            return
        if not self.selection.is_empty or (is_item(self.document[row]) and not self._code[row]):
            self._shift_lines(indent, indent_code)
        else:
            step = CODE_STEP if self._code[row] else TEXT_STEP
            self.type_over(" " * (step - column % step), *self.selection)

    def action_outdent(self) -> None:
        """Take list items and lines one level up."""
        if not self.read_only:
            self._shift_lines(outdent, outdent_code)

    def _enter(self) -> None:
        (row, column), end = sorted(self.selection)
        line = self.document[row]
        prefix = None if self._code[row] else next_item(line, column)
        if prefix == "" and self.selection.is_empty:
            self.type_over("", (row, 0), (row, len(line)))
        else:
            self.type_over(f"\n{prefix or ''}", (row, column), end)

    def _shift_lines(self, shift: Callable[[str], str], shift_code: Callable[[str], str]) -> None:
        """Apply `shift` to each line of the selection, `shift_code` to those in fenced code."""
        (top, _), (bottom, _) = sorted(self.selection)
        for row in range(top, bottom + 1):
            line = self.document[row]
            start, end, replacement = differing_span(line, shift_code(line) if self._code[row] else shift(line))
            if end > start or replacement:
                self.replace(replacement, (row, start), (row, end))

    def type_over(self, insert: str, start: Location, end: Location) -> EditResult | None:
        # All that is typed or pasted; terminals paste line ends as \\r.
        result = super().type_over(LINE_END.sub(self.source.newline, insert), start, end)
        if result is not None and (mention := self._mention()) is not None:
            self.post_message(self.MentionStarted(self, mention[1]))
        return result

    def _mention(self) -> re.Match[str] | None:
        """The `@` and letters before the cursor."""
        row, column = self.cursor_location
        return None if self._code[row] else _MENTION.search(self.document[row][max(0, column - 64) : column])

    def complete(self, replacement: str) -> None:
        """Put `replacement` in the place of the `@` and letters before the cursor."""
        if (mention := self._mention()) is not None:
            row, column = self.cursor_location
            self.type_over(replacement, (row, column - len(mention[0])), (row, column))

    def action_undo(self) -> None:
        self._show(self._keeper.undo())

    def action_redo(self) -> None:
        self._show(self._keeper.redo())

    def _show(self, text: str | None) -> None:
        """Show what undo or redo made of the text; the cursor goes to the end of what that changed."""
        if text is not None and text != self.source_text:
            start, _, replacement = differing_span(self.source_text, text)
            self.show_text(text, start + len(replacement))

    async def action_line_end_or_outside(self) -> None:
        """As readline does; who is at the end of the line already means $EDITOR, where this screen has it."""
        if not self.cursor_at_end_of_line:
            self.action_cursor_line_end()
        else:
            await self.screen.run_action("external")
