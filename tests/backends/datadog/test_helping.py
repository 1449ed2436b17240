"""Type-ahead and ``doctor``: what they offer, and what they offer still when scopes are missing."""

from __future__ import annotations

import pytest

from pmtui.backends.base import BackendError, Some, Trouble
from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.model.fields import Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Named, Person
from pmtui.sandbox.server import Sandbox
from tests.backends.datadog.conftest import Connect, Sandboxed, calls


async def names(backend: DatadogBackend, kind: Kind, text: str, opened: Postmortem) -> list[str]:
    return [each.label for each in await backend.suggest(kind, text, opened)]


async def test_people_teams_services_and_incidents(sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem) -> None:
    assert "Mara López" in await names(backend, Kind.PEOPLE, "mara", opened)
    assert "checkout" in await names(backend, Kind.TEAMS, "check", opened)
    assert "checkout" in await names(backend, Kind.SERVICES, "chec", opened)
    incidents = await backend.suggest(Kind.INCIDENTS, "checkout", opened)
    assert all(isinstance(each, Named) and each.id for each in incidents)
    assert await backend.suggest(Kind.TEXT, "x", opened) == ()
    start = len(sandbox.requests)
    await names(backend, Kind.SERVICES, "au", opened)
    assert calls(sandbox, start) == []


async def test_without_scopes_who_and_what_was_seen_is_offered(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(deny="user_access_read,teams_read,apm_service_catalog_read")
    backend = connect(sandbox.url)
    opened = await backend.postmortem((await backend.incidents(Query())).incidents[0])
    people = await backend.suggest(Kind.PERSON, "jane", opened)
    assert [each.label for each in people] == ["Jane Doe"]
    assert isinstance(people[0], Person)
    assert "platform" in await names(backend, Kind.TEAMS, "plat", opened)
    assert "checkout" in await names(backend, Kind.SERVICES, "checkout", opened)
    assert await names(backend, Kind.PERSON, "nobody at all", opened) == []
    for kind in (Kind.PERSON, Kind.TEAMS, Kind.SERVICES):  # whoever is missing here may be there all the same
        assert isinstance(await backend.suggest(kind, "nobody at all", opened), Some)


async def test_where_all_was_looked_at_what_is_missing_is_not_there(backend: DatadogBackend, opened: Postmortem) -> None:
    for kind in (Kind.PERSON, Kind.TEAMS, Kind.SERVICES):
        assert not isinstance(await backend.suggest(kind, "nobody at all", opened), Some), kind


async def test_other_errors_of_type_ahead_are_told(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(faults=("GET /api/v2/users 400", "GET /api/v2/team 400", "GET /api/v2/services/definitions 400"))
    backend = connect(sandbox.url)
    opened = await backend.postmortem((await backend.incidents(Query())).incidents[0])
    for kind in (Kind.PEOPLE, Kind.TEAMS, Kind.SERVICES):
        with pytest.raises(BackendError) as caught:
            await backend.suggest(kind, "x", opened)
        assert caught.value.trouble is Trouble.INVALID


async def test_the_doctor_writes_nothing_and_says_who_and_what(sandbox: Sandbox, backend: DatadogBackend) -> None:
    checks = {each.name: each for each in await backend.checks()}
    assert checks["API key"].state == "ok"
    assert "Jane Doe" in checks["user"].detail
    assert checks["notebooks_read"].state == "ok"
    assert checks["incident_write, notebooks_write"].state == "warn"
    assert all(call.startswith("GET ") for call in calls(sandbox))
    assert "Jane Doe" in backend.identity.actor


async def test_the_doctor_names_missing_scopes(sandboxed: Sandboxed, connect: Connect) -> None:
    backend = connect(sandboxed(deny="notebooks_read,teams_read").url)
    checks = {each.name: each for each in await backend.checks()}
    assert checks["notebooks_read"].state == "fail"
    assert checks["teams_read"].state == "warn"
    assert checks["user_access_read"].state == "ok"


async def test_the_doctor_with_bad_keys(sandboxed: Sandboxed, connect: Connect) -> None:
    for status in ("403", "401"):
        backend = connect(sandboxed(credentials="none", unauthorized=status).url)
        checks = {each.name: each for each in await backend.checks()}
        assert checks["user"].state == "fail"


async def test_the_doctor_offline_stops_there(connect: Connect) -> None:
    checks = await connect("http://127.0.0.1:1").checks()
    assert {each.name for each in checks} == {"network"}
    assert all("refused" in each.detail for each in checks)


def test_people_are_mentioned_by_their_handle(connect: Connect) -> None:
    backend = connect("")
    assert backend.mention(Person("1", "Jane Doe", "jane@corp.example")) == "@jane@corp.example"
    assert backend.mention(Person("1", "Jane Doe")) == "@Jane Doe"


async def test_adopting_is_not_needed(backend: DatadogBackend, opened: Postmortem) -> None:
    with pytest.raises(BackendError) as caught:
        await backend.adopt(opened.incident, "x")
    assert caught.value.trouble is Trouble.UNABLE
