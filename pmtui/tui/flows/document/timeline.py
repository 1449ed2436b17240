"""Adds entries to a timeline: typed ones, or entries from the server; sorts them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from textual.app import App

from pmtui.backends.archive import TimelineEntry
from pmtui.formats.timeline import Rearranged, added, is_there, moment_at, new_entry, new_entry_by_time, rearranged, timeline_entries
from pmtui.formats.typed_time import is_clock, moment_of
from pmtui.model.postmortem import Cell
from pmtui.session.session import Session
from pmtui.threads import worked_out
from pmtui.tui.dialogs.prompt import Prompt
from pmtui.tui.dialogs.several import BoxedItem, Several
from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.widgets.document import DocumentView

EXAMPLES = "02:14, -5m, yesterday 23:50, 27 nov 23:40, 2026-11-27 23:40"


async def ask_time(
    app: App[None], now: datetime, cell: Cell, began: datetime | None, then: Callable[[datetime | None], Awaitable[None]]
) -> None:
    """Ask for the time of a new entry of this cell, and go on with it; enter alone means now, escape gives None.

    A time of day without a date is read as it would be in the timeline, which is often written on a later day than the incident.
    Keys typed behind the one that asks are meant for the question: it has them when this returns.
    """

    def wrong(text: str) -> str:
        return "" if moment_of(text, now) else f"{text} is no time; type {EXAMPLES}"

    async def answered(typed: str | None) -> None:
        moment = None if typed is None else moment_of(typed, now) or now
        if moment is not None and typed is not None and began is not None and is_clock(typed):
            moment = moment_at(cell.text, moment.time(), began)
        await then(moment)

    title = f"New entry in “{named(cell)}”. Time in UTC: {EXAMPLES}; enter alone is now, {now:%H:%M}"
    await app.push_screen(Prompt(title, check=wrong), answered)


def insert_entry(editor: Editor, moment: datetime, began: datetime | None) -> None:
    """Begin an entry at the cursor, or in place of the selected gap; the cursor goes behind its time."""
    text, place = editor.source_text, editor.cursor_offset
    first, last = editor.selected_gap or (place, place)
    start, end, put = new_entry(text[:first] + text[last:], first, moment, began)
    gone = last - first
    if start > first:  # below a line with text, which the gap is a part of
        put, start = text[last : start + gone] + put, first
    editor.type_over(put, editor.source.location_of(start), editor.source.location_of(max(end, first) + gone))


def insert_entry_by_time(editor: Editor, moment: datetime, began: datetime | None) -> None:
    """Begin an entry at its place among the others, or at the gap of a text without any; the cursor goes behind its time."""
    if not timeline_entries(editor.kept_text):
        editor.go_to_gap()
        insert_entry(editor, moment, began)
        return
    start, end, put, place = new_entry_by_time(editor.kept_text, moment, began)
    editor.type_over(put, editor.source.location_of(start), editor.source.location_of(end))
    editor.move_cursor(editor.source.location_of(place))


async def sort_entries(session: Session, document: DocumentView, key: str, began: datetime | None) -> Rearranged | None:
    """Sort the entries of the cell with this key, as one edit, around the cursor. None when the cell is gone. Raises Locked.

    A long text is sorted in a thread, and again if it was changed meanwhile.
    """
    while (cell := _cell_with(session, key)) is not None:
        made = await worked_out(partial(rearranged, cell.text, began), len(cell.text))
        now = _cell_with(session, key)
        if now is not None and now.text == cell.text:
            if made.moved:
                session.edit_cell(key, made.text)
                document.show_rearranged(key, made.text, made.place)
            return made
    return None


def _cell_with(session: Session, key: str) -> Cell | None:
    return next((cell for cell in session.mine.cells if cell.key == key), None)


def timeline_cell(cells: Sequence[Cell], current: int) -> Cell | None:
    """The cell for new entries: the one at the cursor if it is a timeline, else the section "Timeline", else the one at the cursor."""
    here = cells[current] if 0 <= current < len(cells) and cells[current].editable else None
    if here is not None and (_is_called_timeline(here) or timeline_entries(here.text)):
        return here
    return next((cell for cell in cells if cell.editable and _is_called_timeline(cell)), here)


def _is_called_timeline(cell: Cell) -> bool:
    return "timeline" in cell.title.casefold()


def named(cell: Cell) -> str:
    """What a question calls the cell."""
    return cell.title or "this cell"


async def take_entries(app: App[None], entries: Sequence[TimelineEntry], cell: Cell, began: datetime | None) -> str | None:
    """The text of the cell with the entries that the user chose; None for escape."""
    dated = [(each.at, each) for each in entries if each.at is not None and each.text.strip()]
    days = {at.astimezone(UTC).date() for at, _ in dated}
    form = "%H:%M" if len(days) < 2 else "%m-%d %H:%M"
    rows = [
        BoxedItem(f"{at.astimezone(UTC):{form}} {each.author}".strip(), each.text, each.important, is_there(cell.text, each.text))
        for at, each in dated
    ]
    title = f"Timeline of the server, into “{named(cell)}”"
    left = len(entries) - len(dated)
    taken = await app.push_screen_wait(Several(title + (f" · {left} without a time left out" if left else ""), rows))
    if taken is None:
        return None
    return added(cell.text, [(dated[index][0], dated[index][1].text) for index in taken], began)
