"""Undo and redo, one burst of typing at a time, across all cells and fields."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from pmtui.model.part import Part
from pmtui.model.values import Task, Value
from pmtui.session.edits import Edit, SetField, Splice, edited_part

_ZWJ = "\u200d"
BURST = 2.0
"""A pause of this many seconds in typing begins a new entry."""
SENTENCE = 30
"""From so many characters on the next word begins a new entry."""
LONGEST_BURST = 300
"""The most edits in one entry: without a limit, a key held down would cost more with each repeat. No character is split."""
_LONGEST_CHARACTER = 100  # code points; anything longer is a flood of combining marks


@dataclass(frozen=True, slots=True)
class UndoStep:
    """One step of undo or redo. ``edits`` are applied in order. ``last`` is the latest edit of a burst that may continue, else None."""

    edits: tuple[Edit, ...]
    at: float = 0.0
    last: Edit | None = None

    @property
    def part(self) -> Part:
        """The part that an undo or redo of this entry changes, for a screen to show."""
        return edited_part(self.edits[-1])


class History:
    """The undo and redo stacks of one draft."""

    def __init__(self) -> None:
        self.undo: list[UndoStep] = []
        self.redo: list[UndoStep] = []

    def done(self, edit: Edit, inverse: Edit, at: float) -> None:
        """Record an edit made at this time, in seconds, and its inverse."""
        self.redo.clear()
        if self.undo and _goes_on(self.undo[-1], edit, at):
            burst = self.undo[-1]
            self.undo[-1] = UndoStep((inverse, *burst.edits), at, edit)
        else:
            self.undo.append(UndoStep((inverse,), at, edit))

    def seal(self) -> None:
        """End the burst: the next edit begins a new entry."""
        if self.undo:
            self.undo[-1] = replace(self.undo[-1], last=None)

    def joined(self, inverse: Edit, at: float) -> None:
        """Remember an edit that belongs to the latest entry: one undo takes back both."""
        self.redo.clear()
        before = self.undo.pop().edits if self.undo else ()
        self.undo.append(UndoStep((inverse, *before), at))

    def undone(self, edits: tuple[Edit, ...], inverses: tuple[Edit, ...]) -> None:
        """Record that these edits undid the latest entry; ``inverses`` redo it."""
        _pop(self.undo, edits)
        self.redo.append(UndoStep(inverses))

    def redone(self, edits: tuple[Edit, ...], inverses: tuple[Edit, ...]) -> None:
        """Record that these edits redid an entry; ``inverses`` undo it again."""
        _pop(self.redo, edits)
        self.undo.append(UndoStep(inverses))

    def keep(self, valid: Callable[[Part], bool]) -> None:
        """Drop entries of parts that are no longer ``valid``, because a colleague changed them. The next key begins a new entry."""
        self.undo = [replace(entry, last=None) for entry in self.undo if all(valid(edited_part(edit)) for edit in entry.edits)]
        self.redo = [entry for entry in self.redo if all(valid(edited_part(edit)) for edit in entry.edits)]


def _pop(stack: list[UndoStep], edits: tuple[Edit, ...]) -> None:
    """Remove the entry that was used. If the top is a different entry (after a restart and a save), clear the stack."""
    if stack and stack[-1].edits == edits:
        stack.pop()
    else:
        stack.clear()


def _goes_on(burst: UndoStep, edit: Edit, at: float) -> bool:
    """Whether the edit extends the burst: at the same place, soon enough, and no new word where the burst is long already."""
    last = burst.last
    if len(burst.edits) >= LONGEST_BURST + _LONGEST_CHARACTER:
        return False
    if isinstance(last, Splice) and isinstance(edit, Splice) and last.cell == edit.cell and _within_character(last.put, edit.put):
        return True
    if last is None or len(burst.edits) >= LONGEST_BURST or not 0 <= at - burst.at <= BURST:
        return False
    if isinstance(last, SetField) and isinstance(edit, SetField):
        before = burst.edits[0]
        if last.name != edit.name or not isinstance(before, SetField):
            return False
        item = _typed_item(before.value, last.value)
        in_one_item = item is not None and item == _typed_item(last.value, edit.value)
        return in_one_item or (isinstance(last.value, str) and isinstance(edit.value, str))
    if not isinstance(last, Splice) or not isinstance(edit, Splice) or last.cell != edit.cell:
        return False
    if edit.put and last.put:
        new_word = last.put[-1].isspace() and not edit.put[0].isspace()
        return not edit.cut and edit.at == last.at + len(last.put) and not (new_word and _characters(burst) >= SENTENCE)
    return not edit.put and not last.put and edit.at in (last.at, last.at - edit.cut)


def _typed_item(before: Value, after: Value) -> int | None:
    """The place of the only item of a list whose text differs, or of one that was added at the end; None when it is not so."""
    if not isinstance(before, tuple) or not isinstance(after, tuple):
        return None
    if after[:-1] == before and after:
        return len(before)
    differing = [place for place, (one, other) in enumerate(zip(before, after, strict=False)) if one != other]
    if len(before) != len(after) or len(differing) != 1:
        return None
    one, other = before[differing[0]], after[differing[0]]
    is_typed = replace(one, text=other.text) == other if isinstance(one, Task) and isinstance(other, Task) else not isinstance(other, Task)
    return differing[0] if is_typed else None


def _characters(burst: UndoStep) -> int:
    """How many characters a burst of typing has put in."""
    return sum(edit.cut for edit in burst.edits if isinstance(edit, Splice))


def _within_character(before: str, after: str) -> bool:
    """Whether the new text belongs to the character typed before it: a terminal sends 👩‍🚀 as three keys.

    No undo may leave half of it, however slow the line was.
    """
    if not before or not after:
        return False
    if before[-1] == _ZWJ or after[0] == _ZWJ or unicodedata.category(after[0]) in ("Mn", "Me", "Mc"):
        return True
    code = ord(after[0])
    skin_or_tag = 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F
    flag = all(0x1F1E6 <= ord(char) <= 0x1F1FF for char in (before[-1], after[0]))
    return skin_or_tag or flag
