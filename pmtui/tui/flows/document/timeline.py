"""Adds entries to a timeline: typed ones, or entries from the server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

from textual.app import App
from textual.widgets.text_area import Selection

from pmtui.backends.archive import TimelineEntry
from pmtui.formats.timeline import added, has_entries, moment_at, new_entry, new_entry_by_time, those_there
from pmtui.formats.typed_time import is_clock, moment_of
from pmtui.model.postmortem import Cell
from pmtui.threads import worked_out
from pmtui.tui.dialogs.prompt import Prompt
from pmtui.tui.dialogs.several import BoxedItem, Several
from pmtui.tui.editor.cell_editor import Editor

EXAMPLES = "02:14, -5m, yesterday 23:50, 27 nov 23:40, 2026-11-27 23:40"

MomentIn: TypeAlias = Callable[[str, "int | None"], datetime]
"""The moment that a typed time means in the text of a timeline, behind the entry at this character; at the end for None."""


async def ask_time(
    app: App[None], now: datetime, cell: Cell, began: datetime | None, then: Callable[[MomentIn | None], Awaitable[None]]
) -> None:
    """Ask for the time of a new entry of this cell, and go on with it; enter alone means now, escape gives None.

    A time of day without a date is read as it would be in the timeline, which is often written on a later day than the incident,
    but not as one that is still to come.
    Keys typed behind the one that asks are meant for the question: it has them when this returns.
    """

    def wrong(text: str) -> str:
        return "" if moment_of(text, now) else f"{text} is no time; type {EXAMPLES}"

    async def answered(typed: str | None) -> None:
        await then(None if typed is None else partial(_moment_in, typed=typed, now=now, began=began))

    title = f"New entry in “{named(cell)}”. Time in UTC: {EXAMPLES}; enter alone is now, {now:%H:%M}"
    await app.push_screen(Prompt(title, check=wrong), answered)


def no_timeline(key: str) -> str:
    """Said where there is nothing to sort; ``key`` types an entry."""
    return f"no timeline here: its entries are list items that begin with a time, as {key} types them"


def _moment_in(text: str, offset: int | None, *, typed: str, now: datetime, began: datetime | None) -> datetime:
    moment = moment_of(typed, now) or now
    return moment_at(text, moment.time(), began, now=now, offset=offset) if began is not None and is_clock(typed) else moment


async def insert_entry(editor: Editor, moment: MomentIn, began: datetime | None) -> None:
    """Begin an entry at the cursor, or in place of the selected gap; the cursor goes behind its time.

    The editor is to call this, as its next: then keys that are typed behind it wait while a long timeline is read.
    """
    text, place = editor.source_text, editor.cursor_offset
    gap = editor.selected_gap or (place, place)
    start, end, put = await worked_out(partial(_entry_at, text, gap, moment, began), len(text))
    if editor.source_text != text:  # what others wrote came in meanwhile
        await insert_entry(editor, moment, began)
    else:
        editor.type_over(put, editor.source.location_of(start), editor.source.location_of(end))


def _entry_at(text: str, gap: tuple[int, int], moment: MomentIn, began: datetime | None) -> tuple[int, int, str]:
    """What a new entry in place of this gap replaces, and by what."""
    first, last = gap
    start, end, put = new_entry(text[:first] + text[last:], first, moment(text, first), began)
    gone = last - first
    if start > first:  # below a line with text, which the gap is a part of
        put, start = text[last : start + gone] + put, first
    return start, max(end, first) + gone, put


async def insert_entry_by_time(editor: Editor, moment: MomentIn, began: datetime | None) -> None:
    """Begin an entry at its place among the others, or at the gap of a text without any; else as ``insert_entry``."""
    text = editor.kept_text
    found = await worked_out(partial(_entry_by_time, text, moment, began), len(text))
    if editor.kept_text != text:
        await insert_entry_by_time(editor, moment, began)
    elif found is None:
        editor.go_to_gap()
        await insert_entry(editor, moment, began)
    else:
        start, end, put, place = found
        editor.type_over(put, editor.source.location_of(start), editor.source.location_of(end))
        editor.move_cursor(editor.source.location_of(place))


def _entry_by_time(text: str, moment: MomentIn, began: datetime | None) -> tuple[int, int, str, int] | None:
    """As ``new_entry_by_time``; None for a text without entries."""
    return new_entry_by_time(text, moment(text, None), began) if has_entries(text) else None


async def show_rearranged(editor: Editor, text: str, place: Callable[[int], int]) -> None:
    """Show a text of which parts were moved: what is selected in one part stays so. ``place``: where a character is now.

    The editor is to call this, as its next.
    """
    before, offsets = editor.source.text, [editor.source.offset_of(each) for each in editor.selection]
    if await editor.show_in_turn(text, lambda: place(offsets[1])):
        now = [place(each) for each in offsets]
        if before[min(offsets) : max(offsets)] == editor.source.text[min(now) : max(now)]:
            editor.selection = Selection(*map(editor.source.location_of, now))


def timeline_cell(cells: Sequence[Cell], current: int) -> Cell | None:
    """The cell for new entries: the one at the cursor if it is a timeline, else the section "Timeline", else the one at the cursor."""
    here = cells[current] if 0 <= current < len(cells) and cells[current].editable else None
    if here is not None and (_is_called_timeline(here) or has_entries(here.text)):
        return here
    return next((cell for cell in cells if cell.editable and _is_called_timeline(cell)), here)


def _is_called_timeline(cell: Cell) -> bool:
    return "timeline" in cell.title.casefold()


def named(cell: Cell) -> str:
    """What a question calls the cell."""
    return cell.title or "this cell"


async def take_entries(app: App[None], now: datetime, entries: Sequence[TimelineEntry], cell: Cell, began: datetime | None) -> str | None:
    """The text of the cell with the entries that the user chose; None for escape. The day is shown unless all are of today."""
    dated = [(each.at, each) for each in entries if each.at is not None and each.text.strip()]
    days = {at.astimezone(UTC).date() for at, _ in dated}
    form = "%H:%M" if days <= {now.astimezone(UTC).date()} else "%m-%d %H:%M"
    there = await worked_out(partial(those_there, cell.text, [each.text for _, each in dated]), len(cell.text))
    rows = [
        BoxedItem(f"{at.astimezone(UTC):{form}} {each.author}".strip(), each.text, each.important, is_there)
        for (at, each), is_there in zip(dated, there, strict=True)
    ]
    title = f"Timeline of the server, into “{named(cell)}”"
    left = len(entries) - len(dated)
    taken = await app.push_screen_wait(Several(title + (f" · {left} without a time left out" if left else ""), rows))
    if taken is None:
        return None
    chosen = [(dated[index][0], dated[index][1].text) for index in taken]
    return await worked_out(partial(added, cell.text, chosen, began), len(cell.text))
