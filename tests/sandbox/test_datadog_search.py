"""Search: the query language, the facets, and an index that is behind."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from pmtui.sandbox.datadog.search import parse
from pmtui.sandbox.search_query import QueryError
from tests.sandbox.datadog import ALL, CHECKOUT, Wire, body


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """One for all tests here that only read."""
    with Wire() as wire:
        yield wire


def titles(wire: Wire, query: str) -> set[str]:
    return {one["data"]["attributes"]["title"] for one in wire.search(query, **{"page[size]": 100})["incidents"]}


def test_newest_first_in_pages(wire: Wire) -> None:
    page = wire.get("/api/v2/incidents/search", query=ALL, sort="-created", **{"page[size]": 5, "page[offset]": 5})
    created = [one["data"]["attributes"]["created"] for one in page["data"]["attributes"]["incidents"]]
    assert created == sorted(created, reverse=True)
    assert page["meta"]["pagination"] == {"offset": 5, "next_offset": 10, "size": 5}
    assert page["data"]["attributes"]["total"] == 29  # without the test incident
    assert [one["id"] for one in page["included"]] == [one["data"]["id"] for one in page["data"]["attributes"]["incidents"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state:active", {"Login e-mails delayed"}),
        ("state:(active OR stable)", {"Login e-mails delayed", "Search latency in eu-west above 4 s"}),
        ("severity:SEV-7", {"Coffee machine on floor 3 posts to the order queue"}),
        ("commander:lena.fischer@example.com AND severity:SEV-2", {"Payments: duplicate charges after a retry storm"}),
        ("slug:IR-338", {CHECKOUT}),
        ("teams:search state:stable", {"Search latency in eu-west above 4 s"}),
        ("fields.services:dns", {"Internal DNS answers SERVFAIL for new names"}),
        ('"cache failover"', {CHECKOUT}),
        ("cache failover", {CHECKOUT}),
        ("visibility:private", {"Access token written to a debug log"}),
        ("is_test:true", set()),
        ("no_such_facet:x", set()),
        ("注文", {"東京リージョンで注文が失敗する 🛒🔥 (ap-south も)"}),
        ("(state:active OR slug:IR-338) AND NOT title:login*", {CHECKOUT}),
        ("state:active -state:active", set()),
        ('failover "OR" checkout', {CHECKOUT}),  # quoted, an operator is a word
        ("SERVFAI*", {"Internal DNS answers SERVFAIL for new names"}),
    ],
)
def test_the_query_language(wire: Wire, query: str, found: set[str]) -> None:
    assert titles(wire, query) == found


def test_postmortem_yes_and_no_divide_the_incidents(wire: Wire) -> None:
    yes, no = titles(wire, "postmortem:Yes"), titles(wire, "postmortem:No")
    assert CHECKOUT in yes
    assert "Login e-mails delayed" in no
    assert not yes & no
    assert len(yes | no) == 29


@pytest.mark.parametrize(
    "query", ["", "  ", "state:", "state:(active", "(state:active", "state:active)", "AND", "a OR", "from_ts:1700000000"]
)
def test_a_query_that_makes_no_sense_is_refused(wire: Wire, query: str) -> None:
    assert isinstance(wire.refused(400, "GET", "/api/v2/incidents/search", query=query)[0], str)


def test_a_browser_address_is_not_a_query(wire: Wire) -> None:
    wire.refused(400, "GET", "/api/v2/incidents/search", query="state:active&from_ts=1&to_ts=2")


@pytest.mark.parametrize("query", ['"', "(((", "a:b:c", "-", "* *", "a\\", "x:(y OR )", "x:(y z)"])
def test_no_query_breaks_the_parser(query: str) -> None:
    try:
        test = parse(query, lambda record, facet: ["value"])
    except QueryError:
        return
    assert test({}) in (True, False)


def test_facets_count_the_whole_answer(wire: Wire) -> None:
    facets = wire.search(ALL, **{"page[size]": 1})["facets"]
    severities = {one["name"]: one["count"] for one in facets["severity"]}
    assert sum(severities.values()) == 29
    assert severities["SEV-7"] == 1
    assert severities["UNKNOWN"] == 0
    assert {one["name"] for one in facets["postmortem"]} == {"Yes", "No"}
    assert any(one["handle"] == "jane.doe@example.com" for one in facets["commander"])
    fields = {one["name"] for one in facets["fields"]}
    assert {"services", "teams", "regions"} <= fields
    assert not {"summary", "root_cause", "severity"} & fields


def test_search_says_it_with_less_precision_than_a_get(wire: Wire) -> None:
    found = wire.search("slug:IR-336")["incidents"][0]["data"]
    read = wire.incident(found["id"])
    assert found["attributes"]["modified"] == read["attributes"]["modified"].split(".")[0] + "+00:00"
    assert (
        found["attributes"]["customer_impact_scope"] == read["attributes"]["customer_impact_scope"]
        or found["attributes"]["customer_impact_scope"] == ""
    )
    assert found["attributes"]["created_by_uuid"] is None
    assert found["relationships"]["user_defined_fields"] == {"data": []}


def test_a_user_without_a_name_is_an_empty_text() -> None:
    with Wire() as wire:
        identifier = wire.find("Login e-mails delayed")
        kim = wire.get("/api/v2/users", filter="kim@")["data"][0]
        assert kim["attributes"]["name"] is None
        wire.patch(identifier, relationships={"commander_user": {"data": {"type": "users", "id": kim["id"]}}})
        wire.wait(10)
        found = wire.search("commander:kim@example.com")["incidents"][0]["data"]
        assert found["attributes"]["commander"]["data"]["attributes"]["name"] == ""


def test_the_index_lags_behind_changes_and_creations() -> None:
    with Wire(search_lag="3") as wire:
        identifier = wire.find(CHECKOUT)
        wire.patch(identifier, attributes={"title": "First"})
        wire.wait(2)
        wire.patch(identifier, attributes={"title": "Second"})
        wire.send("POST", "/api/v2/incidents/import", body("incidents", {"title": "Fresh"}))
        assert titles(wire, "slug:IR-338") == {CHECKOUT}
        assert titles(wire, "Fresh") == set()
        wire.wait(1.5)
        assert titles(wire, "slug:IR-338") == {"First"}
        wire.wait(2)
        assert titles(wire, "slug:IR-338") == {"Second"}
        assert titles(wire, "Fresh") == {"Fresh"}


def test_without_lag_search_sees_everything_at_once() -> None:
    with Wire(search_lag="0") as wire:
        wire.patch(wire.find(CHECKOUT), attributes={"title": "First"})
        assert titles(wire, "slug:IR-338") == {"First"}


@pytest.mark.parametrize("lag", ["0", "3"])
def test_a_later_page_shows_what_was_written_since_the_first(lag: str) -> None:
    with Wire(search_lag=lag) as wire:

        def page(offset: int) -> list[str]:
            found = wire.search(ALL, sort="-created", **{"page[size]": 15, "page[offset]": offset})["incidents"]
            return [one["data"]["attributes"]["title"] for one in found]

        oldest = wire.search(ALL, sort="created")["incidents"][0]["data"]["id"]
        before = [*page(0), *page(15)]
        assert len(set(before)) == 29
        wire.patch(oldest, attributes={"title": "First"})
        assert page(15)[-1] == (before[-1] if lag != "0" else "First")
        wire.wait(4)
        assert page(15) == [*before[15:-1], "First"]


def test_thousands_of_incidents_are_listed_and_found() -> None:
    with Wire(incidents=2_000) as wire:
        wire.client.timeout = httpx.Timeout(120)  # the first search makes all of them; the machine may be busy
        assert len(wire.get("/api/v2/incidents", **{"page[size]": 100, "page[offset]": 1_950})["data"]) == 50
        assert wire.search("state:active")["total"] == 1
        assert wire.search(ALL)["total"] == 1_999
