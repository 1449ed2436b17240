"""Copies of postmortems whose document the vendor only points to: the new incident points to the same document, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pmtui.backends.base import BackendError
from pmtui.sandbox.server import Sandbox
from pmtui.session.copy.loss import Fate
from pmtui.session.copy.places import Telling
from tests.copying import SWITCHES, Machine

TITLE = "Order events two hours late"


@pytest.fixture(scope="module")
def source() -> Iterator[Sandbox]:
    with Sandbox(incidents=8, switches=SWITCHES) as sandbox:
        yield sandbox


def record(sandbox: Sandbox) -> dict[str, Any]:
    (found,) = (each for each in sandbox.datadog.state.incidents() if each["title"] == TITLE)
    return found


def documents(sandbox: Sandbox) -> list[str]:
    return [each["documentUrl"] for each in record(sandbox)["attachments"] if each["attachment_type"] == "postmortem"]


@pytest.mark.sweep(3)
@pytest.mark.parametrize("way", ("503 applied", "drop-before", "truncate", "429"))
async def test_the_document_is_attached_once_whatever_becomes_of_the_request(way: str, source: Sandbox, tmp_path: Path) -> None:
    with Sandbox(incidents=0, switches=SWITCHES) as target:
        machine = Machine(tmp_path, source, target, "datadog", "datadog")
        target.fault(f"POST /api/v2/incidents/*/attachments {way} first 1")
        with suppress(BackendError):
            async with machine.process(telling=Telling.EVERYBODY) as process:
                await process.copy(record(source)["id"])
        target.clear_faults()
        async with machine.process(telling=Telling.EVERYBODY) as process:
            _, outcome = await process.copy(record(source)["id"])
        assert outcome.verified and not outcome.losses.incomplete and not outcome.losses.of(Fate.IN_TEXT)
        assert documents(target) == documents(source) and len(list(target.datadog.state.notebooks())) == 0
        target.requests.clear()
        async with machine.process(telling=Telling.EVERYBODY) as process:
            assert (await process.copy(record(source)["id"]))[1].report is None
        assert [each for each in target.requests if each["method"] != "GET"] == []


async def test_what_has_no_field_is_left_and_named(source: Sandbox, tmp_path: Path) -> None:
    """The document belongs to both accounts: nothing is written into it, and no second one is made."""
    with Sandbox(incidents=0, switches=SWITCHES) as target:
        async with Machine(tmp_path, source, target, "datadog", "datadog").process() as process:
            prepared, outcome = await process.copy(record(source)["id"])
        assert outcome.verified and documents(target) == documents(source)
        left = {each.part: each.detail for each in outcome.losses.of(Fate.LEFT)}
        assert left and all(detail.endswith("--notify sets it") for detail in left.values()), left
        assert left == {each.part: each.detail for each in prepared.report.of(Fate.LEFT)}, "it was planned so"
