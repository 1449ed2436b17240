"""What a file and the server become when one is brought to the other: merged as a save merges, nobody's words dropped. Pure."""

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
    """The file's base is nowhere, and the server is not as it was: what others changed meanwhile cannot be told from what the file says."""


@dataclass(frozen=True, slots=True)
class Joined:
    """``postmortem`` says what both say, with the server's keys. ``conflicts`` names what both changed and nobody decided: there
    it has the server's side. ``news`` names what others changed and the file does not have yet. ``server`` is the reading that
    was joined. In a part that could not be read both have what the file and its base have: nobody knows better.
    """

    postmortem: Postmortem
    server: Postmortem
    conflicts: tuple[str, ...]
    news: tuple[str, ...]


def joined(file: PostmortemFile, base: Postmortem | None, server: Postmortem, whose: Whose | None = None) -> Joined:
    """The file's edits merged into the server's postmortem.

    ``base`` is the postmortem that the file was made of, None when it is not at hand: then only a server that is still
    as it was then is taken. ``whose`` side decides where both changed the same.

    Raises NoBase, and FrontMatterError for what the file says that its fields cannot hold.
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
    settled = merged.postmortem
    if whose is not None:
        for conflict in merged.conflicts:
            settled = answered(settled, conflict, take(conflict, whose))
    open_ = () if whose is not None else merged.conflicts
    news = dict.fromkeys(_called(mine, settled, part_of(change)) for change in diff(mine, settled))
    return Joined(_under(own_keys, settled), server, tuple(called(mine, conflict.part.name) for conflict in open_), tuple(news))


def as_the_file_has_it(file: PostmortemFile, base: Postmortem | None, server: Postmortem) -> Postmortem:
    """The reading, with what the file says in the parts that could not be read: they must not vanish from it.

    Raises FrontMatterError.
    """
    if not server.unread:
        return server
    known = base or server
    return with_unread_from(server, target(file, known, {**opaque_of(server), **opaque_of(known)}))


def _called(one: Postmortem, other: Postmortem, part: Part) -> str:
    """What people call a part that one of the two may not have."""
    name = called(other, part.name)
    return called(one, part.name) if name == part.name else name


def _under(keys: Mapping[str, str], postmortem: Postmortem) -> Postmortem:
    """The postmortem with its cells under other keys; those without one there get a key that nothing has."""
    free = (key for key in map("p{}".format, count(1)) if key not in keys.values())
    return postmortem.with_cells(tuple(replace(cell, key=keys.get(cell.key) or next(free)) for cell in postmortem.cells))
