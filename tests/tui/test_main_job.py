"""The main job, end to end: every field changed, a cell written, one added; the server has exactly this, verified."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import ANY
from urllib.request import Request, urlopen

import pytest

from pmtui.sandbox.datadog.catalogue import user_id
from pmtui.sandbox.server import Sandbox
from tests.tui.terminal_user import TerminalUser, terminal_user

SWITCHES = {"datadog.search_lag": "0", "opsgenie.async_ms": "0"}
TITLE = "Checkout 5xx: failover to an empty replica"
JIRA = "https://example.atlassian.net/browse"
THANKS = "## Thanks\n\nTo the night shift."


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=30, switches=SWITCHES) as sandbox:
        yield sandbox


# ---- Datadog --------------------------------------------------------------------------------------------------------
def test_every_field_and_cell_of_datadog(sandbox: Sandbox, tmp_path: Path) -> None:
    add_responder(sandbox, "noor")
    *_, newest = sandbox.datadog.state.incidents()
    before = copy.deepcopy(newest)
    notebook = copy.deepcopy(sandbox.datadog.state.notebook(notebook_id(before)))
    user = terminal_user("datadog", sandbox.url, tmp_path / "home")
    with user.screen:
        user.open("Checkout 5xx")
        user.details()
        change_every_field_of_datadog(user)
        user.document()
        write_cells(user, "cell 2 of 9", "cell 3 of 10")
        reviewed = user.review()
        user.send()
        reopened = len(sandbox.requests)
        user.screen.press("ctrl+s")
        user.screen.wait_for("nothing to save")
    assert reviewed == [
        *("Title", "Severity", "State", "Commander", "Responders", "Linked issues", "Document title", "Services", "Teams"),
        *("Detection method", "Root cause (field)", "Summary (field)", "Regions", "Customers notified", "Runbooks", "Cost center"),
        *("Lost orders", "Rolled back at", "Impact scope", "Impact start", "Impact end", "Detected", "Action items (field)"),
        *("2 Impact", "3 Thanks · new"),
    ]
    assert written(sandbox, reopened) == []
    after = sandbox.datadog.dump()
    assert list(after["incidents"]) == [before["id"]]
    assert timeless(after["incidents"][before["id"]]) == timeless(expected_incident(before, after["incidents"][before["id"]]))
    (saved,) = after["notebooks"].values()
    assert saved["name"] == "Postmortem IR-338"
    assert cells(saved) == with_new_cells(cells(notebook or {}))


def change_every_field_of_datadog(user: TerminalUser) -> None:
    user.write("Title", TITLE)
    user.choose("Severity", "sev-2", "SEV-2")
    user.choose("State", "stab", "Stable")
    user.choose("Commander", "mara", "Mara")
    user.take_out("Noor Haddad")
    user.choose("add a person", "wei", "Wei Zhang")
    user.take_out("OPS-1412")
    user.take_out("example/failover#88")
    user.link(f"{JIRA}/OPS-77")
    user.link("https://wiki.example.com/failover")
    user.write("Document title", "Postmortem IR-338")
    user.take_out("redis-sessions")
    user.choose("add a service", "mailer", "mailer")
    user.take_out("platform")
    user.choose("add a team", "mobile", "mobile")
    user.choose("Detection method", "empl", "Employee")
    user.append("Root cause", " Nobody had noticed.")
    user.append("Summary", " No data was lost.")
    user.choose("Regions", "eu", "EU west")
    user.choose("Customers notified", "no", "No")
    user.choose("add …", "https://runbooks.example.com/redis", "https://runbooks.example.com/redis")
    user.choose("Cost center", "cc-12", "cc-12")
    user.write("Lost orders", "212")
    user.write("Rolled back at", "2026-11-22T00:41:00+00:00")
    user.append("Impact scope", " Most came back.")
    user.write("Impact start", "2026-11-22T00:01:00Z")
    user.write("Impact end", "2026-11-22T00:51:00Z")
    user.write("Detected", "2026-11-22T00:02:00Z")
    user.choose("Promote the replica", "done", "done", shown="☑ Promote")
    user.take_out("Rehearse the failover")
    user.go("add an action item")
    user.screen.send("\r")
    user.prompt("Write the runbook")
    user.pick("wei", "Wei Zhang")
    user.changed("☐ Write the runbook")


def expected_incident(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What the incident must be now: nothing else is different. What the server made up is taken from ``after``."""
    now = copy.deepcopy(before)
    now |= {"title": TITLE, "commander": user_id("mara"), "resolved": None}  # not resolved any more: the state says so
    now |= {"customer_impact_start": "2026-11-22T00:01:00.000000+00:00", "customer_impact_end": "2026-11-22T00:51:00.000000+00:00"}
    now |= {"detected": "2026-11-22T00:02:00.000000+00:00", "customer_impact_scope": f"{before['customer_impact_scope']} Most came back."}
    values = {name: field["value"] for name, field in before["fields"].items()}
    values |= {"severity": "SEV-2", "state": "stable", "detection_method": "employee", "customers_notified": "no", "lost_orders": 212}
    values |= {"services": ["checkout", "mailer"], "teams": ["checkout", "mobile"], "regions": ["eu-west"], "cost_center": ["cc-12"]}
    values |= {"rolled_back": "2026-11-22T00:41:00Z", "root_cause": f"{values['root_cause']} Nobody had noticed."}
    values |= {"summary": f"{values['summary']} No data was lost."}
    values |= {"runbooks": [*values["runbooks"], "https://runbooks.example.com/redis"]}
    now["fields"] = {name: {**field, "value": values[name]} for name, field in before["fields"].items()}
    link = {"attachment_type": "link", "documentUrl": "https://wiki.example.com/failover", "title": ANY, "id": ANY, "by": ANY}
    now["attachments"] = [before["attachments"][0], link]
    slack, jira = before["integrations"]
    issue = {"issue_key": "OPS-77", "redirect_url": f"{JIRA}/OPS-77", "account": "https://example.atlassian.net", "project_key": "OPS"}
    issues = [each for each in jira["metadata"]["issues"] if each["issue_key"] != "OPS-1412"]
    now["integrations"] = [slack, {**jira, "status": 4, "metadata": {"issues": [*issues, issue]}}]
    *stay, gone = before["responders"]
    assert gone["user"] == user_id("noor")
    now["responders"] = [*stay, {**after["responders"][-1], "user": user_id("wei")}]
    done, _, other = before["todos"]
    new = {**after["todos"][-1], "content": "Write the runbook", "assignees": ["@wei.zhang@example.com"], "completed": None}
    now["todos"] = [{**done, "completed": ANY, "due_date": after["todos"][0]["due_date"]}, other, new]
    return now


def timeless(value: Any) -> Any:
    """Without the times of changes, which the server sets."""
    if isinstance(value, dict):
        return {key: timeless(each) for key, each in value.items() if key not in ("modified", "last_modified_by")}
    return [timeless(each) for each in value] if isinstance(value, list) else value


def notebook_id(incident: dict[str, Any]) -> int:
    return int(incident["attachments"][0]["documentUrl"].split("/")[4])


def cells(notebook: dict[str, Any]) -> list[Any]:
    """Text of Markdown cells, whose ids the server changes at will; all of the others."""
    definitions = [(each, each["attributes"]["definition"]) for each in notebook["cells"]]
    return [definition["text"] if definition["type"] == "markdown" else each for each, definition in definitions]


def with_new_cells(before: list[Any]) -> list[Any]:
    first, second, *rest = before
    return [first, f"{second}\n\nNobody lost an order.", THANKS, *rest]


def add_responder(sandbox: Sandbox, person: str) -> None:
    """Somebody who never acted on the newest incident, and so can be removed again."""
    *_, newest = sandbox.datadog.state.incidents()
    data = {"type": "incident_responders", "relationships": {"user": {"data": {"type": "users", "id": user_id(person)}}}}
    request = Request(
        f"{sandbox.url}/api/v2/incidents/{newest['id']}/responders",
        json.dumps({"data": data}).encode(),
        {"DD-API-KEY": "k", "DD-APPLICATION-KEY": "k", "Content-Type": "application/json"},
    )
    with urlopen(request) as answer:
        assert answer.status == 201


# ---- Opsgenie -------------------------------------------------------------------------------------------------------
def test_every_field_and_cell_of_opsgenie(sandbox: Sandbox, tmp_path: Path) -> None:
    before = sandbox.opsgenie.dump()
    user = terminal_user("opsgenie", sandbox.url, tmp_path / "home")
    with user.screen:
        user.open("Checkout 5xx")
        user.details()
        change_every_field_of_opsgenie(user)
        user.document()
        user.screen.send("For 23 minutes 4 % of checkouts failed.")
        user.screen.wait_for(r"checkouts failed\.")
        write_cells(user, "cell 2 of 10", "cell 3 of 11")
        reviewed = user.review()
        user.send()
        reopened = len(sandbox.requests)
        user.screen.press("ctrl+s")
        user.screen.wait_for("nothing to save")
    assert reviewed == [
        *("Title", "Severity", "Status", "Owner", "Responders", "Responder teams", "Linked issues", "Related incidents"),
        *("Affected services", "1 Executive summary", "2 Summary", "3 Thanks · new"),
    ]
    assert written(sandbox, reopened) == []
    after = sandbox.opsgenie.dump()
    (key,) = [key for key, each in before["postmortems"].items() if each != after["postmortems"][key]]
    assert timeless(after["postmortems"][key]) == expected_postmortem(before, key)
    others = {name: part for name, part in before.items() if name not in ("postmortems", "requests", "logs", "timelines")}
    assert {name: after[name] for name in others} == others


def change_every_field_of_opsgenie(user: TerminalUser) -> None:
    user.write("Title", TITLE)
    user.choose("Severity", "p2", "P2")
    user.choose("Status", "in-r", "in-review")
    user.choose("Owner", "mara", "Mara")
    user.choose("Samuel Okafor", "scribe", "scribe  as typed", shown="Samuel Okafor · scribe")
    user.take_out("Pavel Novák")
    user.go("add a person")
    user.screen.send("\r")
    user.pick("wei", "Wei Zhang")
    user.pick("comm", "Communication Officer")
    user.changed("Wei Zhang · Communication Officer")
    user.take_out("Platform")
    user.choose("add a team", "mob", "Mobile")
    user.take_out("OPS-1412")
    user.link(f"{JIRA}/OPS-77")
    user.take_out("#26")
    user.choose("add an incident", "latency", "#29")
    user.take_out("redis-sessions")
    user.choose("add a service", "mailer", "mailer")


def expected_postmortem(before: dict[str, Any], key: str) -> dict[str, Any]:
    """What the postmortem must be now: nothing else is different."""

    def named(kind: str, label: str, name: str) -> str:
        return next(str(identifier) for identifier, each in before[kind].items() if each[label] == name)

    now: dict[str, Any] = copy.deepcopy(before["postmortems"][key])
    now |= {"title": TITLE, "severity": "P2", "status": "in-review", "ownerId": named("users", "fullName", "Mara López")}
    jane, mara, sam, _ = now["responderUsers"]
    wei = {"id": named("users", "fullName", "Wei Zhang"), "name": "Wei Zhang", "role": "Communication Officer"}
    now["responderUsers"] = [jane, mara, {**sam, "role": "scribe"}, wei]
    now["responderTeams"] = [now["responderTeams"][0], {"id": named("teams", "name", "Mobile"), "name": "Mobile"}]
    now["jiraIssues"] = [now["jiraIssues"][1], f"{JIRA}/OPS-77"]
    now["relatedIncidentIds"] = [now["relatedIncidentIds"][0], named("incidents", "tinyId", "29")]
    now["affectedServices"] = [now["affectedServices"][0], {"id": named("services", "name", "mailer"), "name": "mailer"}]
    now["executiveSummary"]["content"] = [paragraph("For 23 minutes 4 % of checkouts failed.")]
    heading, first, panel, *rest = now["content"]["content"]
    new = [{**heading, "content": [{"type": "text", "text": "Thanks"}], "attrs": {"level": 2}}, paragraph("To the night shift.")]
    now["content"]["content"] = [heading, first, panel, paragraph("Nobody lost an order."), *new, *rest]
    changed: dict[str, Any] = timeless(now)
    return changed


def paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


# ---- both -----------------------------------------------------------------------------------------------------------
def write_cells(user: TerminalUser, second: str, added: str) -> None:
    """Write in the second cell, and add one below it."""
    user.screen.send("\x1b[1;5B")
    user.screen.wait_for(second)
    user.screen.send("\r\rNobody lost an order.")
    user.screen.wait_for("Nobody lost an order")
    user.screen.press("ctrl+n")
    user.screen.wait_for(added)
    user.screen.send(THANKS.replace("\n", "\r"))
    user.screen.wait_for("To the night shift")


def written(sandbox: Sandbox, start: int) -> list[str]:
    """The writes since then."""
    return [f"{each['method']} {each['path']}" for each in sandbox.requests[start:] if each["method"] != "GET"]
