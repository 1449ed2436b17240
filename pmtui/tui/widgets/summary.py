"""The texts around a document: its headline, its notices, which cells changed. Pure."""

from __future__ import annotations

from pmtui.display import count
from pmtui.formats.words import count_words
from pmtui.model.changes import CellDeleted, CellEdited, FieldChanged
from pmtui.model.fields import OWNER, SEVERITY, STATUS, TITLE
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import label_of
from pmtui.session.change_text import unread_words
from pmtui.session.session import Session
from pmtui.session.status import State, Status
from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.flows.edit_guard import Guard
from pmtui.tui.widgets.bars import FAILED
from pmtui.tui.widgets.section_notes import LONGEST, since
from pmtui.tui.words import now, read_at


def state(session: Session) -> str:
    """The words of the status line; also that the last reading is shown, and of when, while the server is read."""
    status = session.status
    if not session.first_answer.is_awaited:
        return status.words()
    if status.state is State.UNCHANGED and status.at is not None:
        return f"{read_at(status.at, now())}, reading again…"
    return f"{status.words()} · reading again…"


STYLES = {
    State.UNCHANGED: "$muted",
    State.EDITED: "$warning",
    State.DRAFT: "$warning",
    State.SAVING: "$secondary",
    State.SAVED: "$success",
    State.NOT_SAVED: "$error",
}
"""The colour of the status line, beside its words: see ``style_of``."""


def style_of(status: Status) -> str:
    """The style of the status line. Edits that cannot be put on disk are a failure, though their state is the same."""
    return FAILED if status.state is State.EDITED and status.detail else STYLES[status.state]


COUNTED = 100_000
"""Characters up to which a cell's words are counted at each key."""


def headline(*, mine: Postmortem, base: Postmortem, server: Postmortem) -> tuple[str, str]:
    """The title, and severity, status and owner in one line; ± marks what differs from the base. Foreign text.

    A status that was not edited is that of the server: a save that stopped half-way left another one there than the base has.
    """
    incident = mine.incident
    status = (server if mine.fields.get(STATUS) == base.fields.get(STATUS) else mine).fields.get(STATUS)
    owner = mine.fields.get(OWNER)
    parts = {
        SEVERITY: label_of(mine.fields.get(SEVERITY)) or incident.severity,
        STATUS: label_of(status) or incident.status,
        OWNER: owner.label if owner is not None and not isinstance(owner, str | tuple) else incident.owner,
        TITLE: label_of(mine.fields.get(TITLE)) or incident.title,
    }
    said = {name: f"± {part}" if mine.fields.get(name) != base.fields.get(name) else part for name, part in parts.items() if part}
    title = said.pop(TITLE, "")
    return title, " · ".join(said.values())


def notices(session: Session, guard: Guard, *, edit: str) -> list[str]:
    """What the user must know first, the most serious first. ``edit`` is the key to edit all the same. Foreign text."""
    guarded = f"{guard.why} · {edit} to edit" if guard.why else "" if session.unfinished else guard.accepted_why
    first = (session.offline, session.unfinished, session.read_only, session.mine.text_locked, guarded)
    mine = session.mine
    unread = [line for line in unread_words(mine) if not (mine.text_locked and mine.text_locked in line)]
    return [*(line for line in first if line), *unread, *session.notices]


BESIDE_A_STATE = 34
"""Cells that the status line needs for its longest usual state, ``edited · draft on disk 04:42:13``, and its margins."""


def useless(session: Session, guard: Guard) -> tuple[str, ...]:
    """Actions that the line of keys must not offer, because nothing can be saved, or no text edited."""
    return ("save", "editor") if session.read_only else ("editor",) if guard.text_locked else ()


def changed_cells(session: Session) -> frozenset[str]:
    """The keys of the cells that differ from the server."""
    found = set()
    for change in session.changes:
        if isinstance(change, CellEdited):
            found.add(change.after.key)
        elif not isinstance(change, FieldChanged | CellDeleted):
            found.add(change.cell.key)
    return frozenset(found)


def position(mine: Postmortem, current: int, editor: Editor | None, cells: int) -> str:
    """``cell 3 of 7 · line 6 · 214 words``; in a timeline entry also how long after the start it is.

    Where the two do not fit beside the state into a line of ``cells``, the number of the line gives way to the time.
    """
    parts = [f"cell {current + 1} of {len(mine.cells)}"] if mine.cells else []
    if editor is not None:
        size = editor.source.length
        told = since(mine, editor.source_text, editor.cursor_offset) if size <= LONGEST else ""
        words = count(count_words(editor.text), "word") if size <= COUNTED else f"{size // 1000:,} kB"
        line = f"line {editor.cursor_location[0] + 1}"
        fits = len(" · ".join([*parts, line, told])) + BESIDE_A_STATE <= cells
        parts += [line, told or words] if fits or not told else [told]
    return " · ".join(parts)
