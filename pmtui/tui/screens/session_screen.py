"""The base of screens of an open postmortem: shows the session's changes, undo and redo, read again, save."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.events import Event, Key

from pmtui.backends.base import BackendError
from pmtui.model.fields import Kind
from pmtui.model.part import Part
from pmtui.session.opening.taking_in import taken_in
from pmtui.session.review import News
from pmtui.session.session import Session
from pmtui.tui import words
from pmtui.tui.flows.edit_guard import Guard
from pmtui.tui.flows.publishing import publish, why_not_published
from pmtui.tui.flows.saving import GoneBack, save
from pmtui.tui.screens.addressed import AddressedScreen
from pmtui.tui.textual_internals import forget_drawn
from pmtui.tui.widgets import summary
from pmtui.tui.widgets.bars import StatusLine
from pmtui.tui.worker_groups import Group, is_running

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace


class SessionScreen(AddressedScreen):
    """Subclasses show the session (``sync``), and go to a part of it (``show_touched``, ``show_wrong``).

    It has no session before ``begin``: see ``prepared``.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "review and save", priority=True),
        Binding("f5", "reread", "read it again"),
        Binding("ctrl+z", "undo", "undo"),
        Binding("ctrl+y", "redo", "redo"),
        Binding("f10", "tasks", "action items", show=False, priority=True),
        Binding("alt+p", "publish", "publish: set the status, review and send", show=False, priority=True),
        Binding("ctrl+o", "open_address", "open or show the address at the cursor, else the postmortem's", priority=True),
        Binding("alt+y", "copy_address", "copy the address at the cursor, else the postmortem's", priority=True),
    ]

    session: Session
    _guard: Guard

    def __init__(self, workspace: Workspace, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self.workspace = workspace
        self._status_line = StatusLine()
        self._unsubscribe: Callable[[], None] = lambda: None
        self._stale = False
        self._take_back: GoneBack | None = None  # of the save that runs
        self._saves = 0.0  # when what it saves was edited last

    def begin(self, session: Session, guard: Guard) -> None:
        """Show this session, once the screen is on top."""
        self.session, self._guard = session, guard

    def why_not(self, action: str) -> str:
        if action in ("save", "undo", "redo") and self.session.read_only:
            return self.session.read_only
        if action == "tasks" and not self._task_fields:
            return self._no_tasks
        if action == "publish":
            return why_not_published(self.session)
        return super().why_not(action)

    async def sync(self) -> None:
        """Show the session's current state, and clear ``_stale``."""
        raise NotImplementedError

    async def show_touched(self, touched: Part) -> None:
        """Go to the part that undo or redo changed."""
        raise NotImplementedError

    async def action_details(self, name: str = "") -> None:
        """Go to this field of the form, "" for the first."""
        raise NotImplementedError

    def show_wrong(self, messages: Mapping[str, str]) -> None:
        """Go to the first of these fields. The messages, by field name, say what is wrong."""
        raise NotImplementedError

    def came_back(self) -> None:
        """Called after the server's version was merged; what is shown may have another size."""

    def hold(self) -> Callable[[], object]:
        """Note the place of the cursor on the screen. Returns what puts it back there, after a merge."""
        return self.came_back

    def follow_session(self) -> None:
        """Show every change of the session from now on, until the screen is closed."""
        self._unsubscribe = self.session.subscribe(self._changed)

    def on_unmount(self) -> None:
        self._unsubscribe()
        forget_drawn()

    def _changed(self) -> None:
        """Called when the session changed: show it once, after the current key."""
        if not self._stale:
            self._stale = True
            self.call_next(self.sync)

    def tell(self, text: str, style: str = "") -> None:
        self._status_line.tell(text, style)

    def tell_until_next_key(self, text: str) -> None:
        """Say what a key does not do here."""
        self._status_line.tell_until_next_key(text)

    # ---- undo -----------------------------------------------------------------------------------------------------
    def action_undo(self) -> None:
        self._step(self.session.undo, "nothing more to undo")

    def action_redo(self) -> None:
        self._step(self.session.redo, "nothing more to redo")

    def _step(self, step: Callable[[], Part | None], nothing: str) -> None:
        self.call_next(self._stepped, None if self.session.read_only else step(), nothing)

    async def _stepped(self, touched: Part | None, nothing: str) -> None:
        await self.sync()
        if touched is None:
            self.tell_until_next_key(self.session.read_only or nothing)
        else:
            await self.show_touched(touched)

    async def action_tasks(self) -> None:
        """Go to the action items, to the first that is not done."""
        if names := self._task_fields:
            await self.action_details(names[0])
        else:
            self.tell_until_next_key(self._no_tasks)

    def action_publish(self) -> None:
        """Set the status, and go on as a save does: nothing is sent before the review."""
        if why := why_not_published(self.session):
            self.tell_until_next_key(why)
            return
        take_back = publish(self.session) or partial(self._take_back or _nothing)  # pressed twice: its own, of the same effect
        self._save_typed(take_back)

    @property
    def _task_fields(self) -> list[str]:
        return [field.name for field in self.session.mine.form if field.kind is Kind.TASKS]

    @property
    def _no_tasks(self) -> str:
        return f"{self.workspace.backend.identity.vendor} has no field for action items"

    # ---- the server -----------------------------------------------------------------------------------------------
    def action_reread(self) -> None:
        """Read the server again; my changes stay. A save that is still reading is given up, as by escape."""
        if self.session.first_answer.is_awaited:
            self.tell(f"{self.workspace.backend.identity.it} is being read already")
            return
        self.stop_waiting()
        self._reread()

    @work(exclusive=True, group=Group.SERVER, exit_on_error=False)
    async def _reread(self) -> None:
        self.tell(f"reading {self.workspace.backend.identity.it}… {self.key('esc')} cancels")
        interrupted = bool(self.session.unfinished)
        try:
            news = await self.session.reread()
        except BackendError as error:
            self.tell(error.message, "$error")
            return
        await self.sync()
        self.came_back()
        self.tell(self._of_reading(news, interrupted))

    def _of_reading(self, news: News, interrupted: bool) -> str:
        """What a reading brought, and first of all what it says of a save that was ``interrupted`` before it. Foreign text."""
        identity, save = self.workspace.backend.identity, self.key("ctrl+s")
        said = words.of_news(news, identity.on_it, save=save)
        if not interrupted or self.session.unfinished:
            return said
        came = words.the_rest(save) if self.session.changes else words.had_arrived(identity.it)
        return came if news == News() else f"{came} · {said}"

    @work(exclusive=True, group=Group.TAKE_IN, exit_on_error=False)
    async def take_in(self) -> None:
        """Merge the server's answer, which was not there yet when this was opened. If it is an error, the notices say so."""
        news, interrupted = News(), bool(self.session.unfinished)
        put_back: Callable[[], object] = self.came_back
        with suppress(BackendError):
            news = await taken_in(self.session)
            put_back = self.hold()
        for screen in self.app.screen_stack:
            if isinstance(screen, SessionScreen):
                await screen.sync()
        if news != News() or self.session.offline:
            put_back()
        if news != News() or (interrupted and not self.session.unfinished):
            self.tell(self._of_reading(news, interrupted))

    async def answered(self) -> None:
        """Wait until the answer is there, behind which this was opened: nothing is sent or deleted on an old reading."""
        if self.session.first_answer.is_awaited:
            self.tell(f"reading {self.workspace.backend.identity.it}… {self.key('esc')} cancels")
            await self.session.first_answer.ended()

    def go_on_saving(self) -> None:
        """Save. Where a save asks something already, that page comes back instead: a second one would leave it behind."""
        if not any(isinstance(each, SessionScreen) and each.is_saving for each in self.app.screen_stack):
            self.action_save()

    @property
    def is_saving(self) -> bool:
        """Whether a save is under way: it reads, asks or sends."""
        return self._take_back is not None

    def keeps_out(self, event: Event) -> bool:
        """Also enter while a save reads the server: it is for the review that comes next, and no new line."""
        reading = self.is_saving and self._saves == self.session.edited_at
        return super().keeps_out(event) or (reading and isinstance(event, Key) and event.key == "enter")

    def action_save(self) -> None:
        self._save_typed(partial(_nothing))

    def _save_typed(self, take_back: GoneBack) -> None:
        """Save what was typed before this key: of one packet, the editor has it still before it."""
        (self.focused or self).call_later(lambda: self._save(take_back, self.session.edited_at))

    @work(exclusive=True, group=Group.SERVER)
    async def _save(self, take_back: GoneBack, edited_at: float) -> None:
        """Save what was edited up to then. ``take_back`` leaves the draft as it was before, if the user gives the save up."""
        self._take_back, self._saves = take_back, edited_at
        try:
            await self.answered()
            said = await save(self.app, self.workspace, self.session, self.tell, self.show_wrong, take_back, edited_at=edited_at)
        finally:
            if self._take_back is take_back:
                self._take_back = None
        if said is None:  # a quick save may end while the state before it is still awaited, and must not be taken for it
            self._status_line.let_go()
        await self.sync()
        self.came_back()
        if said is not None:
            self.tell(*said)

    def stop_waiting(self) -> bool:
        """Cancel a request to the server. Returns False when there is none."""
        if not is_running(self, Group.SERVER):
            return False
        take_back, self._take_back = self._take_back, None
        self.workers.cancel_group(self, Group.SERVER)
        if take_back is None:
            self.tell(summary.state(self.session))
        else:
            take_back()
            self.tell(f"nothing was sent · {summary.state(self.session)}")
        return True


def _nothing() -> None:
    """There is nothing to take back."""
