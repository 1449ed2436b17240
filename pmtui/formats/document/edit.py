"""Edits a postmortem file that people keep by hand: only the lines of changed parts are rewritten. Pure.

Everything else keeps its bytes: line ends, a byte-order mark, comments, unknown keys, the end of the front matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pmtui.formats.document import front_matter
from pmtui.formats.document.body import FileCell, update_body
from pmtui.formats.document.front_matter import Entry
from pmtui.formats.document.postmortem_file import ORDER, OURS, SCHEMA, normal
from pmtui.formats.document.values import Known
from pmtui.formats.incoming import BYTE_ORDER_MARK


@dataclass(frozen=True, slots=True)
class FileEdits:
    """The changes to a file. An entry of None removes its key. ``known`` has, by field, what the texts of items do not say.

    ``ours`` are values of our own keys (``reference``). ``cells`` is the whole text, None when it does not change.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    known: Mapping[str, Known] = field(default_factory=dict)
    ours: Mapping[str, str] = field(default_factory=dict)
    cells: Sequence[FileCell] | None = None


def edited(text: str, edits: FileEdits) -> str:
    """The text of the file with these edits, unchanged if they change nothing. Raises FrontMatterError."""
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    plain = normal(text)
    opening, source, closing, body = _parts(plain)
    here = front_matter.read(source)
    wanted = _with_ours(_entries(here, edits), edits)
    if wanted != here:
        others = [key for key in wanted if key not in ORDER and key != OURS]
        source = front_matter.update(source, wanted, (*ORDER, *others, OURS))
        if not opening:
            opening, closing = "---\n", "---\n" if body.startswith("\n") or not body else "---\n\n"
    if edits.cells is not None:
        body = _with_cells(body, edits.cells, behind=opening != "")
        closing += "\n" if body and closing and not closing.endswith("\n") else ""
        if not opening and body.startswith("---\n"):  # a rule, which would be read as the start of front matter
            opening, closing = "---\n", "---\n\n"
    made = f"{opening}{source}{closing}{body}"
    return mark + (made.replace("\n", "\r\n") if _is_of_windows(text) else made)


def _parts(text: str) -> tuple[str, str, str, str]:
    """Split a text: the opening line of the front matter, the YAML, the closing line (all "" without front matter), and the rest."""
    source, body = front_matter.split(text)
    if body == text:
        return "", "", "", text
    opening = "---\n"
    return opening, source, text[len(opening) + len(source) : len(text) - len(body)], body


def _is_of_windows(text: str) -> bool:
    return "\r\n" in text and text.count("\r\n") == text.count("\n")


def _entries(here: Mapping[str, Entry], edits: FileEdits) -> dict[str, Entry]:
    """The entries of the file with the changed ones. A key without a value stays when it is to be removed."""
    gone = {key for key, entry in edits.entries.items() if entry is None and here.get(key) not in (None, [], "")}
    new = {key: entry for key, entry in edits.entries.items() if entry is not None and here.get(key) != entry}
    return {**{key: entry for key, entry in here.items() if key not in gone}, **new}


def _with_ours(entries: dict[str, Entry], edits: FileEdits) -> dict[str, Entry]:
    """The entries with our own. Without values, our key is left out."""
    here = entries.get(OURS)
    ours: dict[str, Entry] = dict(here) if isinstance(here, dict) else {}
    table = ours.get("known")
    known: dict[str, Entry] = dict(table) if isinstance(table, dict) else {}
    for name in edits.entries:
        if hidden := edits.known.get(name):
            known[name] = {text: dict(told) for text, told in hidden.items()}
        else:
            known.pop(name, None)
    wanted = {**{key: entry for key, entry in ours.items() if key != "known"}, **edits.ours}
    wanted |= {"known": known} if known else {}
    if wanted == ours:
        return entries
    if not (set(wanted) - {"schema"}):
        return {key: entry for key, entry in entries.items() if key != OURS}
    return {**entries, OURS: {"schema": SCHEMA, **wanted}}


def _with_cells(body: str, cells: Sequence[FileCell], *, behind: bool) -> str:
    """The text with these cells; a blank line separates them from front matter that had no text after it."""
    updated = update_body(body, list(cells))
    return f"\n{updated}" if behind and updated and not body.strip("\n") and not updated.startswith("\n") else updated
