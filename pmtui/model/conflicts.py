"""Conflicts: parts that both sides changed and no merge can join; the common answers, and applying an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from pmtui.model.diff import insert_after
from pmtui.model.equality import keyed
from pmtui.model.part import Part
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.text_merge import Whose, resolve_text
from pmtui.model.values import Item, Value

Answer: TypeAlias = Value | Item | Cell
"""A field's value, one item of a list, a cell's text or a whole cell; None for not set, or removed."""

Side: TypeAlias = Value | Item | Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One part, or one item of a list, that both sides changed differently since ``base``.

    For an item of a list ``item`` is its key and a counter, and the three sides are items. A side is None when the item or
    cell is absent, or the field is not set. ``written`` is what the user wrote as the answer to an earlier state of it, and
    stands for mine in all choices; None for nothing.
    """

    id: str
    base: Side
    mine: Side
    theirs: Side
    part: Part
    item: tuple[str, int] | None = None
    written: str | None = None

    @property
    def my_side(self) -> Side:
        """Mine, as the user wrote it last."""
        if self.written is None or not self.part.cell:
            return self.mine if self.written is None else self.written
        cell = next((side for side in (self.mine, self.theirs, self.base) if isinstance(side, Cell) and side.editable), None)
        return self.mine if cell is None else replace(cell, text=self.written)


@dataclass(frozen=True, slots=True)
class Decision:
    """How a conflict was answered: with a side, with both, or with a text ``written`` by hand."""

    whose: Whose | None = None
    written: str = ""

    def answer(self, conflict: Conflict) -> Answer:
        """The answer to the conflict."""
        return self.written if self.whose is None else take(conflict, self.whose)


def is_open(conflicts: Sequence[Conflict], name: str) -> bool:
    """Whether the conflict with this id is one of these open ones, or is about another item of the same list: a list is sent whole."""
    return any(name == each.id or (each.item is not None and name.startswith(f"{each.part.field}:")) for each in conflicts)


def can_take(conflict: Conflict, whose: Whose) -> bool:
    """Whether ``take`` accepts this choice: both sides can only be kept of texts."""
    return whose != "both" or _texts(conflict) is not None


def take(conflict: Conflict, whose: Whose) -> Answer:
    """The answer for mine, theirs or both. In a text the side only decides where the two clash; the rest is merged.

    Raises ValueError for both sides of anything but a text.
    """
    texts = _texts(conflict)
    if texts is not None:
        return resolve_text(base=texts[0], mine=texts[1], theirs=texts[2], whose=whose)
    if whose == "both":
        raise ValueError(f"not a text: {conflict.id}")
    return conflict.my_side if whose == "mine" else conflict.theirs


def answered(postmortem: Postmortem, conflict: Conflict, answer: Answer) -> Postmortem:
    """The postmortem with this answer to the conflict. Raises TypeError for an answer of the wrong type."""
    if conflict.part.cell:
        return postmortem.with_cells(_answer_cell(postmortem.cells, conflict, answer))
    if conflict.item is None:
        if isinstance(answer, Cell):
            raise TypeError(f"a cell is no answer to {conflict.id}")
        return postmortem.with_field(conflict.part.field, answer)  # type: ignore[arg-type]
    value = postmortem.fields.get(conflict.part.field)
    return postmortem.with_field(conflict.part.field, put_item(value, conflict.item, answer))


def put_item(value: Value, key: tuple[str, int], item: object) -> Value:
    """The list with the item of this key replaced, or appended when there is none; None removes it."""
    items = dict(keyed(value)) if isinstance(value, tuple) else {}
    if item is None:
        items.pop(key, None)
    else:
        items[key] = item  # type: ignore[assignment]
    result: tuple[object, ...] = tuple(items.values())
    return result  # type: ignore[return-value]


def _texts(conflict: Conflict) -> tuple[str, str, str] | None:
    """Base, mine and theirs if all are texts (of Markdown cells, or of a field of several lines), else None."""
    sides = (conflict.base, conflict.my_side, conflict.theirs)
    texts = tuple(side.text if isinstance(side, Cell) and side.editable else side for side in sides)
    if not conflict.part.cell and not any(isinstance(text, str) and "\n" in text for text in texts):
        return None
    base, mine, theirs = texts
    if isinstance(mine, str) and isinstance(theirs, str):
        return (base if isinstance(base, str) else "", mine, theirs)
    return None


def _answer_cell(cells: Sequence[Cell], conflict: Conflict, answer: Answer) -> tuple[Cell, ...]:
    if answer is None:
        return tuple(cell for cell in cells if cell.key != conflict.part.cell)
    sides = [side for side in (conflict.theirs, conflict.mine, conflict.base) if isinstance(side, Cell)]
    if isinstance(answer, str):
        answer = replace(next((side for side in sides if side.editable), sides[0]), text=answer)
    if not isinstance(answer, Cell):
        raise TypeError(f"a field's value is no answer to {conflict.id}")
    answer = replace(answer, key=conflict.part.cell)
    if any(cell.key == conflict.part.cell for cell in cells):
        return tuple(answer if cell.key == conflict.part.cell else cell for cell in cells)
    return insert_after(cells, cells, answer)
