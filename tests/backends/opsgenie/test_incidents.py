"""The list of incidents: pages, windows, filters, and the state of each postmortem."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.http.limiter import LIMITER
from pmtui.backends.opsgenie import incident_list as listing
from pmtui.model.incident import Existence, Incident
from pmtui.model.query import parse
from pmtui.sandbox.opsgenie.answers import Answer, Json
from pmtui.sandbox.opsgenie.call import Call
from tests.backends.opsgenie.account import Account, account
from tests.incident_times import times


async def everything(there: Account, line: str = "") -> list[Incident]:
    found: list[Incident] = []
    cursor: str | None = None
    while True:
        page = await there.backend.incidents(parse(line), cursor)
        found += page.incidents
        cursor = page.cursor
        if cursor is None:
            return found


async def test_newest_first_with_the_state_of_each_postmortem() -> None:
    async with account() as there:
        page = await there.backend.incidents(parse(""))
        created = times(page.incidents)
        assert created == sorted(created, reverse=True)
        assert page.total == len(there.state.incidents) == len(page.incidents)
        for incident in page.incidents:
            expected = there.state.postmortem_status(incident.id)
            assert incident.postmortem == ("none" if expected == "no-postmortem" else expected)
            assert incident.reference == f"#{there.state.incidents[incident.id]['tinyId']}"
        assert len(there.calls()) == 5


async def test_every_page_is_read_once() -> None:
    async with account(incidents=230) as there:
        found = await everything(there)
        assert len(found) == len({incident.id for incident in found}) == 230
        assert len(there.calls()) == 15


async def test_paging_links_to_another_host_are_not_followed() -> None:
    async with account(incidents=230, switches={"paging": "vendor"}) as there:
        assert len(await everything(there)) == 230


async def test_what_a_link_to_another_host_says_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pmtui.sandbox.opsgenie.paging._link", lambda call, parameters: "https://elsewhere.test/v1/incidents?offset=19000")
    async with account(incidents=130) as there:
        assert json.loads((await there.backend.incidents(parse(""))).cursor or "")[0] == 100


@pytest.mark.parametrize(("cap", "counted", "found"), [(20, True, 130), (100, False, 130), (100, True, 130), (20, False, 20)])
async def test_a_list_without_links_goes_on_by_offset(monkeypatch: pytest.MonkeyPatch, cap: int, counted: bool, found: int) -> None:
    def capped(call: Call, rows: Sequence[Json], limit: int, parameters: Mapping[str, str], shown: Callable[[Json], Json]) -> Answer:
        offset = call.number("offset", 0, 0, 10**9)
        body: Json = {"data": [shown(row) for row in rows[offset : offset + cap]]}
        return Answer(200, {**body, "totalCount": len(rows)} if counted else body)

    monkeypatch.setattr("pmtui.sandbox.opsgenie.incidents.incidents.page", capped)
    async with account(incidents=130) as there:
        read = [incident.id for incident in await everything(there)]
        assert len(read) == len(set(read)) == found


async def test_a_new_window_begins_where_the_vendor_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pmtui.sandbox.opsgenie.paging.WINDOW", 300)
    monkeypatch.setattr(listing, "WINDOW", 300)
    async with account(incidents=730) as there:
        rows = sorted(there.state.incidents.values(), key=lambda row: row["createdAt"], reverse=True)
        for row in rows[290:310]:
            row["createdAt"] = rows[290]["createdAt"]  # twenty of one moment across the end of the first window
        found = await everything(there)
        assert len(found) == len({incident.id for incident in found}) == 730


@pytest.mark.parametrize(
    ("line", "keep"),
    [
        ("sev:1,2", lambda row, pm: row["priority"] in ("P1", "P2")),
        ("state:open", lambda row, pm: row["status"] == "open"),
        ("pm:none", lambda row, pm: pm == "no-postmortem"),
        ("pm:published,draft", lambda row, pm: pm in ("published", "draft")),
        ("after:2026-11-10", lambda row, pm: row["createdAt"] >= "2026-11-10"),
        ("#3", lambda row, pm: row["tinyId"] == "3"),
    ],
)
async def test_filters(line: str, keep: object) -> None:
    async with account() as there:
        found = await everything(there, line)
        expected = {row["id"] for row in there.state.incidents.values() if keep(row, there.state.postmortem_status(row["id"]))}  # type: ignore[operator]
        assert {incident.id for incident in found} == expected


@pytest.mark.parametrize("facet", ["service", "team"])
async def test_a_part_of_a_name_is_enough(facet: str) -> None:
    async with account() as there:
        whole = {each.id for each in await everything(there, f"{facet}:checkout")}
        assert whole
        for part in ("check", "HECKOU", "check,nosuch"):
            assert {each.id for each in await everything(there, f"{facet}:{part}")} >= whole, part
        page = await there.backend.incidents(parse(f"{facet}:nosuch"))
        assert (page.incidents, page.total) == ((), 0)
        assert page.notices == (f"no {facet} that this key may read has this in its name: it was asked for as it is",)


async def test_words_are_found_by_their_beginning_and_of_the_newest_also_inside() -> None:
    async with account(incidents=230) as there:
        rows = sorted(there.state.incidents.values(), key=lambda row: row["createdAt"], reverse=True)
        for row in rows:
            row["message"], row["description"] = "nothing", "at all"
        inside, begun = [rows[at] for at in (3, 99, 100, 200)], [rows[at] for at in (0, 50, 150)]
        for row in inside:
            row["message"] = "a CHECKOUT is slow"
        for row in begun:
            row["description"] = "heckout-9 is slow"
        page = await there.backend.incidents(parse("heckout slow"))
        assert [each.id for each in page.incidents] == [rows[at]["id"] for at in (0, 3, 50, 99, 150)]
        assert page.total == 5 and page.cursor is None
        assert page.notices == ("Opsgenie finds words by their beginning: inside of words only the newest 100 were looked at",)
        assert Existence.UNKNOWN not in {each.postmortem for each in page.incidents}
        for row in rows[120:]:
            row["description"] = "heckout is slow"
        first = await there.backend.incidents(parse("heckout"))
        found = await everything(there, "heckout")
        assert [each.id for each in found] == [rows[at]["id"] for at in (0, 3, 50, 99, *range(120, 230))]
        assert first.total == len(found)


async def test_a_filter_on_one_state_needs_no_further_search() -> None:
    async with account() as there:
        page = await there.backend.incidents(parse("pm:draft"))
        assert {incident.postmortem for incident in page.incidents} == {Existence.DRAFT}
        assert len(there.calls()) == 1


async def test_hostile_words_stay_words() -> None:
    async with account() as there:
        every = (await there.backend.incidents(parse(""))).incidents
        for line in ('")) OR (status:"open', "AND", "\\", 'tag:"a\\"', "( )"):
            page = await there.backend.incidents(parse(line))
            everything = line == "\\"  # nothing is left of it that could be looked for
            assert (len(page.incidents) == len(every)) is everything, f"{line} is taken for a part of the query"


async def test_a_list_whose_states_are_not_told_is_still_a_list() -> None:
    async with account("GET /v1/incidents 422 after 1") as there:
        page = await there.backend.incidents(parse(""))
        known = {incident.postmortem for incident in page.incidents}
        assert known <= {Existence.UNKNOWN, Existence.YES}
        assert Existence.NONE not in known
        assert page.notices


@pytest.mark.parametrize("fault", ["500", "drop-before", "truncate", "403", "401", "html"])
async def test_one_search_for_states_that_fails_does_not_cost_the_list(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setattr(LIMITER, "pace", 0.001)
    async with account() as there:
        whole = [incident.id for incident in (await there.backend.incidents(parse(""))).incidents]
        there.sandbox.fault(f"GET /v1/incidents {fault} after 2")
        page = await there.backend.incidents(parse(""))
        assert [incident.id for incident in page.incidents] == whole
        assert page.notices


async def test_a_query_that_must_be_given_is_given() -> None:
    async with account(switches={"query": "required"}) as there:
        assert (await there.backend.incidents(parse(""))).incidents


@pytest.mark.parametrize("cursor", ["", "x", "[1]", json.dumps({"a": 1})])
async def test_a_strange_cursor_is_refused(cursor: str) -> None:
    async with account() as there:
        with pytest.raises(BackendError) as caught:
            await there.backend.incidents(parse(""), cursor)
        assert caught.value.trouble is Trouble.LOCAL
