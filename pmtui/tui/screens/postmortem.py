"""The main screen: one postmortem with its outline, its cells, and, if the window is wide enough, the form.

What stands beside the document follows from the columns alone: below 70 nothing, from 70 the outline, from 110 the form. There a line
of text keeps its 72 cells, so the outline comes only when it is called; from 140 columns it stands there, too. While the form is used
it has the room that its names and values need; in windows of less than 110 columns it has a screen of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import DescendantFocus, Resize
from textual.message import Message

from pmtui.model.part import Part
from pmtui.session.change_text import part_title
from pmtui.session.session import Session, State
from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.flows.document.mention import ask_whom
from pmtui.tui.flows.edit_guard import Guard
from pmtui.tui.flows.leaving import may_leave
from pmtui.tui.flows.removing import remove, why_not_removed
from pmtui.tui.flows.typed_ahead import is_text
from pmtui.tui.form.field_editor import FieldEditor
from pmtui.tui.form.keys import keys_of
from pmtui.tui.form.rows import Row
from pmtui.tui.form.widget import Form
from pmtui.tui.keymap import present_key
from pmtui.tui.screens.details import DetailsScreen
from pmtui.tui.screens.preview import PreviewScreen
from pmtui.tui.screens.split import SplitScreen
from pmtui.tui.screens.writing import KEPT
from pmtui.tui.widgets import beside, summary
from pmtui.tui.widgets.bars import Divider, Head, Key, KeyLine, Shown
from pmtui.tui.widgets.beside import Beside, BesidePages
from pmtui.tui.widgets.cell import CellBlock, Opaque
from pmtui.tui.widgets.document import DocumentView, Texts
from pmtui.tui.widgets.notices import Notices
from pmtui.tui.widgets.outline import Outline
from pmtui.tui.widgets.typed_text import TypedText
from pmtui.tui.worker_groups import Group

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace

BROAD = 140
"""Columns from which outline, 72 cells of text, and the form fit beside each other."""
WIDE = 110
"""Columns from which the form stands beside the document; as in the app's breakpoints."""
KEYS = (
    ("ctrl+s", "save"),
    ("esc", "list"),
    ("f2", "details"),
    ("ctrl+↑↓", "cell"),
    ("f4", "editor"),
    ("f3", "view"),
    ("f1", "help"),
)
"""The keys of a document; where not all fit, the first ones and the last."""
EMPTY_KEYS = (("ctrl+n", "first section"), ("f2", "details"), ("ctrl+p", "all"), ("esc", "list"), ("f1", "help"))
"""The keys of a document without a section."""


class PostmortemScreen(SplitScreen):
    """Shows one postmortem. Edits go to the session at once; the session knows what changed, and whether it is on disk."""

    HELP = (
        "Each section is a cell. Type in the cell that has the cursor: it is in the draft on disk before you see it, and not sent before "
        "you have reviewed it. @ and letters mention a person. tab goes to the next gap or table column; in lists, code and selections "
        "it indents, and {alt+g} goes. {ctrl+f} finds, tab there replaces (ctrl+h is backspace).\n"
        "± marks what you changed, ○ a cell that is still to be written, ▦ one that is kept but not edited here, ▌ where you are; "
        "T+12m: 12 min after the start."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "details", "details", priority=True),
        Binding("f3", "preview", "preview", priority=True),
        Binding("f4", "external", "edit in $EDITOR", priority=True),
        Binding("ctrl+g", "outline", "go to a cell", priority=True),
        Binding("ctrl+up", "go(-1)", "cell above", priority=True),
        Binding("ctrl+down", "go(1)", "cell below", priority=True),
        Binding("up,shift+tab", "go(-1)", "cell above", show=False),
        Binding("down,tab", "go(1)", "cell below", show=False),
        Binding("f9", "remove", "delete this postmortem", show=False),
        Binding("ctrl+u", "unguard", "edit a published postmortem", show=False),
        Binding("escape", "back", "back to the list"),
    ]

    class Ready(Message):
        """The cursor is where the user begins to type."""

    @dataclass
    class Closed(Message):
        """The user returns to the list, which shows ``notice``, "" for none."""

        screen: PostmortemScreen
        notice: str = ""

    def __init__(self, workspace: Workspace, environment: Mapping[str, str]) -> None:
        super().__init__(workspace, environment)
        self.is_entered = False  # whether the cursor is in its first place
        self._said_why = self._form_row = ""
        self._columns = 0
        self._syncing = asyncio.Lock()
        self._goes: CellBlock | None = None  # while the document is laid out: the cell with the cursor, which may be removed
        texts = TypedText(lambda: self.session, lambda: self.document)
        undo, redo = (partial(texts.after, step) for step in (self.action_undo, self.action_redo))
        keeper = Texts(texts.typed, undo, redo, self.to_gap, self.began)
        self._head, self._key_line = Head(), KeyLine(KEYS)
        self._notices = Notices()
        self.outline, self.document, self.beside = Outline(), DocumentView(keeper), Beside()
        self.finder = self.new_finder()
        self._field_editor = FieldEditor(self.app, workspace)
        self._form = Form(self._field_editor)

    def compose(self) -> ComposeResult:
        yield self._head
        yield Divider()
        yield self._notices
        with Horizontal(id="body"):
            yield self.outline
            yield self.document
            yield self._form
            yield self.beside
        yield self.finder.bar
        yield Divider()
        yield self._status_line
        yield self._key_line

    def open(self, session: Session) -> None:
        """Show this session, and place the cursor, before the first frame. Called once; then the screen is pushed."""
        guard = Guard(session, self._changed)
        self.begin(session, guard)
        self._form.begin(session, guard)
        self.call_later(self._enter)  # before Textual says that the screen is on top, which draws it

    async def _enter(self) -> None:
        self.follow_session()
        await self.sync()
        await self.enter_first()
        if not self.session.mine.id and not self.session.mine.cells:  # only the incident's fields can be edited
            await self.action_details()
        self._status()
        self.say_what_was_found()
        self.is_entered = True
        self.post_message(self.Ready())

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width >= BROAD, "-broad")
        was, self._columns = self._columns, event.size.width  # a resize may be told twice
        left = self._row.field.name if self._row is not None else self._form_row  # the focus may have left it already: it is hidden
        split = self.make_split()
        if (split or event.size.width < WIDE <= was) and left:  # the form beside the document: on with it on its own screen
            self.call_next(self._push_details, left)

    # ---- what is shown --------------------------------------------------------------------------------------
    async def sync(self) -> None:
        async with self._syncing:  # two at once would make the same cell twice
            self._stale = False
            if self.is_attached:
                block = self.document.block
                in_text = block is not None and block.has_focus_within
                self._goes = block if in_text else None
                await self.document.lay_out(self.session.mine.cells, locked=bool(self._guard.text_locked))
                await self._form.sync()
                if not self._form.is_attached:  # it was closed meanwhile
                    return
                self._show()
                gone = in_text and self.document.block is not block  # Textual has put the focus somewhere
                lost = self.focused is None or (gone and not self.finder.keys)  # a search that began meanwhile moved the cursor
                if self.is_current and self.document.current >= 0 and lost:
                    await self.document.go(self.document.current)
                self._goes = None

    def _show(self) -> None:
        """Show the current state. Nothing here waits, so what is typed cannot be newer than what is shown."""
        mine, changed = self.session.mine, summary.changed_cells(self.session)
        self.document.show(mine.cells, changed)
        row = self._row
        if self.app.size.width >= WIDE:
            self._form_row = row.field.name if row is not None else ""
        self.set_class(row is not None, "-in-form")
        self._key_line.show(self.finder.keys or (keys_of(row) if row is not None else self._keys_of_text()))
        self.outline.show(mine.cells, changed, self.document.current, away=row is not None, began=self.began())
        title, right = summary.headline(mine=mine, base=self.session.base, server=self.session.server)
        self._head.show(mine.incident.reference, title, right)
        self._warn()
        if self.document.current >= 0 or not mine.cells:  # the first cell is entered after the first sync
            self._status()

    def _keys_of_text(self) -> Sequence[Key]:
        if isinstance(self.focused, Outline):
            empty = EMPTY_KEYS[1:] if self._why_no_text() else EMPTY_KEYS
            return self.outline.keys if self.session.mine.cells else empty
        if self.beside.has_keys:
            return beside.KEYS
        if isinstance(self.focused, Opaque) and not self._guard.text_locked:
            return Opaque.KEYS
        return [key for key in KEYS if key[1] not in summary.useless(self.session, self._guard)]

    def _warn(self) -> None:
        self._notices.show(summary.notices(self.session, self._guard, edit=self.key("ctrl+u")))

    def _status(self) -> None:
        self._status_line.follow(self._state, lambda: self.session.status.state is not State.EDITED)

    def _state(self) -> Shown:
        status, document = self.session.status, self.document
        row = self._row
        mine = self.session.mine
        right = row.field.label if row else summary.position(mine, document.current, document.editor, self.size.width)
        return summary.state(self.session), right, summary.style_of(status)

    # ---- editing ------------------------------------------------------------------------------------------------
    async def make_room(self, event: events.Key | events.Paste) -> None:
        """Prepare a cell for text that is about to be typed, when no visible widget has the focus or there is no cell.

        While the cell with the cursor is being removed, the text waits for the cell that gets the cursor.
        """
        if self._goes not in (None, self.document.block) and not isinstance(self.focused, Editor) and not self.finder.is_open:
            async with self._syncing:
                pass
        if not is_text(event) or not self.is_current or self._row is not None or self.finder.is_open or self._why_no_text():
            return
        if not self.session.mine.cells:
            await self.action_add_cell()
        elif self.focused is None or (not isinstance(self.focused, Editor) and not self.focused.is_on_screen):
            await self.document.go(self.document.current)

    def on_key(self, event: events.Key) -> None:
        """Say why a typed character is not in the text; no editor has taken it."""
        bound = event.key in self.active_bindings
        if event.is_printable and self._row is None and not bound and (why := self._why_no_text()):
            event.stop()
            self._said_why = why
            self.tell(why, "$warning")

    def _why_no_text(self) -> str:
        """Why nothing can be typed where the focus is, "" when it can."""
        if self._guard.why:
            return f"nothing was typed · {self.key('ctrl+u')} to edit"
        if self._guard.text_locked:
            return self._guard.text_locked
        if isinstance(self.focused, Opaque):
            return KEPT
        if self.beside.has_keys:
            return f"this is another postmortem, to be read: {present_key('esc', self.beside, BesidePages)} goes back to the text"
        in_outline = isinstance(self.focused, Outline) and self.session.mine.cells
        go = present_key("enter", self.outline)
        return f"this is the outline: {go} goes to the cell, and text is typed there" if in_outline else ""

    @work(exclusive=True, group=Group.GUARD)
    async def action_unguard(self) -> None:
        """Ask whether saving may set a published postmortem back, and unlock it for editing."""
        if self._guard.why and await self._guard.ask(self.app):
            await self.sync()
            await self.document.go(self.document.current)

    @property
    def address(self) -> str:
        return (self._form.address if self._row is not None else "") or super().address

    @property
    def _row(self) -> Row | None:
        """The focused row of the form, if the form stands beside the document."""
        return current.row if (current := self._form.current) is not None else None

    @on(DocumentView.CellEntered)
    @on(Form.Entered)
    @on(Outline.KeysChanged)
    @on(DescendantFocus)
    def _entered(self) -> None:
        if self._said_why:  # of the place where the focus was
            self._status_line.replace(self._said_why, summary.state(self.session))
            self._said_why = ""
        if self.is_attached and self.document.current >= 0:
            self._show()

    @on(Editor.SelectionChanged)
    def _cursor_moved(self) -> None:
        self._status()

    @on(Outline.Chosen)
    async def _chosen(self, event: Outline.Chosen) -> None:
        await self.document.go(event.index)

    async def show_touched(self, touched: Part) -> None:
        keys = [cell.key for cell in self.session.mine.cells]
        if touched.cell in keys:
            await self.document.go(keys.index(touched.cell))
        elif touched.field:  # narrow windows do not show it
            self.tell(f"that was {part_title(touched, self.session.mine)} in the details: {self.key('f2')} shows it")

    async def action_go(self, by: int) -> None:
        await self.document.go(self.document.current + by)
        if self.document.editor is not None:
            self.document.editor.take_gap()

    def action_outline(self) -> None:
        self.outline.call()

    @on(Editor.MentionStarted)
    @work(exclusive=True, group=Group.MENTION)
    async def _mention(self, event: Editor.MentionStarted) -> None:
        editor = self.document.editor
        if self.app.screen is not self or editor is not event.editor or editor.begun_mention != event.query:  # it was typed on
            return
        person = await ask_whom(self.app, self.workspace, self.session.mine, event.query)
        if person is not None:
            editor.complete(self.workspace.backend.mention(person))
            if why := self.workspace.backend.untold(person):
                self.tell(why, "$warning")  # a toast would lie over what is typed

    def why_not(self, action: str) -> str:
        if action == "remove":
            return why_not_removed(self.workspace, self.session)
        if action == "unguard" and not self._guard.why:
            return "it is no published postmortem that is locked"
        return super().why_not(action)

    # ---- other screens ----------------------------------------------------------------------------------------
    async def action_details(self, name: str = "") -> None:
        """Focus the form before the next key is handled: over a slow line it may be in the same packet."""
        form = self._form
        if not self.has_class("-wide") or self.has_class("-beside"):
            await self._push_details(name)
        elif form.current is not None and not name:
            await self.document.go(self.document.current)
        else:
            await form.go_in(name)

    async def _push_details(self, name: str) -> None:
        """Open the form on its own screen, whatever the layout: the class of a new width is set after the resize."""
        editor, refused = self._field_editor, self._form.refused
        shown = DetailsScreen(self.workspace, self.session, self._guard, self.environment, editor=editor, field=name, refused=refused)
        await self.app.push_screen(shown)

    def show_wrong(self, messages: Mapping[str, str]) -> None:
        self._form.refused.update(messages)
        self.call_next(self.action_details, next(iter(messages)))

    async def action_preview(self) -> None:
        await self.app.push_screen(PreviewScreen(self.session.mine, self.environment, max(0, self.document.current), self.document.row))

    def came_back(self) -> None:
        self.document.follow()

    def hold(self) -> Callable[[], object]:
        return self.document.hold()

    @on(events.ScreenResume)
    async def _shown_again(self) -> None:
        self.document.follow()
        if self.is_entered and self.focused is None and self.document.current >= 0:  # what had the focus was made anew meanwhile
            await self.document.go(self.document.current)

    @work(exclusive=True, group=Group.SERVER)
    async def action_remove(self) -> None:
        await self.answered()
        said = await remove(self.app, self.workspace, self.session)
        if said.gone:
            self.post_message(self.Closed(self, said.words))
        else:
            self.tell(said.words, said.style)

    @work(exclusive=True, group=Group.LEAVE)
    async def action_back(self) -> None:
        if self.stop_waiting():
            return
        if self.beside.has_keys:
            await self.to_text()
            return
        if self._form.current is not None or self.focused is self.outline:
            await self.document.go(self.document.current)
            if self.session.mine.cells:
                return
        if await self.may_leave():
            self.post_message(self.Closed(self))

    async def to_text(self) -> None:
        if self.session.mine.cells:
            await self.document.go(self.document.current)
        else:
            self.set_focus(self.outline)

    async def may_leave(self) -> bool:
        """Ask when something is not on the server; nothing is lost whatever the answer."""
        return await may_leave(self.app, self.session, self.go_on_saving)
