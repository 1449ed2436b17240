"""The form widget: one row per value, built from the fields that the backend describes. It edits the session."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantBlur, DescendantFocus, Key
from textual.message import Message
from textual.widgets import Input, Static

from pmtui.backends.base import BackendError
from pmtui.display import display
from pmtui.formats.typed_time import as_kept
from pmtui.model.fields import STATUS, Kind
from pmtui.model.part import Part
from pmtui.model.values import Link, Value, key_of, label_of
from pmtui.session.session import Locked, Session
from pmtui.tui.editor.key_order import take_own_key
from pmtui.tui.flows.addresses import address_in
from pmtui.tui.flows.edit_guard import Guard
from pmtui.tui.flows.publishing import why_not_published
from pmtui.tui.form.field_editor import FieldEditor
from pmtui.tui.form.row_widgets import FormRow, LineRow, ValueRow
from pmtui.tui.form.rows import REMOVED, Row, rows
from pmtui.tui.keymap import present_key
from pmtui.tui.words import now
from pmtui.tui.worker_groups import Group

PAGE = 10
"""Rows that page up and page down go."""
EVERY = 10_000
"""More rows than there are."""
LOOKS = 3
"""How often the places of new rows are looked for."""


class Rows(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The container of the rows. It leaves the keys to the form, which moves by rows, not by lines."""

    def on_resize(self) -> None:
        """Keep the focused row in view: the explanation below may have taken lines."""
        row = next((each for each in self.children if each.has_focus_within), None)
        if row is not None:
            self.scroll_to_widget(row, animate=False, immediate=True)


class Form(Vertical, can_focus=False):
    """All fields of a session, and below them the explanation of the focused row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority: what is typed right after them belongs to the next field.
        Binding("up,shift+tab", "go(-1)", "field above", show=False, priority=True),
        Binding("down,tab", "go(1)", "field below", show=False, priority=True),
        Binding("pageup", f"go(-{PAGE})", "page up", show=False, priority=True),
        Binding("pagedown", f"go({PAGE})", "page down", show=False, priority=True),
        Binding("home", f"go_end(-{EVERY})", "first field; where text is typed, its beginning", show=False, priority=True),
        Binding("end", f"go_end({EVERY})", "last field; where text is typed, its end", show=False, priority=True),
        Binding("ctrl+home", f"go(-{EVERY})", "first field", show=False, priority=True),
        Binding("ctrl+end", f"go({EVERY})", "last field", show=False, priority=True),
        Binding("enter", "change", "change"),
        Binding("space", "tick", "action item done or not; else change"),
        Binding("backspace", "revert", "revert"),
        Binding("ctrl+r", "revert", "revert", show=False),
        Binding("delete", "remove", "remove, or add it again"),
    ]

    @dataclass
    class Entered(Message):
        """Another row has the focus, or the focused row changed."""

        row: Row

    _session: Session
    _guard: Guard

    def __init__(self, editor: FieldEditor) -> None:
        super().__init__(id="form")
        self._editor = editor
        self._arranging = Lock()
        self._rows = Rows()
        self._detail, self._explained = Static("", id="form-detail", markup=False), Content("")
        self.refused: dict[str, str] = {}
        """What is wrong with fields, as the server or a check said, by name; an edit takes the message away."""

    def compose(self) -> ComposeResult:
        yield self._rows
        yield self._detail

    def begin(self, session: Session, guard: Guard) -> None:
        """Show the fields of this session from the next ``sync`` on."""
        self._session, self._guard = session, guard

    def on_mount(self) -> None:
        self.watch(self._rows, "scroll_y", self._look_for_unread, init=False)

    async def on_show(self) -> None:
        """Build the rows when the form is first shown: thirty hidden rows would slow down opening."""
        with self.app.batch_update():
            await self.sync()
        self.call_after_refresh(self._look_for_unread)  # then it is known which rows are visible

    # ---- what is shown --------------------------------------------------------------------------------------
    @property
    def form_rows(self) -> list[FormRow]:
        return [child for child in self._rows.children if isinstance(child, FormRow)]

    @property
    def current(self) -> FormRow | None:
        """The row with the focus, known before the widgets get their focus message, which may be late."""
        focused = self.screen.focused if self.is_attached else None  # what ends late looks once more
        around = focused.ancestors_with_self if focused is not None else ()
        return next((each for each in around if isinstance(each, FormRow) and each in self.form_rows), None)

    @property
    def address(self) -> str:
        """The first address in the focused row, preferably that of its link; "" for none."""
        row = self.current.row if self.current is not None else None
        if row is None:
            return ""
        value = self._session.mine.fields.get(row.field.name)
        item = next((each for each in value if key_of(each) == row.item), None) if isinstance(value, tuple) else value
        return address_in(item.url if isinstance(item, Link) else label_of(item) or row.item)

    def _wanted(self) -> list[Row]:
        session, guard = self._session, self._guard.why
        base, mine, unknown = session.base, session.mine, self._editor.unknown
        return rows(base=base, mine=mine, refused=self.refused, guard=guard, read_only=session.read_only, now=now(), unknown=unknown)

    async def sync(self) -> None:
        """Update the rows from the session. Rows that stay keep the focus and the cursor; else a neighbour gets the focus."""
        base, mine = self._session.base.fields, self._session.mine.fields
        for name in [each for each in self.refused if base.get(each) == mine.get(each)]:  # it was saved after all, or taken back
            del self.refused[name]
        async with self._arranging:  # two at once would make each row twice
            if self.display and self._rows.is_attached:
                await self._sync()

    async def _sync(self) -> None:
        here, wanted = self._index_of_current(), self._wanted()
        current = self.current
        before = current.row if current is not None else None
        gone = current is not None and (current.row.id, current.row.typed) not in {(row.id, row.typed) for row in wanted}
        if not await self._arrange(wanted):
            return
        now = {row.id: row for row in self._wanted()}  # a key may have come while rows were made
        for each in self.form_rows:
            if each.row.id in now and now[each.row.id].typed == each.row.typed:
                each.show(now[each.row.id])
        if gone and here is not None and self.form_rows:
            self.form_rows[min(here, len(self.form_rows) - 1)].take_focus()
        self._tell()
        if self.current is not None and self.current.row != before:
            self.post_message(self.Entered(self.current.row))

    async def _arrange(self, wanted: list[Row]) -> bool:
        """Mount a widget for each row, in this order. Returns False when the form is being closed."""
        known = {(each.row.id, each.row.typed): each for each in self.form_rows}
        for key in known.keys() - {(row.id, row.typed) for row in wanted}:
            await known.pop(key).remove()
        fresh: list[FormRow] = []
        for index, row in enumerate(wanted):
            existing = known.get((row.id, row.typed))
            if existing is None:
                fresh.append(LineRow(row, self._typed) if row.typed else ValueRow(row))
            elif not await self._mount_rows(fresh, index - len(fresh)):
                return False
            else:
                fresh, now = [], self.form_rows
                if now[index] is not existing:
                    self._rows.move_child(existing, before=now[index])
        return await self._mount_rows(fresh, len(wanted) - len(fresh))

    async def _mount_rows(self, fresh: list[FormRow], index: int) -> bool:
        """Mount these rows at this place, in one go: one by one, thirty rows take twice as long. False when the form is being closed."""
        if fresh:
            await self._rows.mount(*fresh, before=index if index < len(self.form_rows) else None)
        return all(each.is_attached for each in fresh)

    def _index_of_current(self) -> int | None:
        current = self.current
        return None if current is None else self.form_rows.index(current)

    def _tell(self) -> None:
        """Show the whole explanation of the focused row."""
        row = self.current.row if self.current is not None else None
        said = [row.detail, self._publishing(row)] if row else []
        words = display(" · ".join(filter(None, said)))
        doubt = display(row.doubt) if row else ""
        warning = (("! ", "bold $warning"), (doubt, "$warning")) if doubt else ()
        self._explain(Content.assemble(*warning, (words[len(doubt) :], "$error" if row and row.problem else "$muted")))

    def _publishing(self, row: Row) -> str:
        """At the status: the key that publishes, where that can be done."""
        possible = row.field.name == STATUS and not row.problem and not why_not_published(self._session)
        return f"{present_key('alt+p', self)} publishes" if possible else ""

    def _refuse(self, why: str) -> None:
        """Say why nothing happens, in place of the row's hint: a toast for each key would cover the form."""
        self._explain(Content.assemble(("! ", "bold $warning"), (display(why), "$warning")))

    def _explain(self, said: Content) -> None:
        if said.is_same(self._explained):
            return
        before, self._explained = self._explained, said
        width = self._detail.content_size.width
        is_as_high = width > 0 and self._lines_of(before, width) == self._lines_of(said, width)
        self._detail.clear_cached_dimensions()
        self._detail.update(said, layout=not is_as_high)  # to lay out all of the screen takes longer than a key

    def _lines_of(self, said: Content, width: int) -> int:
        """The lines that this takes below the form, which has room for some of them always."""
        styles = self._detail.styles
        least = int(styles.min_height.value) if styles.min_height is not None else 0
        return max(least, said.get_height(styles.get_rules(), width))

    @on(DescendantFocus)
    def _focused(self) -> None:
        self._tell()
        if self.current is not None:
            self.post_message(self.Entered(self.current.row))

    @on(DescendantBlur)
    def _left(self) -> None:
        self._tell()

    # ---- keys -----------------------------------------------------------------------------------------------
    def enter(self, name: str = "", item: str = "") -> None:
        """Focus the row of this field, and of this item if it has one; of action items the first that is not done."""
        self._read_rest()
        found = [each for each in self.form_rows if name in ("", each.row.field.name)]
        exact = [each for each in found if each.row.item == item] if item else [each for each in found if name and _is_left_to_do(each.row)]
        for each in [*exact[:1], *found[:1]][:1]:
            each.take_focus()
            if name and not item and len(found) > 1:
                self._show_all(found, each)

    def _show_all(self, field: Sequence[FormRow], current: FormRow, looks: int = LOOKS) -> None:
        """Scroll to as many rows of this field as fit, its head first, the current one in any case."""
        if not all(each.size for each in field):  # some have no place yet
            if looks:
                self.call_after_refresh(self._show_all, field, current, looks - 1)
            return
        for each in (field[-1], field[0], current):
            self._rows.scroll_to_widget(each, animate=False, immediate=True)

    async def go_in(self, name: str = "") -> None:
        """As ``enter``, for a key that may come before all rows exist: it waits for them."""
        if self._arranging.locked() or not self.form_rows:
            await self.sync()
        self.enter(name)

    def _look_for_unread(self) -> None:
        """Read what opening skipped as soon as it is visible, because the form may be visible without the focus."""
        top, high = self._rows.scroll_offset.y, self._rows.size.height
        fields = [each.row.field for each in self.form_rows[top : top + high]]
        if any(field.locked and self._session.mine.fields.get(field.name) is None for field in fields):
            self._read_rest()

    @work(exclusive=True, group=Group.REST)
    async def _read_rest(self) -> None:
        """Read the fields that opening skipped to be quick."""
        here = self.current.row if self.current is not None else None
        unread = here is not None and self._session.mine.fields.get(here.field.name) is None
        failed = ""
        try:
            await self._session.complete()
        except BackendError as error:
            failed = error.message
        row = self.current.row if self.current is not None else None
        stayed = here is not None and row is not None and row.id == here.id
        if failed:
            if unread and stayed:
                self._refuse(failed)
        elif row is not None and row.field.kind is Kind.TASKS and unread and stayed:  # above items that were not there yet
            await self.sync()
            self.enter(row.field.name)

    async def on_key(self, event: Key) -> None:
        """Letters go to fields; the form's own keys act at once."""
        row = self.current.row if self.current is not None else None
        if row is None or row.typed:
            return
        if not await take_own_key(self, event) and event.is_printable and event.key != "space":
            event.stop()
            self._go_to_letter(event.character or "", row)

    def _go_to_letter(self, letter: str, row: Row) -> None:
        """Go to the next field that begins with it. If there is none, say so, or how this value is changed."""
        there = self._next_called(letter)
        if there is None:
            self._refuse(row.field.locked or f"{present_key('enter', self)} changes this")
        elif there is self.current:
            self._refuse(f"no other field begins with {letter}")
        else:
            there.take_focus()

    def _next_called(self, letter: str) -> FormRow | None:
        """The next row whose label begins so; wraps around."""
        here, all_rows = self._index_of_current() or 0, self.form_rows
        around = [*all_rows[here + 1 :], *all_rows[: here + 1]]
        return next((each for each in around if letter and each.row.label.casefold().startswith(letter.casefold())), None)

    def action_go_end(self, by: int) -> None:
        """Go to the first or last field; in a row with a text input, move its cursor."""
        if self.current is not None and self.current.row.typed:
            raise SkipAction
        self.action_go(by)

    def action_go(self, by: int) -> None:
        here = self._index_of_current()
        if here is not None:
            self.form_rows[max(0, min(here + by, len(self.form_rows) - 1))].take_focus()

    @on(ValueRow.Chosen)
    def _chosen(self) -> None:
        self.action_change()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._refuse(f"what is typed here is in the draft already; {present_key('tab', self)} goes to the next field")

    @work(exclusive=True, group=Group.FIELD)
    async def action_change(self) -> None:
        """Open the dialog of this row; afterwards focus the row that it changed."""
        row = self.current.row if self.current is not None else None
        if row is None or row.typed:
            return
        if self._guard.why and row.field.locked == self._guard.why:
            if await self._guard.ask(self.app):
                await self.sync()
                self.enter(row.field.name, row.item)
            return
        if row.field.locked:
            self._refuse(row.field.locked)
            return
        self.refused.pop(row.field.name, None)
        unknown = self._editor.unknown
        item = await self._editor.change(self._session, row)
        if item is not None:
            with self.app.batch_update():  # the new row and the focus on it show as one frame
                await self.sync()
                if not self._has_gone_on(row):
                    self.enter(row.field.name, item)
        elif unknown != self._editor.unknown:  # the backend has said meanwhile whom it knows
            await self.sync()

    def action_tick(self) -> None:
        """Toggle whether an action item is done. On other rows the same as enter."""
        row = self.current.row if self.current is not None else None
        if row is None or row.columns is None or row.field.locked or row.mark == REMOVED:
            self.action_change()
        else:
            self._edit(row, self._editor.ticked(self._session, row))

    def _has_gone_on(self, row: Row) -> bool:
        """Whether a key has moved the focus from this row since; then the focus stays there."""
        there = self.current
        return there is not None and there.row.id != row.id and any(each.row.id == row.id for each in self.form_rows)

    def action_revert(self) -> None:
        """Revert the field to the server's value, as last read."""
        if self.current is not None:
            field, before = self.current.row.field, self._session.mine
            self._change(field.name, lambda: self._session.revert(Part(field=field.name)))
            if self._session.mine is before and not field.locked:
                self._refuse("nothing to revert: it is as it was last read")

    def action_remove(self) -> None:
        if self.current is not None and (row := self.current.row).is_item:
            self._edit(row, self._editor.toggled(self._session, row))

    def _typed(self, row: Row, text: str) -> str:
        """Store what was typed into a row. Returns the stored value."""
        value = as_kept(text, now()) if row.field.kind is Kind.TIME else text
        self._edit(row, value)
        return value

    def _edit(self, row: Row, value: Value) -> None:
        self._change(row.field.name, lambda: self._session.set_field(row.field.name, value))

    def _change(self, name: str, change: Callable[[], None]) -> None:
        """Run this change of a field, or say why it cannot be changed."""
        self.refused.pop(name, None)
        try:
            change()
        except Locked as locked:
            self._refuse(str(locked))


def _is_left_to_do(row: Row) -> bool:
    return row.columns is not None and not row.columns.done
