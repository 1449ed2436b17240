"""What a backend gives for exports: every incident, the whole record of one, its timeline, and ids in texts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from pmtui.backends.base import Backend, BackendError
from pmtui.model.postmortem import Postmortem
from tests.contract.account import HttpAccount
from tests.contract.accounts import HTTP_ACCOUNTS


@pytest.fixture(params=tuple(HTTP_ACCOUNTS))
def account(request: pytest.FixtureRequest) -> Iterator[HttpAccount]:
    """A folder of files is what an export makes: the ways into one are for accounts."""
    with HTTP_ACCOUNTS[request.param].opened() as account:
        yield account


async def test_every_incident_is_listed_once(account: HttpAccount, backend: Backend) -> None:
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await backend.every_incident(cursor)
        found += [each.id for each in page.incidents]
        assert page.unreadable == ()
        cursor = page.cursor
        if cursor is None:
            break
    halves = {"datadog": lambda: [each["id"] for each in account.sandbox.datadog.state.incidents()]}
    everything = halves.get(account.name, lambda: list(account.sandbox.opsgenie.state.incidents))()
    assert sorted(found) == sorted(everything)


async def test_the_archive_has_what_the_vendor_has(account: HttpAccount, backend: Backend, opened: Postmortem) -> None:
    whole = await backend.complete(opened)
    await backend.directory()
    archive = await backend.archive(whole)
    assert archive.missing == ()
    assert account.documented.title in json.dumps(archive.raw, ensure_ascii=False)
    assert archive.facts["responders"] and all(each["name"] for each in archive.facts["responders"])
    assert [each.at for each in archive.timeline] == sorted(each.at for each in archive.timeline if each.at)
    assert archive.timeline == await backend.timeline(account.documented)
    again = await backend.archive(await backend.complete(await backend.postmortem(account.documented)))
    assert again.fingerprint == archive.fingerprint
    assert account.writes == []


async def test_a_part_that_is_refused_is_named(account: HttpAccount, backend: Backend, opened: Postmortem) -> None:
    refused = {"datadog": "GET /api/v2/incidents/*/impacts 403", "opsgenie": "GET /v1/incidents/*/logs 403"}[account.name]
    account.sandbox.fault(refused)
    archive = await backend.archive(await backend.complete(opened))
    assert [each.part for each in archive.missing] == [{"datadog": "impacts", "opsgenie": "logs"}[account.name]]


async def test_the_address_of_a_postmortem_leads_to_its_incident(account: HttpAccount, backend: Backend) -> None:
    address = account.references()["address of the postmortem"]
    (identifier,) = backend.postmortem_ids_in(f"see <{address}|the postmortem> and {address}.\n")
    assert (await backend.incident_of_postmortem(identifier)).id == account.documented.id
    opened = await backend.postmortem(account.documented, identifier)
    assert opened.id
    assert backend.postmortem_ids_in(address[: address.index(identifier) + len(identifier) - 1]) == ()


async def test_a_timeline_with_holes_is_an_error(account: HttpAccount, backend: Backend) -> None:
    account.sandbox.fault("GET /** 500")
    try:
        await backend.timeline(account.documented)
    except BackendError as error:
        assert error.status == 500
    else:
        raise AssertionError("a timeline was made of nothing")
