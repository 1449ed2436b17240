"""The private parts of Textual's TextArea. They are apart from `textual_internals`, because the list loads before TextArea."""

from __future__ import annotations

from typing import Any

from textual._styles_cache import StylesCache
from textual.geometry import Offset, Region
from textual.widgets import TextArea
from textual.widgets.text_area import EditResult, Location


class DrawnLines(StylesCache):
    """The lines that were drawn. Only those can be out of date: Textual's own class notes each line of a text of megabytes, often."""

    def set_dirty(self, *regions: Region) -> None:
        if not regions:
            self.clear()
        for lines in (region.line_range for region in regions):
            self._dirty_lines.update(lines if len(lines) < len(self._cache) else filter(lines.__contains__, self._cache))


class OpenTextArea(TextArea):
    """A TextArea whose subclass keeps the document, draws no cursor, and sees all edits."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._styles_cache = DrawnLines()

    def load_document(self, text: str) -> None:
        """Create ``document``, ``wrapped_document`` and ``navigator`` for a text. TextArea calls this whenever it loads one."""
        raise AssertionError(f"{type(self).__name__} keeps no document")

    def on_unmount(self) -> None:
        # Textual's TextArea watches the app's theme, so the app would keep it, and all that it refers to, until the end.
        for watchers in getattr(self.app, "__watchers", {}).values():
            watchers[:] = [each for each in watchers if each[0] is not self]

    def width_changed(self) -> None:
        """Called when the widget was resized; TextArea rewraps all lines, even when the width is the same."""

    def type_over(self, insert: str, start: Location, end: Location) -> EditResult | None:
        """Replace a range by what is typed or pasted."""
        return super()._replace_via_keyboard(insert, start, end)

    def take_out(self, start: Location, end: Location) -> EditResult | None:
        """Delete a range, as a key does."""
        return super()._delete_via_keyboard(start, end)

    @property
    def _cursor_offset(self) -> Offset:
        """Where the cursor is, in cells of the wrapped text. Textual's own is that of the last move, wrong after a new width."""
        return self.wrapped_document.location_to_offset(self.cursor_location)

    @_cursor_offset.setter
    def _cursor_offset(self, offset: tuple[int, int]) -> None:
        """TextArea notes it after each move; there is nothing to note."""

    def has_another_height(self) -> None:
        """Lay out again. One that was asked for before may be made already; Textual would take it for this one and keep the height."""
        self._layout_required = False
        self.refresh(layout=True)

    def _set_document(self, text: str, language: str | None) -> None:
        self.load_document(text)

    def _rewrap_and_refresh_virtual_size(self) -> None:
        self.width_changed()

    def _replace_via_keyboard(self, insert: str, start: Location, end: Location) -> EditResult | None:
        return self.type_over(insert, start, end)

    def _delete_via_keyboard(self, start: Location, end: Location) -> EditResult | None:
        return self.take_out(start, end)

    @property
    def _draw_cursor(self) -> bool:
        return False  # the terminal draws it
