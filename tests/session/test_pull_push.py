"""A file and a server joined: as a save merges, and nobody's words dropped."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.formats.document.postmortem_file import Source, digest, file_of, read, write
from pmtui.model.diff import diff
from pmtui.model.fields import Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.session.transfer.pull_push import NoBase, joined
from tests.model.strategies import edited, postmortems, says

BASE = Postmortem(
    Incident("i", "IR-1", "x"),
    id="p",
    form=(Field("severity", Kind.CHOICE, "Severity"),),
    fields={"severity": "SEV-1"},
    cells=(Cell("a", "## Summary\n\nIt broke."), Cell("b", "## Impact\n\nMany.")),
)


def pulled(postmortem: Postmortem) -> str:
    return write(file_of(postmortem, Source(base=digest(postmortem))))


@given(postmortems)
def test_a_file_as_it_was_pulled_changes_nothing(base: Postmortem) -> None:
    found = joined(read(pulled(base)), base=base, server=base)
    assert diff(base, found.postmortem) == ()
    assert found.conflicts == ()


@given(st.data())
def test_the_edits_of_a_file_arrive(data: st.DataObject) -> None:
    base = data.draw(postmortems)
    wanted = data.draw(edited(base, "n"))
    text = write(replace(file_of(wanted, Source(base=digest(base)))))
    cleared = {name for name, value in base.fields.items() if value and wanted.fields.get(name) in (None, ())}
    found = joined(read(text), base=base, server=base)
    kept = {name: base.fields[name] for name in cleared}
    assert says(found.postmortem) == says(replace(wanted, fields={**wanted.fields, **kept}))


def test_both_sides_are_joined() -> None:
    text = pulled(BASE).replace("It broke.", "It broke at two.")
    server = replace(BASE, fields={"severity": "SEV-2"}, cells=(BASE.cells[0], Cell("b", "## Impact\n\n1,900 people.")))
    found = joined(read(text), base=BASE, server=server)
    assert found.conflicts == ()
    assert found.postmortem.fields["severity"] == "SEV-2"
    assert [cell.text for cell in found.postmortem.cells] == ["## Summary\n\nIt broke at two.", "## Impact\n\n1,900 people."]


def test_the_same_words_changed_twice_are_a_conflict() -> None:
    text = pulled(BASE).replace("It broke.", "It burnt.")
    server = replace(BASE, cells=(Cell("a", "## Summary\n\nIt melted."), BASE.cells[1]))
    assert len(joined(read(text), base=BASE, server=server).conflicts) == 1


def test_without_its_base_a_file_goes_only_to_the_server_that_it_came_from() -> None:
    text = pulled(BASE).replace("It broke.", "It broke at two.")
    assert joined(read(text), base=None, server=BASE).postmortem.cells[0].text == "## Summary\n\nIt broke at two."
    with pytest.raises(NoBase):
        joined(read(text), base=None, server=replace(BASE, fields={"severity": "SEV-2"}))


def test_a_section_that_both_added_is_one_and_keeps_its_place_on_the_server() -> None:
    new = "## Timeline\n\n- 02:14 alert"
    text = pulled(BASE).rstrip("\n") + f"\n\n{new}\n"
    server = replace(BASE, cells=(*BASE.cells, Cell("x", new)))
    found = joined(read(text), base=BASE, server=server)
    assert diff(server, found.postmortem) == (), "it is neither deleted nor added again"
