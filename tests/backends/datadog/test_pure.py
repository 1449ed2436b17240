"""Sites, references, queries, dates, cells: the pure parts, on their own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.backends.datadog.account.credentials import Keys
from pmtui.backends.datadog.account.definitions import Definitions, read_definitions, read_facets
from pmtui.backends.datadog.account.site import Ref, normalised, notebook_of, read_ref, site_of
from pmtui.backends.datadog.changes.issues import jira_issue
from pmtui.backends.datadog.notebook.cells import cells_of, describe, markdown_cell, replacement
from pmtui.backends.datadog.query import search_text
from pmtui.backends.datadog.wire.account import FieldDefinition
from pmtui.backends.datadog.wire.notebooks import Notebook
from pmtui.backends.datadog.wire.values import moment, stamp_of
from pmtui.model.postmortem import Cell
from pmtui.model.query import parse
from pmtui.sandbox.datadog.search import parse as sandbox_parse
from pmtui.sandbox.search_query import QueryError
from tests.backends.datadog.conftest import profile


@pytest.mark.parametrize(
    ("given_site", "site", "api", "name"),
    [
        ("", "datadoghq.com", "https://api.datadoghq.com", "us1"),
        ("datadoghq.eu", "datadoghq.eu", "https://api.datadoghq.eu", "eu1"),
        ("app.datadoghq.com", "datadoghq.com", "https://api.datadoghq.com", "us1"),
        ("https://app.datadoghq.eu/incidents", "datadoghq.eu", "https://api.datadoghq.eu", "eu1"),
        (" API.US5.datadoghq.com ", "us5.datadoghq.com", "https://api.us5.datadoghq.com", "us5"),
        ("uk1.datadoghq.com", "uk1.datadoghq.com", "https://api.uk1.datadoghq.com", "uk1"),
        ("ddog-gov.com", "ddog-gov.com", "https://api.ddog-gov.com", "us1-fed"),
        ("us2.ddog-gov.com", "us2.ddog-gov.com", "https://api.us2.ddog-gov.com", "us2-fed"),
        ("us3", "us3.datadoghq.com", "https://api.us3.datadoghq.com", "us3"),
        ("eu", "datadoghq.eu", "https://api.datadoghq.eu", "eu1"),
        ("https://app.datadoghq.com:443", "datadoghq.com", "https://api.datadoghq.com", "us1"),
        ("datadog.corp.example", "datadog.corp.example", "https://api.datadog.corp.example", "datadog.corp.example"),
    ],
)
def test_sites(given_site: str, site: str, api: str, name: str) -> None:
    found = site_of(given_site)
    assert (found.site, found.api, found.name) == (site, api, name)


def test_what_is_no_site_is_refused() -> None:
    for wrong in ("data dog", "localhost", "https://", "a@b.com"):
        with pytest.raises(ValueError, match="not a Datadog site"):
            normalised(wrong)


def test_whose_address_it_is() -> None:
    us1 = site_of("")
    assert us1.knows("https://app.datadoghq.com/notebook/1")
    assert us1.knows("https://acme.datadoghq.com/notebook/1")
    assert us1.knows("/notebook/1")
    for other in (
        "https://us3.datadoghq.com/n",
        "https://app.datadoghq.eu/n",
        "https://datadoghq.com.evil.example/n",
        "https://xdatadoghq.com/n",
    ):
        assert not us1.knows(other), other
    assert site_of("us3.datadoghq.com").knows("https://us3.datadoghq.com/notebook/1")
    assert not site_of("us3.datadoghq.com").knows("https://app.datadoghq.com/notebook/1")
    assert not us1.knows("https://[oops/notebook/5")
    through = site_of("datadoghq.eu", "https://gateway.example:8443/dd")
    for ours in ("https://app.datadoghq.eu/notebook/1", "https://gateway.example/notebook/1", "/notebook/1"):
        assert through.knows(ours), ours
    for other in ("https://app.datadoghq.com/notebook/1", "https://corp.atlassian.net/wiki/notebook/5"):
        assert not through.knows(other), other
    assert us1.incident_url("5") == "https://app.datadoghq.com/incidents/5"
    assert site_of("us5.datadoghq.com").notebook_url("7") == "https://us5.datadoghq.com/notebook/7"


@pytest.mark.parametrize(
    ("url", "notebook"),
    [
        ("https://app.datadoghq.com/notebook/123/Postmortem-IR-123", "123"),
        ("https://app.datadoghq.com/notebook/123", "123"),
        ("https://app.datadoghq.com/notebook/123?x=/notebook/9#z", "123"),
        ("https://acme.datadoghq.eu/notebooks/7/", "7"),
        ("https://app.datadoghq.com/notebook/TestTitle/Test-List", ""),
        ("https://app.datadoghq.com/notebook/12a", ""),
        ("https://example.atlassian.net/wiki/spaces/ENG/pages/1", ""),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_the_notebook_of_an_address(url: str, notebook: str) -> None:
    assert notebook_of(url) == notebook


def test_references() -> None:
    uuid = "548C9855-15a4-5015-8a20-4d237f24d784"
    assert read_ref(uuid) == Ref(uuid=uuid.lower())
    assert read_ref("IR-12") == Ref(slug="IR-12", number=12)
    assert read_ref("ir-12") == Ref(slug="IR-12", number=12)
    assert read_ref(" #12 ") == Ref(number=12)
    assert read_ref("INC0012345") == read_ref("inc0012345") == Ref(slug="INC0012345")
    assert read_ref("https://app.datadoghq.com/incidents/INC0012345") == Ref(slug="INC0012345")
    assert read_ref("https://app.datadoghq.com/notebook/9/x") == Ref(notebook="9")
    assert read_ref(f"https://app.datadoghq.com/incidents/{uuid}") == Ref(uuid=uuid.lower())


@given(st.text())
def test_any_text_is_a_reference_or_none(text: str) -> None:
    assert read_ref(text) is None or isinstance(read_ref(text), Ref)


def test_queries() -> None:
    states = ("active", "stable")
    assert search_text(parse(""), states) == "state:(active OR stable)"
    assert search_text(parse("state:active sev:1,2 checkout"), states) == "checkout AND state:active AND severity:(SEV-1 OR SEV-2)"
    assert search_text(parse("owner:jane@corp.com pm:no"), states) == "commander:jane@corp.com AND postmortem:No"
    assert search_text(parse('OR "a (b" x:y'), states) == '"or" AND "a (b" AND "x:y"'
    assert search_text(parse('"cache failover" db'), states) == '"cache failover" AND db'
    assert search_text(parse("after:2026-01-01"), states) == "state:(active OR stable)"


@given(st.text(max_size=30))
def test_every_query_can_be_read(line: str) -> None:
    words = search_text(parse(line), ("active",))
    try:
        sandbox_parse(words, lambda record, facet: [])
    except QueryError as error:
        raise AssertionError(f"{words!r}: {error}") from None


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-02-23T14:06:32.955040+00:00",
        "2026-02-23T14:06:32.955040Z",
        "2026-02-23T14:06:32.955040877Z",
        "2026-02-23T15:06:32.955040123+01:00",
    ],
)
def test_dates_as_the_back_ends_write_them(stamp: str) -> None:
    assert moment(stamp) == datetime(2026, 2, 23, 14, 6, 32, 955040, UTC)


def test_dates_that_are_none() -> None:
    assert [moment(each) for each in (None, "", "soon", 5)] == [None] * 4
    assert moment("2026-02-23T14:06:32") == datetime(2026, 2, 23, 14, 6, 32, tzinfo=UTC)
    assert stamp_of("2026-11-22T03:10+01:00") == "2026-11-22T02:10:00Z"
    assert stamp_of("") is None


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"attributes": {"definition": {"type": "timeseries", "requests": [{"q": "avg:x{*}"}]}}}, "timeseries: avg:x{*}"),
        (
            {"attributes": {"time": {"live_span": "1d"}, "definition": {"type": "query_value", "title": "Errors\nnow", "requests": []}}},
            "query value: Errors now, last 1 d",
        ),
        ({"attributes": {"definition": {"type": "toplist", "requests": [{"queries": [{"query": "top(y)"}]}]}}}, "toplist: top(y)"),
        ({"attributes": {"definition": {"type": "log_stream", "query": "status:error"}}}, "log stream: status:error"),
        ({"attributes": {"definition": {"type": "image", "url": "https://x/y.png"}}}, "image: https://x/y.png"),
        ({"attributes": {"definition": {"type": "markdown"}}}, "markdown"),
        ({"attributes": {"definition": {"type": "timeseries", "requests": [{"q": "q" * 100}]}}}, "timeseries: " + "q" * 59 + "…"),
        ({"type": "notebook_cells", "attributes": None}, "notebook cells"),
        ({}, "cell"),
    ],
)
def test_what_opaque_cells_show(raw: dict[str, Any], words: str) -> None:
    assert describe(raw) == words


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OPAQUE = st.builds(
    lambda kind, more: {"type": "notebook_cells", "id": "g1", "attributes": {"definition": {"type": kind, **more}}},
    st.sampled_from(["query_table", "sunburst", "image"]),
    st.dictionaries(st.sampled_from(["requests", "x"]), JSON),
)
CELL = st.text().map(lambda text: {**markdown_cell(text), "id": "m1"}) | OPAQUE


@given(st.lists(CELL, max_size=6), st.data())
def test_a_replacement_touches_nothing_but_what_changed(raw: list[dict[str, Any]], data: st.DataObject) -> None:
    before = json.dumps(raw)
    notebook = _notebook(cells=raw, time={"live_span": "1h"}, author={}, tags=None, later={"kept": 1})
    cells = cells_of(notebook)
    assert replacement(notebook, cells, cells, "n")["cells"] == raw
    order = data.draw(st.permutations(cells))
    added = Cell("new", data.draw(st.text()))
    body = replacement(notebook, cells, [added, *order], "m")
    assert body["cells"][0] == markdown_cell(added.text)
    assert body["cells"][1:] == [raw[int(cell.key[1:]) - 1] for cell in order]
    assert body.keys() == {"name", "cells", "time"}
    assert json.dumps(raw) == before


def _notebook(**attributes: Any) -> Notebook:
    return Notebook.model_validate({"id": 1, "attributes": {"name": "n", "cells": [], **attributes}})


def test_a_time_that_the_server_would_refuse_is_nudged() -> None:
    times = {"start": "2026-01-01T10:00:00+00:00", "end": "2026-01-01T10:00:00+00:00", "live": False}
    body = replacement(_notebook(time=times, metadata={"type": None, "is_favorite": True, "later": 1}), (), (), "n")
    assert body["time"] == {**times, "start": "2026-01-01T09:59:59+00:00"}
    assert body["metadata"] == {"type": None}
    assert replacement(_notebook(), (), (), "n")["time"] == {"live_span": "1h"}


def test_jira_addresses() -> None:
    assert jira_issue("https://x.atlassian.net/browse/OPS-12?a=b") == {
        "account": "https://x.atlassian.net",
        "project_key": "OPS",
        "issue_key": "OPS-12",
        "redirect_url": "https://x.atlassian.net/browse/OPS-12?a=b",
    }
    found = jira_issue("https://corp.example/jira/browse/A1_B-7")
    assert found is not None
    assert (found["account"], found["project_key"]) == ("https://corp.example/jira", "A1_B")
    for other in ("https://github.com/x/y/issues/1", "https://x/browse/", "https://x/browse/ops", "OPS-1"):
        assert jira_issue(other) is None


def test_choices_come_from_definitions_then_searches_then_what_is_published() -> None:
    values = [{"value": "S1", "display_name": "One"}, {"value": None}]
    resource = {"attributes": {"name": "severity", "type": 1, "valid_values": values, "required": True}}
    deleted = {"attributes": {"name": "old", "deleted": "2026-01-01T00:00:00Z"}}
    defined = Definitions(read_definitions(map(FieldDefinition.model_validate, (resource, deleted))))
    assert [choice.value for choice in defined.choices("severity", "t")] == ["S1"]
    facets = read_facets({"state": [{"name": "paused", "count": 1}], "fields": [{"name": "teams", "facets": [{"name": "a"}]}]})
    seen = Definitions(facets=facets)
    assert [choice.value for choice in seen.choices("state", "t")] == ["active", "stable", "resolved", "completed", "paused"]
    assert [choice.value for choice in seen.choices("teams", "t")] == ["a"]
    assert seen.states()[-1] == "paused"
    assert Definitions().choices("severity", "t")[0].value == "UNKNOWN"


def test_credentials() -> None:
    assert Keys(profile("", keys={"api_key": "a", "app_key": "b"})).headers() == {"DD-API-KEY": "a", "DD-APPLICATION-KEY": "b"}
    assert Keys(profile("", keys={"access_token": "t", "api_key": "a"})).headers() == {"Authorization": "Bearer t"}
    assert Keys(profile("", keys={"app_key": "ddpat_x"})).headers() == {"Authorization": "Bearer ddpat_x"}
    assert Keys(profile("", keys={"api_key": "a", "app_key": "ddpat_x"})).headers() == {"DD-API-KEY": "a", "DD-APPLICATION-KEY": "ddpat_x"}
