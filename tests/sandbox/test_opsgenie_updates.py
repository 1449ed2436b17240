"""Opsgenie's service over HTTP: the twelve updates of a postmortem."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.test_opsgenie import UNKNOWN, Wire, Wires, refused, wire, wires

__all__ = ["wire", "wires"]  # fixtures

DOCUMENT = {"version": 1, "type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Größe → 田中"}]}]}
WRITTEN = json.dumps(DOCUMENT, ensure_ascii=False)
PATHS = {
    "status": "/status",
    "owner": "/owner",
    "severity": "/severity",
    "title": "/title",
    "jira-issues": "/jira-issues",
    "related-incidents": "/related-incidents",
    "affected-services": "/affected-services",
    "responder-teams": "/responder-teams",
    "responder-users": "/responder-users",
    "content": "/content",
    "executive-summary": "/executive-summary",
    "full": "",
}
CAMEL = {
    "jira-issues": "/jiraIssues",
    "related-incidents": "/relatedIncidents",
    "affected-services": "/affectedServices",
    "responder-teams": "/responderTeams",
    "responder-users": "/responderUsers",
    "executive-summary": "/executiveSummary",
}
READ_AS = {"relatedIncidentIds": "relatedIncidents", "responderUsers": "responders", "ownerId": "owner"}
UPDATES = list(PATHS)


def bodies(wire: Wire) -> dict[str, dict[str, Any]]:
    """A body for each update, of this account's things."""
    users, service, team = wire.users(), wire.data("/v1/services")[2], wire.data("/v2/teams")[1]
    lists = {
        "jiraIssues": ["https://example.atlassian.net/browse/OPS-7", "https://example.atlassian.net/browse/OPS-8"],
        "relatedIncidentIds": [wire.incidents()[3]["id"]],
        "affectedServices": [{"name": service["name"], "id": service["id"]}],
        "responderTeams": [{"name": team["name"], "id": team["id"]}],
        "responderUsers": [{"name": users[1]["fullName"], "id": users[1]["id"], "role": "Incident Commander"}],
    }
    values = {"title": "Another title", "severity": "P5", "status": "in-review", "ownerId": users[2]["id"], **lists}
    one = {name: {key: values[key]} for name, key in ONE_FIELD.items()}
    return {
        **one,
        "status": {"actorUserId": users[0]["id"], "status": "in-review"},
        "content": {"type": "adf", "content": WRITTEN},
        "executive-summary": {"type": "adf", "executiveSummary": WRITTEN},
        "full": {"actorUserId": users[0]["id"], **values},
    }


ONE_FIELD = {
    "owner": "ownerId",
    "severity": "severity",
    "title": "title",
    "jira-issues": "jiraIssues",
    "related-incidents": "relatedIncidentIds",
    "affected-services": "affectedServices",
    "responder-teams": "responderTeams",
    "responder-users": "responderUsers",
}


def url(found: dict[str, Any], update: str = "full") -> str:
    return f"/v2/postmortem/{found['postmortemId']}{PATHS[update]}"


def written_shape(read: dict[str, Any], key: str) -> Any:
    """What a read shows of a written value, in the words of the write."""
    value = read[READ_AS.get(key, key)]
    if key == "ownerId":
        return value["id"]
    if key == "relatedIncidentIds":
        return [item["id"] for item in value]
    if isinstance(value, list):
        return [{name: text for name, text in item.items() if name != "metadataId"} if isinstance(item, dict) else item for item in value]
    return value


@pytest.mark.parametrize("update", UPDATES)
def test_an_update_sets_its_fields_and_no_other(wire: Wire, update: str) -> None:
    found = wire.postmortem_with("draft")
    body = bodies(wire)[update]
    assert wire.send("PUT", url(found, update), body).status_code == 200
    after = wire.data(url(found))
    sent = {key: value for key, value in body.items() if key not in ("actorUserId", "type")}
    for key, value in sent.items():
        expected = DOCUMENT if key in ("content", "executiveSummary") else value
        assert written_shape(after, key) == expected
    changed = {READ_AS.get(key, key) for key in sent}
    assert {key: value for key, value in after.items() if key not in changed} == {
        key: value for key, value in found.items() if key not in changed
    }


@pytest.mark.parametrize("update", UPDATES)
def test_every_key_of_a_body_is_mandatory(wire: Wire, update: str) -> None:
    found = wire.postmortem_with("draft")
    body = bodies(wire)[update]
    for missing in body:
        refused(wire.send("PUT", url(found, update), {key: value for key, value in body.items() if key != missing}), 422, missing)
        refused(wire.send("PUT", url(found, update), {**body, missing: None}), 422, missing)
    refused(wire.send("PUT", url(found, update), {}), 422, *body)
    assert wire.data(url(found)) == found


@pytest.mark.parametrize(
    ("update", "key", "value"),
    [
        ("status", "status", "done"),
        ("status", "actorUserId", UNKNOWN),
        ("severity", "severity", "SEV-1"),
        ("severity", "severity", ["P1"]),
        ("title", "title", "  "),
        ("title", "title", 7),
        ("owner", "ownerId", UNKNOWN),
        ("owner", "ownerId", "jane.doe@example.com"),
        ("jira-issues", "jiraIssues", "https://example.atlassian.net/browse/OPS-7"),
        ("jira-issues", "jiraIssues", ["OPS-7"]),
        ("related-incidents", "relatedIncidentIds", [UNKNOWN]),
        ("affected-services", "affectedServices", [{"name": "checkout"}]),
        ("affected-services", "affectedServices", [{"name": "checkout", "id": UNKNOWN}]),
        ("responder-teams", "responderTeams", ["Checkout"]),
        ("responder-users", "responderUsers", [{"name": "Jane", "id": UNKNOWN, "role": "x"}]),
        ("content", "type", "markdown"),
        ("content", "content", DOCUMENT),
        ("content", "content", "# Markdown"),
        ("content", "content", '{"version": 1, "type": "paragraph", "content": []}'),
        ("content", "content", '{"version": 1, "type": "doc"}'),
        (
            "content",
            "content",
            '{"version": 1, "type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": ""}]}]}',
        ),
        ("content", "content", '{"version": 1, "type": "doc", "content": ["words"]}'),
        ("executive-summary", "executiveSummary", DOCUMENT),
        ("executive-summary", "executiveSummary", '"words"'),
    ],
)
def test_wrong_values_are_named(wire: Wire, update: str, key: str, value: object) -> None:
    found = wire.postmortem_with("draft")
    refused(wire.send("PUT", url(found, update), {**bodies(wire)[update], key: value}), 422, key)
    assert wire.data(url(found)) == found


@pytest.mark.parametrize("update", UPDATES)
def test_updates_of_no_postmortem_are_404(wire: Wire, update: str) -> None:
    refused(wire.send("PUT", f"/v2/postmortem/{UNKNOWN}{PATHS[update]}", bodies(wire)[update]), 404)


@pytest.mark.parametrize(("family", "method"), [("patch", "PATCH"), ("post", "POST")])
def test_another_method_is_served_alone(wires: Wires, family: str, method: str) -> None:
    wire = wires(routes=family)
    found = wire.postmortem_with("draft")
    for update, body in bodies(wire).items():
        for other in {"PUT", "PATCH", "POST"} - {method}:
            refused(wire.send(other, url(found, update), body), 405)
        assert wire.send(method, url(found, update), body).status_code == 200
    assert wire.data(url(found))["title"] == "Another title"


def test_camel_case_is_served_alone(wires: Wires) -> None:
    wire = wires(routes="camel")
    found = wire.postmortem_with("draft")
    for update, body in bodies(wire).items():
        if update in CAMEL:
            refused(wire.send("PUT", url(found, update), body), 404)
        path = CAMEL.get(update, PATHS[update])
        assert wire.send("PUT", f"/v2/postmortem/{found['postmortemId']}{path}", body).status_code == 200
    assert written_shape(wire.data(url(found)), "responderTeams") == bodies(wire)["full"]["responderTeams"]


@pytest.mark.parametrize("status", [422, 400, 403, 409])
def test_a_published_postmortem_takes_its_status_only(wires: Wires, status: int) -> None:
    wire = wires() if status == 422 else wires(published=str(status))
    found = wire.postmortem_with("published")
    sent = bodies(wire)
    for update in UPDATES:
        if update != "status":
            refused(wire.send("PUT", url(found, update), sent[update]), status)
    assert wire.data(url(found)) == found
    assert wire.send("PUT", url(found, "status"), {**sent["status"], "status": "draft"}).status_code == 200
    assert wire.send("PUT", url(found, "title"), sent["title"]).status_code == 200
    assert wire.data(url(found)) == {**found, "status": "draft", "title": "Another title"}


def test_publishing_is_written_into_the_timeline(wire: Wire) -> None:
    found = wire.postmortem_with("in-review")
    entries = f"/v2/incident-timelines/{found['rootIncident']['id']}/entries"
    before = wire.data(entries)["entries"]
    body = {"actorUserId": wire.users()[0]["id"], "status": "published"}
    for _ in range(2):  # the second changes nothing
        assert wire.send("PUT", url(found, "status"), body).status_code == 200
    added = [entry for entry in wire.data(entries)["entries"] if entry not in before]
    assert [entry["description"]["content"] for entry in added] == ["postmortem is published"]
    assert found["rootIncident"]["id"] in {incident["id"] for incident in wire.incidents("postmortemStatus: published")}


@pytest.mark.parametrize(("mode", "empty"), [("content", {"content"}), ("all", set(UPDATES)), ("none", set())])
def test_which_updates_answer_with_nothing(wires: Wires, mode: str, empty: set[str]) -> None:
    wire = wires(empty_updates=mode)
    found = wire.postmortem_with("draft")
    answers = {update: wire.send("PUT", url(found, update), body) for update, body in bodies(wire).items()}
    assert {answer.status_code for answer in answers.values()} == {200}
    assert {update for update, answer in answers.items() if not answer.content} == empty
    assert all(answer.headers["X-Request-ID"] for answer in answers.values())


def test_an_update_may_be_accepted_only(wires: Wires) -> None:
    wire = wires(update_status="202", empty_updates="none")
    found = wire.postmortem_with("draft")
    answer = wire.send("PUT", url(found, "title"), {"title": "Another title"})
    assert (answer.status_code, answer.json()["result"]) == (202, "Request will be processed")
    assert wire.data(url(found))["title"] == "Another title"


def test_lists_replace_or_append(wires: Wires) -> None:
    for mode in ("replace", "append"):
        wire = wires(lists=mode)
        found = wire.postmortem_with("draft")
        issues = ["https://example.atlassian.net/browse/OPS-1", "https://example.atlassian.net/browse/OPS-2"]
        for sent in ([issues[0]], [issues[1]]):
            assert wire.send("PUT", url(found, "jira-issues"), {"jiraIssues": sent}).status_code == 200
        assert wire.data(url(found))["jiraIssues"] == ([issues[1]] if mode == "replace" else [*found["jiraIssues"], *issues])


def test_items_are_objects_or_bare(wires: Wires) -> None:
    wire, bare = wires(), wires(items="bare")
    found = wire.postmortem_with("published")
    plain = bare.data(url(found))
    for name in ("relatedIncidents", "affectedServices", "responderTeams", "responders"):
        assert all(item["metadataId"] and item["id"] for item in found[name])
        assert plain[name] == [item["id"] for item in found[name]]
    assert found["responders"]
    assert plain["jiraIssues"] == found["jiraIssues"]


def test_a_server_may_add_local_ids(wires: Wires) -> None:
    wire = wires(local_ids="1")
    found = wire.postmortem_with("draft")
    wire.send("PUT", url(found, "content"), {"type": "adf", "content": WRITTEN})
    block = wire.data(url(found))["content"]["content"][0]
    assert block["attrs"]["localId"]
    assert block["content"] == [{"type": "text", "text": "Größe → 田中"}]


FIELD_UPDATES = [update for update in UPDATES if update not in ("full", "content", "executive-summary")]


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("family", ["primary", "patch"])
def test_an_account_may_have_no_update_of_single_fields_but_the_full_one(wires: Wires, family: str, status: int) -> None:
    wire = wires(missing_updates="all", missing_status=str(status), routes=family)
    found, method = wire.postmortem_with("draft"), "PATCH" if family == "patch" else "PUT"
    sent = bodies(wire)
    for update in FIELD_UPDATES:
        for tried in ("PUT", "PATCH", "POST"):
            for path in {PATHS[update], CAMEL.get(update, PATHS[update])}:
                refused(wire.send(tried, f"/v2/postmortem/{found['postmortemId']}{path}", sent[update]), status)
    assert wire.data(url(found)) == found
    assert wire.send(method, url(found), sent["full"]).status_code == 200
    after = wire.data(url(found))
    for key, value in sent["full"].items():
        if key != "actorUserId":
            assert written_shape(after, key) == value
    assert wire.send(method, url(found, "content"), sent["content"]).status_code == 200


def test_only_chosen_updates_may_be_missing(wires: Wires) -> None:
    wire = wires(missing_updates="title, owner")
    found, sent = wire.postmortem_with("draft"), bodies(wire)
    answers = {update: wire.send("PUT", url(found, update), sent[update]).status_code for update in UPDATES}
    assert answers == {update: 404 if update in ("title", "owner") else 200 for update in UPDATES}


def test_a_missing_update_must_be_one_that_there_is() -> None:
    with pytest.raises(ValueError, match="missing_updates takes all, or names"):
        Wire({"opsgenie.missing_updates": "titel"})
