"""Copies between two sandboxes, with a fault or a kill at each request on the way: a second run goes on, and nothing is there twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pmtui.backends.base import BackendError
from pmtui.formats.document.postmortem_file import Source as FileSource
from pmtui.formats.document.postmortem_file import file_of, write
from pmtui.formats.sections import canonical
from pmtui.model.postmortem import Postmortem
from pmtui.sandbox.server import Sandbox
from pmtui.session.copy.loss import Fate
from pmtui.session.copy.mapping import FieldMap
from tests.copying import SWITCHES, Killed, Machine, found_by_reading, killed_at, made, references

ENDS = ("killed before", "503 applied", "killed after", "drop-after", "429", "drop-before", "truncate", "html 502")
"""How a copy meets its end. What is applied and not answered is what makes things twice."""
READING = 3  # requests with which each copy begins, and which change nothing
STRUCK = (6, 7, 8, 9, 10, 12, 19, 20, 21, 22)
"""Requests of a copy, those that make something and some beside them (``tests.bench.copy`` strikes all); each in a copy of its own."""


@pytest.fixture(scope="module")
def ends() -> Iterator[tuple[Sandbox, Sandbox]]:
    with Sandbox(incidents=30, switches=SWITCHES) as source, Sandbox(incidents=0, switches=SWITCHES) as target:
        yield source, target


@pytest.mark.sweep(5)
@pytest.mark.parametrize("number", STRUCK)
async def test_a_copy_that_was_stopped_goes_on(number: int, ends: tuple[Sandbox, Sandbox], tmp_path: Path) -> None:
    source, target = ends
    machine = Machine(tmp_path, source, target)
    ref, way = references(source)[number], ENDS[STRUCK.index(number) % len(ENDS)]
    async with machine.process() as process:
        fatal = killed_at(READING + number, answered=way == "killed after") if way.startswith("killed") else nullcontext()
        if not way.startswith("killed"):
            target.fault(f"* * {way} after {number} first 1" if number else f"* * {way} first 1")
        with fatal, suppress(BackendError, Killed):
            await process.copy(ref)
        target.clear_faults()

    async with machine.process() as process:
        prepared, outcome = await process.copy(ref)
        assert outcome.verified, outcome.report
        read = await process.target.backend.complete(await process.target.backend.postmortem(outcome.postmortem.incident))
    title = prepared.source.postmortem.incident.title
    assert made(target, title) == {"incidents": 1, "postmortems": 1, "attachments": 1, "told": 0}
    texts = [cell.text for cell in read.cells]
    assert len(set(texts)) == len(texts), "no section is there twice"
    assert {each.part: each.fate.value for each in outcome.losses.parts} == found_by_reading(prepared.source.postmortem, read)

    target.requests.clear()
    async with machine.process() as process:
        prepared, outcome = await process.copy(ref)
    assert outcome.report is None and prepared.changes == (), "a third copy finds nothing to do"
    assert [entry["path"] for entry in target.requests if entry["method"] != "GET"] == []


async def test_there_and_back_gives_the_same_files(tmp_path: Path) -> None:
    """To a second account that has the incidents and no postmortems; only when the document was made is not the copy's to say."""
    now, mapping = datetime.now(UTC), FieldMap(fields={"created_time": ""})
    with Sandbox(incidents=8, switches=SWITCHES, now=now) as source, Sandbox(incidents=8, switches=SWITCHES, now=now) as target:
        state = target.opsgenie.state
        for key in list(state.postmortems):
            state.remove_postmortem(key)
        machine = Machine(tmp_path, source, target, "opsgenie", "opsgenie")
        for ref in references(source)[-3:]:
            async with machine.process(mapping=mapping) as process:
                prepared, outcome = await process.copy(ref)
                assert outcome.verified and outcome.losses.counts[Fate.CHANGED] == outcome.losses.counts[Fate.IN_TEXT] == 0
                read = await process.target.backend.postmortem(outcome.postmortem.incident)
            assert as_file(read) == as_file(prepared.source.postmortem)
            before, after = source.opsgenie.state.postmortems[ref], state.postmortems[read.id]
            assert canonical(before["content"]) == canonical(after["content"]), "what Markdown does not show comes along"
            async with machine.process(mapping=mapping) as process:
                assert (await process.copy(ref))[1].report is None
        assert len(state.postmortems) == 3


def as_file(postmortem: Postmortem) -> str:
    """The file of a postmortem, without what tells where and when it was made."""
    fields = {name: value for name, value in postmortem.fields.items() if name != "created_time"}
    return write(file_of(replace(postmortem, fields=fields), FileSource()))


async def test_a_graph_that_its_own_vendor_refuses_becomes_a_line(tmp_path: Path) -> None:
    """Some cells that the API gives out it does not take in (seen by the vendor's own tools): the text goes all the same, and once."""
    with Sandbox(incidents=12, switches=SWITCHES) as source, Sandbox(incidents=0, switches=SWITCHES) as target:
        machine = Machine(tmp_path, source, target, "datadog", "datadog")
        records = {each["title"]: each["id"] for each in source.datadog.state.incidents()}
        for title, exact in (("Internal DNS answers SERVFAIL for new names", False), ("Checkout 5xx after cache failover", True)):
            async with machine.process() as process:
                prepared, outcome = await process.copy(records[title])
            opaque = {f"cell:{cell.key}" for cell in prepared.source.postmortem.cells if not cell.editable}
            assert outcome.verified and opaque
            assert {each.fate for each in outcome.losses.parts if each.part in opaque} == {Fate.EXACT if exact else Fate.IN_TEXT}
            target.requests.clear()
            async with machine.process() as process:
                assert (await process.copy(records[title]))[1].report is None
            assert [entry for entry in target.requests if entry["method"] != "GET"] == []
