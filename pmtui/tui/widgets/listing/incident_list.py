"""The table of incidents. It draws only the visible rows, so that 10,000 cost as much as 20."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pmtui.display import clip, display, width
from pmtui.session.listing.order import is_open
from pmtui.tui import words

if TYPE_CHECKING:
    from pmtui.model.incident import Incident

LOCAL, HALF_WAY = "●", "◆"
"""The marks of an incident with edits that are only on this computer, and of one that a save left half-way on the server."""
NEAR_END = 30
"""Rows before the last one at which the next page is asked for."""


class Column(NamedTuple):
    """A column of the table. ``rank`` decides which columns are dropped first in a narrow window: the highest."""

    name: str
    title: str
    cells: int
    rank: int
    most: int = 0
    """Cells to which it grows where the window is wide."""


COLUMNS = (
    Column("reference", "REF", 7, 0),
    Column("severity", "SEV", 6, 1),
    Column("status", "STATUS", 9, 2),
    Column("age", "AGE", 4, 4),
    Column("owner", "OWNER", 11, 5),
    Column("postmortem", "PM", 11, 3),
)
TITLE_CELLS = 28
WIDE_TITLE_CELLS = 72
"""Cells of the title beyond which other columns may grow."""
OWNER_CELLS = 30
RECENT = timedelta(days=7)
"""How long the severity of an incident that is over catches the eye."""


def columns_of(rows: Sequence[Incident]) -> tuple[Column, ...]:
    """The columns for these rows: no owner if no row has one, and the state only as wide as needed."""
    widest = max((width(words.existence(state)) for state in {row.postmortem for row in rows}), default=2)
    owner = min(OWNER_CELLS, max((width(clip(display(name), OWNER_CELLS)) for name in {row.owner for row in rows}), default=0))
    fitted = (
        each._replace(cells=min(each.cells, max(2, widest)))
        if each.name == "postmortem"
        else each._replace(most=owner)
        if each.name == "owner"
        else each
        for each in COLUMNS
    )
    return tuple(each for each in fitted if owner or each.name != "owner")


def fitting(columns: Sequence[Column], cells: int, ordered_by: str = "") -> tuple[Column, ...]:
    """The columns that fit beside a title of ``TITLE_CELLS``, or of two fifths of a narrow window.

    The one that the list is ordered by, and that of postmortems, are dropped last.
    """
    kept = ("reference", ordered_by, "postmortem")
    shown = list(columns)
    title = min(TITLE_CELLS, cells * 2 // 5)
    while len(shown) > 1 and sum(each.cells + 1 for each in shown) + title + 3 > cells:
        shown.remove(max(shown, key=lambda each: kept.index(each.name) - len(kept) if each.name in kept else each.rank))
    spare = cells - sum(each.cells + 1 for each in shown) - WIDE_TITLE_CELLS - 3
    return tuple(each._replace(cells=max(each.cells, min(each.most, each.cells + spare))) for each in shown)


class IncidentList(ScrollView, can_focus=True):
    """Keys: up, down, page keys, home, end, and j, k, g, G, ctrl+d, u, f, b as in vim; enter opens.

    They act at once (``priority``), in the order in which they were typed: what follows enter is meant for what it opens.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "incident-list--cursor",
        "incident-list--head",
        "incident-list--muted",
        "incident-list--grave",
        "incident-list--serious",
        "incident-list--draft",
        "incident-list--open",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", priority=True),
        Binding("up,k", "move(-1)", "up", show=False, priority=True),
        Binding("down,j", "move(1)", "down", show=False, priority=True),
        Binding("pageup,ctrl+b", "page(-1)", "page up", show=False, priority=True),
        Binding("pagedown,ctrl+f", "page(1)", "page down", show=False, priority=True),
        Binding("ctrl+u", "page(-0.5)", "half a page up", show=False, priority=True),
        Binding("ctrl+d", "page(0.5)", "half a page down", show=False, priority=True),
        Binding("home,g", "edge(0)", "first", show=False, priority=True),
        Binding("end,G", "edge(1)", "last loaded", show=False, priority=True),
    ]

    class Moved(Message):
        def __init__(self, incident: Incident | None) -> None:
            self.incident = incident
            super().__init__()

    class Columns(Message):
        """Other columns fit into the window, so the heading changes."""

    class NearEnd(Message):
        """The cursor is near the last loaded row."""

    class Scrolled(Message):
        """The cursor was moved, and the first rows are out of sight. ``below`` is how many rows are below the cursor."""

        def __init__(self, below: int) -> None:
            self.below = below
            super().__init__()

    def __init__(self, opened: Callable[[Incident], None]) -> None:
        """``opened`` is called at once with the incident that the user opens, because a message would come after later keys."""
        super().__init__(id="incidents")
        self._opened = opened
        self._rows: tuple[Incident, ...] = ()
        self._marks: Mapping[str, str] = {}
        self._now = words.now()
        self._cursor = 0
        self.is_chosen = False  # whether the user went to this row or opened it, and not only to the first one
        self._empty: tuple[str, ...] = ()
        self._wanted: tuple[Column, ...] = COLUMNS
        self._columns: tuple[Column, ...] = COLUMNS
        self._ordered_by, self._arrow = "", ""

    @property
    def row_count(self) -> int:
        return len(self._rows)

    @property
    def is_at_top(self) -> bool:
        return self._cursor == 0 and not self.scroll_offset.y

    @property
    def is_at_first(self) -> bool:
        """Whether the cursor rests on the first row as such: whatever comes there is meant."""
        return self._cursor == 0 and not self.is_chosen

    @property
    def current(self) -> Incident | None:
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    def show(
        self, rows: Sequence[Incident], marks: Mapping[str, str], now: datetime, empty: Sequence[str] = (), among: Sequence[Incident] = ()
    ) -> None:
        """Show these rows; the cursor stays on its incident if that is still there.

        ``empty`` are the lines for an empty list. ``among`` are all rows before filtering: the columns are chosen for these, so
        that they stay while typing.
        """
        current = self.current
        self._empty = tuple(empty)
        self._rows, self._marks, self._now = tuple(rows), marks, now
        if current is not None:
            self._cursor = next((i for i, each in enumerate(self._rows) if each.id == current.id), self._cursor)
        self._cursor = max(0, min(self._cursor, len(self._rows) - 1))
        if self._rows or among:  # an empty list keeps its columns
            self._wanted = columns_of(among or self._rows)
        self._layout()
        self._keep_in_view()
        self.refresh()
        self.post_message(self.Moved(self.current))

    def ordered_by(self, column: str, arrow: str) -> None:
        """Mark this column in the heading."""
        self._ordered_by, self._arrow = column, arrow

    def to_first(self) -> None:
        """Move the cursor to the first row."""
        self._cursor, self.is_chosen = 0, False
        self._keep_in_view()
        self.refresh()
        self.post_message(self.Moved(self.current))

    def to(self, incident: Incident) -> None:
        """Move the cursor to the row of this incident, if there is one."""
        row = next((row for row, each in enumerate(self._rows) if each.id == incident.id), self._cursor)
        self._cursor, self.is_chosen = row, row > 0
        self._keep_in_view()
        self.refresh()
        self.post_message(self.Moved(self.current))

    def on_resize(self) -> None:
        self._layout()
        self._keep_in_view()

    def _layout(self) -> None:
        before = self._columns
        self._columns = fitting(self._wanted, self.scrollable_content_region.width, self._ordered_by)
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._rows))
        if self._columns != before:
            self.post_message(self.Columns())

    # ---- moving -----------------------------------------------------------------------------------------
    def action_move(self, by: int) -> None:
        self._go(self._cursor + by)

    def action_page(self, by: float) -> None:
        rows = max(1, int(abs(by) * (self.size.height - 1)))
        self._go(self._cursor + (rows if by > 0 else -rows))

    def action_edge(self, last: int) -> None:
        self._go(len(self._rows) - 1 if last else 0)

    def action_open(self) -> None:
        if self.current is not None:
            self.is_chosen = True
            self._opened(self.current)

    def on_click(self, event: Click) -> None:
        row = event.y + int(self.scroll_y)
        if row == self._cursor:
            self.action_open()
        else:
            self._go(row)

    def _go(self, row: int) -> None:
        row = max(0, min(row, len(self._rows) - 1))
        if row != self._cursor and self._rows:
            before, self._cursor, self.is_chosen = self._cursor, row, row > 0
            if not self._keep_in_view():
                self.refresh_line(before)
                self.refresh_line(row)
            self.post_message(self.Moved(self.current))
        if row >= len(self._rows) - NEAR_END:
            self.post_message(self.NearEnd())
        elif self.scroll_offset.y:
            self.post_message(self.Scrolled(len(self._rows) - 1 - row))

    def _keep_in_view(self) -> bool:
        """Scroll to the cursor. Returns whether that was needed."""
        if not self.size.height:  # not laid out yet
            return False
        top, height = int(self.scroll_y), max(1, self.size.height)
        if top <= self._cursor < top + height:
            return False
        target = self._cursor if self._cursor < top else self._cursor - height + 1
        self.scroll_to(y=target, animate=False, force=True, immediate=True)
        return True

    # ---- drawing ----------------------------------------------------------------------------------------
    @property
    def heading(self) -> str:
        """The line of column titles."""
        columns = fitting(self._wanted, self.scrollable_content_region.width, self._ordered_by)  # it may be drawn before this is
        titles = [(each.name, each.title, each.cells + 1) for each in columns]
        return "   " + "".join(f"{self._marked(name, title):<{cells}}" for name, title, cells in titles) + self._marked("title", "TITLE")

    def _marked(self, column: str, title: str) -> str:
        return title + (self._arrow if column == self._ordered_by else "")

    def render_line(self, y: int) -> Strip:
        row = y + int(self.scroll_y)
        cells = self.scrollable_content_region.width
        if not self._rows and row < len(self._empty):
            muted = self.rich_style + self._part("muted")
            return Strip([Segment("   " + clip(display(self._empty[row]), max(0, cells - 3)), muted)]).adjust_cell_length(
                cells, self.rich_style
            )
        if row >= len(self._rows):
            return Strip.blank(cells, self.rich_style)
        here = row == self._cursor
        base = self.get_component_rich_style("incident-list--cursor") if here else self.rich_style
        return Strip(self._segments(self._rows[row], base, here, cells)).adjust_cell_length(cells, base)

    def _segments(self, incident: Incident, base: Style, here: bool, cells: int) -> list[Segment]:
        muted = base + self._part("muted")
        mark = Segment("!", base + self._part("open")) if is_open(incident) else Segment(" ", base)
        own = Segment(self._marks.get(incident.id, " "), base + self._part("draft"))
        segments = [mark, Segment("▌" if here else " ", base), own]
        left = cells - 3
        for column in self._columns:
            text = clip(display(self._text(column.name, incident)), column.cells)
            style = self._style(column.name, incident, base, muted)
            segments.append(Segment(text + " " * (column.cells - width(text) + 1), style))
            left -= column.cells + 1
        marks = ("private · " if incident.private else "") + ("test · " if incident.test else "")
        if marks:
            segments.append(Segment(marks, muted))
        # one blank between the title and the scrollbar
        segments.append(Segment(clip(display(incident.title), max(0, left - len(marks) - 1)), base))
        return segments

    def _text(self, column: str, incident: Incident) -> str:
        if column == "age":
            return words.age(incident.created, self._now) if incident.created else "–"
        if column == "postmortem":
            return words.existence(incident.postmortem)
        text = getattr(incident, column)
        return str(text) or "–"

    def _style(self, column: str, incident: Incident, base: Style, muted: Style) -> Style:
        if column == "severity":
            grave = incident.severity.upper().rstrip().endswith(("0", "1"))
            serious = incident.severity.upper().rstrip().endswith("2")
            if not (grave or serious) or not self._matters(incident):
                return base
            return base + self._part("grave" if grave else "serious")
        return muted if column in ("age", "owner") else base

    def _matters(self, incident: Incident) -> bool:
        """Whether to highlight its severity: the incident is open, or recent."""
        return is_open(incident) or incident.created is None or self._now - incident.created < RECENT

    def _part(self, name: str) -> Style:
        return self.get_component_rich_style(f"incident-list--{name}", partial=True)
