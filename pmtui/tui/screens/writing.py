"""Actions on the text as a whole: find and replace, the timeline, tables, panels, cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import ClassVar, TypeVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.events import DescendantFocus

from pmtui.backends.base import BackendError
from pmtui.display import count
from pmtui.formats.gaps import heading_of, open_gaps
from pmtui.formats.tables import aligned, table_at
from pmtui.formats.timeline import rearranged, timeline_entries
from pmtui.formats.typed_time import start_of
from pmtui.model.part import Part
from pmtui.model.postmortem import Cell, Postmortem, characters
from pmtui.session.transfer.whole_text import plain_markdown
from pmtui.threads import worked_out
from pmtui.tui import words
from pmtui.tui.dialogs.ask import Ask
from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.flows.addresses import address_at, address_of, copy
from pmtui.tui.flows.clipboard import begin_copying
from pmtui.tui.flows.document.exporting import export
from pmtui.tui.flows.document.external_editor import edit_outside
from pmtui.tui.flows.document.finding import Around, Finder
from pmtui.tui.flows.document.panel import insert_panel
from pmtui.tui.flows.document.timeline import (
    MomentIn,
    ask_time,
    insert_entry,
    insert_entry_by_time,
    no_timeline,
    show_rearranged,
    take_entries,
    timeline_cell,
)
from pmtui.tui.keymap import has_keys_of_the_user, with_keys
from pmtui.tui.screens.session_screen import SessionScreen
from pmtui.tui.widgets.document import FIRST_SECTION, DocumentView
from pmtui.tui.widgets.outline import Outline
from pmtui.tui.worker_groups import Group

T = TypeVar("T")
EDITING = frozenset(
    (
        *("replace", "timeline_entry", "toggle_task", "align", "timeline_server", "timeline_sort", "external"),
        *("add_cell", "move_cell", "delete_cell", "revert", "clear_text", "panel", "gap"),
    )
)
"""Actions that change the text."""
KEPT = "this cell is read-only here, kept as it is"


class WritingScreen(SessionScreen):
    """A screen with the session as a document. Subclasses create ``document`` and ``outline``, then ``finder`` by ``new_finder``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+f", "find", "find", priority=True),
        Binding("alt+r", "replace", "find and replace", priority=True),
        Binding("alt+g", "gap(1)", "next gap, also from a list"),
        Binding("f6", "move_cell(-1)", "move the cell up", priority=True),
        Binding("f7", "move_cell(1)", "move the cell down", priority=True),
        Binding("f8", "delete_cell", "delete the cell"),
        Binding("ctrl+n", "add_cell", "add a cell below", priority=True),
        Binding("ctrl+r", "revert", "revert the cell"),
        Binding("delete", "delete_cell", "delete the cell", show=False),
        Binding("ctrl+t", "timeline_entry", "new timeline entry: - HH:MM, in UTC", priority=True),
        Binding("ctrl+@,ctrl+space", "toggle_task", "check or uncheck the task", priority=True),
        Binding("alt+a", "align", "align the table"),
        Binding("alt+l", "select_text", "select the cell's text"),
        Binding("alt+k", "clear_text", "clear the cell"),
        Binding("alt+n", "panel", "insert a panel"),
        Binding("alt+i", "timeline_server", "insert timeline entries of the server"),
        Binding("alt+c", "copy_whole", "copy the whole postmortem as Markdown"),
        Binding("alt+w", "export", "write the whole postmortem into a file"),
        Binding("alt+s", "timeline_sort", "sort the timeline"),
    ]

    document: DocumentView
    outline: Outline
    finder: Finder

    def new_finder(self) -> Finder:
        """The search of this screen's document."""
        return Finder(lambda: self.session, self.document, Around(self.sync, self.tell, self.may_edit, self.workspace.backend.mentioned))

    def why_not(self, action: str) -> str:
        return (self._guard.text_locked if action in EDITING else "") or super().why_not(action)

    def began(self) -> datetime | None:
        """When the incident began: the reference for times in its timeline."""
        return start_of(self.session.mine)

    def may_edit(self) -> bool:
        """Whether the text can be edited; if not, says why."""
        why = self._guard.text_locked
        if why:
            self.tell(why, "$warning")
        return not why

    async def action_find(self) -> None:
        await self.finder.begin()

    async def action_replace(self) -> None:
        await self.finder.begin_replacing()

    async def enter_first(self) -> None:
        """Place the cursor: where a draft was left, else in the first Markdown cell, at its gap or its end."""
        cells = self.session.mine.cells
        found = self.session.recovered
        if found is not None and found.place is not None:
            key, offset = found.place
            left = next((number for number, cell in enumerate(cells) if cell.key == key and cell.editable), None)
            if left is not None:
                await self.document.go_to(left, offset)
                return
        if cells:
            await self.document.go(next((number for number, cell in enumerate(cells) if cell.editable), 0))
        else:
            self.set_focus(self.outline)

    def say_what_was_found(self) -> None:
        """Say that this is a draft, if it was opened without a question."""
        found = self.session.recovered
        if found is not None and found.is_own:
            self.tell(f"draft of {words.clock(found.updated)}, not sent", "$warning")

    async def action_gap(self, direction: int) -> None:
        await self.to_gap(direction)

    async def to_gap(self, direction: int) -> bool:
        """Go to the next gap of the document, or the one before; wraps around. Always True: the key is used up."""
        if not self.may_edit():
            return True
        cells = self.session.mine.cells
        editable = [(number, cell.text) for number, cell in enumerate(cells) if cell.editable]
        found = await worked_out(lambda: list(open_gaps([text for _, text in editable])), characters(cells))
        if cells != self.session.mine.cells:  # a merge changed the text meanwhile
            return await self.to_gap(direction)
        places = [(editable[n][0], gap.start, gap.end) for n, gap in found]
        document = self.document
        here = (document.current, document.selected_span[0])
        if not places:
            self.tell_until_next_key("nothing is left empty")
            return True
        if direction > 0:
            cell, start, end = next((place for place in places if place[:2] > here), places[0])
        else:
            cell, start, end = next((place for place in reversed(places) if place[:2] < here), places[-1])
        if len(places) == 1 and (cell, start) == here:
            self.tell_until_next_key("nothing else is left empty")
        if start == end == len(self.session.mine.cells[cell].text):
            await document.go(cell, at_end=True)
        else:
            await document.go_to(cell, start, end)
        return True

    def _editable(self) -> Editor | None:
        """The editor with the cursor, None when there is none; then says why."""
        if not self.may_edit():
            return None
        editor = self.document.editor
        if editor is None:
            self.tell_until_next_key(KEPT if self.session.mine.cells else with_keys(FIRST_SECTION, self))
        return editor

    @work(group=Group.ASK)
    async def action_external(self) -> None:
        """Edit the cell in $VISUAL or $EDITOR; the result is one edit for undo."""
        block = self.document.block
        if not self.may_edit():
            return
        if block is None or not block.cell.editable:
            self.tell_until_next_key(KEPT)
            return
        text, why = edit_outside(self.app, block.cell.text, block.cell.title, self.environment)
        if why:
            self.tell(why, "$error")
        elif text is None or text == block.cell.text:
            also = "" if has_keys_of_the_user("external", self) else ", so does ctrl+e at the end of a line"
            self.tell_until_next_key(f"unchanged in the editor · {self.key('f4')} opens it{also}")
        else:
            self.session.edit_cell(block.cell.key, text)
            await self.sync()
            self.tell(f"edited in the editor · {self.key('ctrl+z')} takes it back", "$warning")

    def action_toggle_task(self) -> None:
        editor = self._editable()
        if editor is not None and not editor.toggle_tasks():
            self.tell_until_next_key("no list item here: one that begins with - gets a box")

    def action_select_text(self) -> None:
        if (editor := self._editable()) is not None:
            editor.select_all()

    async def action_clear_text(self) -> None:
        """Delete the cell's text below its heading, as one edit."""
        editor, block = self._editable(), self.document.block
        if editor is not None and block is not None:
            if (heading := heading_of(editor.kept_text)) == editor.kept_text:
                self.tell_until_next_key("nothing to clear: the cell has no text")
                return
            self.session.edit_cell(block.cell.key, heading)
            await self.sync()
            await self.document.go(self.document.current, at_end=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.workspace.backend.rich_text if action == "panel" else super().check_action(action, parameters)

    @work(group=Group.ASK)
    async def action_panel(self) -> None:
        if (editor := self._editable()) is not None:
            await insert_panel(self.app, editor)

    async def action_align(self) -> None:
        """Align the columns of the table at the cursor, as one edit."""
        editor, block = self._editable(), self.document.block
        if editor is None or block is None:
            return
        text = editor.kept_text
        span = table_at(text, editor.cursor_offset)
        if span is None:
            self.tell_until_next_key("no table here: its lines begin and end with |")
            return
        self.session.edit_cell(block.cell.key, text[: span[0]] + aligned(text[slice(*span)]) + text[span[1] :])
        await self.sync()

    @property
    def address(self) -> str:
        """The address of the link at the cursor, else of the postmortem."""
        editor = self.document.editor
        row, column = editor.cursor_location if editor is not None and editor.has_focus else (0, 0)
        here = address_at(editor.document[row], column) if editor is not None and editor.has_focus else ""
        return here or address_of(self.session.mine)

    def action_copy_whole(self) -> None:
        begin_copying(self.app, partial(self._copy_whole, self.session.mine))

    async def _copy_whole(self, mine: Postmortem) -> None:
        def work() -> tuple[str, int]:
            return (text := plain_markdown(mine)), len(text.split())

        text, words_in_it = await worked_out(work, characters(mine.cells))
        await copy(self.app, text, f"the postmortem, {count(words_in_it, 'word')}", self.environment, self.tell_if_open)

    @work(exclusive=True, group=Group.ASK)
    async def action_export(self) -> None:
        if said := await export(self.app, self.session.mine, self.workspace.backend.identity):
            self.tell(said)

    async def action_add_cell(self) -> None:
        if not self.may_edit():
            return
        block = self.document.block
        key = self.session.add_cell(block.cell.key if block is not None else None)
        await self.sync()
        keys = [cell.key for cell in self.session.mine.cells]
        await self.document.go(keys.index(key), at_end=True)

    async def action_move_cell(self, by: int) -> None:
        block = self.document.block
        if block is None or not self.may_edit():
            return
        key = block.cell.key
        if not self.session.move_cell(key, by):
            self.tell_until_next_key("this cell stays where it is")
            return
        await self.sync()
        await self.document.go([cell.key for cell in self.session.mine.cells].index(key))

    @work(group=Group.ASK)
    async def action_delete_cell(self) -> None:
        block = self.document.block
        if not self.may_edit():
            return
        if block is None or block.cell.pinned:
            self.tell_until_next_key("this cell cannot be deleted")
            return
        cell = block.cell
        if cell.text.strip():
            question = f"Delete the cell “{cell.title}”?"
            if not cell.editable:
                question += "\nIt is read-only here, and cannot be typed again."
            if await self.app.push_screen_wait(Ask(question, [("d", f"delete it ({self.key('ctrl+z')} brings it back)")])) != "d":
                return
        self.session.delete_cell(cell.key)
        await self.sync()
        await self.document.go(self.document.current)

    async def action_revert(self) -> None:
        if self.document.block is not None and self.may_edit():
            self.session.revert(Part(cell=self.document.block.cell.key))
            await self.sync()

    def _timeline_cell(self) -> Cell | None:
        """The cell for new entries; None when there is none, or the text cannot be edited; then says why."""
        if not self.may_edit():
            return None
        cell = timeline_cell(self.session.mine.cells, self.document.current)
        if cell is None:
            self.tell_until_next_key(f"no section to put a timeline in: {self.key('ctrl+n')} writes one")
        return cell

    async def action_timeline_entry(self) -> None:
        """Ask for a time, and begin an entry: at the cursor if it is in the timeline, else at its place in the section "Timeline"."""
        cell, document, began = self._timeline_cell(), self.document, self.began()
        if cell is None:
            return
        before = document.place()
        away = self.session.mine.cells.index(cell) != document.current
        if away:  # it is in sight while the time is asked for, and has the keys that are typed behind
            await document.go(self.session.mine.cells.index(cell))

        async def begin(moment: MomentIn | None) -> None:
            if moment is None and away:
                await document.go_back(before)
            elif moment is not None and document.block is not None and document.editor is not None:
                document.editor.call_next(insert_entry_by_time if away else insert_entry, document.editor, moment, began)
                document.block.take_focus()

        await ask_time(self.app, words.now(), cell, began, begin)

    @work(exclusive=True, group=Group.SERVER)
    async def action_timeline_server(self) -> None:
        """Insert entries of the server's timeline into the section "Timeline"."""
        cell = self._timeline_cell()
        if cell is None:
            return
        self.tell(f"reading the timeline… {self.key('esc')} cancels")
        try:
            entries = await self.workspace.backend.timeline(self.session.mine.incident)
        except BackendError as error:
            self.tell(error.message, "$error")
            return
        if self.app.screen is not self:  # the user went on to another screen
            self.tell(f"the timeline was read: {self.key('alt+i')} shows it", "$muted")
            return
        self.tell("") if entries else self.tell_until_next_key("the server's timeline is empty")
        bare = replace(cell, text=self._without_selected_gap(cell))
        text = await take_entries(self.app, words.now(), entries, bare, self.began()) if entries else None
        text = cell.text if text == bare.text else text
        if text is not None and text != cell.text:
            await self._put(cell, text)

    def _without_selected_gap(self, cell: Cell) -> str:
        """The text of the cell without the selected gap, which what is inserted replaces."""
        editor, block = self.document.editor, self.document.block
        gap = editor.selected_gap if editor is not None and block is not None and block.cell.key == cell.key else None
        return cell.text if gap is None else cell.text[: gap[0]] + cell.text[gap[1] :]

    async def _put(self, cell: Cell, text: str) -> None:
        """Replace the text of a cell as one edit, unless it changed while the user chose; the cursor goes there."""
        more = await worked_out(lambda: len(timeline_entries(text)) - len(timeline_entries(cell.text)), len(text))
        now = next((each for each in self.session.mine.cells if each.key == cell.key), None)
        if now is None or now.text != cell.text:
            self.tell("the section was changed meanwhile: nothing was inserted", "$warning")
            return
        self.session.edit_cell(cell.key, text)
        await self.sync()
        await self.document.go([each.key for each in self.session.mine.cells].index(cell.key))
        self.tell(f"{more} inserted · {self.key('ctrl+z')} takes it back")

    async def action_timeline_sort(self) -> None:
        """Sort the entries of the cell by time, as one edit."""
        editor, block = self._editable(), self.document.block
        if editor is not None and block is not None:
            editor.call_next(self._sort, editor, block.cell.key)  # keys typed behind wait for it there

    async def _sort(self, editor: Editor, key: str) -> None:
        made = await _worked_out_in(editor, partial(rearranged, began=self.began()))
        if made.left and not made.moved:
            self.tell(f"{made.left} too low: without a date that would be another day above; write the date and sort again", "$warning")
        elif not made.moved:
            self.tell_until_next_key("the timeline is in order" if made.entries else no_timeline(self.key("ctrl+t")))
        else:
            scroll_back = self.document.hold()
            self.session.edit_cell(key, made.text)
            await show_rearranged(editor, made.text, made.place)  # the cursor stays in its entry, and that in its row
            scroll_back()
            self.call_next(self.tell, f"sorted, {made.moved} stood too low · {self.key('ctrl+z')} takes it back")

    @on(DescendantFocus)
    def _keys_went_elsewhere(self) -> None:
        self.finder.focus_moved()


async def _worked_out_in(editor: Editor, work: Callable[[str], T]) -> T:
    """The result of pure ``work`` on the editor's text; again, when that changed meanwhile."""
    while True:
        text = editor.kept_text
        found = await worked_out(partial(work, text), len(text))
        if text == editor.kept_text:
            return found
