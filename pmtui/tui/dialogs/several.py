"""Chooses several items of a list, each with a checkbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from pmtui.display import clip, display
from pmtui.tui.closes_once import Dialog
from pmtui.tui.dialogs.seen import WaryScreen

ROW_CELLS = 300
"""Cells of a line that are laid out."""
PADDING = 2
"""Cells of a line that the list keeps for itself."""


@dataclass(frozen=True, slots=True)
class BoxedItem:
    """One item. ``there`` says whether the text has it already. Texts may be foreign."""

    label: str
    text: str
    important: bool = False
    there: bool = False


class Several(Dialog["tuple[int, ...] | None"], WaryScreen["tuple[int, ...] | None"]):
    """A list with checkboxes. The result is the indexes of the chosen items, in order; None for escape.

    A text that is cut in its line stands below the list while the cursor is on it. It comes when the server has answered, and what was
    typed until then is no answer.
    """

    HELP = "space takes a line or leaves it, a takes all that are marked !, enter puts them into the text. ✓ is in the text already."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "take", "take or leave", show=False, priority=True),
        Binding("a", "all", "take all that are marked !", show=False, priority=True),
        Binding("enter", "accept", "put them into the text", show=False, priority=True),
        Binding("up,k", "move(-1)", "up", show=False, priority=True),
        Binding("down,j", "move(1)", "down", show=False, priority=True),
        Binding("pageup", "move(-8)", "page up", show=False, priority=True),
        Binding("pagedown", "move(8)", "page down", show=False, priority=True),
        Binding("escape", "dismiss(None)", "back", show=False, priority=True),
        Binding("f1,question_mark", "app.help", "help", show=False),
    ]

    def __init__(self, title: str, rows: Sequence[BoxedItem]) -> None:
        super().__init__()
        self._title, self._rows = title, tuple(rows)
        self._taken: set[int] = set()
        self._options = OptionList(markup=False)
        self._whole = Static("", markup=False, classes="dialog-whole")
        self._detail = Static("", markup=False, classes="dialog-detail")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog picker several"):
            yield Static(Content.styled(clip(display(self._title), ROW_CELLS), "bold"), markup=False)
            yield self._options
            yield self._whole
            yield self._detail

    def on_mount(self) -> None:
        self._options.add_options(Option(self._line(index)) for index in range(len(self._rows)))
        if self._rows:
            self._options.highlighted = 0
            self._draw(0)
        self._options.can_focus = False
        self._count()

    def on_resize(self, event: Resize) -> None:
        self.call_after_refresh(self._make_room)  # the list has its width then

    def _make_room(self) -> None:
        """Give the text below the list the rows that the longest one needs, so that nothing moves with the cursor."""
        needed = [whole.get_height({}, self._whole.size.width or 1) for row in range(len(self._rows)) if (whole := self._cut_text(row))]
        rows = min(max(needed, default=0), max(2, self.size.height // 3))
        self._whole.styles.height = rows
        self._whole.display = rows > 0
        self._draw(self._options.highlighted)

    def _cut_text(self, index: int) -> Content:
        """The text of an item that its line does not show to the end; empty when it does."""
        row, room = self._rows[index], self._options.scrollable_content_region.width - PADDING
        return Content(display(row.text)) if self._line(index).cell_length > room or len(row.text) > ROW_CELLS else Content()

    def _line(self, index: int) -> Content:
        row = self._rows[index]
        box = " ✓ " if row.there else "[x]" if index in self._taken else "[ ]"
        return Content.assemble(
            ("▌" if index == self._options.highlighted else " ", "bold $primary"),
            (box, "bold $secondary"),
            (" ! " if row.important else "   ", "bold $warning"),
            (display(row.label) + "  ", "$muted"),
            clip(display(row.text), ROW_CELLS),
        )

    def _draw(self, *indexes: int | None) -> None:
        for index in indexes:
            if index is not None:
                self._options.replace_option_prompt_at_index(index, self._line(index))
        self._count()

        if (here := self._options.highlighted) is not None:
            self._whole.update(self._cut_text(here))

    def _count(self, said: str = "  enter insert") -> None:
        taken = f"{len(self._taken)} taken" if self._rows else "nothing there"
        self._detail.update(Content(f"{taken} · space take  a all !{said}  esc back"))

    def tell_early(self) -> None:
        self._count(f" · {self.not_taken}")

    def action_move(self, by: int) -> None:
        before = self._options.highlighted
        if before is not None:
            self._options.highlighted = here = max(0, min(before + by, len(self._rows) - 1))
            self._draw(before, here)

    def action_take(self) -> None:
        here = self._options.highlighted
        if here is not None and self._rows[here].there:
            self._count(" · this is in the text already")
        elif here is not None:
            self._taken ^= {here}
            self._draw(here)

    def action_all(self) -> None:
        """Choose all marked items; when all of them are chosen, none."""
        marked = {index for index, row in enumerate(self._rows) if row.important and not row.there}
        self._taken = self._taken - marked if marked <= self._taken else self._taken | marked
        self._draw(*range(len(self._rows)))

    def action_accept(self) -> None:
        if self._taken:
            self.dismiss(tuple(sorted(self._taken)))
        else:
            self._count(" · enter inserts nothing yet")
