"""The words of the review, computed in a thread before it is shown, as a long text takes a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pmtui.display import clip, display, width
from pmtui.formats.gaps import left_words
from pmtui.formats.joined_lines import joined_lines
from pmtui.model.changes import CellAdded, CellDeleted, CellEdited, Change, FieldChanged, change_id
from pmtui.model.part import Part, part_of
from pmtui.model.postmortem import Cell
from pmtui.session.change_text import DiffLine, change_title, conflict_title, field_words, part_title
from pmtui.session.review import Planner, Review, replaced, without
from pmtui.tui.widgets.change import diff_of

NAME_CELLS = 26
"""The widest column of field names."""


def _titles(review: Review) -> list[str]:
    """The titles of the changes, those of fields aligned in columns. Foreign text."""
    short = {change_id(each): field_words(each, review.target) for each in review.changes if isinstance(each, FieldChanged)}
    column = min(NAME_CELLS, max((width(display(name)) for name, said in short.values() if said), default=0))
    found = []
    for change in review.changes:
        name, said = short.get(change_id(change), ("", ""))
        label = clip(display(name), column)
        found.append(f"{label}{' ' * (column - width(label))}  {said}" if said else _title(change, review))
    return found


def _title(change: Change, review: Review) -> str:
    """As ``change_title``; but a cell that was there, and that others deleted, is not new."""
    if isinstance(change, CellAdded) and any(cell.key == change.cell.key for cell in review.base.cells):
        return f"{part_title(part_of(change), review.target)} · kept, though others deleted it"
    return change_title(change, review.target)


@dataclass(frozen=True, slots=True)
class Asked:
    """The conflicts: how many, and how those were answered that were: ``mine``, ``theirs``, ``both``, or ``written`` by hand.

    ``left_out`` has the ids of changes and conflicts that an earlier review of this save left out.
    """

    count: int
    answers: Mapping[Part, str]
    left_out: frozenset[str] = frozenset()

    @property
    def written(self) -> frozenset[Part]:
        """The parts whose conflicts were settled by hand."""
        return frozenset(part for part, how in self.answers.items() if how == "written")


def fates(review: Review, lost: Sequence[Change], asked: Asked, on_it: str, at: str) -> list[str]:
    """What becomes of what others changed since ``at``, in sentences; ``lost`` is what sending replaces. Foreign text.

    Conflicts without a decision have rows of their own, and are not named.
    """
    found: dict[str, list[str]] = {}
    undecided = {conflict.part for conflict in review.conflicts}
    for change in (each for each in review.theirs if part_of(each) not in undecided):
        fate = _fate(change, lost, asked)
        title = part_title(part_of(change), review.target) if fate == "written" else change_title(change, review.target)
        if fate == "undeleted" and isinstance(change, CellDeleted):
            title = change.cell.title or title
        found.setdefault(fate, []).append(f"“{title}”")
    words = {
        "mine": ("Your version replaces theirs: ", "."),
        "undeleted": (f"You keep what was deleted {on_it}: ", "."),
        "written": ("You wrote ", " anew."),
        "both": ("Both versions are kept: ", "."),
        "theirs": ("Their version is taken: ", "."),
        "kept": (f"Changed by others {on_it} since {at}, and stays so: ", "."),
    }
    return [f"{before}{', '.join(found[fate])}{after}" for fate, (before, after) in words.items() if fate in found]


def _fate(change: Change, lost: Sequence[Change], asked: Asked) -> str:
    """What becomes of a change by others, as a key of the words above."""
    whose = asked.answers.get(part_of(change), "kept")
    if whose == "written":
        return whose
    if change in lost:
        return "undeleted" if isinstance(change, CellDeleted) else "mine"
    return whose if whose in ("theirs", "both") else "kept"


@dataclass(frozen=True)
class Effects:
    """The side effects of sending.

    ``of`` has those of each change by its id, ``others`` those of steps that send none or several changes; each is named once.
    ``order`` names the writes in order, unless there is simply one for each change.
    """

    of: dict[str, list[str]]
    others: list[str]
    order: list[str]

    @classmethod
    def in_review(cls, review: Review) -> Effects:
        of: dict[str, dict[str, None]] = {}
        others: dict[str, None] = {}
        for step in review.steps:
            place = of.setdefault(change_id(step.changes[0]), {}) if len(step.changes) == 1 else others
            place.update(dict.fromkeys(step.warnings))
        plain = all(len(step.changes) == 1 for step in review.steps) or (len(review.steps) == 1 and bool(review.steps[0].changes))
        return cls({each: list(said) for each, said in of.items()}, list(others), [] if plain else [step.label for step in review.steps])

    @property
    def count(self) -> int:
        return len(self.others) + sum(len(said) for said in self.of.values())


@dataclass(frozen=True)
class Sending:
    """What sending the review does when some of its changes are left out: side effects, writes, and what of theirs would be replaced."""

    effects: Effects
    writes: int
    lost: tuple[Change, ...]

    @classmethod
    def without(cls, review: Review, left_out: frozenset[str], plan: Planner) -> Sending:
        sent = without(review, left_out, plan)
        return cls(Effects.in_review(sent), len(sent.steps), replaced(review, left_out))


@dataclass(frozen=True)
class ReviewWords:
    """The words of one review: ``titles`` and ``diffs`` of its changes, what ``sending`` all of it does, and what is ``left`` to write.

    ``joined`` are the sections that would be sent with lines that a renderer joins. Foreign text.
    """

    titles: list[str]
    diffs: list[list[DiffLine]]
    sending: Sending
    left: str
    joined: tuple[Cell, ...]
    undecided: tuple[tuple[str, str], ...] = ()
    """The conflicts without a decision: their ids and titles."""

    @classmethod
    def of(cls, review: Review) -> ReviewWords:
        written = (
            each.cell if isinstance(each, CellAdded) else each.after for each in review.changes if isinstance(each, CellAdded | CellEdited)
        )
        cells = [(cell.title or "a section without a name", cell.text) for cell in review.target.cells if cell.editable]
        return cls(
            titles=_titles(review),
            diffs=[diff_of(change) for change in review.changes],
            sending=Sending(Effects.in_review(review), len(review.steps), replaced(review)),
            left=left_words(cells),
            joined=tuple(cell for cell in written if joined_lines(cell.text)),
            undecided=tuple((each.id, conflict_title(each, review.mine, review.server)) for each in review.conflicts),
        )
