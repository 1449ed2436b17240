"""The cell editor: what its keys do. Undo, and the keys at its edges, are its keeper's; completion is the screen's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import EditResult, Location, Selection

from pmtui.formats.gaps import Gap, ends_in_heading, gaps, is_heading_alone
from pmtui.formats.mentions import around_mentions, begun, letters_behind_at
from pmtui.formats.tables import key_in_row
from pmtui.threads import in_thread, is_long
from pmtui.tui.editor.keeper import Keeper
from pmtui.tui.editor.key_order import pasted_text, take_own_key
from pmtui.tui.editor.list_keys import (
    CODE_STEP,
    TEXT_STEP,
    counted,
    ends_level,
    indent,
    indent_code,
    is_item,
    next_item,
    outdent,
    outdent_code,
    outer,
    toggled,
    without_marks,
)
from pmtui.tui.editor.marks import found_in, late_times
from pmtui.tui.editor.read_text import ReadText
from pmtui.tui.editor.renumbering import Change, behind_edit, renumbered
from pmtui.tui.editor.renumbering import indent as indent_of
from pmtui.tui.editor.source_document import differing_span
from pmtui.tui.editor.text_area import ExactTextArea
from pmtui.tui.keymap import has_keys_of_the_user
from pmtui.tui.markdown.highlight import LINE_END, Span

_VERTICAL = {"up": -1, "pageup": -1, "down": 1, "pagedown": 1}
_FOR_THE_APP = frozenset({"ctrl+e", "ctrl+f", "ctrl+p", "ctrl+q", "ctrl+s", "f6", "f7"})

LONGEST_READ = 20_000
"""Characters of a text in which gaps, and entries out of order, are looked for; what is longer would cost time with each key."""


def _editor_bindings(bindings: Sequence[BindingType]) -> list[BindingType]:
    """TextArea's bindings without the keys that belong to the app."""
    kept: list[BindingType] = []
    for binding in bindings:
        assert isinstance(binding, Binding)
        keys = [key for key in binding.key.split(",") if key not in _FOR_THE_APP]
        if keys:
            kept.append(Binding(",".join(keys), binding.action, binding.description, show=False))
    return kept


def _place(line: str) -> tuple[bool, int]:
    """Whether a line is a list item, and its level."""
    return is_item(line), indent_of(line)


class Editor(ExactTextArea, inherit_bindings=False):
    """One cell's Markdown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_editor_bindings(TextArea.BINDINGS),
        Binding("tab", "indent", "next gap, in tables the next column; in lists, code and selections: indent", show=False),
        Binding("shift+tab", "outdent", "gap or column before; in lists, code and selections: outdent", show=False),
        Binding("ctrl+e", "line_end_or_outside", "end of the line; from there edit in $EDITOR", show=False),
        Binding("ctrl+home", "cell_edge(False)", "start of the cell", show=False),
        Binding("ctrl+end", "cell_edge(True)", "end of the cell", show=False),
    ]

    @dataclass
    class MentionStarted(Message):
        """The cursor is behind `@` and letters; `Editor.complete` replaces them."""

        editor: Editor
        query: str

        @property
        def control(self) -> Editor:
            return self.editor

    def __init__(self, text: str | ReadText = "", *, read_only: bool = False, placeholder: str = "", keeper: Keeper | None = None) -> None:
        super().__init__(text, read_only=read_only, placeholder=placeholder)
        self._keeper = keeper or Keeper()
        self._wanted, self._here = "", (-1, -1)
        self._room = ""
        self._coming: str | None = None  # the text that is read, to be shown then
        self._read_for: str | None = None
        self._late: Mapping[int, Sequence[Span]] = {}

    # --- Room below a heading: two line ends that are shown, and kept only when something is typed behind them

    @property
    def kept_text(self) -> str:
        """The text without the room in which nothing was typed."""
        return self._coming if self._coming is not None else self.source_text[: len(self.source_text) - len(self._room)]

    def go_to_end(self) -> None:
        """Go to where writing continues: the end, or the room below a heading that ends the text."""
        if not self._room and not self.read_only and ends_in_heading(self.source_text):
            text = self.source_text
            self._room = self.source.newline * 2
            super().show_text(text + self._room)
        self.move_cursor(self.document.end)

    def go_to_gap(self) -> None:
        """Go to where writing begins: select the first gap, so that typing replaces it; without gaps go to the end."""
        gap = next(iter(self._gaps()), None)
        if gap is None or gap.start == gap.end == self.source.length:
            self.go_to_end()
        else:
            self.selection = Selection(self.source.location_of(gap.start), self.source.location_of(gap.end))

    def take_gap(self) -> None:
        """Select the gap at the cursor, so that typing replaces it."""
        here = self.cursor_offset
        gap = next((gap for gap in self._gaps() if gap.start <= here <= gap.end), None)
        if gap is not None and self.selection.is_empty:
            self.selection = Selection(self.source.location_of(gap.start), self.source.location_of(gap.end))

    def _gaps(self) -> Sequence[Gap]:
        return gaps(self.source_text) if self.source.length <= LONGEST_READ else ()

    @property
    def prompted_at(self) -> int:
        """Also below a heading that has only empty lines, where the first words go."""
        return self.wrapped_document.height - 1 if is_heading_alone(self.source.lines) else super().prompted_at

    def show_text(self, text: str, cursor: int | None = None) -> None:
        self._coming = None
        self._room = self._room if self._room and ends_in_heading(text) else ""
        super().show_text(text + self._room, cursor)

    def edited(self, start: int, removed: str, inserted: str) -> None:
        if not self._room:
            self._keeper.typed(start, removed, inserted)
            return
        now = self.source_text
        before = now[:start] + removed + now[start + len(inserted) :]
        before = before[: len(before) - len(self._room)]
        after = now.rstrip("\r\n")
        if not ends_in_heading(after):
            after = now
        self._room = now[len(after) :]
        start, end, put = differing_span(before, after)
        if end > start or put:
            self._keeper.typed(start, before[start:end], put)

    # --- What was found

    def mark(self, wanted: str, start: int) -> None:
        """Highlight the matches of a search; the one at this offset is the current one, -1 for none."""
        self._wanted, self._here = wanted, (-1, -1) if start < 0 else self.source.location_of(start)
        self.refresh()

    def marks(self, row: int) -> Sequence[Span]:
        if self._wanted:
            return found_in(self.document[row], self._wanted, self._here[1] if self._here[0] == row else -1)
        return self._misplaced().get(row, ())

    def _misplaced(self) -> Mapping[int, Sequence[Span]]:
        """The columns of timestamps that are out of order, by row; looked for once per text."""
        if self.source.length <= LONGEST_READ and self._read_for is not (text := self.source_text):
            self._read_for, before = text, self._late
            self._late = late_times(self.source, self._keeper.began())
            if before != self._late:
                self.refresh()
        return self._late if self.source.length <= LONGEST_READ else {}

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
        if direction := self._way_out(event.key):
            await self._keeper.leave(direction)
        elif self.read_only:
            return
        elif (pasted := pasted_text(event)) is not None:
            self.type_over(pasted, *sorted(self.selection))
        elif event.key in ("enter", "vertical_line") and self._in_table(event.key):
            pass
        elif event.key == "enter":
            self._enter()
        else:
            await take_own_key(self, event)
            return
        event.stop()
        event.prevent_default()

    async def action_indent(self) -> None:
        """Indent list items and selected lines; elsewhere go to the next gap, or type blanks up to the next tab stop."""
        row, column = self.cursor_location
        if self.read_only or self._in_table("tab") or (not self._indents() and await self._keeper.gap(1)):
            return
        if not self.selection.is_empty or (is_item(self.document[row]) and not self._code[row]):
            self._shift_lines(indent, indent_code)
        else:
            step = CODE_STEP if self._code[row] else TEXT_STEP
            self.type_over(" " * (step - column % step), *self.selection)

    async def action_outdent(self) -> None:
        """Outdent list items and lines; elsewhere go to the gap before."""
        if not (self.read_only or self._in_table("shift+tab")) and (self._indents() or not await self._keeper.gap(-1)):
            self._shift_lines(outdent, outdent_code)

    @property
    def selected_gap(self) -> tuple[int, int] | None:
        """Start and end of the gap that is selected, None when no gap is selected."""
        if self.selection.is_empty:
            return None
        start, end = (self.source.offset_of(place) for place in sorted(self.selection))
        return (start, end) if any((gap.start, gap.end) == (start, end) for gap in self._gaps()) else None

    def _indents(self) -> bool:
        """Whether tab indents here: in code, in a list, and with selected lines, unless tab selected them as a gap."""
        row, _ = self.cursor_location
        if self.selected_gap is not None:
            return False
        return not self.selection.is_empty or bool(self._code[row]) or is_item(self.document[row])

    def _enter(self) -> None:
        (row, column), end = sorted(self.selection)
        line = self.document[row]
        prefix = None if self._code[row] else next_item(line, column)
        if self.selection.is_empty and prefix == "" and ends_level(line):
            self._put_line(row, outer(self.document[:row], line))
        elif prefix == "" and self.selection.is_empty:
            self.type_over(without_marks(line), (row, 0), (row, len(line)))
        else:
            self.type_over(f"\n{prefix or ''}", (row, column), end)

    def _in_table(self, key: str) -> bool:
        """Do what this key does in a row of a table; False where it does nothing of its own."""
        row, column = self.cursor_location
        put = key_in_row(self.document.lines, row, column, key) if self.selection.is_empty and not self._code[row] else None
        if put is not None:
            self.type_over(put.text, put.start, put.end)
            self.move_cursor(put.cursor)
        return put is not None

    def following(self, row: int, taken: Sequence[str]) -> Mapping[int, str]:
        """Renumber the items below one that was added, removed or moved to another level."""
        first, old_last, new_last = self.source.changed_rows
        same = (old_last, *map(_place, taken)) == (new_last, *map(_place, self.document[first : new_last + 1]))
        if same or any(self._code[first : new_last + 1]):
            return {}
        return renumbered(self._line_or_code, self.source.line_count, Change(first, taken, new_last + 1 - first))

    def _line_or_code(self, row: int) -> str:
        """The line; in fenced code a text with its indent that no rule takes for a list item."""
        line = self.document[row]
        return line if not self._code[row] else line[: len(line) - len(line.lstrip())] + "code"

    def begin_block(self, words: str) -> None:
        """Insert a block: in place of an empty line or a selected gap, else below the line of the cursor."""
        if self.selected_gap is not None:
            self.type_over("", *sorted(self.selection))
        row, _ = self.cursor_location
        line = self.document[row]
        above = self.document[row - 1] if row else ""
        if line.strip():
            self.type_over(f"\n\n{words}", (row, len(line)), (row, len(line)))
        else:
            self.type_over("\n" * bool(above.strip()) + words, (row, 0), (row, len(line)))

    def _shift_lines(self, shift: Callable[[str], str], shift_code: Callable[[str], str]) -> None:
        """Apply `shift` to each selected line, `shift_code` to those in fenced code."""
        (top, _), (bottom, _) = sorted(self.selection)
        for row in range(top, bottom + 1):
            line = self.document[row]
            self._put_line(row, shift_code(line) if self._code[row] else counted(self.document[:row], shift(line)))

    def _put_line(self, row: int, line: str) -> None:
        start, end, replacement = differing_span(self.document[row], line)
        if end > start or replacement:
            self.replace(replacement, (row, start), (row, end))

    def toggle_tasks(self) -> bool:
        """Check or uncheck the items of the selected lines; False when there is none."""
        (top, _), (bottom, _) = sorted(self.selection)
        rows = [row for row in range(top, bottom + 1) if is_item(self.document[row]) and not self._code[row]]
        for row in rows:
            self._put_line(row, toggled(self.document[row]))
        return bool(rows)

    def type_over(self, insert: str, start: Location, end: Location) -> EditResult | None:
        # All that is typed or pasted; terminals paste line ends as \\r.
        result = super().type_over(LINE_END.sub(self.source.newline, insert), start, end)
        if result is not None and (mention := self._mention()) is not None:
            self.post_message(self.MentionStarted(self, mention[1]))
        return result

    def take_out(self, start: Location, end: Location) -> EditResult | None:
        # A mention is one unit: what is left of it would be plain text, or name one person and notify another.
        if self.selection.is_empty:
            (top, left), (bottom, right) = sorted((start, end))
            start = top, self._whole(top, left, right if bottom == top else len(self.document[top]))[0]
            end = bottom, self._whole(bottom, left if bottom == top else 0, right)[1]
        return super().take_out(start, end)

    def _whole(self, row: int, start: int, end: int) -> tuple[int, int]:
        """The range, extended to all mentions that it touches. The row below the last one has no mentions."""
        prose = row < self.document.line_count and not self._code[row]
        return around_mentions(self.document[row], start, end) if prose else (start, end)

    def _mention(self) -> re.Match[str] | None:
        """The `@` and the letters before the cursor."""
        row, column = self.cursor_location
        return None if self._code[row] else begun(self.document[row], column)

    @property
    def begun_mention(self) -> str | None:
        """The letters behind an `@` before the cursor, "" for none yet; None where no mention begins."""
        row, column = self.cursor_location
        return letters_behind_at(self.document[row], column)

    def complete(self, replacement: str) -> None:
        """Replace the `@` and the letters before the cursor by `replacement`."""
        if (mention := self._mention()) is not None:
            row, column = self.cursor_location
            self.type_over(replacement, (row, column - len(mention[0])), (row, column))

    async def action_undo(self) -> None:  # type: ignore[override]
        await self._show(self._keeper.undo())

    async def action_redo(self) -> None:  # type: ignore[override]
        await self._show(self._keeper.redo())

    async def _show(self, text: str | None) -> None:
        """Show the text after undo or redo; the cursor goes to the end of what changed."""
        kept, row = self.kept_text, self.cursor_location[0]
        if text is None or text == kept or not await self.show_in_turn(text, lambda: behind_edit(kept, text)):
            return
        if row >= self.source.line_count - len(LINE_END.findall(self._room)) and ends_in_heading(text):
            self.go_to_end()

    async def show_in_turn(self, text: str, cursor: Callable[[], int]) -> bool:
        """As ``show_text``, but a thread reads what takes a while. Only what this editor calls may use it: then its keys wait.

        Returns False when another text came meanwhile.
        """
        start, end, put = differing_span(self.kept_text, text)
        if not is_long(end - start + len(put)):
            self.show_text(text, cursor())
            return True
        self._coming = text
        width = self.wrap_width + 1
        read, place = await in_thread(lambda: (ReadText.of(text, width), cursor()))
        if self._coming is not text:
            return False
        self._coming, self._room = None, ""
        self.take(read)
        self.move_cursor(self.source.location_of(place))
        return True

    async def show_rearranged(self, text: str, place: Callable[[int], int]) -> None:
        """As ``show_in_turn``, where parts were moved: what is selected in one part stays so. ``place``: where a character is now."""
        before, offsets = self.source.text, [self.source.offset_of(each) for each in self.selection]
        if await self.show_in_turn(text, lambda: place(offsets[1])):
            now = [place(each) for each in offsets]
            if before[min(offsets) : max(offsets)] == self.source.text[min(now) : max(now)]:
                self.selection = Selection(*map(self.source.location_of, now))

    async def action_line_end_or_outside(self) -> None:
        """ctrl+e as in readline; at the end of the line it opens $EDITOR, unless the user has another key for that."""
        if not self.cursor_at_end_of_line:
            self.action_cursor_line_end()
        elif not has_keys_of_the_user("external", self.screen):
            await self.screen.run_action("external")
