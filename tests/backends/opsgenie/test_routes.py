"""The route table: candidates, memory, configuration."""

from __future__ import annotations

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.opsgenie.account.routes import UPDATES, Route, Routes, candidates
from pmtui.backends.opsgenie.send import names_a_value
from tests.backends.opsgenie.memory_index import MemoryIndex


def test_candidates_are_kebab_case_before_camel_case_and_put_before_patch_and_post() -> None:
    assert [str(route) for route in candidates("jira-issues")] == [
        "PUT /v2/postmortem/{id}/jira-issues",
        "PATCH /v2/postmortem/{id}/jira-issues",
        "POST /v2/postmortem/{id}/jira-issues",
        "PUT /v2/postmortem/{id}/jiraIssues",
        "PATCH /v2/postmortem/{id}/jiraIssues",
        "POST /v2/postmortem/{id}/jiraIssues",
    ]
    assert len(candidates("title")) == 3


def test_what_worked_is_tried_first_and_only_on_its_host() -> None:
    index = MemoryIndex()
    camel = Route("PUT", "/v2/postmortem/{id}/jiraIssues")
    Routes("one.test", index, {}).worked("jira-issues", camel)
    assert Routes("one.test", index, {}).to_try("jira-issues")[0] == camel
    assert len(Routes("one.test", index, {}).to_try("jira-issues")) == 4
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
    assert Routes("one.test", index, {}).to_try("title") == candidates("title")[:2]


def test_a_post_wants_agreement_unless_it_worked_or_is_configured() -> None:
    index = MemoryIndex()
    routes = Routes("one.test", index, {"owner": "POST /v2/postmortem/{id}/owner"})
    post = Route("POST", "/v2/postmortem/{id}/title")
    assert (post in routes.to_try("title"), routes.wanting("title")) == (False, (post,))
    assert (routes.to_try("owner")[0].method, routes.wanting("owner")) == ("POST", ())
    routes.worked("title", post)
    assert (routes.to_try("title")[0], routes.wanting("title")) == (post, ())
    routes.refused("title", post, 404)  # it did once, and no longer does
    assert (post in routes.to_try("title"), routes.wanting("title")) == (False, (post,))


def test_the_table_names_what_wants_agreement_when_nothing_else_is_left() -> None:
    routes = Routes("one.test", MemoryIndex(), {})
    first, second = routes.to_try("title")
    routes.refused("title", first, 405)
    assert routes.table()[0].wants == ""
    routes.refused("title", second, 405)
    assert routes.table()[0].wants == "POST /v2/postmortem/{id}/title"
    routes.worked("title", second)
    assert (routes.table()[0].wants, routes.table()[0].refused) == ("", f"{first}: 405")


@pytest.mark.parametrize(
    ("said", "body", "value"),
    [
        ("User not found", {"ownerId": "u-9"}, True),
        ("No user exists with id [u-9]", {"status": "draft", "actorUserId": "u-9"}, True),
        ("Team with id [t-1] not found", {"responderTeams": [{"id": "t-1", "name": "T"}]}, True),
        ("nothing is known of i-2", {"relatedIncidentIds": ["i-1", "i-2"]}, True),
        ("cannot find https://x.test/browse/A-1", {"jiraIssues": ["https://x.test/browse/A-1"]}, True),
        ("User not found", {"title": "User"}, False),
        ("Not found", {"ownerId": "u-9"}, False),
        ("There is no resource at /v2/postmortem/pm/related-incidents", {"relatedIncidentIds": ["i-1"]}, False),
        ("No route for responder teams", {"responderTeams": []}, False),
        ("no reason given", {"type": "adf", "content": "{}"}, False),
    ],
)
def test_a_404_about_a_value_is_told_from_one_about_the_route(said: str, body: dict[str, object], value: bool) -> None:
    assert names_a_value(said, body) is value
