"""The form as a screen of its own, for windows too narrow to show it beside the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pmtui.display import count
from pmtui.model.changes import FieldChanged
from pmtui.model.part import Part
from pmtui.session.session import Session, State
from pmtui.tui.flows.addresses import address_of
from pmtui.tui.flows.edit_guard import Guard
from pmtui.tui.form.field_editor import FieldEditor
from pmtui.tui.form.keys import TYPING, keys_of
from pmtui.tui.form.widget import Form
from pmtui.tui.screens.session_screen import SessionScreen
from pmtui.tui.widgets import summary
from pmtui.tui.widgets.bars import Divider, Head, KeyLine, Shown

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace


class DetailsScreen(SessionScreen):
    """``field`` is the field to start at, "" for the first.

    ``editor`` and ``refused``, the server's messages by field, are shared with the document.
    """

    HELP = (
        "The fields of the incident and its postmortem, as the vendor defines them. ± is changed, + added, − removed. "
        "What has ▾, and what is in a list, is chosen in a dialog; the rest is typed. A letter goes to the next field that begins with it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2,escape", "back", "document", priority=True),
    ]

    def __init__(
        self,
        workspace: Workspace,
        session: Session,
        guard: Guard,
        environment: Mapping[str, str],
        *,
        editor: FieldEditor,
        field: str = "",
        refused: dict[str, str] | None = None,
    ) -> None:
        super().__init__(workspace, environment)
        self._field = field
        self._head, self._key_line = Head(), KeyLine(TYPING)
        self._form = Form(editor)
        self._form.refused = refused if refused is not None else {}
        self.begin(session, guard)
        self._form.begin(session, guard)

    def compose(self) -> ComposeResult:
        yield self._head
        yield Divider()
        yield self._form
        yield Divider()
        yield self._status_line
        yield self._key_line

    async def on_mount(self) -> None:
        self.follow_session()
        await self.sync()
        self._form.enter(self._field)

    async def sync(self) -> None:
        self._stale = False
        await self._form.sync()
        changed = sum(isinstance(change, FieldChanged) for change in self.session.changes)  # cells do not show here
        right = f"{count(changed, 'field')} changed" if changed else "no field changed"
        self._head.show("Details", self.session.mine.incident.reference, right)
        self._status()

    def _status(self) -> None:
        self._status_line.follow(self._state, lambda: self.session.status.state is not State.EDITED)

    @property
    def address(self) -> str:
        return self._form.address or address_of(self.session.mine)

    def _state(self) -> Shown:
        row = self._form.current
        return summary.state(self.session), row.row.field.label if row is not None else "", summary.style_of(self.session.status)

    @on(Form.Entered)
    def _entered(self, event: Form.Entered) -> None:
        self._key_line.show(keys_of(event.row))
        self._status()

    async def show_touched(self, touched: Part) -> None:
        """Go to the field; of a cell, which this screen does not show, say that it changed."""
        if touched.field:
            self._form.enter(touched.field)
        else:
            self.tell(f"that was in the document: {self.key('esc')} shows it")

    async def action_details(self, name: str = "") -> None:
        self._form.enter(name)

    def show_wrong(self, messages: Mapping[str, str]) -> None:
        self._form.refused.update(messages)
        self._form.enter(next(iter(messages)))

    def action_back(self) -> None:
        if self.stop_waiting():
            return
        self.dismiss(None)
