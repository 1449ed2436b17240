"""The section "Carried over": values without a field in the target, and the note by which a copy is found. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Link, Person, Task, Value, label_of

TITLE = "Carried over"
_SPECIAL = re.compile(r"([\\`*\[\]<>{}]|(?<!\w)_|_(?!\w)|~(?=~)|:(?=[A-Za-z]))")
_ADDRESS = re.compile(r"[^\s<>()\\]+")


def section(note: str, lines: Sequence[tuple[str, Value]]) -> str:
    """The text of the section: the note, then a line for each value, by label."""
    short = [f"- {escaped(label)}: {said(value)}" for label, value in lines if not _is_long(value)]
    long = [f"**{escaped(label)}**\n\n{value}" for label, value in lines if _is_long(value)]
    parts = [f"## {TITLE}", note, "\n".join(short), *long]
    return "\n\n".join(part for part in parts if part)


def key_of(source: Postmortem) -> str:
    """An id that is unique among the postmortems of the vendor."""
    return source.id or source.incident.id or source.incident.reference


def note(source: Postmortem, vendor: str) -> str:
    """The sentence that says where the text came from; ``is_noted`` finds it."""
    name = escaped(f"{vendor} {source.incident.reference}")
    url = source.url or source.incident.url
    whence = f"[{name}]({url})" if url and _ADDRESS.fullmatch(url) else name
    return f"Copied from {whence} with pmtui; its id there is `{key_of(source)}`."


def is_noted(postmortem: Postmortem, source: Postmortem) -> bool:
    """Whether this postmortem has the note of a copy of ``source``."""
    wanted = f"with pmtui; its id there is `{key_of(source)}`"
    return any(wanted in cell.text for cell in postmortem.cells if cell.editable and TITLE in cell.text)


def said(value: Value) -> str:
    """A value in one line of Markdown."""
    if isinstance(value, tuple):
        return ", ".join(_item(each) for each in value)
    return _item(value)


def _item(value: object) -> str:
    if isinstance(value, Link):
        return f"[{escaped(value.label)}]({value.url})" if _ADDRESS.fullmatch(value.url) else escaped(f"{value.label} {value.url}")
    if isinstance(value, Task):
        told = [*value.assignees, *([f"due {value.due}"] if value.due else []), *(["done"] if value.done else [])]
        return escaped(value.text + (f" ({', '.join(told)})" if told else ""))
    if isinstance(value, Person):
        role = f" ({value.role})" if value.role else ""
        return escaped(value.label + role)
    return escaped(label_of(value))  # type: ignore[arg-type]  # one of the items that are left


def escaped(words: str) -> str:
    """Foreign text in one line, with Markdown characters escaped."""
    plain = " ".join(words.split())
    return _SPECIAL.sub(r"\\\1", plain) if not _ADDRESS.fullmatch(plain) or "://" not in plain else plain


def _is_long(value: Value) -> bool:
    return isinstance(value, str) and "\n" in value.strip()
