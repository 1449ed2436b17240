"""What one does with the text as a whole: find and replace."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.events import DescendantFocus

from pmtui.formats.gaps import gaps, is_unwritten
from pmtui.formats.timeline import misplaced, sorted_timeline, timeline_entries
from pmtui.tui import words
from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.flows.finding import Around, Finder
from pmtui.tui.flows.timeline import ask_time, insert_entry
from pmtui.tui.screens.session_screen import SessionScreen
from pmtui.tui.widgets.document import Document
from pmtui.tui.widgets.outline import Outline

KEPT = "this cell is read-only here, kept as it is"


class WritingScreen(SessionScreen):
    """A screen whose session shows as a document. Subclasses make ``document``, ``outline``, and then ``finder`` by ``new_finder``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+f", "find", "find", priority=True),
        Binding("alt+r", "replace", "find and replace", priority=True),
        Binding("ctrl+t", "timeline_entry", "new timeline entry: - HH:MM, in UTC", priority=True),
        Binding("alt+s", "timeline_sort", "sort the timeline"),
    ]

    document: Document
    outline: Outline
    finder: Finder

    def new_finder(self) -> Finder:
        """What finds in this screen's document."""
        return Finder(self.session, self.document, Around(self.sync, self.tell, self.may_edit))

    def may_edit(self) -> bool:
        """Whether the text can be edited; says why not."""
        why = self._guard.text_locked
        if why:
            self.tell(why, "$warning")
        return not why

    async def action_find(self) -> None:
        await self.finder.begin()

    async def action_replace(self) -> None:
        await self.finder.begin_replacing()

    async def enter_first(self) -> None:
        """The cursor starts in the first Markdown cell, at its end; below the first heading where nothing is written yet."""
        cells = self.session.mine.cells
        first = next((number for number, cell in enumerate(cells) if cell.editable), 0)
        text = cells[first].text if cells else ""
        place = next((gap.start for gap in gaps(text) if gap.start == gap.end), len(text)) if is_unwritten(text) else len(text)
        if place < len(text):
            await self.document.go_to(first, place)
        elif cells:
            await self.document.go(first, at_end=True)
        else:
            self.set_focus(self.outline)

    async def to_gap(self, direction: int) -> bool:
        """Go to the next place that is to be filled in, or the one before it, round the document."""
        places = [(n, gap.start, gap.end) for n, cell in enumerate(self.session.mine.cells) if cell.editable for gap in gaps(cell.text)]
        document = self.document
        here = (document.current, document.selected_span[0])
        if not places or self._guard.text_locked:
            self.tell("nothing is left empty", "$muted")
            return True
        if direction > 0:
            cell, start, end = next((place for place in places if place[:2] > here), places[0])
        else:
            cell, start, end = next((place for place in reversed(places) if place[:2] < here), places[-1])
        if start == end == len(self.session.mine.cells[cell].text):
            await document.go(cell, at_end=True)
        else:
            await document.go_to(cell, start, end)
        return True

    def _editable(self) -> Editor | None:
        """The editor that has the cursor; says why there is none."""
        if not self.may_edit():
            return None
        editor = self.document.editor
        if editor is None:
            self.tell(
                "this cell is read-only here, kept as it is" if self.session.mine.cells else "ctrl+n writes the first section", "$muted"
            )
        return editor

    @work(exclusive=True, group="timeline")
    async def action_timeline_entry(self) -> None:
        """Ask for a time, and begin an entry with it."""
        editor = self._editable()
        if editor is not None and (moment := await ask_time(self.app, words.now())) is not None:
            insert_entry(editor, moment)

    async def action_timeline_sort(self) -> None:
        """The entries of the cell in order of time, as one edit."""
        editor = self._editable()
        block = self.document.block
        if editor is None or block is None:
            return
        entries = timeline_entries(editor.kept_text)
        if not entries:
            self.tell("no timeline here: its entries are list items that begin with a time, as ctrl+t types them", "$muted")
        elif not (moved := misplaced(entries)):
            self.tell("the timeline is in order", "$muted")
        else:
            self.session.edit_cell(block.cell.key, sorted_timeline(editor.kept_text))
            await self.sync()
            self.tell(f"sorted, {len(moved)} stood too low · ctrl+z takes it back")

    @on(DescendantFocus)
    def _keys_went_elsewhere(self) -> None:
        self.finder.focus_moved()
