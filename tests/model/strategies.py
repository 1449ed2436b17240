"""Postmortems and edits for property tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from pmtui.model.fields import Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Cell, CellKind, Postmortem
from pmtui.model.values import Named, Person, Value

WORDS = ["alert", "cache", "disk", "failover", "jane", "queue", "restart", "timeout", "—", "größe"]
FORM = (
    Field("title", Kind.TEXT, "Title"),
    Field("summary", Kind.PROSE, "Summary"),
    Field("severity", Kind.CHOICE, "Severity"),
    Field("owner", Kind.PERSON, "Owner"),
    Field("responders", Kind.PEOPLE, "Responders"),
    Field("affected_services", Kind.SERVICES, "Services"),
    Field("tags", Kind.WORDS, "Tags"),
)

lines = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
texts = st.lists(lines, max_size=5).map("\n".join)
people = st.builds(Person, id=st.sampled_from("uvwx"), role=st.sampled_from(["", "lead", "scribe"]))
services = st.builds(Named, id=st.sampled_from(["api", "web", "db", "dns"]))

VALUES: dict[Kind, st.SearchStrategy[Value]] = {
    Kind.TEXT: lines,
    Kind.PROSE: texts,
    Kind.CHOICE: st.sampled_from(["", "SEV-1", "SEV-2", "SEV-3"]),
    Kind.PERSON: st.none() | people,
    Kind.PEOPLE: st.lists(people, max_size=3, unique_by=lambda person: person.id).map(tuple),
    Kind.SERVICES: st.lists(services, max_size=3, unique=True).map(tuple),
    Kind.WORDS: st.lists(st.sampled_from(WORDS), max_size=3, unique=True).map(tuple),
}


def fields() -> st.SearchStrategy[dict[str, Value]]:
    return st.fixed_dictionaries({}, optional={field.name: VALUES[field.kind] for field in FORM})


@st.composite
def cells(draw: st.DrawFn, prefix: str = "c") -> tuple[Cell, ...]:
    made = []
    for number in range(draw(st.integers(0, 6))):
        if draw(st.integers(0, 4)) == 0:
            source = f'{{"id": {draw(st.integers(0, 5))}}}'
            made.append(Cell(f"{prefix}{number}", "▦ graph", CellKind.OPAQUE, source))
        else:
            made.append(Cell(f"{prefix}{number}", draw(texts)))
    return tuple(made)


def make(values: dict[str, Value], document: tuple[Cell, ...]) -> Postmortem:
    return Postmortem(Incident("i", "IR-1", "x"), id="p", form=FORM, fields=values, cells=document)


postmortems = st.builds(make, fields(), cells())


@st.composite
def edited(draw: st.DrawFn, base: Postmortem, new: str, moves: bool = True) -> Postmortem:
    """``base`` after some edits; added cells have keys that begin with ``new``."""
    values = {**base.fields, **draw(fields())}
    document = list(base.cells)
    for number in range(draw(st.integers(0, 4))):
        kinds: list[Callable[[], None]] = [lambda n=number: _add(draw, document, f"{new}{n}")]  # type: ignore[misc]
        if document:
            kinds += [lambda: _edit(draw, document), lambda: _delete(draw, document)]
            kinds += [lambda: _move(draw, document)] if moves else []
        draw(st.sampled_from(kinds))()
    return replace(base, fields=values, cells=tuple(document))


def _add(draw: st.DrawFn, document: list[Cell], key: str) -> None:
    document.insert(draw(st.integers(0, len(document))), Cell(key, draw(texts)))


def _edit(draw: st.DrawFn, document: list[Cell]) -> None:
    place = draw(st.integers(0, len(document) - 1))
    cell = document[place]
    if not cell.editable:
        return
    words = cell.text.split(" ")
    at = draw(st.integers(0, len(words)))
    words[at : at + draw(st.integers(0, 2))] = draw(st.lists(st.sampled_from(WORDS), max_size=2))
    document[place] = replace(cell, text=" ".join(words))


def _delete(draw: st.DrawFn, document: list[Cell]) -> None:
    del document[draw(st.integers(0, len(document) - 1))]


def _move(draw: st.DrawFn, document: list[Cell]) -> None:
    cell = document.pop(draw(st.integers(0, len(document) - 1)))
    document.insert(draw(st.integers(0, len(document))), cell)


def says(postmortem: Postmortem) -> tuple[list[tuple[object, str]], list[tuple[str, str]]]:
    """The content of a postmortem, without keys and sources of Markdown cells, for comparing."""
    values: list[tuple[object, str]] = []
    for name, value in sorted(postmortem.fields.items()):
        if value:
            values.append((name, str(sorted(map(str, value))) if isinstance(value, tuple) else str(value)))
    return values, [(cell.kind.value, cell.text if cell.editable else cell.source) for cell in postmortem.cells]
