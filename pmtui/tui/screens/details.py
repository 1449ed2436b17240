"""The form as a screen of its own, for windows too narrow to show it beside the document."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches

from pmtui.model.changes import FieldChanged
from pmtui.model.part import Part
from pmtui.session.session import Session, State
from pmtui.tui.flows.edit_guard import Guard
from pmtui.tui.form.field_editor import FieldEditor
from pmtui.tui.form.keys import CHOOSING, keys_of
from pmtui.tui.form.widget import Form
from pmtui.tui.screens.session_screen import SessionScreen
from pmtui.tui.widgets.bars import Head, KeyLine, Line, StatusLine

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace


class DetailsScreen(SessionScreen):
    """``field`` is the field to start at, "" for the first; ``refused`` are the server's messages by field, shared with the document."""

    HELP = "The fields of the incident and its postmortem, as the vendor defines them. ± is changed, + added, − removed."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2,escape", "back", "document", priority=True),
    ]

    def __init__(
        self, workspace: Workspace, session: Session, guard: Guard, *, field: str = "", refused: dict[str, str] | None = None
    ) -> None:
        super().__init__(workspace, session, guard)
        self._field = field
        self._refused = refused if refused is not None else {}

    def compose(self) -> ComposeResult:
        yield Head()
        yield Line()
        yield Form(self.session, FieldEditor(self.app, self.workspace), self._guard)
        yield Line()
        yield StatusLine()
        yield KeyLine(CHOOSING)

    async def on_mount(self) -> None:
        self.follow_session()
        form = self.query_one(Form)
        form.refused = self._refused
        await self.sync()
        form.enter(self._field)

    async def sync(self) -> None:
        self._stale = False
        with suppress(NoMatches):  # the screen is being removed, its parts before itself
            await self._show_all()

    async def _show_all(self) -> None:
        await self.query_one(Form).sync()
        changed = sum(isinstance(change, FieldChanged) for change in self.session.changes)  # cells do not show here
        right = f"{changed} changed" if changed else "unchanged"
        self.query_one(Head).show("Details", self.session.mine.incident.reference, right)
        session = self.session
        self.query_one(StatusLine).follow(lambda: (session.status.words(), "", ""), lambda: session.status.state is not State.EDITED)

    @on(Form.Entered)
    def _entered(self, event: Form.Entered) -> None:
        self.query_one(KeyLine).show(keys_of(event.row))

    async def show_touched(self, touched: Part) -> None:
        """Go to the field; say it when it was a cell, which does not show here."""
        if touched.field:
            self.query_one(Form).enter(touched.field)
        else:
            self.tell("that was in the document: esc shows it")

    def show_wrong(self, messages: Mapping[str, str]) -> None:
        self._refused.update(messages)
        self.query_one(Form).enter(next(iter(messages)))

    def action_back(self) -> None:
        if self.stop_waiting():
            return
        self.dismiss(None)
