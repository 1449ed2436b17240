"""What a backend gives for exports: every incident, the whole record of one, its timeline, and ids in texts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from pmtui.backends.base import Backend, BackendError
from pmtui.model.postmortem import Postmortem
from tests.contract.place import HttpPlace
from tests.contract.places import HTTP_PLACES


@pytest.fixture(params=tuple(HTTP_PLACES))
def place(request: pytest.FixtureRequest) -> Iterator[HttpPlace]:
    """A folder of files is what an export makes: the ways into one are for accounts."""
    with HTTP_PLACES[request.param].opened() as place:
        yield place


async def test_every_incident_is_listed_once(place: HttpPlace, backend: Backend) -> None:
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await backend.every_incident(cursor)
        found += [each.id for each in page.incidents]
        assert page.unreadable == ()
        cursor = page.cursor
        if cursor is None:
            break
    halves = {"datadog": lambda: [each["id"] for each in place.sandbox.datadog.state.incidents()]}
    everything = halves.get(place.name, lambda: list(place.sandbox.opsgenie.state.incidents))()
    assert sorted(found) == sorted(everything)


async def test_the_archive_has_what_the_vendor_has(place: HttpPlace, backend: Backend, opened: Postmortem) -> None:
    whole = await backend.complete(opened)
    await backend.directory()
    archive = await backend.archive(whole)
    assert archive.missing == ()
    assert place.documented.title in json.dumps(archive.raw, ensure_ascii=False)
    assert archive.facts["responders"] and all(each["name"] for each in archive.facts["responders"])
    assert [each.at for each in archive.timeline] == sorted(each.at for each in archive.timeline if each.at)
    assert archive.timeline == await backend.timeline(place.documented)
    again = await backend.archive(await backend.complete(await backend.postmortem(place.documented)))
    assert again.fingerprint == archive.fingerprint
    assert place.writes == []


async def test_a_part_that_is_refused_is_named(place: HttpPlace, backend: Backend, opened: Postmortem) -> None:
    refused = {"datadog": "GET /api/v2/incidents/*/impacts 403", "opsgenie": "GET /v1/incidents/*/logs 403"}[place.name]
    place.sandbox.fault(refused)
    archive = await backend.archive(await backend.complete(opened))
    assert [each.part for each in archive.missing] == [{"datadog": "impacts", "opsgenie": "logs"}[place.name]]


async def test_the_address_of_a_postmortem_leads_to_its_incident(place: HttpPlace, backend: Backend) -> None:
    address = place.references()["address of the postmortem"]
    (identifier,) = backend.postmortem_ids_in(f"see <{address}|the postmortem> and {address}.\n")
    assert (await backend.incident_of_postmortem(identifier)).id == place.documented.id
    opened = await backend.postmortem(place.documented, identifier)
    assert opened.id
    assert backend.postmortem_ids_in(address[: address.index(identifier) + len(identifier) - 1]) == ()


async def test_a_timeline_with_holes_is_an_error(place: HttpPlace, backend: Backend) -> None:
    place.sandbox.fault("GET /** 500")
    try:
        await backend.timeline(place.documented)
    except BackendError as error:
        assert error.status == 500
    else:
        raise AssertionError("a timeline was made of nothing")
