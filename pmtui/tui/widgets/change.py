"""One change of a review: whether it is sent, its consequences, and later its outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from pmtui.display import count, display, width
from pmtui.model.changes import Change, FieldChanged
from pmtui.session.change_text import DiffLine, change_lines
from pmtui.tui.keymap import present_key
from pmtui.tui.widgets.diff import INDENT, draw_diff, hung

SHOWN_LINES = 6
"""Lines of a cell's diff that show before `d` shows all."""
OUTCOMES = {"done": "$success", "refused": "$error", "not applied": "$error"}
SIGNS = {"done": "✓", "refused": "✗", "not applied": "✗", "not sent": "✗", "unknown": "?"}
"""Before an outcome, so that it does not look like a part of a value."""


def diff_of(change: Change) -> list[DiffLine]:
    """The lines of a change, as its view shows them."""
    return [line for line in change_lines(change) if line[0] != "@" or not isinstance(change, FieldChanged)]


class ChangeView(Static, can_focus=True):
    """One change with its checkbox and diff, and, after sending, its outcome."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "leave_out", "include or leave out")]

    class Toggled(Message):
        """The change was left out, or included again."""

    def __init__(self, change_id: str, title: str, diff: Sequence[DiffLine], warnings: Sequence[str]) -> None:
        super().__init__(classes="change", markup=False)
        self.change_id = change_id
        self._title, self._lines, self._warnings = title, diff, tuple(warnings)
        self.included, self._whole, self._outcome = True, False, ("", "")
        self.fixed = False
        """Whether what is sent is decided: nothing is left out or taken in any more."""
        self._drawn_at = 0

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self, event: Resize) -> None:
        if event.size.width != self._drawn_at:
            self._draw()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Move the mark. The events of the focus come here before Textual has noted it: the mark would be one key behind."""
        super().watch_has_focus(has_focus)
        self._draw()

    def action_leave_out(self) -> None:
        """Include or leave out. A change whose box was scrolled out of sight comes into sight first."""
        if self._outcome[0] or self.fixed:
            return
        window = self.parent
        if isinstance(window, Widget) and not window.region.y <= self.region.y < window.region.bottom:
            self.scroll_visible(animate=False, top=True)
            return
        self.included = not self.included
        self._draw()
        self.post_message(self.Toggled())

    @property
    def box(self) -> str:
        """The sign in the box."""
        return "x" if self.included else " "

    @property
    def note(self) -> str:
        """What is said behind the title, "" for nothing."""
        return ""

    @property
    def has_more(self) -> bool:
        """Whether a part of the diff is hidden."""
        return len(self._lines) > SHOWN_LINES + 1  # a line that says so would take the place of a single one

    def show_whole(self, whole: bool) -> None:
        self._whole = whole
        self._draw()

    def show_outcome(self, state: str, detail: str) -> None:
        self._outcome = (state, detail)
        self._draw()

    def _draw(self) -> None:
        self._drawn_at = self.size.width
        state, detail = self._outcome
        head = Content.assemble(
            ("▌" if self.has_focus else " ", "bold $primary"),  # in some themes all rows have one ground
            (f"[{self.box}] ", "bold $secondary"),
            (display(self._title), "bold"),
            (f"   {self.note}" if self.note else "", "$warning" if self.included else "$muted"),
            (f"   {SIGNS.get(state, '…')} {state}" if state else "", OUTCOMES.get(state, "$warning")),
            (f": {display(detail)}" if detail else "", ""),
        )
        cells = self.size.width or self.app.size.width
        shown = self._lines if self._whole or not self.has_more else self._lines[:SHOWN_LINES]
        lines = [*warned(head, self._warnings, cells), *draw_diff(shown, cells)]
        hidden = len(self._lines) - len(shown)
        if hidden > 0:
            lines.append(Content.styled(f"     … {count(hidden, 'line')} more: {present_key('d', self)}", "$muted"))
        self.update(Content("\n").join(lines))


class OpenConflictView(ChangeView):
    """A conflict without a decision. It must be decided, or left out of this save."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "leave_out", "leave out of this save, or not")]

    def __init__(self, conflict_id: str, title: str) -> None:
        super().__init__(conflict_id, title, (), ())

    @property
    def box(self) -> str:
        return "?" if self.included else " "

    @property
    def note(self) -> str:
        keys = f"{present_key('c', self)} decides, {present_key('space', self)} leaves it out"
        return f"both changed it, not decided: {keys}" if self.included else "left out, not decided: it stays in the draft"


def warned(head: Content, warnings: Sequence[str], cells: int) -> list[Content]:
    """The line of a change with its consequences for people: at its right if there is room, else below."""
    room = cells - head.cell_length - 4
    if len(warnings) == 1 and width(display(warnings[0])) <= room:
        text = f"! {display(warnings[0])} "
        return [Content.assemble(head, " " * (cells - head.cell_length - width(text)), (text, "$warning"))]
    found = hung(head, cells, INDENT)
    for each in warnings:
        rows = Content.styled(display(each), "$warning").wrap(max(10, cells - 8))
        found += [Content.assemble((" " * 5 + ("! " if not number else "  "), "bold $warning"), row) for number, row in enumerate(rows)]
    return found
