"""Cell and Postmortem: with Incident the central values of the program."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from pmtui.model.fields import STATUS, Field, LockedBy
from pmtui.model.incident import Existence, Incident
from pmtui.model.values import Value

EPOCH = datetime.fromtimestamp(0, UTC)


class CellKind(StrEnum):
    """Whether a cell is edited as Markdown, or shown and kept as it is."""

    MARKDOWN = "markdown"
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True)
class Cell:
    """One section of a document.

    ``key`` identifies a cell within one reading; it is ours and means nothing to the server. ``text`` is Markdown; for an
    opaque cell it is one line that says what the cell is. ``source`` is the vendor's own JSON, kept so that an untouched cell
    goes back unchanged; it is never shown. ``pinned`` cells (Opsgenie's executive summary) cannot be moved or deleted.
    ``name`` is a fixed title, and ``prompt`` a hint for the empty cell.
    """

    key: str
    text: str
    kind: CellKind = CellKind.MARKDOWN
    source: str = ""
    pinned: bool = False
    name: str = ""
    prompt: str = ""

    @property
    def title(self) -> str:
        """The fixed name, else the first heading, else the first words of the text."""
        return self.name or _title(self.text)

    @property
    def editable(self) -> bool:
        """Whether it is a Markdown cell."""
        return self.kind is CellKind.MARKDOWN

    def same(self, other: Cell) -> bool:
        """Whether both have the same content: the text of Markdown cells, the source of opaque ones."""
        if self.kind is not other.kind:
            return False
        return self.text == other.text if self.editable else self.source == other.source


def characters(cells: Iterable[Cell]) -> int:
    """The total length of the texts of these cells."""
    return sum(len(cell.text) for cell in cells)


_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]", re.MULTILINE)
_WORDS = re.compile(r"\S")
_TITLE_WITHIN = 20_000
"""How many characters are searched for a title, from the first words on. It is needed after each key, also in a cell of megabytes."""


def _title(text: str) -> str:
    """The first heading without its marks, else the first line with words. In linear time, because the text may be hostile."""
    first = _WORDS.search(text)
    if first is None:
        return ""
    start = max(text.rfind("\n", 0, first.start()) + 1, first.start() - 4)  # a heading has at most three blanks before it
    text = text[start : start + _TITLE_WITHIN]
    for heading in _HEADING.finditer(text):
        end = text.find("\n", heading.end())
        words = text[heading.end() : end if end >= 0 else len(text)].strip(" \t\r")
        if words:
            return words.rstrip(" \t#") or words[:1]
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


TEXT = "text"
"""The name of the text, all cells together, as a part: see ``Unread``."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a postmortem that exists and could not be read: its value in the postmortem means nothing.

    ``part`` is a field's name, or ``TEXT`` for the cells. ``why`` says what was found, with its path in the answer if there
    is one; it may be foreign text. ``trouble`` is the value of a ``backends.base.Trouble``.
    """

    part: str
    why: str
    trouble: str = "answer"


@dataclass(frozen=True, slots=True)
class Touch:
    """Who last changed something, and when; "" and None if the vendor does not say. ``by`` is foreign text."""

    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Postmortem:
    """A document about an incident: fields and cells, as last read from a server or as edited since.

    ``id`` is the vendor's id of the document, "" when there is none: then ``cells`` is empty, and the fields are the
    incident's. ``fields`` maps field names to values; ``form`` says how each is edited. ``text_locked`` says why the text
    cannot be edited, "" when it can; ``text_locked_by`` is the kind of reason. ``guard`` says what must happen before any edit
    is sent (a published postmortem is set back first), "" for nothing. ``notices`` are warnings to show. ``unread`` are the
    parts that could not be read: the backend locks them (``Field.locked``, ``text_locked``), and they are neither compared
    nor written. ``version`` identifies this state of the document, in the vendor's terms (a time of modification); "" when
    the vendor gives none. ``touched`` and ``text_touched`` say who changed fields and cells last. ``origin`` is the backend's own
    copy of what it read, as JSON; only that backend looks inside.
    """

    incident: Incident
    id: str = ""
    url: str = ""
    form: tuple[Field, ...] = ()
    fields: Mapping[str, Value] = field(default_factory=dict)
    cells: tuple[Cell, ...] = ()
    text_locked: str = ""
    text_locked_by: LockedBy = LockedBy.NO_POSTMORTEM
    guard: str = ""
    notices: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()
    read_at: datetime = EPOCH
    version: str = ""
    touched: Touch = field(default=Touch(), compare=False)
    text_touched: Touch = field(default=Touch(), compare=False)
    origin: Any = None

    def field(self, name: str) -> Field:
        """The definition of a field. Raises KeyError when there is no such field."""
        for each in self.form:
            if each.name == name:
                return each
        raise KeyError(name)

    def cell(self, key: str) -> Cell:
        """The cell with this key. Raises KeyError when there is none."""
        for each in self.cells:
            if each.key == key:
                return each
        raise KeyError(key)

    @cached_property
    def _called(self) -> Mapping[str, int]:
        """The numbers of the first cells with these titles, which are read once for all fields."""
        return {each.title.casefold(): n for n, each in reversed(tuple(enumerate(self.cells, 1)))}

    def cell_called(self, title: str) -> int:
        """The number of the first cell with this title, from 1; 0 for none. A field may have the same name."""
        return self._called.get(title.casefold(), 0)

    def why_unread(self, part: str) -> str:
        """Why this field, or ``TEXT``, could not be read; "" when it was."""
        return next((each.why for each in self.unread if each.part == part), "")

    def with_field(self, name: str, value: Value) -> Postmortem:
        """The postmortem with this value in a field."""
        return replace(self, fields={**self.fields, name: value})

    def with_cells(self, cells: tuple[Cell, ...]) -> Postmortem:
        """The postmortem with these cells."""
        return replace(self, cells=cells)


def published_status(postmortem: Postmortem) -> str:
    """The value of the status field that means published, "" if none does."""
    values = (choice.value for field in postmortem.form if field.name == STATUS for choice in field.choices)
    return next((value for value in values if value.casefold() == Existence.PUBLISHED), "")
