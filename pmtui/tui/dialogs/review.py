"""What will be sent, change by change, before it is sent; then what became of each."""

from __future__ import annotations

import asyncio
from enum import Enum
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Event, Key
from textual.widgets import Static

from pmtui.backends.base import BackendError, Identity
from pmtui.display import count, display
from pmtui.model.changes import FieldChanged, change_id
from pmtui.model.part import Part, part_of
from pmtui.model.postmortem import characters
from pmtui.session.report import Progress, Report, Result
from pmtui.session.review import Planner, Review
from pmtui.session.session import NotReviewed, Session
from pmtui.threads import worked_out
from pmtui.tui import words
from pmtui.tui.dialogs.review_words import Asked, ReviewWords, Sending, fates
from pmtui.tui.dialogs.seen import SeenScreen
from pmtui.tui.keymap import present_key
from pmtui.tui.widgets.bars import Divider, Head, StatusLine
from pmtui.tui.widgets.change import ChangeView, OpenConflictView
from pmtui.tui.widgets.notices import warning
from pmtui.tui.worker_groups import Group

KEYS = (("enter", "send"), ("esc", "back"))
TAKE = (("enter", "take the server's"), ("esc", "back"))
"""The keys when every conflict was answered with theirs, so that nothing is left to send."""
SENDING = (("esc", "stop sending"),)
FAILED = (("enter", "try again"), ("esc", "back"), ("f12", "requests"))
OUTDATED = (("enter", "review again"), ("esc", "back"), ("f12", "requests"))
ENDED = (("esc", "back"), ("f12", "requests"))


STATUS_ROWS, STATUS_ROWS_SHORT = 4, 3
"""The most rows of the status line, as in the style sheet."""


class Again(Enum):
    """Why the review must be made again. Nothing was sent."""

    WITH_LISTS = "lists"  # lists are made of lines that would be joined
    CONFLICTS = "conflicts"  # the user wants to answer conflicts differently
    OUTDATED = "outdated"  # somebody changed the same parts meanwhile


class ReviewScreen(SeenScreen["Report | Again | None"]):
    """The review. The result is the report of the save, None when nothing was sent.

    ``part`` is the one whose conflict the user wants to decide otherwise. ``left_out`` are the ids of the changes and open conflicts
    that are left out; those that were in the review before are left out from the beginning.
    """

    HELP = "Exactly this is sent, nothing else. After sending, the server is read back, and only then it counts as saved."
    AUTO_FOCUS = ""  # it would scroll to the first change, past the warnings above it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "send"),
        Binding("d", "whole", "whole diff"),
        Binding("l", "lists", "make lists of lines that would be joined"),
        Binding("c", "conflicts", "decide the conflicts otherwise"),
        Binding("up,k", "up", "up", show=False, priority=True),  # before the scroller, whose keys they are, too
        Binding("down,j", "down", "down", show=False, priority=True),
        Binding("ctrl+s", "again", "", show=False),
        Binding("escape", "back", "back", priority=True),
    ]

    def __init__(
        self, session: Session, review: Review, said: ReviewWords, identity: Identity, plan: Planner, asked: Asked, *, early: str = ""
    ) -> None:
        super().__init__(early)
        self._window = VerticalScroll(can_focus=False)
        self._session, self._review, self._said, self._identity, self._asked = session, review, said, identity, asked
        self._plan = plan
        self._sendings: dict[frozenset[str], Sending] = {frozenset(): said.sending}
        """What sending does, by the changes that are left out, as far as that was looked at."""
        self._looking = False
        self._report: Report | None = None
        self.ended = asyncio.Event()  # not set while it is being sent, or the log of a stopped save written
        self.ended.set()
        self._sending = self._whole = self._failed = self._outdated = False
        self._head, self._status_line = Head(), StatusLine()
        self._above, self._note = (Static("", classes="aside", markup=False) for _ in range(2))
        self._told, self._cut = "", False
        self.part: Part | None = None
        self.left_out = asked.left_out
        self.typed_on: list[Key] = []
        """What was typed while it was sent, and is no key of the review."""

    def compose(self) -> ComposeResult:
        yield self._head
        yield Divider()
        with self._window:
            yield self._note
            yield self._above
            said, effects = self._said, self._said.sending.effects.of
            changes = zip(map(change_id, self._review.changes), said.titles, said.diffs, strict=True)
            rows = [ChangeView(each, title, diff, effects.get(each, ())) for each, title, diff in changes]
            for row in (*rows, *(OpenConflictView(*each) for each in said.undecided)):
                row.included = row.change_id not in self.left_out
                yield row
            if self._is_empty:
                yield Static(Content.styled(" Nothing is left to send.", "bold"), classes="aside", markup=False)
        yield Divider()
        yield self._status_line
        yield self.key_line

    def _warn(self) -> None:
        """Show the warnings about the whole save. They stand above the changes, so that they are seen before enter."""
        effects, left, cells = self._sendings.get(self._left_out(), self._said.sending).effects, self._said.left, self.app.size.width - 2
        steps = effects.order
        lines = [row for each in effects.others for row in warning(each, cells, "  !  ", "$warning")]
        lines += warning(f"{count(len(steps), 'write')}: {words.numbered(steps)}", cells, "     ", "$muted") if steps else []
        lines += warning(left, cells, "  ○  ", "$muted") if left else []
        self._above.display = bool(lines)
        self._above.update(Content("\n").join(lines))

    def on_mount(self) -> None:
        self._count()
        views = list(self.query(ChangeView))
        if views:
            self.set_focus(views[0], scroll_visible=False)
        self._show_keys()
        self.tell_early()

    def _show_keys(self) -> None:
        conflicts = [("c", self._deciding)] if self._asked.count else []
        if self._is_empty:
            self.key_line.show([TAKE[0], *conflicts, TAKE[-1]])
            return
        more = [("d", "whole diff")] if self._has_more else []
        more += [("l", "make a list")] if self._said.joined else []
        out = isinstance(self.focused, ChangeView) and not self.focused.included
        self.key_line.show([*KEYS[:-1], ("space", "take in" if out else "leave out"), *more, *conflicts, KEYS[-1]])

    @property
    def _deciding(self) -> str:
        """What the key does that leads to the conflicts: it begins at the one under the mark, else at the first that is open."""
        if isinstance(self.focused, OpenConflictView):
            return "decide"
        marked = self.focused.change_id if isinstance(self.focused, ChangeView) else ""
        decided = any(change_id(each) == marked and part_of(each) in self._asked.answers for each in self._review.changes)
        return "decide again" if decided else "conflicts"

    def on_descendant_focus(self) -> None:
        if self._reviewing:
            self._show_keys()

    @property
    def _is_empty(self) -> bool:
        """Whether nothing is left to send."""
        return not (self._review.changes or self._review.steps or self._review.conflicts)

    @property
    def _has_more(self) -> bool:
        return self._cut or any(view.has_more for view in self.query(ChangeView))

    @property
    def _reviewing(self) -> bool:
        return not self._sending and not self._failed and self._report is None

    def _left_out(self) -> frozenset[str]:
        """The ids of the changes that are left out."""
        ids = {change_id(each) for each in self._review.changes}
        return self.left_out & ids

    @property
    def _undecided(self) -> list[OpenConflictView]:
        """The conflicts that are neither decided nor left out."""
        return [view for view in self.query(OpenConflictView) if view.included]

    @on(ChangeView.Toggled)
    def _count(self) -> None:
        """Show how many changes enter would send, and, as soon as it is known, what that does."""
        self.left_out = frozenset(view.change_id for view in self.query(ChangeView) if not view.included)
        every, left_out = self._review.changes, self._left_out()
        sending = self._sendings.get(left_out)
        sent = sum(change_id(each) not in left_out for each in every)
        counts = f"{sent} of {count(len(every), 'change')}" if sent < len(every) else count(len(every), "change")
        if sending is not None:
            counts += f", {count(sending.writes, 'write')}"
            counts += f" · {count(sending.effects.count, 'warning')}" if sending.effects.count else ""
        counts += f" · {len(self._undecided)} undecided" if self._undecided else ""
        reference, vendor = self._review.target.incident.reference, self._identity.vendor
        self._head.show(f"Save {reference} to {vendor}", "", "nothing to send" if self._is_empty else counts)
        if sending is None:
            self._look_at_sending()
            return
        self._warn()
        if self._reviewing:
            self._tell_theirs()
            self._show_keys()

    def _tell_theirs(self) -> None:
        """Say in the status line what others changed meanwhile, so that it is in sight in a long review."""
        review, on_it = self._review, self._identity.on_it
        at = words.clock(review.base.read_at)
        if not review.theirs:
            nothing = "Nothing" if review.whole else "Nothing that you edited"
            self._say(f"{nothing} changed {on_it} since you opened it ({at}).", "$muted")
            return
        if (sending := self._sendings.get(self._left_out())) is None:  # it is being looked at
            return
        lost = [each for each in sending.lost if part_of(each) not in self._asked.written]
        said = fates(review, sending.lost, self._asked, on_it, at)
        in_fields = any(isinstance(change, FieldChanged) for change in review.theirs)
        if last := words.last_changed(review.server.touched if in_fields else review.server.text_touched, words.now(), on_it):
            said.append(words.sentence(last))
        self._say(" ".join(said), "$warning" if lost else "$secondary")

    def _say(self, said: str, style: str) -> None:
        """Show what others did in the status line; what it has no room for stands above the changes, in the whole diff."""
        said = display(said)
        rows = STATUS_ROWS_SHORT if self.has_class("-short") else STATUS_ROWS
        self._told = words.within(said, f"{present_key('d', self)} shows all", max(10, self.app.size.width - 2), rows)
        self._cut = self._told != said
        self._note.update(Content("\n").join(warning(said, self.app.size.width - 2, "     ", style)))
        self._note.display = self._cut and self._whole
        self._status_line.show(self._told, "", style)

    def _look_at_sending(self) -> None:
        if not self._looking:
            self._looking = True
            self._look_on()

    @work
    async def _look_on(self) -> None:
        """Find out what sending does, once for what is left out; what is left out meanwhile comes next."""
        while (left_out := self._left_out()) not in self._sendings:
            look = partial(Sending.without, self._review, left_out, self._plan)
            self._sendings[left_out] = await worked_out(look, characters(self._review.target.cells))
        self._looking = False
        self._count()

    def on_resize(self) -> None:
        self._warn()
        if self._reviewing and self._status_line.words == self._told:
            self._tell_theirs()
            self._show_keys()

    # ---- keys ---------------------------------------------------------------------------------------------------
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "whole":
            return self._has_more
        if action == "lists":
            return bool(self._said.joined)
        return bool(self._asked.count) if action == "conflicts" else True

    def tell_early(self) -> None:
        if self.not_taken:
            self._status_line.show(self.not_taken, "", "$warning")

    def keeps_out(self, event: Event) -> bool:
        if self._sending and isinstance(event, Key) and event.is_printable and event.key not in self.active_bindings:
            self.typed_on.append(event)
            return True
        return super().keeps_out(event)

    def on_key(self) -> None:
        """Clear what was said about the key before."""
        if self._reviewing:
            self._tell_theirs()

    def action_down(self) -> None:
        """Go to the next change, but first to the end of one that is longer than the window."""
        self.on_key()
        window = self._window
        if self.focused is not None and self.focused.region.bottom > window.region.bottom:
            window.scroll_down(animate=False)
        else:
            self.focus_next(ChangeView)

    def action_up(self) -> None:
        """Go to the change before, but first to the beginning of this one; above the first one are the warnings."""
        self.on_key()
        window, views = self._window, list(self.query(ChangeView))
        begins = self.focused is None or self.focused.region.y >= window.region.y
        if not begins or (views and self.focused is views[0] and window.scroll_y > 0):
            window.scroll_up(animate=False)
        else:
            self.focus_previous(ChangeView)

    def action_whole(self) -> None:
        self._whole = not self._whole
        self._note.display = self._cut and self._whole
        if self._note.display:
            self._window.scroll_home(animate=False)
        for view in self.query(ChangeView):
            view.show_whole(self._whole)

    def action_lists(self) -> None:
        """Turn lines that Markdown would join into lists, and review again."""
        if self._reviewing and self._said.joined:
            self.dismiss(Again.WITH_LISTS)

    def action_conflicts(self) -> None:
        """Decide a conflict otherwise, first the one about the change under the mark."""
        if not self._sending and self._report is None:
            marked = self.focused.change_id if isinstance(self.focused, ChangeView) else ""
            parts = {change_id(change): part_of(change) for change in self._review.changes}
            self.part = (parts | {conflict.id: conflict.part for conflict in self._review.conflicts}).get(marked)
            self.dismiss(Again.CONFLICTS)

    def action_again(self) -> None:
        """The key that opened the review: review again when it is outdated, else name the key that sends."""
        if self._outdated:
            self.dismiss(Again.OUTDATED)
        elif self._reviewing:
            self._status_line.show(f"this is the review: {present_key('enter', self)} sends it", "", "$muted")

    def action_send(self) -> None:
        if self._outdated:
            self.dismiss(Again.OUTDATED)
        elif self._reviewing and self._undecided:
            self._undecided[0].focus()
            keys = f"{present_key('c', self)} decides it, {present_key('space', self, ChangeView)} leaves it out of this save"
            self._status_line.show(f"nothing was sent, because a conflict is not decided · {keys}", "", "$warning")
        elif self._reviewing and self._leaves_all_out:
            self._status_line.show(
                f"nothing was sent: all is left out · {present_key('space', self, ChangeView)} takes the change in", "", "$muted"
            )
        elif not self._sending and self._report is None:
            self._sending, self._failed = True, False
            self._fix(True)
            self.key_line.show(SENDING)
            self._send()
        elif self._report is not None:
            self.dismiss(self._report)

    @property
    def _leaves_all_out(self) -> bool:
        every, left_out = self._review.changes, self._left_out()
        return not self._is_empty and len(left_out) == len(every) and not self._review.owed

    def _fix(self, fixed: bool) -> None:
        for view in self.query(ChangeView):
            view.fixed = fixed

    def action_back(self) -> None:
        """Go back. While sending, stop: the draft knows how far the save came, and the next save looks first."""
        self.workers.cancel_group(self, Group.SERVER)
        self.dismiss(self._report)

    @work(exclusive=True, group=Group.SERVER)
    async def _send(self) -> None:
        self.ended.clear()
        try:
            self._report = await self._session.save(self._review, leave_out=self.left_out, progress=self._progress)
        except BackendError as error:
            self._sending, self._failed, self._outdated = False, True, isinstance(error, NotReviewed)
            self._fix(self._outdated)
            self.key_line.show(OUTDATED if self._outdated else FAILED)
            self._status_line.show(str(error), "", "$error")
            return
        finally:
            self.ended.set()
        self._sending = False
        if self._report.verified:
            self.dismiss(self._report)
            return
        for outcome in self._report.outcomes:
            self._progress(Progress(outcome.id, outcome.state, outcome.detail))
        self.key_line.show(ENDED)
        back = f"{present_key('esc', self)}, correct it" if self._report.needs_correction else present_key("esc", self)
        does = "looks what arrived, and sends the rest" if self._report.of(Result.UNKNOWN) else "sends it"
        again = f"the draft keeps the rest: {back}, then {present_key('ctrl+s', self)} {does}"
        self._status_line.show(f"{self._report.short_words(self._session.mine)} · {again}", "", "$error")

    def _progress(self, progress: Progress) -> None:
        for view in self.query(ChangeView):
            if view.change_id == progress.id:
                view.show_outcome(progress.state, progress.detail)
        if not progress.id:
            self._status_line.show(progress.detail)
