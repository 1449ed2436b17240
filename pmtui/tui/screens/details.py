"""The form as a screen of its own, for windows too narrow to show it beside the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import Screen

from pmtui.backends.base import BackendError
from pmtui.model.changes import FieldChanged
from pmtui.model.part import Part
from pmtui.session.session import Session, State
from pmtui.tui.flows.edit_guard import Guard
from pmtui.tui.flows.saving import save
from pmtui.tui.form.field_editor import FieldEditor
from pmtui.tui.form.keys import CHOOSING, keys_of
from pmtui.tui.form.widget import Form
from pmtui.tui.widgets.bars import Head, KeyLine, Line, StatusLine

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace


class DetailsScreen(Screen[None]):
    """``field`` is the field to start at, "" for the first; ``refused`` are the server's messages by field, shared with the document."""

    HELP = "The fields of the incident and its postmortem, as the vendor defines them. ± is changed, + added, − removed."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "review and save", priority=True),
        Binding("f2,escape", "back", "document", priority=True),
        Binding("f5", "reread", "read the server again"),
        Binding("ctrl+z", "undo", "undo"),
        Binding("ctrl+y", "redo", "redo"),
    ]

    def __init__(
        self, workspace: Workspace, session: Session, guard: Guard, *, field: str = "", refused: dict[str, str] | None = None
    ) -> None:
        super().__init__()
        self._workspace, self._session, self._field = workspace, session, field
        self._refused = refused if refused is not None else {}
        self._guard = guard
        self._unsubscribe: Callable[[], None] = lambda: None
        self._stale = False

    def compose(self) -> ComposeResult:
        yield Head()
        yield Line()
        yield Form(self._session, FieldEditor(self.app, self._workspace), self._guard)
        yield Line()
        yield StatusLine()
        yield KeyLine(CHOOSING)

    async def on_mount(self) -> None:
        self._unsubscribe = self._session.subscribe(self._changed)
        form = self.query_one(Form)
        form.refused = self._refused
        await self.sync()
        form.enter(self._field)

    def on_unmount(self) -> None:
        self._unsubscribe()

    def _changed(self) -> None:
        if not self._stale:
            self._stale = True
            self.call_next(self.sync)

    async def sync(self) -> None:
        self._stale = False
        with suppress(NoMatches):  # the screen is being removed, its parts before itself
            await self._show_all()

    async def _show_all(self) -> None:
        await self.query_one(Form).sync()
        changed = sum(isinstance(change, FieldChanged) for change in self._session.changes)  # cells do not show here
        right = f"{changed} changed" if changed else "unchanged"
        self.query_one(Head).show("Details", self._session.mine.incident.reference, right)
        session = self._session
        self.query_one(StatusLine).follow(lambda: (session.status.words(), "", ""), lambda: session.status.state is not State.EDITED)

    def tell(self, text: str, style: str = "") -> None:
        self.query_one(StatusLine).show(text, "", style)

    @on(Form.Entered)
    def _entered(self, event: Form.Entered) -> None:
        self.query_one(KeyLine).show(keys_of(event.row))

    async def action_undo(self) -> None:
        await self._show_touched(None if self._session.read_only else self._session.undo(), "nothing more to undo")

    async def action_redo(self) -> None:
        await self._show_touched(None if self._session.read_only else self._session.redo(), "nothing more to redo")

    async def _show_touched(self, touched: Part | None, nothing: str) -> None:
        """Go to the field that undo or redo changed; say it when that was a cell, which does not show here."""
        await self.sync()
        if touched is None:
            self.tell(nothing, "$muted")
        elif touched.field:
            self.query_one(Form).enter(touched.field)
        else:
            self.tell("that was in the document: esc shows it")

    @work(exclusive=True, group="server")
    async def action_reread(self) -> None:
        """Take in what the server has now; my changes stay."""
        self.tell("reading the server… esc cancels")
        try:
            news = await self._session.reread()
        except BackendError as error:
            self.tell(error.message, "$error")
            return
        await self.sync()
        self.tell(f"new since the last reading: {news}" if news else "nothing changed on the server")

    @work(exclusive=True, group="server")
    async def action_save(self) -> None:
        said = await save(self.app, self._workspace, self._session, self.tell, self._show_wrong)
        await self.sync()
        if said is not None:
            self.tell(*said)

    def _show_wrong(self, messages: Mapping[str, str]) -> None:
        self._refused.update(messages)
        self.query_one(Form).enter(next(iter(messages)))

    def action_back(self) -> None:
        if any(worker.group == "server" and worker.is_running for worker in self.workers):
            self.workers.cancel_group(self, "server")
            self.tell(self._session.status.words())
            return
        self.dismiss(None)
