"""Reviews a save: merges my changes into a new reading of the server, and finds the conflicts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from pmtui.backends.base import BackendError, Step, Trouble
from pmtui.model.cell_alignment import align, align_after, with_twins
from pmtui.model.changes import CellEdited, Change, FieldChanged, change_id
from pmtui.model.conflicts import Answer, Conflict, answered
from pmtui.model.diff import diff, revert
from pmtui.model.equality import only_spelt
from pmtui.model.fields import STATUS, Kind
from pmtui.model.merge import merge
from pmtui.model.part import Part, part_of, unread, with_unread_from
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.text_merge import lines_of
from pmtui.session.change_text import change_title, part_title, unread_words
from pmtui.session.rebase import not_there, rebased


class NotReviewed(BackendError):
    """Nothing was sent, because something changed since the review, or a conflict has no answer."""

    def __init__(self, said: str, trouble: Trouble = Trouble.LOCAL) -> None:
        super().__init__(trouble, "save", said, "review the changes again; nothing was sent and the draft is kept")


Planner: TypeAlias = Callable[[Postmortem, Postmortem, Sequence[Change]], tuple[Step, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a save would do: ``changes`` are those of ``server`` to ``target`` outside ``conflicts``, ``steps`` send those not ``blocked``.

    ``conflicts`` have no answer yet. Until they do, nothing is sent about their parts, whatever ``target`` has there: see ``held``.
    ``theirs`` is what others changed since ``base``. ``mine`` is what was reviewed; the user may have typed since. ``owed`` are
    steps that an interrupted save has not done. ``whole``: ``server`` was read whole, not only what the changes touch.
    """

    base: Postmortem
    mine: Postmortem
    server: Postmortem
    target: Postmortem
    changes: tuple[Change, ...]
    steps: tuple[Step, ...]
    conflicts: tuple[Conflict, ...]
    theirs: tuple[Change, ...]
    owed: tuple[Step, ...] = ()
    whole: bool = False


def review(*, base: Postmortem, mine: Postmortem, server: Postmortem, plan: Planner, owed: tuple[Step, ...] = ()) -> Review:
    """Merge and plan. ``server`` must have the base's keys (see ``with_keys_of``). ``owed`` steps of an earlier save come last."""
    merged = merge(base=base, mine=mine, theirs=server)
    found = Review(
        base=base,
        mine=mine,
        server=server,
        target=merged.postmortem,
        changes=(),
        steps=(),
        conflicts=merged.conflicts,
        theirs=changed_by_others(base=base, server=server),
        owed=owed,
    )
    return _planned(found, plan)


def changed_by_others(*, base: Postmortem, server: Postmortem, among: Sequence[Change] | None = None) -> tuple[Change, ...]:
    """What others changed, of ``diff(base, server)`` or only ``among`` these of its changes.

    A part that could not be read before counts as read for the first time, not as changed; neither does a value that the server
    only spells in another way than the user, whose save it was.
    """
    kinds = {field.name: field.kind for field in server.form}
    could_not = set() if base.guard else {field.name for field in base.form if field.locked}
    read_now = {Part(field=name) for name in could_not - {field.name for field in server.form if field.locked}}
    found = (
        change
        for change in (diff(base, server) if among is None else among)
        if part_of(change) not in read_now and not _never_read(base, part_of(change))
    )
    return tuple(change for change in found if not _is_only_spelt(change, kinds))


def _is_only_spelt(change: Change, kinds: Mapping[str, Kind]) -> bool:
    return isinstance(change, FieldChanged) and only_spelt(kinds.get(change.name, Kind.TEXT), change.before, change.after)


def _never_read(base: Postmortem, part: Part) -> bool:
    """Whether no reading so far had this part, so that the base has no value for it."""
    return unread(base, part) is not None and not (base.cells if part.cell else base.fields.get(part.field))


@dataclass(frozen=True, slots=True)
class News:
    """What a new reading brought. ``changed`` are the changes since the reading before; ``both`` the parts that the user changed, too,
    in another way: a save asks about them. In words, with the numbers of the user's own outline; foreign text.
    """

    changed: tuple[str, ...] = ()
    both: tuple[str, ...] = ()


def news(*, last: Postmortem, server: Postmortem, conflicts: Sequence[Conflict], mine: Postmortem) -> News:
    """The news of ``server`` after the reading ``last``; both have the keys of the base, and so has ``mine``."""
    changed = [change_title(change, mine) for change in changed_by_others(base=last, server=server)]
    both = dict.fromkeys(part_title(conflict.part, mine, server) for conflict in conflicts)
    return News((*changed, *unread_words(server)), tuple(both))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """What a new reading of the server makes of a draft, and what is new in it."""

    base: Postmortem
    mine: Postmortem
    server: Postmortem
    news: News


def reread(*, base: Postmortem, mine: Postmortem, last: Postmortem, fresh: Postmortem) -> Reread:
    """Put my changes on top of a fresh reading; ``last`` is the one before."""
    seen, server = (with_keys_of(base=base, server=each, mine=mine) for each in (last, fresh))
    merged = merge(base=base, mine=mine, theirs=server)
    base, mine = rebased(merged, base=base, mine=mine, server=server)
    found = news(last=seen, server=server, conflicts=merged.conflicts, mine=mine)
    return Reread(base=base, mine=mine, server=server, news=found)


def all_there(review: Review) -> bool:
    """Whether the server already has all that I changed."""
    return not not_there(before=review.base, target=review.mine, after=review.server, changes=diff(review.base, review.mine))


def replaced(review: Review, left_out: Collection[str] = ()) -> tuple[Change, ...]:
    """Those of ``theirs`` that are lost when the review is sent without the changes whose ids are ``left_out``."""
    kept = [change for change in review.changes if change_id(change) in left_out or blocked(review.server, change)]
    kept += held(review, diff(review.server, review.target))
    target = revert(review.target, review.server, kept) if kept else review.target
    missing = not_there(before=review.base, target=review.server, after=target, changes=review.theirs)
    return tuple(change for change in review.theirs if change_id(change) in missing and not _in_it(change, target))


def _in_it(change: Change, target: Postmortem) -> bool:
    """Whether every line that this edit of a cell wrote is in the target, and none that it removed: both texts are kept."""
    if not isinstance(change, CellEdited):
        return False
    text = next((set(_lines(cell.text)) for cell in target.cells if cell.key == change.after.key), set[str]())
    before, after = set(_lines(change.before.text)), set(_lines(change.after.text))
    return bool(after - before) and after - before <= text and not (before - after) & text


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\n") for line in lines_of(text)]


def resolved(review: Review, conflict: Conflict, answer: Answer, plan: Planner) -> Review:
    """The review with this conflict answered."""
    conflicts = tuple(each for each in review.conflicts if each.id != conflict.id)
    return _planned(replace(review, target=answered(review.target, conflict, answer), conflicts=conflicts), plan)


def with_keys_of(*, base: Postmortem, server: Postmortem, mine: Postmortem | None = None) -> Postmortem:
    """A reading of the server with the cell keys of the base. A cell that ``mine`` added too gets the key that it has there.

    A cell whose vendor source did not change keeps the base's text, because rich text can be written in Markdown in several
    ways. Parts that could not be read are taken from the base.
    """
    server = with_unread_from(server, base)
    known = {cell.key: cell for cell in base.cells if cell.editable and cell.source}
    cells = align(base.cells, server.cells, {cell.key for cell in mine.cells} if mine else set[str]())
    if mine is not None:
        cells = tuple(with_twins(base=base.cells, mine=mine.cells, theirs=cells))
    return server.with_cells(tuple(_as_known(cell, known.get(cell.key)) for cell in cells))


def _as_known(cell: Cell, known: Cell | None) -> Cell:
    same = known is not None and cell.editable and cell.source == known.source
    return replace(cell, text=known.text) if same and known is not None and cell.text != known.text else cell


def with_keys_after(*, before: Postmortem, target: Postmortem, server: Postmortem, mine: Postmortem) -> Postmortem:
    """A reading made after ``target`` was sent, with its cell keys. A deleted cell that is still there gets its key of ``before``.

    Parts that could not be read are taken from ``before``.
    """
    server = with_unread_from(server, before)
    return server.with_cells(align_after(before.cells, target.cells, server.cells, {cell.key for cell in mine.cells}))


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why a change cannot be sent, and the kind of failure."""

    why: str
    trouble: Trouble


def blocked(server: Postmortem, change: Change) -> Blocked | None:
    """Why this change cannot be sent, None when it can.

    A draft may outlive its postmortem. A part that could not be read is not written, because that could wipe it.
    """
    if (hidden := unread(server, part_of(change))) is not None:
        known = hidden.trouble in set(Trouble)
        return Blocked(f"not sent, because it could not be read: {hidden.why}", Trouble(hidden.trouble) if known else Trouble.ANSWER)
    if server.id or isinstance(change, FieldChanged) or not server.text_locked:
        return None
    return Blocked(server.text_locked, Trouble.MISSING)


def held(review: Review, changes: Sequence[Change]) -> list[Change]:
    """Those of the changes that are about a part in an open conflict: of one item of a list it is the whole field.

    They are never sent. The merge has to put something in such a part, as a cell that one side deleted is there or is not.
    """
    open_parts = {conflict.part for conflict in review.conflicts}
    return [change for change in changes if part_of(change) in open_parts]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The part of a review that is sent: ``going`` turns the server into ``sent``, in these ``steps``.

    ``left`` was left out by the user, ``stuck`` cannot be sent. ``owed`` are steps of an earlier save that this one finishes.
    """

    sent: Postmortem
    steps: tuple[Step, ...]
    going: tuple[Change, ...]
    left: tuple[Change, ...]
    stuck: Mapping[Change, Blocked]
    owed: tuple[Step, ...]


def prepared(review: Review, server: Postmortem, target: Postmortem, left_out: Collection[str], plan: Planner) -> Prepared:
    """Split a review into what is sent and what is not, given a new reading. ``left_out`` has the ids of changes that stay here."""
    every = diff(server, target)
    asked = held(review, every)
    changes = [change for change in every if change not in asked]
    left = tuple(change for change in changes if change_id(change) in left_out)
    stuck = {change: why for change in changes if change not in left and (why := blocked(server, change))}
    going = tuple(change for change in changes if change not in left and change not in stuck)
    owed = () if any(isinstance(change, FieldChanged) and change.name == STATUS for change in going) else review.owed
    sent = revert(target, server, (*left, *stuck, *asked))
    return Prepared(sent, with_owed(plan(server, sent, going), owed), going, left, stuck, owed)


def without(review: Review, left_out: Collection[str], plan: Planner) -> Review:
    """The review as it is sent when the changes with these ids are left out: its steps, and what each would do."""
    return replace(review, steps=prepared(review, review.server, review.target, left_out, plan).steps) if left_out else review


def _planned(review: Review, plan: Planner) -> Review:
    every = diff(review.server, review.target)
    asked = held(review, every)
    changes = tuple(change for change in every if change not in asked)
    unsent = [*asked, *(change for change in changes if blocked(review.server, change))]
    target = revert(review.target, review.server, unsent) if unsent else review.target
    steps = plan(review.server, target, [change for change in changes if change not in unsent])
    return replace(review, changes=changes, steps=with_owed(steps, review.owed))


def with_owed(steps: tuple[Step, ...], owed: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps, followed by the owed steps of an earlier save that are not among them."""
    known = {step.id for step in steps}
    return (*steps, *(step for step in owed if step.id not in known))
