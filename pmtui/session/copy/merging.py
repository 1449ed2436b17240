"""Merges a repeated copy into its target: the target's own edits since the earlier copy stay. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from pmtui.model.cell_alignment import align, with_twins
from pmtui.model.conflicts import answered, take
from pmtui.model.diff import diff
from pmtui.model.fields import Kind
from pmtui.model.merge import merge
from pmtui.model.part import called, part_of
from pmtui.model.postmortem import Postmortem
from pmtui.model.text_merge import Whose
from pmtui.model.values import key_of
from pmtui.session.copy.carried import Carried, carried
from pmtui.session.copy.loss import LossReport
from pmtui.session.copy.mapping import FieldMap
from pmtui.session.copy.places import CopySource, Target


@dataclass(frozen=True, slots=True)
class Merged:
    """``postmortem`` is the target after the copy, with the target's keys.

    ``brought`` is what the source alone brings: the base of the next copy. The target's own edits are not in it, or the
    next copy would undo them. ``conflicts`` names the parts that both changed and nobody decided.
    """

    postmortem: Postmortem
    brought: Carried
    conflicts: tuple[str, ...] = ()

    @property
    def report(self) -> LossReport:
        """The fate of each part."""
        return self.brought.report


def onto(source: CopySource, target: Target, base: Postmortem | None, mapping: FieldMap, whose: Whose | None = None) -> Merged:
    """Merge the source into the target. ``base`` is the target as an earlier copy left it, None for the first copy.

    With a base, ``target.ours`` are keys of its cells.
    """
    server = target.postmortem
    if base is None:
        first = carried(source, target, mapping)
        return Merged(first.postmortem, first)
    before = replace(server, fields=base.fields, cells=base.cells)
    mine = carried(source, replace(target, postmortem=before), mapping)
    mine = replace(mine, postmortem=_spelt(mine=mine.postmortem, server=server))
    cells = mine.postmortem.cells
    known = align(base.cells, server.cells, {cell.key for cell in cells})
    theirs = tuple(with_twins(base=base.cells, mine=cells, theirs=known))  # pairs what an earlier run wrote with the same cells of this one
    merged = merge(base=before, mine=mine.postmortem, theirs=server.with_cells(theirs))
    result = merged.postmortem
    if whose is not None:
        for conflict in merged.conflicts:
            result = answered(result, conflict, take(conflict, whose))
    own = {known.key: cell.key for known, cell in zip(theirs, server.cells, strict=True)}
    names = tuple(dict.fromkeys(called(mine.postmortem, conflict.part.name) for conflict in merged.conflicts))
    return Merged(_under(own, result), mine, () if whose is not None else names)


def without_base(source: CopySource, target: Target, mapping: FieldMap, whose: Whose | None) -> Merged:
    """As ``onto``, for a target with an earlier copy's note when what that copy wrote is not known on this computer.

    A part of the target that equals the source counts as written by that copy.
    """
    everything = replace(target, ours=frozenset(cell.key for cell in target.postmortem.cells))
    again = carried(source, everything, mapping)
    texts = [change for change in diff(target.postmortem, again.postmortem) if part_of(change).cell]
    if whose == "mine" or not texts:
        return Merged(again.postmortem, again)
    kept = again.postmortem.with_cells(target.postmortem.cells)
    labels = (_called(again.postmortem, target.postmortem, part_of(change).name) for change in texts)
    names = tuple(dict.fromkeys(labels)) if whose is None else ()
    return Merged(kept, again, names)


def _called(one: Postmortem, other: Postmortem, name: str) -> str:
    """The label of a part that one of the two may not have."""
    return called(other, name) if called(one, name) == name else called(one, name)


def _spelt(*, mine: Postmortem, server: Postmortem) -> Postmortem:
    """Mine, with the target's labels for links that it already has: it may keep no labels, or its own."""
    for field in mine.form:
        value, there = mine.fields.get(field.name), server.fields.get(field.name)
        if field.kind is Kind.LINKS and isinstance(value, tuple) and isinstance(there, tuple):
            known = {key_of(each): each for each in there}
            links: tuple[Any, ...] = tuple(known.get(key_of(each), each) for each in value)
            mine = mine.with_field(field.name, links)
    return mine


def _under(keys: Mapping[str, str], postmortem: Postmortem) -> Postmortem:
    """The postmortem with the server's cell keys; a cell without one gets an unused key."""
    free = (key for key in map("k{}".format, count(1)) if key not in keys.values())
    return postmortem.with_cells(tuple(replace(cell, key=keys.get(cell.key) or next(free)) for cell in postmortem.cells))
