"""A postmortem as one Markdown file, both ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.formats.document.postmortem_file import Source, digest, file_of, read, target, update, write
from pmtui.model.fields import Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Cell, CellKind, Postmortem
from pmtui.model.values import Link, Named, Person, Task, Value
from tests.model.strategies import edited
from tests.model.strategies import postmortems as plain_postmortems

ODD = ["no", "2026-11-14", "a: b", "- x", "# x", "---", "x <y>", "x (y)", "· due 1", "{a}", "\u2028", "'", '"', "~"]
WILD = st.text(max_size=12) | st.sampled_from(ODD)
OWNERS = st.lists(WILD.filter(lambda each: "\n" not in each and each != ""), max_size=2).map(tuple)

ITEMS: dict[Kind, st.SearchStrategy[Value]] = {
    Kind.TEXT: st.none() | WILD,
    Kind.PERSON: st.none() | st.builds(Person, WILD, WILD, WILD, WILD),
    Kind.PEOPLE: st.lists(st.builds(Person, WILD, WILD, WILD, WILD), max_size=3, unique_by=lambda each: each.key).map(tuple),
    Kind.TEAMS: st.lists(st.builds(Named, WILD, WILD), max_size=3, unique_by=lambda each: each.key).map(tuple),
    Kind.LINKS: st.lists(st.builds(Link, WILD, WILD), max_size=3, unique_by=lambda each: each.key).map(tuple),
    Kind.TASKS: st.lists(
        st.builds(Task, WILD, WILD, OWNERS, WILD, st.booleans()),
        max_size=3,
        unique_by=lambda each: each.key,
    ).map(tuple),
    Kind.WORDS: st.lists(WILD, max_size=3).map(tuple),
}
FORM = tuple(Field(kind.value, kind, kind.value) for kind in ITEMS)
OPAQUE = st.builds(Cell, st.just(""), WILD, st.just(CellKind.OPAQUE), st.sampled_from(["{}", "[1]"]))
CELLS = st.lists(
    st.builds(Cell, st.just(""), st.text(max_size=30)) | OPAQUE,
    max_size=4,
).map(lambda cells: tuple(replace(cell, key=f"c{number}") for number, cell in enumerate(cells)))
INCIDENT = Incident("i-1", "IR-338", "Checkout 5xx", created=datetime(2026, 11, 14, 2, 0, tzinfo=UTC))


def postmortem(fields: dict[str, Value], cells: tuple[Cell, ...]) -> Postmortem:
    return Postmortem(INCIDENT, id="p", form=FORM, fields=fields, cells=cells)


wild = st.builds(postmortem, st.fixed_dictionaries({kind.value: values for kind, values in ITEMS.items()}), CELLS)


def says(made: Postmortem) -> tuple[dict[str, Value], list[tuple[str, str, str, CellKind]]]:
    return {name: value for name, value in made.fields.items() if value not in (None, ())}, [
        (cell.name, cell.text, "" if cell.editable else cell.source, cell.kind) for cell in made.cells
    ]


def empty(like: Postmortem) -> Postmortem:
    return replace(like, fields={}, cells=())


@given(wild | plain_postmortems)
def test_a_postmortem_survives_its_file(made: Postmortem) -> None:
    file = file_of(made, Source("datadog", incident="i-1"))
    back = read(write(file))
    assert back.source == file.source
    assert says(target(back, empty(made), file.opaque)) == says(made)
    assert digest(target(back, empty(made), file.opaque)) == digest(made)


@given(wild)
def test_what_was_read_is_written_with_the_same_bytes(made: Postmortem) -> None:
    text = write(file_of(made, Source()))
    assert update(text, file_of(made, Source())) == text


@given(st.data())
def test_an_update_says_what_it_should(data: st.DataObject) -> None:
    before = data.draw(plain_postmortems)
    after = data.draw(edited(before, "n"))
    file = file_of(after, Source())
    text = update(write(file_of(before, Source())), file)
    assert says(target(read(text), empty(after), file.opaque)) == says(after)


@given(wild)
def test_other_readers_take_the_front_matter_for_the_same(made: Postmortem) -> None:
    """Every value is text for any YAML reader, but the date."""
    head = write(file_of(made, Source())).split("\n---\n")[0].removeprefix("---\n")
    for name, entry in yaml.safe_load(head).items():
        assert name == "date" or isinstance(entry, str | list | dict), (name, entry)


BY_HAND = """\
---
# written by hand
title: Checkout 5xx
layout: post   # of the site
severity: SEV-1
owner: Jane Doe <jane@corp.com>
responders:
- Mara López <mara@corp.com> (Scribe)
x-team: payments
---
## Summary

It broke.
"""


def test_an_edit_changes_its_own_lines_only() -> None:
    file = read(BY_HAND)
    changed = replace(file, entries={**file.entries, "severity": "SEV-2"})
    ours = 'x-team: payments\npmtui:\n  schema: "1"\n'
    assert update(BY_HAND, changed) == BY_HAND.replace("SEV-1", "SEV-2").replace("x-team: payments\n", ours)


def test_a_file_without_front_matter_is_a_postmortem() -> None:
    file = read("\ufeff## Summary\r\n\r\nIt broke.\r\n")
    assert [cell.text for cell in file.cells] == ["## Summary\n\nIt broke."]
    assert file.entries == {}


def test_a_missing_key_leaves_its_field_alone_and_an_empty_one_clears_it() -> None:
    base = Postmortem(
        INCIDENT,
        form=(Field("severity", Kind.CHOICE, ""), Field("owner", Kind.PERSON, "")),
        fields={"severity": "SEV-1", "owner": Person("u")},
    )
    assert target(read("---\nowner:\n---\n"), base, {}).fields == {"severity": "SEV-1", "owner": None}


def test_the_summary_with_a_fixed_title_is_a_section() -> None:
    base = Postmortem(INCIDENT, cells=(Cell("s", "It broke.", pinned=True, name="Executive summary"), Cell("c", "## Impact\n\nx")))
    text = write(file_of(base, Source()))
    assert "\n## Executive summary\n\nIt broke.\n\n## Impact\n" in text
    assert target(read(text.replace("It broke", "It burnt")), base, {}).cells == (replace(base.cells[0], text="It burnt."), base.cells[1])


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("---\ntitle: a\n", 1, "no end"),
        ("---\ntitle: a\ntitle: b\n---\n", 3, "twice"),
        ("---\ntitle: &a b\n---\n", 2, "anchors"),
        ("---\ntitle: 'a\n---\n", 3, "found"),
        ("---\r\ntitle: a\n---\r\n", 1, "mixed line ends"),
        ("---\rtitle: a\r---\r", 1, "mixed line ends"),
        ("---\n- a\n---\n", 2, "keys and values"),
        ("---\na: " + "[" * 5000 + "\n---\n", 2, ""),
        ("---\na: " + "{b: " * 5000 + "\n---\n", 2, ""),
        ("---\n" + "".join(f"{' ' * at}a:\n" for at in range(40)) + "---\n", 22, ""),
        ("---\na: &b " + "[" * 500_000 + "\n---\n", 1, ""),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(FrontMatterError) as raised:
        read(text)
    assert said in raised.value.said
    assert raised.value.line >= line


def test_half_a_character_of_a_server_survives_the_file() -> None:
    made = postmortem({"text": "\ud800 half"}, ())
    text = write(file_of(made, Source()))
    text.encode("utf-8")
    assert target(read(text), made, {}).fields == made.fields


def test_an_opaque_cell_without_its_json_is_an_error() -> None:
    made = postmortem({}, (Cell("c", "▦ graph", CellKind.OPAQUE, "{}"),))
    with pytest.raises(FrontMatterError, match="opaque cell"):
        target(read(write(file_of(made, Source()))), made, {})
