"""The list of incidents, and from a reference to an incident."""

from __future__ import annotations

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.backends.datadog.incident_list import Listing, Results
from pmtui.model.incident import Existence, Incident
from pmtui.model.query import Query, parse
from pmtui.sandbox.server import Sandbox
from pmtui.session.listing.filtering import unknown_values
from tests.backends.datadog.conftest import Connect, Sandboxed, calls, page_size
from tests.backends.loopback import answer, loopback
from tests.incident_times import created, times


async def everything(backend: DatadogBackend, line: str = "") -> list[Incident]:
    found: list[Incident] = []
    cursor: str | None = None
    while True:
        page = await backend.incidents(parse(line), cursor)
        found += page.incidents
        cursor = page.cursor
        if cursor is None:
            return found


async def test_newest_first_with_all_that_the_list_shows(backend: DatadogBackend) -> None:
    page = await backend.incidents(Query())
    in_order = times(page.incidents)
    assert in_order == sorted(in_order, reverse=True)
    assert page.total == len(page.incidents)
    assert page.cursor is None
    first = page.incidents[0]
    assert first.owner
    assert first.severity.startswith("SEV-")
    assert first.reference.startswith("IR-")
    assert {each.postmortem for each in page.incidents} == {Existence.YES, Existence.NONE}
    assert any(each.private for each in page.incidents)


async def test_pages_are_read_until_a_short_one(sandboxed: Sandboxed, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    page_size(monkeypatch, 7)
    for count in (20, 21):
        backend = connect(sandboxed(incidents=count).url)
        found = await everything(backend)
        assert len({each.id for each in found}) == len(found)
        assert times(found) == sorted(times(found), reverse=True)
        page = await backend.incidents(Query())
        assert page.total == len(found)


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ("state:resolved", lambda each: each.status == "resolved"),
        ("state:resolved,completed sev:1,2", lambda each: each.status in ("resolved", "completed") and each.severity in ("SEV-1", "SEV-2")),
        ("sev:sev-2", lambda each: each.severity == "SEV-2"),
        ("pm:no", lambda each: each.postmortem == Existence.NONE),
        ("pm:yes", lambda each: each.postmortem == Existence.YES),
        ("owner:me", lambda each: each.owner == "Jane Doe"),
        ("owner:jane.doe@example.com", lambda each: each.owner == "Jane Doe"),
    ],
)
async def test_filters(line: str, fits: object, backend: DatadogBackend) -> None:
    found = await everything(backend, line)
    assert found
    assert all(fits(each) for each in found)  # type: ignore[operator]


async def test_words_narrow_the_list(backend: DatadogBackend) -> None:
    found = await everything(backend, "cache failover")
    assert [each.title for each in found] == ["Checkout 5xx after cache failover"]


async def test_services_and_teams_are_searched_by_name(backend: DatadogBackend) -> None:
    everybody = len(await everything(backend))
    for facet in ("service", "team"):
        found = await everything(backend, f"{facet}:checkout")
        assert 0 < len(found) < everybody
        for part in ("check", "HECKOU", "check,nosuch", '"check ut"'):
            assert {each.id for each in await everything(backend, f"{facet}:{part}")} >= {each.id for each in found}, part
        assert await everything(backend, f"{facet}:nosuch") == []


async def test_a_name_means_the_same_people_whoever_was_seen_before(sandbox: Sandbox, connect: Connect) -> None:
    whole = connect(sandbox.url)
    await whole.incidents(Query())
    expected = {each.id for each in await everything(whole, "owner:a")}
    one = connect(sandbox.url)
    await everything(one, "owner:jane.doe@example.com")
    assert {each.id for each in await everything(one, "owner:a")} == expected


async def test_a_name_becomes_a_handle_when_it_is_known(sandbox: Sandbox, backend: DatadogBackend) -> None:
    await backend.incidents(Query())
    found = await everything(backend, "owner:jane")
    assert {each.owner for each in found} == {"Jane Doe"}
    searched = [each["query"]["query"] for each in sandbox.requests if each["path"].endswith("/search")]
    assert "commander:jane.doe@example.com" in searched[-1]


async def test_a_name_that_was_not_seen_is_looked_up(sandbox: Sandbox, connect: Connect) -> None:
    store = sandbox.datadog.state
    jane = store.users[store.me]["attributes"]
    jane["handle"] = "jdoe"
    for line in ("owner:jane", "owner:me", "owner:jdoe", f"owner:{jane['email']}"):
        found = await everything(connect(sandbox.url), line)
        assert found and {each.owner for each in found} == {"Jane Doe"}, line
        asked = [each["query"]["query"] for each in sandbox.requests if each["path"].endswith("/search")]
        assert "commander:jdoe" in asked[-1]
    backend = connect(sandbox.url)
    sandbox.fault("GET /api/v2/incidents/search 403")
    for line in ("owner:jane", "owner:me", "owner:jdoe"):
        assert {each.owner for each in await everything(backend, line)} == {"Jane Doe"}, line


async def test_an_incident_is_found_in_the_filter_line(backend: DatadogBackend) -> None:
    wanted = (await backend.incidents(Query())).incidents[1]
    number = wanted.reference.rpartition("-")[2]
    for line in (f"#{number}", wanted.id, f"https://app.datadoghq.com/incidents/{number}"):
        assert [each.id for each in await everything(backend, line)] == [wanted.id], line
    assert await everything(backend, "#999999") == []


async def test_only_yes_and_no_is_known_of_postmortems(backend: DatadogBackend) -> None:
    page = await backend.incidents(parse("pm:draft"))
    assert "'draft'" in page.ignored[0]
    assert page.notices == ()
    allowed = await backend.incidents(parse("pm:yes"))
    assert (allowed.ignored, allowed.notices) == ((), ())


async def test_dates_are_compared_here(backend: DatadogBackend) -> None:
    every = await everything(backend)
    middle = created(every[len(every) // 2]).date().isoformat()
    after, before = await everything(backend, f"after:{middle}"), await everything(backend, f"before:{middle}")
    assert {each.id for each in after} == {each.id for each in every if created(each).date().isoformat() >= middle}
    assert {each.id for each in before} == {each.id for each in every if created(each).date().isoformat() < middle}


async def test_nothing_is_found_in_a_state_of_the_organisation_and_it_is_known(sandbox: Sandbox, connect: Connect) -> None:
    field = next(each for each in sandbox.datadog.state.fields.values() if each["attributes"]["name"] == "state")
    field["attributes"]["valid_values"].append({"value": "triage", "display_name": "Triage"})
    backend = connect(sandbox.url)
    assert (await backend.incidents(parse("state:triage"))).incidents == ()
    assert unknown_values("state:triage", backend.filters()) == ()
    assert unknown_values("state:tirage sev:9", backend.filters())[0].endswith("completed, triage")


@pytest.mark.parametrize("fault", ["403", "garbage"])
async def test_where_the_definitions_are_not_read_no_state_is_called_unknown(fault: str, sandbox: Sandbox, connect: Connect) -> None:
    sandbox.fault(f"GET /api/v2/incidents/config/** {fault}")
    backend = connect(sandbox.url)
    assert "stable" in backend.filters()["status"]
    assert (await backend.incidents(parse("state:triage sev:mine"))).incidents == ()
    assert unknown_values("state:triage sev:mine", backend.filters()) == ()


async def test_what_has_no_effect_is_said(backend: DatadogBackend) -> None:
    page = await backend.incidents(parse("after:soon tag:x"))
    assert len(page.ignored) == 2
    assert not set(page.ignored) & set(page.notices)


@pytest.mark.parametrize("line", ['a"b', "state:(x", "AND OR NOT", "(((", "a\\", "-x", "*", "ÄÖ 漢字", "x:y", "[a TO b]", '"', "state:"])
async def test_what_a_person_types_is_text(line: str, backend: DatadogBackend) -> None:
    page = await backend.incidents(parse(line))
    assert isinstance(page.incidents, tuple)


@pytest.mark.parametrize("fault", ["403", "404", "405"])
async def test_where_search_is_refused_the_list_is_read_from_its_end_and_references_resolve(
    fault: str, sandboxed: Sandboxed, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    page_size(monkeypatch, 7)
    sandbox = sandboxed(faults=(f"GET /api/v2/incidents/search {fault}",), incidents=20)
    backend = connect(sandbox.url)
    found = await everything(backend)
    assert times(found) == sorted(times(found), reverse=True)
    assert len(found) == len(sandbox.datadog.state.order)
    page = await backend.incidents(Query())
    assert any("plain list" in notice for notice in page.notices)
    assert page.incidents[0].owner == "Jane Doe"
    wanted = next(each for each in found[10:] if each.postmortem == Existence.YES)
    number = wanted.reference.rpartition("-")[2]
    assert (await backend.find(wanted.reference)).id == wanted.id
    if fault != "403":
        return  # what follows is the plain list's own: why it is read makes no difference
    assert {each.severity for each in await everything(backend, "sev:2")} == {"SEV-2"}
    for facet in ("team", "service"):
        assert 0 < len(await everything(backend, f"{facet}:checkout")) <= len(await everything(backend, f"{facet}:check")) < len(found)
        assert await everything(backend, f"{facet}:nosuch") == []
    url = (await backend.postmortem(wanted)).url
    for ref in (f"#{number}", f"https://app.datadoghq.com/incidents/{number}", url):
        assert (await backend.find(ref)).id == wanted.id, ref
    with pytest.raises(BackendError) as caught:
        await backend.find("IR-999999")
    assert caught.value.trouble is Trouble.MISSING


async def test_a_slug_of_servicenow_is_found(sandbox: Sandbox, backend: DatadogBackend) -> None:
    record = next(iter(sandbox.datadog.state.incidents()))
    record["fields"]["slug"]["value"] = "INC0012345"
    for ref in ("INC0012345", "inc0012345", "https://app.datadoghq.com/incidents/INC0012345"):
        assert (await backend.find(ref)).id == record["id"]


async def test_attachments_that_search_left_out_are_asked_for(connect: Connect) -> None:
    identifier, url = "548c9855-15a4-5015-8a20-4d237f24d784", "https://app.datadoghq.com/notebook/5/x"
    linked = {"attachments": {"data": [{"type": "incident_attachments", "id": "a1"}]}}
    incident = {"type": "incidents", "id": identifier, "attributes": {"title": "T", "public_id": 1}, "relationships": linked}
    none = {**incident, "id": identifier.replace("5", "6"), "relationships": {"attachments": {"data": []}}}
    attributes = {"attachment_type": "postmortem", "attachment": {"title": "P", "documentUrl": url}}
    async with loopback() as site:
        page = {"attributes": {"incidents": [{"data": each} for each in (none, none, none, none, incident)]}}
        site.on("GET", ".*/search", answer(200, {"data": page, "included": [{"type": "incident_attachments", "id": "other"}]}))
        site.on("GET", ".*/notebooks/5", answer(200, {"data": {"id": 5, "attributes": {"name": "N", "cells": []}}}))
        site.on("GET", f".*/{identifier}/attachments", answer(200, {"data": [{"id": "a1", "attributes": attributes}]}))
        assert (await connect(site.url).find(url)).id == identifier
        assert site.calls()[-1].endswith("/attachments") and len(site.calls()) == 3


async def test_a_query_that_the_vendor_refuses_is_told(sandboxed: Sandboxed, connect: Connect) -> None:
    backend = connect(sandboxed(faults=("GET /api/v2/incidents/search 400",)).url)
    with pytest.raises(BackendError) as caught:
        await backend.incidents(Query())
    assert caught.value.trouble is Trouble.INVALID


async def test_every_way_to_name_an_incident(sandbox: Sandbox, backend: DatadogBackend) -> None:
    wanted = (await backend.incidents(Query())).incidents[0]
    number = wanted.reference.rpartition("-")[2]
    notebook = (await backend.postmortem(wanted)).url
    for ref in (
        wanted.reference,
        wanted.reference.lower(),
        f"#{number}",
        number,
        wanted.id,
        wanted.id.upper(),
        f"https://app.datadoghq.com/incidents/{number}",
        f"https://acme.datadoghq.com/incidents/{number}/details?x=1#y",
        f" {notebook} ",
        notebook.rpartition("/")[0],
    ):
        start = len(sandbox.requests)
        found = await backend.find(ref)
        assert (found.id, found.title) == (wanted.id, wanted.title), ref
        assert len(calls(sandbox, start)) <= 3, ref


async def test_other_prefixes_than_ir_are_known(backend: DatadogBackend) -> None:
    page = await backend.incidents(Query())
    security = next(each for each in page.incidents if each.reference.startswith("SEC-"))
    assert (await backend.find(security.reference)).id == security.id
    assert (await backend.find(security.reference.rpartition("-")[2])).id == security.id


async def test_what_is_not_there_is_missing(backend: DatadogBackend) -> None:
    for ref in ("IR-999999", "#999999", "https://app.datadoghq.com/notebook/1/x"):
        with pytest.raises(BackendError) as caught:
            await backend.find(ref)
        assert caught.value.trouble is Trouble.MISSING, ref


async def test_what_is_no_reference_sends_nothing(sandbox: Sandbox, backend: DatadogBackend) -> None:
    for ref in ("", "hello", "IR-", "../users", "https://example.com/x", "http://[", "#"):
        with pytest.raises(BackendError) as caught:
            await backend.find(ref)
        assert caught.value.trouble is Trouble.LOCAL, ref
    assert not calls(sandbox)


async def test_an_address_of_another_site_is_not_asked_here(connect: Connect) -> None:
    backend = connect("", site="datadoghq.com")
    for url in ("https://app.datadoghq.eu/incidents/5", "https://us3.datadoghq.com/incidents/5", "https://evil.example/incidents/5"):
        with pytest.raises(BackendError) as caught:
            await backend.find(url)
        assert caught.value.trouble is Trouble.LOCAL


@pytest.mark.parametrize("words", ["IR-999999", "#999999"])
async def test_incidents_that_are_counted_and_not_sent_are_not_missing(
    words: str, backend: DatadogBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_listing: Listing, _words: str, offset: int = 0) -> Results:
        return Results((), (), total=3)

    with pytest.raises(BackendError) as caught:
        await backend.find(words)
    assert caught.value.trouble is Trouble.MISSING
    monkeypatch.setattr(Listing, "search", nothing)
    page = await backend.incidents(Query())
    assert (page.incidents, page.missing, page.notices) == ((), 3, ("Datadog counts 3 incidents, and sent 0",))
    with pytest.raises(BackendError) as caught:
        await backend.find(words)
    assert caught.value.trouble is Trouble.ANSWER
    assert "data.attributes.total is 3, and 0 incidents were sent" in caught.value.said
