"""Copies between two accounts of the vendor that has impacts: an imported incident gets those of the source, each once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pmtui.backends.base import BackendError
from pmtui.backends.http.client import Client
from pmtui.sandbox.server import Sandbox
from pmtui.session.copy.copier import Outcome
from pmtui.session.copy.loss import Fate
from tests.copying import SWITCHES, Killed, Machine, made

TITLE = "Payments: duplicate charges after a retry storm"
ADDING = "POST /api/v2/incidents/*/impacts"


@pytest.fixture(scope="module")
def source() -> Iterator[Sandbox]:
    """An account in which the incident has four impacts: one without an end, and two that are alike."""
    with Sandbox(incidents=8, switches=SWITCHES) as sandbox:
        (first,) = record(sandbox)["impacts"]
        alike = [{**first, "id": f"{number:08}-0000-5000-8000-000000000000", "description": "Twice: \u00fc & `x`"} for number in (1, 2)]
        more = {**first, "id": "00000003-0000-5000-8000-000000000000", "end_at": None, "fields": {"products": ["till"]}}
        record(sandbox)["impacts"] = [first, *alike, more]
        yield sandbox


@pytest.fixture
def target() -> Iterator[Sandbox]:
    with Sandbox(incidents=0, switches=SWITCHES) as sandbox:
        yield sandbox


def record(sandbox: Sandbox) -> dict[str, Any]:
    (found,) = (each for each in sandbox.datadog.state.incidents() if each["title"] == TITLE)
    return found


def impacts(sandbox: Sandbox) -> list[tuple[Any, ...]]:
    return [tuple(each[name] for name in ("description", "start_at", "end_at", "fields")) for each in record(sandbox)["impacts"]]


def added(sandbox: Sandbox) -> int:
    return sum(each["method"] == "POST" and each["path"].endswith("/impacts") for each in sandbox.requests)


def fate(outcome: Outcome) -> Fate:
    return next(each.fate for each in outcome.losses.parts if each.part == "impacts")


@contextmanager
def killed_when_adding(number: int, *, answered: bool) -> Iterator[None]:
    """Kill the process at the n-th impact that it adds, before it is sent or after it is ``answered``."""
    call, numbers = Client.call, count()

    async def fatal(self: Client, method: str, path: str, **more: Any) -> Any:
        last = method == "POST" and path.endswith("/impacts") and next(numbers) == number
        if last and not answered:
            raise Killed
        answer = await call(self, method, path, **more)
        if last:
            raise Killed
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "call", fatal)
        yield


ENDS = ("503 applied", "drop-after", "truncate", "html 502", "drop-before", "429", "killed before", "killed after")


@pytest.mark.sweep(4)
@pytest.mark.parametrize("way", ENDS)
async def test_an_impact_is_added_once_whatever_becomes_of_the_request(way: str, source: Sandbox, target: Sandbox, tmp_path: Path) -> None:
    number = 2  # the second of the two that are alike
    machine = Machine(tmp_path, source, target, "datadog", "datadog")
    ref = record(source)["id"]
    killed = killed_when_adding(number, answered=way == "killed after")
    stopped = killed if way.startswith("killed") else nullcontext()
    if not way.startswith("killed"):
        target.fault(f"{ADDING} {way} after {number} first 1")
    with stopped, suppress(BackendError, Killed):
        async with machine.process() as process:
            await process.copy(ref)
    target.clear_faults()
    async with machine.process() as process:
        prepared, outcome = await process.copy(ref)
        assert fate(outcome) is Fate.EXACT, outcome.losses
        assert {each.fate for each in prepared.report.parts if each.part == "impacts"} == {Fate.EXACT}, "it was planned so"
    assert sorted(map(repr, impacts(target))) == sorted(map(repr, impacts(source)))
    assert made(target, TITLE) == {"incidents": 1, "postmortems": 1, "attachments": 1, "told": 0}
    target.requests.clear()
    async with machine.process() as process:
        assert (await process.copy(ref))[1].report is None
    assert [each for each in target.requests if each["method"] != "GET"] == []


async def test_what_the_api_refuses_goes_into_the_text_and_is_named(source: Sandbox, target: Sandbox, tmp_path: Path) -> None:
    machine = Machine(tmp_path, source, target, "datadog", "datadog")
    target.fault(f"{ADDING} 400 after 1 first 1")
    async with machine.process() as process:
        _, outcome = await process.copy(record(source)["id"])
        read = await process.target.backend.postmortem(outcome.postmortem.incident)
    assert outcome.verified and len(impacts(target)) == len(impacts(source)) - 1, "the others are added"
    (told,) = (each for each in outcome.losses.of(Fate.IN_TEXT) if each.part == "impacts")
    assert told.detail == "Datadog refused it" and "- Impacts: 4 impacts" in read.cells[-1].text
    target.clear_faults()
    target.requests.clear()
    async with machine.process() as process:
        assert (await process.copy(record(source)["id"]))[1].report is None, "a refusal is remembered"
    assert [each for each in target.requests if each["method"] != "GET"] == []


async def test_an_incident_that_was_found_keeps_its_own(source: Sandbox, target: Sandbox, tmp_path: Path) -> None:
    with Sandbox(incidents=8, switches=SWITCHES) as other:
        own = record(other)
        own["impacts"], own["attachments"] = [], []
        async with Machine(tmp_path, source, other, "datadog", "datadog").process() as process:
            _, outcome = await process.copy(record(source)["id"])
        assert outcome.verified and added(other) == 0 and fate(outcome) is Fate.IN_TEXT


async def test_impacts_that_the_key_may_not_read_stop_nothing(source: Sandbox, target: Sandbox, tmp_path: Path) -> None:
    source.fault("GET /api/v2/incidents/*/impacts 403")
    async with Machine(tmp_path, source, target, "datadog", "datadog").process() as process:
        _, outcome = await process.copy(record(source)["id"])
    source.clear_faults()
    assert outcome.verified and added(target) == 0 and fate(outcome) is Fate.IN_TEXT
