"""What will be sent, change by change, before it is sent; then what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from pmtui.backends.base import BackendError, Identity
from pmtui.display import clip, count, display, width
from pmtui.formats.gaps import left_words
from pmtui.formats.joined_lines import joined_lines
from pmtui.model.changes import CellAdded, CellEdited, Change, FieldChanged, change_id
from pmtui.model.postmortem import Cell
from pmtui.session.change_text import change_lines, change_title, field_words
from pmtui.session.report import Progress, Report
from pmtui.session.review import Review
from pmtui.session.session import NotReviewed, Session
from pmtui.tui import words
from pmtui.tui.keymap import present_key
from pmtui.tui.widgets.bars import Head, KeyLine, Line, StatusLine
from pmtui.tui.widgets.diff import draw_diff

KEYS = (("enter", "send"), ("space", "include or leave out"), ("esc", "back"))
SENDING = (("esc", "stop sending"),)
ENDED = (("esc", "back"), ("f12", "requests"))
SHOWN_LINES = 6
"""Lines of a cell's diff that show before `d` shows all."""
NAME_CELLS = 26
"""The widest column of field names."""

OUTCOMES = {"done": "$success", "refused": "$error", "not applied": "$error"}


class ChangeView(Static, can_focus=True):
    """One change with its box and its diff, and, once sent, its outcome."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "leave_out", "include or leave out")]

    class Toggled(Message):
        """It was left out, or taken in again."""

    def __init__(self, change: Change, title: str, warnings: Sequence[str]) -> None:
        super().__init__(classes="change", markup=False)
        self.change_id = change_id(change)
        self._title, self._warnings = title, tuple(warnings)
        self._lines = [line for line in change_lines(change) if line[0] != "@" or not isinstance(change, FieldChanged)]
        self.included, self._whole, self._outcome = True, False, ("", "")
        self._drawn_at = 0

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self, event: Resize) -> None:
        if event.size.width != self._drawn_at:
            self._draw()

    def on_focus(self) -> None:
        self._draw()

    def on_blur(self) -> None:
        self._draw()

    def action_leave_out(self) -> None:
        if not self._outcome[0]:
            self.included = not self.included
            self._draw()
            self.post_message(self.Toggled())

    @property
    def has_more(self) -> bool:
        """Whether some of the diff shows only when asked for."""
        return len(self._lines) > SHOWN_LINES

    def show_whole(self, whole: bool) -> None:
        self._whole = whole
        self._draw()

    def show_outcome(self, state: str, detail: str) -> None:
        self._outcome = (state, detail)
        self._draw()

    def _draw(self) -> None:
        self._drawn_at = self.size.width
        box = "[x] " if self.included else "[ ] "
        state, detail = self._outcome
        head = Content.assemble(
            ("▌" if self.has_focus else " ", "bold $primary"),  # in some themes all rows have one ground
            (box, "bold $secondary"),
            (display(self._title), "bold"),
            (f"   {state}" if state else "", OUTCOMES.get(state, "$warning")),
            (f": {display(detail)}" if detail else "", ""),
        )
        cells = self.size.width or self.app.size.width
        shown = self._lines if self._whole else self._lines[:SHOWN_LINES]
        lines = [*warned(head, self._warnings, cells), *draw_diff(shown, cells)]
        hidden = len(self._lines) - len(shown)
        if hidden > 0:
            lines.append(Content.styled(f"     … {count(hidden, 'line')} more: {present_key('d', self)}", "$muted"))
        self.update(Content("\n").join(lines))


def warned(head: Content, warnings: Sequence[str], cells: int) -> list[Content]:
    """The line of a change with what it does to people: at its right where there is room, else below."""
    room = cells - head.cell_length - 4
    if len(warnings) == 1 and width(display(warnings[0])) <= room:
        text = f"! {display(warnings[0])} "
        return [Content.assemble(head, " " * (cells - head.cell_length - width(text)), (text, "$warning"))]
    found = [head]
    for each in warnings:
        rows = Content.styled(display(each), "$warning").wrap(max(10, cells - 8))
        found += [Content.assemble((" " * 5 + ("! " if not number else "  "), "bold $warning"), row) for number, row in enumerate(rows)]
    return found


def titles(review: Review) -> list[str]:
    """What each change is called, what the fields become under one another. Foreign text."""
    short = {change_id(each): field_words(each, review.target) for each in review.changes if isinstance(each, FieldChanged)}
    column = min(NAME_CELLS, max((width(display(name)) for name, said in short.values() if said), default=0))
    found = []
    for change in review.changes:
        name, said = short.get(change_id(change), ("", ""))
        label = clip(display(name), column)
        found.append(f"{label}{' ' * (column - width(label))}  {said}" if said else change_title(change, review.target))
    return found


@dataclass(frozen=True)
class Effects:
    """What sending does besides: ``of`` a change by its id, and the ``others``, of a step for many or for none. Each once."""

    of: dict[str, list[str]]
    others: list[str]

    @classmethod
    def in_review(cls, review: Review) -> Effects:
        of: dict[str, dict[str, None]] = {}
        others: dict[str, None] = {}
        for step in review.steps:
            one = len(step.changes) == 1
            place = of.setdefault(change_id(step.changes[0]), {}) if one else others
            place.update(dict.fromkeys(step.warnings if step.changes else (step.label, *step.warnings)))
        return cls({each: list(said) for each, said in of.items()}, list(others))


class Again(Enum):
    """Why the review is wanted anew: nothing was sent."""

    WITH_LISTS = "lists"  # of the lines that would be joined


def joined_cells(review: Review) -> tuple[Cell, ...]:
    """The sections that would be sent with lines that a renderer joins."""
    written = (
        each.cell if isinstance(each, CellAdded) else each.after for each in review.changes if isinstance(each, CellAdded | CellEdited)
    )
    return tuple(cell for cell in written if joined_lines(cell.text))


class ReviewScreen(Screen["Report | Again | None"]):
    """Dismissed with the report of what was sent, None when nothing was."""

    HELP = "Exactly this is sent, nothing else. After sending, the server is read back, and only then it counts as saved."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "send"),
        Binding("d", "whole", "whole diff"),
        Binding("l", "lists", "make lists of lines that would be joined"),
        Binding("up,k", "app.focus_previous", "up", show=False),
        Binding("down,j", "app.focus_next", "down", show=False),
        Binding("question_mark", "app.help", "help", show=False),
        Binding("escape", "back", "back", priority=True),
    ]

    def __init__(self, session: Session, review: Review, identity: Identity) -> None:
        super().__init__()
        self._session, self._review, self._identity = session, review, identity
        self._report: Report | None = None
        self._sending = self._whole = False
        self._head, self._status_line, self._key_line = Head(), StatusLine(), KeyLine(KEYS)

    def compose(self) -> ComposeResult:
        yield self._head
        yield Line()
        with VerticalScroll(can_focus=False):
            effects = Effects.in_review(self._review)
            for change, title in zip(self._review.changes, titles(self._review), strict=True):
                yield ChangeView(change, title, effects.of.get(change_id(change), ()))
            lines = [Content.styled(f"  !  {display(each)}", "$warning") for each in effects.others]
            cells = [(cell.title or "a section without a name", cell.text) for cell in self._review.target.cells if cell.editable]
            left = left_words(cells)
            lines += [Content.styled(f"  ○  {display(left)}", "$muted")] if left else []
            yield Static(Content("\n").join(lines), classes="aside", markup=False)
        yield Line()
        yield self._status_line
        yield self._key_line

    def on_mount(self) -> None:
        self._count()
        self._tell_theirs()
        views = list(self.query(ChangeView))
        if views:
            views[0].focus()
        more = [("d", "whole diff")] if any(view.has_more for view in views) else []
        more += [("l", "make a list")] if joined_cells(self._review) else []
        self._key_line.show([*KEYS[:-1], *more, KEYS[-1]])

    @on(ChangeView.Toggled)
    def _count(self) -> None:
        """How much enter would send now."""
        every, steps = self._review.changes, self._review.steps
        sent = {view.change_id for view in self.query(ChangeView) if view.included}
        left = [step for step in steps if not step.changes or any(change_id(each) in sent for each in step.changes)]
        some = f"{len(sent)} of " if len(sent) < len(every) else ""
        counts = f"{some}{count(len(every), 'change')}, {count(len(left) if sent or not every else 0, 'write')}"
        self._head.show(f"Save {self._review.target.incident.reference} to {self._identity.vendor}", "", counts)

    def _tell_theirs(self) -> None:
        """What others did meanwhile: in the status line, where it is in sight however long the review is."""
        at, status = words.clock(self._session.base.read_at), self._status_line
        if not self._review.theirs:
            status.show(f"Nothing changed {self._identity.on_it} since you opened it ({at}).", "", "$muted")
            return
        names = ", ".join(change_title(change, self._review.server) for change in self._review.theirs)
        in_fields = any(isinstance(change, FieldChanged) for change in self._review.theirs)
        touch = self._review.server.touched if in_fields else self._review.server.text_touched
        last = words.last_changed(touch, words.now(), self._identity.on_it)
        said = f"Changed {self._identity.on_it} since {at}, and kept: {names}"
        status.show(f"{said}; {last}" if last else said, "", "$secondary")

    # ---- keys ---------------------------------------------------------------------------------------------------
    def action_whole(self) -> None:
        self._whole = not self._whole
        for view in self.query(ChangeView):
            view.show_whole(self._whole)

    def action_lists(self) -> None:
        """Make lists of the lines that would be joined: the review comes again, with them."""
        if not self._sending and self._report is None and joined_cells(self._review):
            self.dismiss(Again.WITH_LISTS)

    def action_send(self) -> None:
        if not self._sending and self._report is None:
            self._sending = True
            self._key_line.show(SENDING)
            self._send()
        elif self._report is not None:
            self.dismiss(self._report)

    def action_back(self) -> None:
        """Go back. While it is being sent that stops it: the draft knows how far it came, and the next save looks first."""
        self.workers.cancel_group(self, "server")
        self.dismiss(self._report)

    @work(exclusive=True, group="server")
    async def _send(self) -> None:
        left_out = frozenset(view.change_id for view in self.query(ChangeView) if not view.included)
        try:
            self._report = await self._session.save(self._review, leave_out=left_out, progress=self._progress)
        except (BackendError, NotReviewed) as error:
            self._sending = False
            self._key_line.show(ENDED)
            self._status_line.show(str(error), "", "$error")
            return
        self._sending = False
        if self._report.verified:
            self.dismiss(self._report)
            return
        for outcome in self._report.outcomes:
            self._progress(Progress(outcome.id, outcome.state, outcome.detail))
        self._key_line.show(ENDED)
        self._status_line.show(self._session.status.words(), "", "$error")

    def _progress(self, progress: Progress) -> None:
        for view in self.query(ChangeView):
            if view.change_id == progress.id:
                view.show_outcome(progress.state, progress.detail)
        if not progress.id:
            self._status_line.show(progress.detail)
