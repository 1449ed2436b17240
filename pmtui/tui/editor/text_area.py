"""Textual's TextArea, made exact and cheap to draw: the base of the cell editor.

It keeps the text byte for byte, grows with it inside a scrolling container, repaints only the rows that an edit
touches, moves by what people call a character, and colours Markdown. The cursor is the terminal's own (see `terminal.app`):
moving it costs a few bytes, and screen readers and braille displays follow it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.dom import NoScreen
from textual.errors import NoWidget
from textual.geometry import Offset, Region, Size
from textual.reactive import Reactive
from textual.screen import Screen
from textual.strip import Strip
from textual.style import Style as ContentStyle
from textual.widget import Widget
from textual.widgets.text_area import DocumentNavigator, Edit, EditResult, Location, Selection

from pmtui.threads import in_thread, is_long
from pmtui.tui.editor.graphemes import next_border, previous_border, snap
from pmtui.tui.editor.line_painting import column_styles, expand_tabs, segments
from pmtui.tui.editor.read_text import ReadText
from pmtui.tui.editor.source_document import SourceDocument, differing_span
from pmtui.tui.editor.wrapped_lines import WrappedLines
from pmtui.tui.markdown.highlight import FENCED_ITEM, STYLES, Span, code_lines, is_in_fenced_item, line_spans, may_fence
from pmtui.tui.textual_text_area import OpenTextArea


class ExactTextArea(OpenTextArea):
    """An editor for Markdown. Needs the whole width of its container and `height: auto`."""

    DEFAULT_CSS = """
    ExactTextArea {
        border: none;
        padding: 0;
        height: auto;
        overflow: hidden hidden;
        background: $background;
        &:focus { border: none; }
    }
    """

    # Textual repaints the whole widget when the selection is set; `watch_selection` repaints the rows it touches.
    selection: Reactive[Selection] = Reactive(Selection(), repaint=False, init=False, always_update=True)

    def __init__(
        self,
        text: str | ReadText = "",
        *,
        read_only: bool = False,
        placeholder: str = "",
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        self._wrapped_at = self._wrap_at = 0  # the width of the rows, and the one that is wanted: a long text is wrapped later
        self._code: list[str] = []
        self._look: dict[str, Style] = {}
        self._hint: list[Content] = []
        self.is_followed = True  # whether the containers scroll to the cursor; not to that of an editor among others which was left
        super().__init__("", read_only=read_only, highlight_cursor_line=False, name=name, id=id, classes=classes)
        self.take(ReadText.of(text) if isinstance(text, str) else text)
        self.placeholder = Content(placeholder)
        self.cursor_blink = False
        self.match_cursor_bracket = False

    # --- The text

    @property
    def source(self) -> SourceDocument:
        document = self.document
        assert isinstance(document, SourceDocument)
        return document

    @property
    def source_text(self) -> str:
        """The exact text: as it was loaded, with all edits."""
        return self.source.text

    @property
    def cursor_offset(self) -> int:
        """Code points of `source_text` before the cursor."""
        return self.source.offset_of(self.cursor_location)

    def show_text(self, text: str, cursor: int | None = None) -> None:
        """Show another text (after an undo or a merge) by replacing only what differs; this is not an edit by the user.

        The cursor goes to `cursor` (an offset into `text`); without it, it stays at the same words.
        """
        start, end, replacement = differing_span(self.source.text, text)
        if end > start or replacement:
            self._splice(self.source.location_of(start), self.source.location_of(end), replacement, follow=False)
            self.source.note(text)
        if cursor is not None:
            self.move_cursor(self.source.location_of(cursor))

    def edited(self, start: int, removed: str, inserted: str) -> None:
        """Called when the user replaced ``removed``, at this offset of the text, by ``inserted``."""

    def edit(self, edit: Edit) -> EditResult:
        """Every change by the user comes through here. Consequences further down (renumbering) are part of the same edit."""
        start, taken = self.source.offset_of(edit.top), self.document[edit.top[0] : edit.bottom[0] + 1]
        result = self._splice(edit.top, edit.bottom, edit.text, follow=not edit.maintain_selection_offset)
        removed, inserted = result.replaced_text, edit.text
        fresh = self.following(edit.top[0], taken) if self.source.changed_rows[:2] == (edit.top[0], edit.bottom[0]) else {}
        if fresh:
            first, last = (min(fresh), 0), (max(fresh), len(self.document[max(fresh)]))
            between = self.source.get_text_range(result.end_location, first)
            removed += between + self.source.get_text_range(first, last)
            rows = range(first[0], last[0] + 1)
            ends = [self.source.get_text_range((row, len(self.document[row])), (row + 1, 0)) if row < last[0] else "" for row in rows]
            put = "".join(fresh.get(row, self.document[row]) + end for row, end in zip(rows, ends, strict=True))
            inserted += between + put
            self._splice(first, last, put, follow=False)
        self.edited(start, removed, inserted)
        return result

    def following(self, row: int, taken: Sequence[str]) -> Mapping[int, str]:
        """Further rows that must change after the lines ``removed`` at ``row`` were replaced."""
        return {}

    def _splice(self, start: Location, end: Location, text: str, *, follow: bool) -> EditResult:
        """Replace a range, and rewrap and repaint what changed.

        With `follow` the cursor goes behind the new text, else the selection stays at the same words.
        """
        source, wrapped = self.source, self.wrapped_document
        at, until = source.offset_of(start), source.offset_of(end)
        selection = [source.offset_of(location) for location in self.selection]
        height, prompted = self._height, self.prompted_at
        result = source.replace_range(start, end, text)
        first, old_last, new_last = source.changed_rows
        wrapped.wrap_range((first, 0), (old_last, 0), (new_last, 0))
        same_code = self._reread_code(first, old_last, new_last)
        if follow:
            self.selection = Selection.cursor(result.end_location)
        else:
            moved = (_moved(offset, at, until, len(text)) for offset in selection)
            self.selection = Selection(*map(source.location_of, moved))
        self.record_cursor_width()
        self.virtual_size = Size(0, self._height)
        same_below = self._height == height and same_code
        self._repaint(first, new_last if same_below else source.line_count - 1)
        if self._hint and prompted != self.prompted_at:
            self.refresh()  # the placeholder, whose rows differ from the text's, appears or disappears
        return result

    def _reread_code(self, first: int, old_last: int, new_last: int) -> bool:
        """Find fenced code again, in the edited lines or in all. Returns whether the lines below are unaffected."""
        before, lines = self._code[first : old_last + 1], self.source.lines
        same = not {"fence", FENCED_ITEM} & set(before) and not any(map(may_fence, lines[first : new_last + 1]))
        if same and not is_in_fenced_item(self._code, first):
            self._code[first : old_last + 1] = [before[0]] * (new_last + 1 - first)
            return True
        below, self._code = self._code[old_last + 1 :], code_lines(lines)
        return below == self._code[new_last + 1 :]

    def _repaint(self, first: int, last: int) -> None:
        """Repaint the visual rows of lines `first` to `last`."""
        if self.is_mounted:
            top = self.wrapped_document.location_to_offset((first, 0)).y
            bottom = self.wrapped_document.location_to_offset((last, len(self.document[last]))).y
            self.refresh_lines(top, bottom - top + 1)

    def load_document(self, text: str) -> None:
        if isinstance(self.document, SourceDocument) and self.document.text == text:  # Textual loads it a second time
            return
        self.take(ReadText.of(text, self._wrapped_at and self._wrapped_at + 1))

    def take(self, text: ReadText) -> None:
        """Show this text, which was read for this editor."""
        self.document, self.wrapped_document, self._code = text.lines, text.rows, text.code
        self._wrapped_at = self._wrap_at = text.width
        self.navigator = DocumentNavigator(self.wrapped_document)
        self.move_cursor((0, 0))
        self.virtual_size = Size(0, self._height)
        self.refresh(layout=True)

    # --- Layout

    @property
    def wrap_width(self) -> int:
        return self._wrapped_at

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The rows of the text at `width`. Wraps it, so that the first frame is right; a long text that is shown already, later."""
        at = max(1, width - 1)  # a cell for the cursor behind a full line
        if self._wrap_at != at:
            self._wrap_at = at
            if self._wrapped_at and self.is_running and is_long(self.source.length):
                self.call_next(self._wrap_later)
            else:
                self.wrapped_document.wrap(at, self.indent_width)
                self._now_wrapped_at(at)
        return self._height

    async def _wrap_later(self) -> None:
        """Wrap the text in a thread; until then its rows are as they were. Keys wait for it."""
        while (at := self._wrap_at) != self._wrapped_at:
            source, last_edit = self.source, self.source.changed_rows
            rows = await in_thread(partial(WrappedLines, source, at, self.indent_width))
            if self._wrap_at == at and self.document is source and source.changed_rows is last_edit:  # else something came meanwhile
                self.wrapped_document, self.navigator = rows, DocumentNavigator(rows)
                self._now_wrapped_at(at)
                self.virtual_size = Size(0, self._height)
                self.has_another_height()
                self.scroll_cursor_visible()

    def _now_wrapped_at(self, width: int) -> None:
        self._wrapped_at, self._hint = width, self._wrapped_placeholder(width)

    def rows_at(self, width: int) -> int:
        """The rows of the text in a container of this width."""
        return self.get_content_height(Size(), Size(), width)

    def _wrapped_placeholder(self, width: int) -> list[Content]:
        """The rows of the placeholder, which is shown where there is no text yet."""
        return self.placeholder.wrap(width) if isinstance(self.placeholder, Content) and self.placeholder else []

    @property
    def _height(self) -> int:
        """The rows to show: those of the text, and of the placeholder."""
        return max(self.wrapped_document.height, self.prompted_at + len(self._hint))

    @property
    def prompted_at(self) -> int:
        """The row where the placeholder begins: in a text without a word. Above the text when it is not shown."""
        return 0 if self.document.end == (0, 0) else -len(self._hint)

    def width_changed(self) -> None:
        self.virtual_size = Size(0, self._height)

    # --- Look

    def notify_style_update(self) -> None:
        self._look = {}
        super().notify_style_update()

    def _style(self, name: str) -> Style:
        if (style := self._look.get(name)) is None:
            style = self._look[name] = ContentStyle.parse(STYLES[name]).rich_style
        return style

    def render_lines(self, crop: Region) -> list[Strip]:
        try:
            return super().render_lines(crop)
        except KeyError:  # it is being removed, and Textual has taken its styles before its place on the screen
            return [Strip.blank(crop.width)] * crop.height

    def render_line(self, y: int) -> Strip:
        """One visual row. Columns of the shown text and of the source are the same (see `source_document`)."""
        wrapped, base = self.wrapped_document, self.rich_style
        if 0 <= (hint := y - self.prompted_at) < len(self._hint):
            return Strip([Segment(self._hint[hint].plain, base + self._style("muted"))]).adjust_cell_length(self.size.width, base)
        if y >= wrapped.height:
            return Strip.blank(self.size.width, base)
        row, start = wrapped.offset_to_location(Offset(0, y))
        line = self.document[row]
        end = next((offset for offset in wrapped.get_offsets(row) if offset > start), len(line))
        spans = (*line_spans(line, self._code[row]), *self.marks(row))
        styles = column_styles(start, end, spans, base, self._style)
        self._paint_selection(styles, row, start, end)
        characters = expand_tabs(line[start:end], line.count("\t", 0, start), wrapped.get_tab_widths(row))
        return Strip(segments(characters, styles)).adjust_cell_length(self.size.width, base)

    def marks(self, row: int) -> Sequence[Span]:
        """Styles that override the colours of a line."""
        return ()

    def _paint_selection(self, styles: list[Style], row: int, start: int, end: int) -> None:
        (top, left), (bottom, right) = sorted(self.selection)
        if self.selection.is_empty or not top <= row <= bottom:
            return
        selected = self.get_component_rich_style("text-area--selection")
        for column in range(max(start, left if row == top else 0), min(end, right if row == bottom else end)):
            styles[column - start] += selected

    def watch_selection(self, before: Selection, after: Selection) -> None:
        if not self.is_mounted or before == after:
            return
        if before.is_empty and after.is_empty:
            # Nothing is drawn differently: a frame of one row, for the terminal's cursor to move with.
            self.refresh_line(self.wrapped_document.location_to_offset(after.end).y)
            return
        last = self.document.line_count - 1
        rows = [min(row, last) for row, _ in (*before, *after)]
        self._repaint(min(rows), max(rows))

    @property
    def terminal_cursor(self) -> Offset | None:
        """The screen position of the terminal's cursor; None when it is out of sight."""
        if not self.has_focus:
            return None
        try:
            visible = self.screen.find_widget(self).visible_region
        except NoWidget:
            return None  # it has the focus, but no place yet
        offset = self.cursor_screen_offset
        return offset if visible.contains_point(offset) else None

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        return None  # would search the whole text on each key

    # --- Cursor

    def clamp_visitable(self, location: Location) -> Location:
        """The nearest location where the cursor may stand: between characters as people see them."""
        row, column = super().clamp_visitable(location)
        return row, snap(self.document[row], column)

    def get_cursor_left_location(self) -> Location:
        row, column = self.cursor_location
        if column:
            return row, previous_border(self.document[row], column)
        if row and self.source.is_continued(row - 1):  # no line end to stand at
            return row - 1, previous_border(self.document[row - 1], len(self.document[row - 1]))
        return super().get_cursor_left_location()

    def get_cursor_right_location(self) -> Location:
        row, column = self.cursor_location
        if column < len(self.document[row]):
            return row, next_border(self.document[row], column)
        if self.source.is_continued(row):
            return row + 1, next_border(self.document[row + 1], 0)
        return super().get_cursor_right_location()

    def get_cursor_line_end_location(self) -> Location:
        """The end of the visual row; when already there, the end of the line."""
        row, _ = self.cursor_location
        end = self.navigator.get_location_end(self.cursor_location)
        return (row, len(self.document[row])) if end == self.cursor_location else end

    def get_cursor_line_start_location(self, smart_home: bool = False) -> Location:
        """The start of the visual row; when already there, the start of the line."""
        row, _ = self.cursor_location
        start = self.navigator.get_location_home(self.cursor_location, smart_home=smart_home)
        return (row, 0) if start == self.cursor_location and start[1] and self._is_wrapped_at(start) else start

    def _is_wrapped_at(self, place: Location) -> bool:
        """Whether a row other than the line's first begins here."""
        return place[1] in self.wrapped_document.get_offsets(place[0])

    def action_delete_to_start_of_line(self) -> None:
        (row, column) = self.selection.end
        if not self.read_only and column:
            self.take_out((row, 0), (row, column))
        else:
            super().action_delete_to_start_of_line()

    def action_delete_to_end_of_line(self) -> None:
        row, _ = end = self.selection.end
        self.take_out(end, (row, len(self.document[row])))

    def _window(self) -> Size:
        """The visible size of the scrolling container."""
        for node in self.ancestors:
            if isinstance(node, Widget) and not isinstance(node, Screen) and node.allow_vertical_scroll:
                return node.scrollable_content_region.size
        return self.screen.size

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Scroll the containers, not this widget: it is as high as its text."""
        if self.virtual_size.height == self.size.height:
            self._reveal_cursor(center)
        else:
            self.call_after_refresh(partial(self._reveal_cursor, center))
        return Offset()

    def _reveal_cursor(self, center: bool) -> None:
        try:
            screen = self.screen
        except NoScreen:
            return
        if not self.is_followed:  # it was left meanwhile
            return
        x, y = self.wrapped_document.location_to_offset(self.cursor_location)
        region = Region(x + self.gutter.left, y + self.gutter.top, 1, 1).translate(self.virtual_region.offset)
        for container in self.ancestors:
            if not isinstance(container, Widget) or container is screen:
                break
            container.scroll_to_region(region, animate=False, center=center, x_axis=False, immediate=True)
            region = region.translate(Offset(*container.gutter.top_left) - container.scroll_offset + container.virtual_region.offset)


def _moved(offset: int, start: int, end: int, inserted: int) -> int:
    """The new position of `offset` after `inserted` characters replaced `start` to `end`."""
    if offset <= start:
        return offset
    return offset + inserted - (end - start) if offset >= end else min(offset, start + inserted)
