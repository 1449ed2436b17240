"""Takes a new reading of the server as the base: finds which sent changes it has, and puts my edits on top. Pure.

Nothing typed is dropped and nobody is overwritten: a part that both sides changed and that cannot be merged keeps its
old base and my text, so that the next review asks about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pmtui.model.cell_alignment import with_twins
from pmtui.model.changes import CellMoved, Change, change_id
from pmtui.model.conflicts import Conflict
from pmtui.model.diff import diff, patch, revert
from pmtui.model.equality import same_text
from pmtui.model.merge import Merged, merge
from pmtui.model.part import Part, part_of, same_part, with_part
from pmtui.model.postmortem import Cell, Postmortem


def rebase(*, base: Postmortem, mine: Postmortem, server: Postmortem) -> tuple[Postmortem, Postmortem]:
    """The new base, and my edits on it. ``server`` has the cell keys of the base; a cell that both added gets my key."""
    server = server.with_cells(tuple(with_twins(base=base.cells, mine=mine.cells, theirs=server.cells)))
    return rebased(merge(base=base, mine=mine, theirs=server), base=base, mine=mine, server=server)


def rebased(merged: Merged, *, base: Postmortem, mine: Postmortem, server: Postmortem) -> tuple[Postmortem, Postmortem]:
    """As ``rebase``, with their merge at hand."""
    return hold(merged.conflicts, server, base), hold(merged.conflicts, merged.postmortem, mine)


def hold(conflicts: Iterable[Conflict], postmortem: Postmortem, source: Postmortem) -> Postmortem:
    """The postmortem with the parts in conflict taken from ``source``; a part missing there is removed.

    It is then as old as its oldest part.
    """
    for conflict in conflicts:
        postmortem = with_part(postmortem, source, conflict.part)
        postmortem = replace(postmortem, read_at=min(postmortem.read_at, source.read_at))
    return postmortem


def reverted(*, base: Postmortem, mine: Postmortem, server: Postmortem, part: Part) -> Postmortem:
    """Mine with this part as on the server. If the server did not change it, only my own changes of it are undone."""
    if part.field:
        return with_part(mine, server, part)
    before = base if same_part(base, server, part) else server
    return revert(mine, before, [change for change in diff(before, mine) if part_of(change) == part])


def lacks(postmortem: Postmortem, whole: Postmortem) -> frozenset[str]:
    """The names of the fields that are locked in this postmortem, and free in a fuller reading of it."""
    free = {field.name for field in whole.form if not field.locked}
    return frozenset(field.name for field in postmortem.form if field.locked and field.name in free)


def with_read(postmortem: Postmortem, whole: Postmortem) -> Postmortem:
    """The postmortem with those fields filled in that were locked until a fuller reading."""
    lacking = lacks(postmortem, whole)
    read = {field.name: field for field in whole.form if field.name in lacking}
    form = tuple(read.get(field.name, field) for field in postmortem.form)
    fields = {**postmortem.fields, **{name: whole.fields.get(name) for name in read}}
    return replace(postmortem, form=form, fields=fields, origin=whole.origin)  # later readings start from this origin


def not_there(*, before: Postmortem, target: Postmortem, after: Postmortem, changes: Sequence[Change]) -> frozenset[str]:
    """The ids of those ``changes`` of ``diff(before, target)`` that a later reading of the server does not show.

    A change is there when merging it into that reading changes nothing. So an edit by somebody else in another line of
    the same cell, or of another item of the same list, does not count against it.
    """
    after = _with_my_blanks(target, after)
    merged = merge(base=before, mine=target, theirs=after)
    left = diff(after, merged.postmortem)
    unmoved = any(isinstance(change, CellMoved) for change in left)  # nobody can tell which of two cells was moved past the other
    missing = {part_of(change) for change in left if not isinstance(change, CellMoved)}
    missing |= {conflict.part for conflict in merged.conflicts}
    return frozenset(change_id(change) for change in changes if (unmoved if isinstance(change, CellMoved) else part_of(change) in missing))


def altered(sent: Postmortem, answered: Postmortem, changes: Sequence[Change]) -> tuple[Change, ...]:
    """What the server changed besides ``changes``: it was sent ``sent`` and answered with ``answered``.

    Nobody else can have done that: edits of others show in a later reading, not in the answer to a write.
    """
    mine = {part_of(change) for change in changes}
    moves = any(isinstance(change, CellMoved) for change in changes)
    return tuple(
        change
        for change in diff(sent, _with_my_blanks(sent, answered))
        if part_of(change) not in mine and not (moves and isinstance(change, CellMoved))
    )


def agreed_base(
    *, before: Postmortem, target: Postmortem, after: Postmortem, changes: Sequence[Change]
) -> tuple[Postmortem, frozenset[str]]:
    """``before`` with the changes that a reading after the save shows, as the base for ``rebase``; and the ids of the others."""
    missing = not_there(before=before, target=target, after=after, changes=changes)
    return patch(before, [change for change in changes if change_id(change) not in missing]), missing


def _with_my_blanks(target: Postmortem, after: Postmortem) -> Postmortem:
    """The reading with my text in cells where the server only trimmed blanks: see ``same_text``."""
    sent = {cell.key: cell.text for cell in target.cells if cell.editable}

    def untrimmed(cell: Cell) -> Cell:
        mine = sent.get(cell.key)
        return replace(cell, text=mine) if mine is not None and cell.editable and same_text(mine, cell.text) else cell

    return after.with_cells(tuple(untrimmed(cell) for cell in after.cells))
