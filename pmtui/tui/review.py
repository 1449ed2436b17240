"""What will be sent, change by change, before it is sent; then what became of each."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from pmtui.backends.base import BackendError
from pmtui.display import display
from pmtui.model.changes import Change, FieldChanged, change_id
from pmtui.session.report import Progress, Report
from pmtui.session.review import Review
from pmtui.session.session import NotReviewed, Session
from pmtui.session.words import change_lines, change_title
from pmtui.tui import words
from pmtui.tui.chrome import Head, KeyLine, Line, StatusLine
from pmtui.tui.diff import draw_diff

KEYS = (("enter", "send"), ("space", "leave one out"), ("d", "whole diff"), ("esc", "back"))
SENDING = (("esc", "stop sending"),)
ENDED = (("esc", "back"), ("f12", "requests"))
SHOWN_LINES = 6
"""Lines of a cell's diff that show before `d` shows all."""

OUTCOMES = {"done": "$success", "refused": "$error", "not applied": "$error"}


class ChangeView(Static, can_focus=True):
    """One change with its box and its diff, and, once sent, its outcome."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "leave_out", "leave out / take in")]

    def __init__(self, change: Change, review: Review) -> None:
        super().__init__(classes="change", markup=False)
        self.change_id = change_id(change)
        self._title = change_title(change, review.target)
        self._lines = [line for line in change_lines(change) if line[0] != "@" or not isinstance(change, FieldChanged)]
        self.included, self._whole, self._outcome = True, False, ("", "")
        self._drawn_at = 0

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self, event: Resize) -> None:
        if event.size.width != self._drawn_at:
            self._draw()

    def action_leave_out(self) -> None:
        if not self._outcome[0]:
            self.included = not self.included
            self._draw()

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
            (" " + box, "bold $secondary"),
            (display(self._title), "bold"),
            (f"   {state}" if state else "", OUTCOMES.get(state, "$warning")),
            (f": {display(detail)}" if detail else "", ""),
        )
        shown = self._lines if self._whole else self._lines[:SHOWN_LINES]
        lines = list(draw_diff(shown, self.size.width or self.app.size.width))
        hidden = len(self._lines) - len(shown)
        if hidden > 0:
            lines.append(Content.styled(f"     … {words.count(hidden, 'line')} more: d", "$muted"))
        self.update(Content("\n").join([head, *lines]))


class ReviewScreen(Screen["Report | None"]):
    """Dismissed with the report of what was sent, None when nothing was."""

    HELP = "Exactly this is sent, nothing else. After sending, the server is read back, and only then it counts as saved."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "send"),
        Binding("d", "whole", "whole diff"),
        Binding("up,k", "app.focus_previous", "up", show=False),
        Binding("down,j", "app.focus_next", "down", show=False),
        Binding("escape", "back", "back"),
    ]

    def __init__(self, session: Session, review: Review, vendor: str) -> None:
        super().__init__()
        self._session, self._review, self._vendor = session, review, vendor
        self._report: Report | None = None
        self._sending = self._whole = False

    def compose(self) -> ComposeResult:
        yield Head()
        yield Line()
        with VerticalScroll(can_focus=False):
            for change in self._review.changes:
                yield ChangeView(change, self._review)
            yield Static(self._consequences(), classes="aside", markup=False)
            yield Static(self._theirs(), classes="aside", markup=False)
        yield Line()
        yield StatusLine()
        yield KeyLine(KEYS)

    def on_mount(self) -> None:
        reference = self._review.target.incident.reference
        counts = f"{words.count(len(self._review.changes), 'change')}, {words.count(len(self._review.steps), 'write')}"
        self.query_one(Head).show(f"Save {reference} to {self._vendor}", "", counts)
        views = list(self.query(ChangeView))
        if views:
            views[0].focus()

    def _consequences(self) -> Content:
        """What sending does besides: steps that carry no change of the user's, and what reaches people; each once."""
        said = [step.label for step in self._review.steps if not step.changes]
        said += [warning for step in self._review.steps for warning in step.warnings]
        lines = [Content.styled(f"  !  {display(each)}", "$warning") for each in dict.fromkeys(said)]
        return Content("\n").join(lines)

    def _theirs(self) -> Content:
        at = words.clock(self._session.base.read_at)
        if not self._review.theirs:
            return Content.styled(f" Nothing changed on the server since you opened it ({at}).", "$muted")
        names = ", ".join(display(change_title(change, self._review.server)) for change in self._review.theirs)
        return Content.styled(f" Changed on the server since {at}, and kept: {names}", "$secondary")

    # ---- keys ---------------------------------------------------------------------------------------------------
    def action_whole(self) -> None:
        self._whole = not self._whole
        for view in self.query(ChangeView):
            view.show_whole(self._whole)

    def action_send(self) -> None:
        if not self._sending and self._report is None:
            self._sending = True
            self.query_one(KeyLine).show(SENDING)
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
            self.query_one(KeyLine).show(ENDED)
            self.query_one(StatusLine).show(str(error), "", "$error")
            return
        self._sending = False
        if self._report.verified:
            self.dismiss(self._report)
            return
        for outcome in self._report.outcomes:
            self._progress(Progress(outcome.id, outcome.state, outcome.detail))
        self.query_one(KeyLine).show(ENDED)
        self.query_one(StatusLine).show(self._session.status.words(), "", "$error")

    def _progress(self, progress: Progress) -> None:
        for view in self.query(ChangeView):
            if view.change_id == progress.id:
                view.show_outcome(progress.state, progress.detail)
        if not progress.id:
            self.query_one(StatusLine).show(progress.detail)
