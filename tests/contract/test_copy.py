"""Copies between two sandboxes, with a fault or a kill at each request on the way: a second run goes on, and nothing is there twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pmtui.backends.base import BackendError
from pmtui.model.fields import Field
from pmtui.model.text_merge import Whose
from pmtui.sandbox.server import Sandbox
from pmtui.session.copy.copier import Way
from pmtui.session.copy.loss import Fate
from pmtui.session.copy.places import Telling
from pmtui.session.copy.saving import BothEdited
from tests.copying import SWITCHES, Killed, Machine, found_by_reading, killed_at, made, references
from tests.exporting import exported, unequal

ENDS = ("killed before", "503 applied", "killed after", "drop-after", "429", "drop-before", "truncate", "html 502")
"""How a copy meets its end. What is applied and not answered is what makes things twice."""
READING = 3  # requests with which each copy begins, and which change nothing
STRUCK = (6, 7, 8, 9, 10, 12, 19, 20, 21, 22)
"""Requests of a copy, those that make something and some beside them (``tests.bench.copy`` strikes all); each in a copy of its own."""

NOT_EQUAL = {"opsgenie": frozenset({"created_time"}), "datadog": frozenset({"created"})}
"""What no two accounts have equal besides ids and addresses: when the account got it, which no call of the vendor sets."""
_CALLER = frozenset({"responders"})  # who copies becomes a responder
ALSO_NOT_EQUAL: Mapping[str, Mapping[str, frozenset[str]]] = {
    "opsgenie": {},
    "datadog": {
        "Certificate of the partner gateway expired": _CALLER,
        "Order events two hours late": _CALLER,
        "Internal DNS answers SERVFAIL for new names": _CALLER | {"cell:sunburst: SERVFAIL by service"},  # the vendor refuses it
        "redis-sessions evicts keys: memory limit too low": _CALLER,
        "Search latency in eu-west above 4 s": _CALLER,
    },
}


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


@pytest.mark.parametrize("vendor", ("datadog", "opsgenie"))
async def test_there_and_back_gives_the_same_files(vendor: str, tmp_path: Path) -> None:
    """Export, copy to an account without postmortems, export: the files are equal but for ids, addresses and ``NOT_EQUAL``."""
    now = datetime.now(UTC)
    empty = 0 if vendor == "datadog" else 8  # past incidents of Opsgenie cannot be imported: the second account has them
    with Sandbox(incidents=8, switches=SWITCHES, now=now) as source, Sandbox(incidents=empty, switches=SWITCHES, now=now) as target:
        for key in list(target.opsgenie.state.postmortems):
            target.opsgenie.state.remove_postmortem(key)
        machine = Machine(tmp_path, source, target, vendor, vendor)
        before, losses = await exported(vendor, source, tmp_path / "before"), {}
        async with machine.process(telling=Telling.EVERYBODY) as process:
            for incident in before:
                _, outcome = await process.copy(incident)
                assert outcome.verified, outcome.report
                losses[incident] = outcome.losses
        after = await exported(vendor, target, tmp_path / "after")
        there = {written.title: written for written in after.values()}
        assert len(there) == len(before) == (7 if vendor == "datadog" else 6)
        for incident, written in before.items():
            other, named = there[written.title], unequal(losses[incident])
            assert named == NOT_EQUAL[vendor] | ALSO_NOT_EQUAL[vendor].get(written.title, frozenset())
            assert written.different(other) == named, "the report names what a comparison finds, and nothing else"
            assert written.without(named) == other.without(named), "byte by byte"
            assert written.name == other.name
        elsewhere = Machine(tmp_path / "elsewhere", source, target, vendor, vendor)
        target.requests.clear()
        async with elsewhere.process(telling=Telling.EVERYBODY) as process:
            for incident in list(before)[::3]:
                assert (await process.copy(incident))[1].report is None, "twice is once, from another machine, too"
        assert [entry for entry in target.requests if entry["method"] != "GET"] == []


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


async def test_a_value_that_the_api_refuses_goes_into_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No source says how Datadog's number and time fields get a first value: one that is refused takes nothing else with it."""
    with (
        Sandbox(incidents=8, switches=SWITCHES) as source,
        Sandbox(incidents=0, switches={**SWITCHES, "datadog.first_values": "off"}) as target,
    ):
        machine = Machine(tmp_path, source, target, "datadog", "datadog")
        ref = next(each["id"] for each in source.datadog.state.incidents() if each["title"].startswith("Payments"))
        asked: list[object] = []
        async with machine.process() as process:
            form = process.target.backend.import_form

            async def counted() -> tuple[Field, ...]:
                asked.append(got := await form())
                return got

            monkeypatch.setattr(process.target.backend, "import_form", counted)
            _, outcome = await process.copy(ref)
            read = await process.target.backend.postmortem(outcome.postmortem.incident)
        assert outcome.verified, outcome.report
        assert len(asked) == 1, "whether the target takes imports is asked once"
        told = {each.part: each.detail for each in outcome.losses.of(Fate.IN_TEXT)}
        assert told["lost_orders"] == told["rolled_back"] == "Datadog refused it"
        assert "- Lost orders: 42" in read.cells[-1].text and not read.fields["lost_orders"]
        target.requests.clear()
        async with machine.process() as process:
            assert (await process.copy(ref))[1].report is None
        assert [entry for entry in target.requests if entry["method"] != "GET"] == []


async def test_without_a_note_another_machine_asks_about_what_changed(tmp_path: Path) -> None:
    """An account of the same vendor gets no note: a section that changed since is still known as the copy's, and not added again."""
    with Sandbox(incidents=8, switches=SWITCHES) as source, Sandbox(incidents=0, switches=SWITCHES) as target:
        ref = next(each["id"] for each in source.datadog.state.incidents() if each["title"].startswith("redis"))
        async with Machine(tmp_path, source, target, "datadog", "datadog").process(telling=Telling.EVERYBODY) as process:
            assert (await process.copy(ref))[1].verified
            session = await process.source.open(await process.source.backend.find(ref))
            first = session.mine.cells[0]
            session.become(session.mine.with_cells((replace(first, text=f"{first.text}\n\nAnd more."), *session.mine.cells[1:])))
            assert (await session.save(await session.review())).verified
            session.close()
        decisions: tuple[Whose | None, ...] = (None, "mine", None)
        for number, whose in enumerate(decisions):
            machine = Machine(tmp_path / str(number), source, target, "datadog", "datadog")
            async with machine.process(telling=Telling.EVERYBODY, whose=whose) as process:
                prepared = await process.prepared(ref)
                assert prepared.goal.way is Way.COPIED and bool(prepared.merged.conflicts) is (number == 0)
                if not number:
                    with pytest.raises(BothEdited):
                        await process.copier.carry_out(prepared)
                    continue
                outcome = await process.copier.carry_out(prepared)
                assert (outcome.report is None) is (number == 2)
                read = await process.target.backend.postmortem(outcome.postmortem.incident)
            assert [cell.text for cell in read.cells] == [cell.text for cell in prepared.source.postmortem.cells]
