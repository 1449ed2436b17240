"""Turns cells of the source into cells of the target, and places them there. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pmtui.formats.adf.plain import plain
from pmtui.model.cell_alignment import align
from pmtui.model.equality import same_text
from pmtui.model.postmortem import Cell, CellKind, Postmortem
from pmtui.session.copy.loss import Fate, PartLoss
from pmtui.session.copy.places import CopySource, Target
from pmtui.session.copy.section import escaped


@dataclass(frozen=True, slots=True)
class Text:
    """A cell for the target, and the fate of the source's cell."""

    cell: Cell
    loss: PartLoss


def carried_cells(source: CopySource, target: Target) -> list[Text]:
    """The cells of the source for the target, without those that are only an outline."""
    pinned = {cell.name: cell for cell in target.postmortem.cells if cell.pinned}
    made: list[Text] = []
    for cell in source.postmortem.cells:
        if not cell.editable:
            made.append(_opaque(cell, source, target))
        elif cell.text.strip():
            made.append(_markdown(cell, source, target, pinned.get(_name(cell, pinned))))
    return made


def _name(cell: Cell, pinned: dict[str, Cell]) -> str:
    """The name of the target's pinned cell for this one, "" when it gets a cell of its own."""
    return cell.title if cell.title in pinned and pinned[cell.title].editable else ""


def _opaque(cell: Cell, source: CopySource, target: Target) -> Text:
    if source.vendor == target.vendor and target.opaque:
        return Text(replace(cell, pinned=False, name=""), PartLoss(f"cell:{cell.key}", cell.title, Fate.EXACT))
    return Text(Cell(cell.key, line_of(cell, source)), PartLoss(f"cell:{cell.key}", cell.title, Fate.IN_TEXT, "a line with its address"))


def line_of(cell: Cell, source: CopySource) -> str:
    """The line in place of a cell that the target cannot have: what it is, and where to find it."""
    url = source.postmortem.url or source.postmortem.incident.url
    where = f"[{escaped(source.vendor)}]({url})" if url else escaped(source.vendor)
    return f"▦ {escaped(cell.text)} · kept in {where}"


def resembles(postmortem: Postmortem, source: CopySource) -> bool:
    """Whether a postmortem has a section of the source, or neither has any content."""
    here, there = ([each for each in one.cells if not is_outline(each)] for one in (postmortem, source.postmortem))
    return any(_says(one, other) for one in here for other in there) if here or there else True


def has_lines(cells: Sequence[Cell], source: CopySource) -> bool:
    """Whether some of these cells are lines in place of others (``line_of``)."""
    lines = {line_of(cell, source) for cell in source.postmortem.cells if not cell.editable}
    return any(cell.text in lines for cell in cells)


def _markdown(cell: Cell, source: CopySource, target: Target, fixed: Cell | None) -> Text:
    text, details = cell.text, list[str]()
    own = cell.source if source.vendor == target.vendor else ""  # the vendor's own form has more than the text shows
    if source.rich_text and not target.rich_text:
        made = plain(text)
        text = made.text
        details += [what if times == 1 else f"{times}× {what}" for what, times in made.changed]
        details += ["written as plain Markdown"] if not made.changed and made.text != cell.text else []
    if fixed is not None:
        if not cell.pinned:
            text = _without_heading(text)
            details.append(f"under the fixed heading {fixed.name}")
        placed = replace(fixed, text=text, source=own)
    else:
        if cell.name and cell.pinned:
            text = f"## {cell.name}\n\n{text}"
            details.append("under a heading of its own")
        placed = Cell(cell.key, text, source=own, prompt=cell.prompt)
    fate = Fate.CHANGED if details else Fate.EXACT
    return Text(placed, PartLoss(f"cell:{cell.key}", cell.title, fate, ", ".join(details)))


def _without_heading(text: str) -> str:
    first, _, rest = text.lstrip("\n").partition("\n")
    return rest.lstrip("\n") if first.startswith("#") else text


def is_outline(cell: Cell) -> bool:
    """Whether a cell has no content yet: it is empty, or a heading with nothing below it."""
    return cell.editable and not _without_heading(cell.text + "\n").strip()


def placed(cells: Sequence[Cell], target: Target) -> tuple[tuple[Cell, ...], frozenset[str]]:
    """Place copied cells among the target's. Returns all cells, and the keys of the copied ones.

    Cells of an earlier copy and empty outlines are replaced. Every other cell stays, before the copied ones. A cell that
    the target already has is not written twice.
    """
    there = target.postmortem.cells
    outline = all(is_outline(cell) for cell in there)
    ours = {cell.key for cell in there if cell.key in target.ours or cell.pinned or outline}
    foreign = [cell for cell in there if cell.key not in ours]
    held = {cell.name: cell for cell in there if cell.pinned and cell.key not in target.ours and cell.text.strip()}
    wanted = [_freed(cell, held) for cell in cells]
    wanted = [cell for cell in wanted if not any(_says(cell, other) for other in foreign)]
    own = [cell for cell in there if cell.key in ours and cell.name not in held]
    if outline:  # keep a target's cell only when it is wanted unchanged: a changed one would pass its hidden source on
        own = [cell for cell in own if cell.pinned or cell.key in target.ours or any(_says(each, cell) for each in wanted)]
    known = {cell.key: cell for cell in own}
    aligned = align(own, wanted, {cell.key for cell in there})
    made = [_kept(cell, known[cell.key]) if cell.key in known else cell for cell in aligned]
    fixed = [next((each for each in made if each.key == cell.key), cell) for cell in there if cell.pinned]
    rest = [cell for cell in made if not cell.pinned]
    keys = {cell.key for cell in (*rest, *fixed)} - {cell.key for cell in held.values()}
    return (*fixed, *foreign, *rest), frozenset(keys)


def beside(target: Target, wanted: Sequence[Cell]) -> tuple[str, ...]:
    """What becomes of a text that the target has already, where a first copy adds sections below it. Foreign text."""
    there = [cell for cell in target.postmortem.cells if not is_outline(cell)]
    known = {cell.key for cell in target.postmortem.cells}
    added = [cell for cell in wanted if cell.key not in known]
    if target.ours or not there or not added or tuple(wanted[-len(added) :]) != tuple(added):
        return ()
    said = f"{target.postmortem.incident.reference} has text already: it stays, the copied sections ({len(added)}) are added below it"
    titles = {cell.title.casefold() for cell in there}
    twice = dict.fromkeys(cell.title for cell in added if cell.title.casefold() in titles)
    return (f"{said}; then there are two of {', '.join(twice)}" if twice else said,)


def _freed(cell: Cell, held: dict[str, Cell]) -> Cell:
    """A cell whose pinned place already has other text: it becomes a cell with a heading instead."""
    if not cell.pinned or cell.name not in held or same_text(held[cell.name].text, cell.text):
        return cell
    return Cell(cell.key, f"## {cell.name}\n\n{cell.text}")


def _says(one: Cell, other: Cell) -> bool:
    if one.kind is not other.kind or one.pinned:
        return False
    return same_text(one.text, other.text) if one.kind is CellKind.MARKDOWN else one.source == other.source


def _kept(cell: Cell, known: Cell) -> Cell:
    """The known cell with the text of this one, or unchanged when it has that text."""
    if not cell.editable:
        return known if cell.source == known.source else replace(known, text=cell.text, source=cell.source)
    return known if same_text(cell.text, known.text) else replace(known, text=cell.text)
