"""Merges a file with the server, for pull and push, as a save merges: nobody's text is dropped. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count

from pmtui.formats.document.postmortem_file import PostmortemFile, digest, opaque_of, target
from pmtui.model.cell_alignment import align, with_twins
from pmtui.model.conflicts import answered, take
from pmtui.model.diff import diff
from pmtui.model.merge import merge
from pmtui.model.part import Part, called, part_of, with_unread_from
from pmtui.model.postmortem import Postmortem
from pmtui.model.text_merge import Whose


class NoBase(Exception):
    """The file's base is lost, and the server changed since: edits of others cannot be told from edits in the file."""


@dataclass(frozen=True, slots=True)
class Joined:
    """``postmortem`` is the merge, with the server's cell keys. ``conflicts`` names what both changed and nobody decided: there
    it has the server's side. ``news`` names what others changed and the file does not have yet. ``server`` is the reading that
    was merged. Parts that could not be read are taken from the file and its base.
    """

    postmortem: Postmortem
    server: Postmortem
    conflicts: tuple[str, ...]
    news: tuple[str, ...]


def joined(file: PostmortemFile, *, base: Postmortem | None, server: Postmortem, whose: Whose | None = None) -> Joined:
    """Merge the file's edits into the server's postmortem.

    ``base`` is the postmortem that the file was written from, None when it is lost: then the server must not have changed
    since. ``whose`` side wins where both changed the same.

    Raises NoBase, and FrontMatterError for a value that its field cannot hold.
    """
    if base is None:
        if file.source.base and file.source.base != digest(server):
            raise NoBase
        base = server
    server = with_unread_from(server, base)
    mine = target(file, base, {**opaque_of(server), **opaque_of(base)})
    known = align(base.cells, server.cells, {cell.key for cell in mine.cells})
    theirs = tuple(with_twins(base=base.cells, mine=mine.cells, theirs=known))
    merged = merge(base=base, mine=mine, theirs=server.with_cells(theirs))
    own_keys = {each.key: cell.key for each, cell in zip(theirs, server.cells, strict=True)}
    result = merged.postmortem
    if whose is not None:
        for conflict in merged.conflicts:
            result = answered(result, conflict, take(conflict, whose))
    open_ = () if whose is not None else merged.conflicts
    news = dict.fromkeys(_called(mine, result, part_of(change)) for change in diff(mine, result))
    return Joined(_under(own_keys, result), server, tuple(called(mine, conflict.part.name) for conflict in open_), tuple(news))


def as_the_file_has_it(file: PostmortemFile, *, base: Postmortem | None, server: Postmortem) -> Postmortem:
    """The reading, with the parts that could not be read taken from the file, so that they do not vanish from it.

    Raises FrontMatterError.
    """
    if not server.unread:
        return server
    known = base or server
    return with_unread_from(server, target(file, known, {**opaque_of(server), **opaque_of(known)}))


def _called(one: Postmortem, other: Postmortem, part: Part) -> str:
    """The label of a part that one of the two may not have."""
    name = called(other, part.name)
    return called(one, part.name) if name == part.name else name


def _under(keys: Mapping[str, str], postmortem: Postmortem) -> Postmortem:
    """The postmortem with other cell keys; a cell without one gets an unused key."""
    free = (key for key in map("p{}".format, count(1)) if key not in keys.values())
    return postmortem.with_cells(tuple(replace(cell, key=keys.get(cell.key) or next(free)) for cell in postmortem.cells))
