"""Changes as titles and as lines of a diff, for the review screen and the command line.

All text here is foreign: pass it through ``display`` before showing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from pmtui.formats import typed_time
from pmtui.formats.action_items import in_words
from pmtui.formats.gaps import begins_with_heading, heading_of
from pmtui.model.changes import CellAdded, CellDeleted, CellEdited, CellMoved, Change, FieldChanged
from pmtui.model.conflicts import Conflict
from pmtui.model.equality import keyed, same_item
from pmtui.model.matching import opcodes
from pmtui.model.part import Part
from pmtui.model.postmortem import TEXT, Cell, Postmortem
from pmtui.model.text_merge import lines_of, words_of
from pmtui.model.values import Item, Value, label_of

DiffLine: TypeAlias = tuple[str, str]
"""A tag and a text without a line end. Tags: "@" begins a hunk, " " unchanged, "-" before, "+" after."""

_SHORT = 60  # the longest change, in characters, that is shown beside the field's name


def change_title(change: Change, postmortem: Postmortem) -> str:
    """The change in one line: ``Severity  SEV-2 → SEV-1``, ``Responders  + Mara López · Communications``, ``3 Timeline``."""
    if isinstance(change, FieldChanged):
        return "  ".join(filter(None, field_words(change, postmortem)))
    if isinstance(change, CellEdited):
        return _numbered(_known_as(change), postmortem)
    if isinstance(change, CellMoved):
        return f"{_numbered(change.cell, postmortem)} · moved here"
    if isinstance(change, CellAdded):
        return f"{_numbered(change.cell, postmortem)} · new"
    return f"{change.cell.title or 'an empty cell'} · deleted"


def headings_lost(changes: Iterable[Change]) -> list[str]:
    """A notice for each section whose heading goes, because its new text begins with something else. Foreign text."""
    return [
        f'the heading "{heading}" goes, because the new text does not begin with one: put it into the text to keep it'
        for change in changes
        if isinstance(change, CellEdited) and not _begins_with_heading(change.after) and (heading := heading_of(_words(change.before)))
    ]


def part_title(part: Part, *postmortems: Postmortem) -> str:
    """The part as the first of these that has it calls it: ``Severity``, ``3 Timeline``. A cell that is not in the first has no number."""
    if part.field:
        return _label(part.field, postmortems[0])
    cell = next((cell for each in postmortems for cell in each.cells if cell.key == part.cell), None)
    return _numbered(cell, postmortems[0]) if cell is not None else part.cell


def conflict_title(conflict: Conflict, *postmortems: Postmortem) -> str:
    """As ``part_title``, with the item of a list that it is about: ``Responders: Mara López``."""
    named = part_title(conflict.part, *postmortems)
    item = next((side for side in (conflict.mine, conflict.theirs, conflict.base) if side is not None), None)
    return f"{named}: {label_of(item)}" if conflict.item is not None and not isinstance(item, Cell) else named


def field_words(change: FieldChanged, postmortem: Postmortem) -> tuple[str, str]:
    """The field's name, and the change if it is short; "" otherwise, and then ``change_lines`` has it."""
    return _label(change.name, postmortem), _said_shortly(change)


def unread_words(postmortem: Postmortem) -> list[str]:
    """What could not be read, one line each: ``Responders could not be read: …``."""
    return [
        f"{'The text' if each.part == TEXT else _label(each.part, postmortem)} could not be read: {each.why}" for each in postmortem.unread
    ]


def draft_text(postmortem: Postmortem, changes: Sequence[Change]) -> str:
    """A draft as text: the changed fields, then the cells."""
    fields = [change_title(change, postmortem) for change in changes if isinstance(change, FieldChanged)]
    cells = [cell.text.strip("\n") for cell in postmortem.cells if cell.text.strip()]
    return "\n\n".join(["\n".join([f"{postmortem.incident.reference}  {postmortem.incident.title}", *fields]), *cells]) + "\n"


def change_lines(change: Change, context: int = 1) -> tuple[DiffLine, ...]:
    """The change as lines of a diff; empty when ``change_title`` already shows all of it."""
    if isinstance(change, FieldChanged):
        return () if _said_shortly(change) else field_lines(change.before, change.after)
    if isinstance(change, CellEdited):
        return diff_lines(change.before.text, change.after.text, context)
    if isinstance(change, CellAdded):
        return diff_lines("", change.cell.text, context)
    if isinstance(change, CellDeleted):
        return diff_lines(change.cell.text, "", context)
    return ()


def field_lines(before: Value, after: Value) -> tuple[DiffLine, ...]:
    """A field's change as lines: the items removed from and added to a list, or the lines of a text."""
    if isinstance(before, tuple) or isinstance(after, tuple):
        old = keyed(before) if isinstance(before, tuple) else {}
        new = keyed(after) if isinstance(after, tuple) else {}
        gone = [("-", in_words(item)) for key, item in old.items() if key not in new or not same_item(item, new[key])]
        come = [("+", in_words(item)) for key, item in new.items() if key not in old or not same_item(item, old[key])]
        return (*gone, *come)
    return diff_lines(label_of(before), label_of(after))


def diff_lines(before: str, after: str, context: int = 1) -> tuple[DiffLine, ...]:
    """A unified diff with ``context`` unchanged lines around each change. A hunk begins with ``("@", "line 6")``.

    Lines are compared without their ends: writing below the last line does not change that line.
    """
    old, new = ([line.removesuffix("\n") for line in lines_of(text)] for text in (before, after))
    if old == new and before != after:
        return (("@", "only line ends differ"),)
    found: list[DiffLine] = []
    last_shown = 0
    codes = [code for code in opcodes(old, new) if code[0] != "equal"]
    for number, (_, i1, i2, j1, j2) in enumerate(codes):
        start = max(i1 - context, last_shown)
        if start > last_shown or not found:
            found.append(("@", f"line {j1 - (i1 - start) + 1}"))
        found += _tagged(" ", old[start:i1]) + _tagged("-", old[i1:i2]) + _tagged("+", new[j1:j2])
        following = codes[number + 1][1] if number + 1 < len(codes) else len(old)
        last_shown = min(i2 + context, following)
        found += _tagged(" ", old[i2:last_shown])
    return tuple(found)


def diff_words(before: str, after: str) -> tuple[DiffLine, ...]:
    """Runs of words: "=" unchanged, "-" removed, "+" added. Joined without "-" they are ``after``, without "+" ``before``."""
    old, new = words_of(before), words_of(after)
    found: list[DiffLine] = []
    for tag, i1, i2, j1, j2 in opcodes(old, new):
        if tag == "equal":
            found.append(("=", "".join(old[i1:i2])))
            continue
        found += [(sign, "".join(words)) for sign, words in (("-", old[i1:i2]), ("+", new[j1:j2])) if words]
    return tuple(found)


def _tagged(tag: str, lines: Sequence[str]) -> list[DiffLine]:
    return [(tag, line) for line in lines]


def _said_shortly(change: FieldChanged) -> str:
    """The whole change in a few words, "" when it is too long for that."""
    lists = isinstance(change.before, tuple) or isinstance(change.after, tuple)
    if lists:
        lines = field_lines(change.before, change.after)
        said = "  ".join(f"{tag} {text}" for tag, text in lines)
    else:
        said = " → ".join(told_apart(_or_nothing(change.before), _or_nothing(change.after)))
    return said if len(said) <= _SHORT and "\n" not in said else ""


def told_apart(*values: str) -> tuple[str, ...]:
    """The values, times among them as people read them."""
    return typed_time.told_apart(values)


def _or_nothing(value: Value | Item) -> str:
    return label_of(value) or "nothing"


def _label(name: str, postmortem: Postmortem) -> str:
    """The field's label, told apart from a section of the same name: ``Root cause (field)``."""
    label = next((field.label for field in postmortem.form if field.name == name), name)
    return f"{label} (field)" if postmortem.cell_called(label) else label


def _known_as(change: CellEdited) -> Cell:
    """The side of an edit whose title people know: a new heading names the section, new first words do not."""
    return change.after if _begins_with_heading(change.after) or not change.before.title else change.before


def _begins_with_heading(cell: Cell) -> bool:
    """Whether the cell has a title of its own, whatever its text begins with, or begins with a heading."""
    return bool(cell.name) or begins_with_heading(cell.text)


def _words(cell: Cell) -> str:
    return cell.text.lstrip("\r\n")


def _numbered(cell: Cell, postmortem: Postmortem) -> str:
    number = next((n for n, each in enumerate(postmortem.cells, 1) if each.key == cell.key), None)
    title = cell.title or "an empty cell"
    return f"{number} {title}" if number else title
