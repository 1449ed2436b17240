"""Every reading and every write while the wire misbehaves: one sort of error, in bounded time, with no secret in it."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from pmtui.backends.base import BackendError, Trouble, Waiting
from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.backends.http.client import Client
from pmtui.model.diff import diff
from pmtui.model.fields import Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Item, Link, Person, Task
from tests.backends.clock import Clock
from tests.backends.datadog.conftest import KEYS, Connect, Sandboxed
from tests.backends.datadog.saving import with_text
from tests.backends.loopback import answer, loopback
from tests.gate import gate
from tests.patience import PATIENCE
from tests.quiet import until

FAULTS = (
    "drop-before",
    "drop-after",
    "html",
    "truncate",
    "cut",
    "garbage",
    "bomb",
    "redirect https://evil.example/x",
    "401",
    "403",
    "404",
    "409",
    "413",
    "500",
    "empty",
)
SECRETS = tuple(KEYS.values())


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without the pauses."""
    monkeypatch.setattr(Client.__init__, "__kwdefaults__", {**(Client.__init__.__kwdefaults__ or {}), "backoff": 0.001})
    monkeypatch.setattr("pmtui.backends.datadog.create._BETWEEN_LOOKS", 0.001)


READS: dict[str, Callable[[DatadogBackend, Postmortem], Awaitable[object]]] = {
    "incidents": lambda backend, opened: backend.incidents(Query()),
    "find": lambda backend, opened: backend.find(opened.incident.reference),
    "postmortem": lambda backend, opened: backend.postmortem(opened.incident),
    "reread": lambda backend, opened: backend.reread(opened, diff(opened, with_text(opened, 0, "x"))),
    "creation": lambda backend, opened: backend.creation(opened.incident),
    "suggest": lambda backend, opened: backend.suggest(Kind.PEOPLE, "x", opened),
    "checks": lambda backend, opened: backend.checks(),
}


async def test_readings_fail_as_one_sort_of_error(
    sandboxed: Sandboxed, connect: Connect, subtests: pytest.Subtests, request: pytest.FixtureRequest
) -> None:
    """Each fault meets half of the readings; with --sweep all."""
    share = 1 if request.config.getoption("--sweep") else 2
    sandbox = sandboxed()
    backend = connect(sandbox.url)
    opened = await backend.postmortem((await backend.incidents(Query())).incidents[0])
    for number, fault in enumerate(FAULTS):
        sandbox.clear_faults()
        sandbox.fault(f"GET * {fault}")
        with subtests.test(fault):
            for name, read in list(READS.items())[number % share :: share]:
                await fails_as_one_sort_of_error(name, connect(sandbox.url), read, opened)


async def fails_as_one_sort_of_error(
    name: str, fresh: DatadogBackend, read: Callable[[DatadogBackend, Postmortem], Awaitable[object]], opened: Postmortem
) -> None:
    try:
        await asyncio.wait_for(read(fresh, opened), PATIENCE)
    except BackendError as error:
        assert not error.unknown, name
        assert error.said, name
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        assert not any(secret in shown for secret in SECRETS), name
    assert not any(secret in repr(fresh.requests()) for secret in SECRETS), name


async def test_a_drip_ends_at_the_deadline(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(faults=("GET * drip 0.05",))
    backend = connect(sandbox.url)
    backend._http._deadline = 0.3
    with pytest.raises(BackendError) as caught:
        await backend.incidents(Query())
    assert caught.value.trouble is Trouble.TIMEOUT


def changes_of_every_sort(opened: Postmortem, people: Sequence[Item]) -> dict[str, Postmortem]:
    there = opened.fields["responders"]
    assert isinstance(there, tuple)
    responders = [each for each in there if isinstance(each, Person)]
    new = next(each for each in people if isinstance(each, Person) and each not in responders)
    return {
        "text": with_text(opened, 0, "x"),
        "title": opened.with_field("title", "x"),
        "owner": opened.with_field("owner", None),
        "responders": opened.with_field("responders", (*responders, new)),
        "link": opened.with_field("linked_issues", (Link("https://a.example/1"),)),
        "jira": opened.with_field("linked_issues", (Link("https://a.example/browse/A-1"),)),
        "tasks": opened.with_field("action_items", (Task("", "x"),)),
    }


@pytest.mark.parametrize(
    ("fault", "unknown"),
    [
        ("drop-after", True),
        ("drop-before", True),
        ("500 applied", True),
        ("truncate", True),
        ("garbage", True),
        ("bomb", True),
        ("html", True),
        ("400", False),
        ("403", False),
        ("409", False),
        ("redirect https://evil.example/", False),
    ],
)
async def test_lost_writes_are_unknown_and_refused_ones_are_not(fault: str, unknown: bool, sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed()
    backend = connect(sandbox.url)
    first = (await backend.incidents(Query())).incidents[0]
    await backend.postmortem(first)
    opened = await backend.postmortem(first)
    people = await backend.suggest(Kind.PEOPLE, "", opened)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        sandbox.fault(f"{method} * {fault}")
    for name, mine in changes_of_every_sort(opened, people).items():
        for step in backend.plan(opened, mine, diff(opened, mine)):
            # A notebook whose PUT was settled by reading, and a DELETE whose second attempt finds nothing, are known.
            try:
                await backend.send(opened, mine, step)
            except BackendError as error:
                assert error.unknown == (unknown and error.status != 404), (name, step.request, error.message)
            else:
                assert unknown, (name, step.request)
                assert name == "text" or step.request.startswith("DELETE"), step.request


async def test_waiting_is_told_while_the_vendor_limits(sandboxed: Sandboxed, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox, clock = sandboxed(rate_limit="4/1"), Clock(monkeypatch)
    limits = sandbox.datadog._limits
    take = limits.take
    monkeypatch.setattr(limits, "take", lambda bucket, _: take(bucket, clock.now))  # the vendor's second is as long as ours
    backend = connect(sandbox.url)
    waits: list[Waiting] = []
    backend.on_waiting(waits.append)
    page = await backend.incidents(Query())
    await asyncio.gather(*(backend.find(page.incidents[0].id) for _ in range(8)))
    assert waits
    assert all(each.seconds <= 1.2 and each.reason for each in waits)
    assert len([each for each in sandbox.requests if each["status"] == 429]) <= 4


async def test_cancelling_a_reading_leaves_the_backend_usable(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed()
    backend = connect(sandbox.url)
    with gate(sandbox) as answers:
        task = asyncio.create_task(backend.incidents(Query()))
        await until(lambda: answers.held)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (await backend.incidents(Query())).incidents


async def test_what_is_json_but_not_datadog_is_an_error(sandboxed: Sandboxed, connect: Connect) -> None:
    """Right syntax, wrong thing: an answer of another service."""
    wrong: list[Any] = [[], "text", 5, {}, {"data": None}, {"data": []}, {"data": {"attributes": None}}]
    for data in wrong:
        async with loopback() as site:
            site.on("GET", ".*", answer(200, data))
            backend = connect(site.url)
            with pytest.raises(BackendError) as caught:
                await backend.postmortem(Incident("548c9855-15a4-5015-8a20-4d237f24d784", "IR-1", "x"))
            assert caught.value.trouble is Trouble.ANSWER
            with pytest.raises(BackendError) as caught:
                await backend.incidents(Query())
            assert caught.value.trouble is Trouble.ANSWER
