"""The route table: candidates, memory, configuration."""

from __future__ import annotations

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.opsgenie.index import MemoryIndex
from pmtui.backends.opsgenie.routes import UPDATES, Route, Routes, candidates


def test_candidates_begin_with_put_and_end_with_post() -> None:
    assert [str(route) for route in candidates("jira-issues")] == [
        "PUT /v2/postmortem/{id}/jira-issues",
        "PATCH /v2/postmortem/{id}/jira-issues",
        "PUT /v2/postmortem/{id}/jiraIssues",
        "PATCH /v2/postmortem/{id}/jiraIssues",
        "POST /v2/postmortem/{id}/jira-issues",
        "POST /v2/postmortem/{id}/jiraIssues",
    ]
    assert len(candidates("title")) == 3


def test_what_worked_is_tried_first_and_only_on_its_host() -> None:
    index = MemoryIndex()
    camel = Route("PUT", "/v2/postmortem/{id}/jiraIssues")
    Routes("one.test", index, {}).worked("jira-issues", camel)
    assert Routes("one.test", index, {}).to_try("jira-issues")[0] == camel
    assert len(Routes("one.test", index, {}).to_try("jira-issues")) == 6
    assert Routes("two.test", index, {}).to_try("jira-issues")[0] != camel


@pytest.mark.parametrize("name", ["linked_issues", "jira-issues"])
def test_configuration_is_the_only_candidate(name: str) -> None:
    routes = Routes("one.test", MemoryIndex(), {name: "PATCH /v3/pm/:id/issues"})
    (only,) = routes.to_try("jira-issues")
    assert (only.method, only.path_for("a/b")) == ("PATCH", "/v3/pm/a%2Fb/issues")


@pytest.mark.parametrize(
    ("name", "written"), [("title", "GET /v2/postmortem/{id}"), ("title", "PUT /v2/title"), ("colour", "PUT /v2/{id}")]
)
def test_a_wrong_override_is_refused_at_once(name: str, written: str) -> None:
    with pytest.raises(BackendError) as caught:
        Routes("one.test", MemoryIndex(), {name: written})
    assert caught.value.trouble is Trouble.LOCAL


def test_the_table_says_what_is_known_and_what_was_tried() -> None:
    index = MemoryIndex()
    routes = Routes("one.test", index, {"owner": "PUT /x/{id}"})
    routes.refused("title", candidates("title")[0], 405)
    routes.refused("title", candidates("title")[0], 405)
    routes.worked("title", candidates("title")[1])
    table = {line.update: line for line in Routes("one.test", index, {"owner": "PUT /x/{id}"}).table()}
    assert set(table) == set(UPDATES)
    assert table["title"].route == "PATCH /v2/postmortem/{id}/title"
    assert table["title"].source == "remembered"
    assert table["title"].refused == "PUT /v2/postmortem/{id}/title: 405"
    assert table["owner"].source == "configuration"
    assert table["content"].source == "assumed"


def test_a_damaged_memory_is_as_good_as_none() -> None:
    index = MemoryIndex()
    index.put("route", "one.test title", "DELETE everything")
    assert Routes("one.test", index, {}).to_try("title") == candidates("title")
