"""The full update: the last resort where an account takes a field at no address of its own."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pmtui.backends.base import BackendError, Step, Trouble
from pmtui.backends.opsgenie.backend import OpsgenieBackend
from pmtui.model.changes import Change, FieldChanged
from pmtui.model.postmortem import Postmortem
from pmtui.sandbox.opsgenie.postmortems.rendering import read_postmortem
from tests.backends.opsgenie.account import NOW, Account, account, profile
from tests.backends.opsgenie.memory_index import MemoryIndex
from tests.backends.opsgenie.test_save import a_value, changed

FULL = "PUT /v2/postmortem/{id} (full update)"
READING = "pmtui.sandbox.opsgenie.postmortems.postmortems.read_postmortem"
KEYS = {
    "actorUserId",
    "title",
    "severity",
    "status",
    "ownerId",
    "jiraIssues",
    "relatedIncidentIds",
    "affectedServices",
    "responderTeams",
    "responderUsers",
}


def sent(there: Account) -> list[dict[str, Any]]:
    """The bodies of the full updates so far."""
    path = "/v2/postmortem/"
    full = [each for each in there.sandbox.requests if each["method"] == "PUT" and each["path"].removeprefix(path).count("/") == 0]
    return [json.loads(each["body"]) for each in full]


async def refused(there: Account, base: Postmortem, name: str) -> BackendError:
    """The error of a first save of this field, which finds no address."""
    with pytest.raises(BackendError) as caught:
        await there.save(base, *changed(base, name, a_value(there, name)))
    return caught.value


def planned(there: Account, base: Postmortem, *names: str) -> tuple[Postmortem, list[Change], tuple[Step, ...]]:
    mine, changes = base, list[Change]()
    for name in names:
        mine = mine.with_field(name, a_value(there, name))
        changes.append(FieldChanged(name, base.fields[name], mine.fields[name]))
    return mine, changes, there.backend.plan(base, mine, changes)


@pytest.mark.parametrize("status", ["404", "405"])
async def test_it_is_offered_after_the_own_call_was_found_nowhere_and_never_sent_before(status: str) -> None:
    async with account(switches={"missing_updates": "title", "missing_status": status}) as there:
        kept = there.a_postmortem()
        before = copy.deepcopy(kept)
        base = await there.opened(kept)
        error = await refused(there, base, "title")
        assert error.trouble is Trouble.INVALID
        assert error.advice.startswith("save again: the review then offers the full update, with every field that it sends")
        assert (kept, sent(there)) == (before, [])
        mine, changes, (step,) = planned(there, base, "title")
        assert (step.id, step.label, step.request, step.changes) == ("full", "Title", FULL, tuple(changes))
        assert "this account has no working call for title alone" in step.warnings[0]
        assert step.needs_consent == step.warnings[0]
        others = ("severity", "status", "owner", "responders", "responder teams", "linked issues", "related incidents", "affected services")
        assert [each.split(":")[0] for each in step.warnings[1:]] == [f"also sends {each}" for each in others]
        assert f"also sends severity: {kept['severity']}" in step.warnings
        after = await there.save(base, mine, changes)
        assert after.fields["title"] == "Another title"
        (body,) = sent(there)
        assert set(body) == KEYS
        assert {key for key in kept if kept[key] != before[key]} == {"title"}


async def test_only_what_has_no_call_of_its_own_goes_with_it_and_all_of_that_at_once() -> None:
    async with account(switches={"missing_updates": "title,responder-users,status"}) as there:
        base = await there.opened(there.a_postmortem())
        for name in ("title", "responders", "status"):
            await refused(there, base, name)
        mine, changes, steps = planned(there, base, "title", "severity", "responders", "status")
        assert [step.id for step in steps] == ["severity", "full", "status"]
        assert [step.label for step in steps][1] == "Title, responders"
        assert [step.request for step in steps] == ["PUT /v2/postmortem/{id}/severity", FULL, FULL]
        after = await there.save(base, mine, changes)
        assert [body["status"] for body in sent(there)] == ["draft", "in-review"]
        for name in ("title", "severity", "responders", "status"):
            assert after.fields[name] == mine.fields[name], "a later full update takes nothing back"


async def test_it_sends_what_others_wrote_meanwhile() -> None:
    async with account(switches={"missing_updates": "title"}) as there:
        kept = there.a_postmortem()
        base = await there.opened(kept)
        await refused(there, base, "title")
        mine, _, (step,) = planned(there, base, "title")
        kept["severity"] = "P1" if kept["severity"] != "P1" else "P2"
        theirs = kept["severity"]
        await there.backend.send(base, mine, step)
        assert (kept["title"], kept["severity"]) == ("Another title", theirs)


@pytest.mark.parametrize(
    "key", ["responders", "responderTeams", "jiraIssues", "relatedIncidents", "affectedServices", "iccSessions", "owner"]
)
async def test_it_is_made_only_from_a_reading_that_has_all_fields(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    async with account(switches={"missing_updates": "title"}) as there:
        kept = there.a_postmortem()
        base = await there.opened(kept)
        await refused(there, base, "title")
        mine, _, (step,) = planned(there, base, "title")
        monkeypatch.setattr(
            "pmtui.sandbox.opsgenie.postmortems.postmortems.read_postmortem", lambda *given: {**read_postmortem(*given), key: None}
        )
        there.forget_calls()
        with pytest.raises(BackendError) as caught:
            await there.backend.send(base, mine, step)
        assert caught.value.trouble is (Trouble.CONFLICT if key == "owner" else Trouble.ANSWER)
        assert there.writes() == []
        _, _, (own,) = planned(there, await there.opened(kept), "title")
        assert own.request == "PUT /v2/postmortem/{id}/title", "it is not offered"


async def test_doctor_shows_it_and_it_is_remembered() -> None:
    index = MemoryIndex()
    async with account(switches={"missing_updates": "title"}, index=index) as there:
        await refused(there, await there.opened(there.a_postmortem()), "title")
    async with account(switches={"missing_updates": "title"}, index=index) as there:
        lines = {line.update: line for line in there.backend.routes()}
        assert (lines["title"].instead, lines["owner"].instead) == ("", "")  # another host
    async with account(switches={"missing_updates": "title"}) as there:
        await refused(there, await there.opened(there.a_postmortem()), "title")
        lines = {line.update: line for line in there.backend.routes()}
        assert (lines["title"].instead, lines["owner"].instead) == (FULL, "")
        assert "POST /v2/postmortem/{id}/title" in lines["title"].wants
        assert lines["full"].route == "PUT /v2/postmortem/{id}"


async def test_a_passing_404_does_not_stay() -> None:
    """After an hour the field's own address is tried again, before the full update is offered."""
    later = NOW + timedelta(hours=1)
    async with account("* /v2/postmortem/*/title 404") as there:
        kept = there.a_postmortem()
        base = await there.opened(kept)
        await refused(there, base, "title")
        routes = there.backend.routes()
        assert planned(there, base, "title")[2][0].request == FULL
        there.sandbox.clear_faults()
        backend = OpsgenieBackend(profile(there.sandbox.url, actor="jane@corp.com"), there.index, now=lambda: later)
        try:
            again = replace(there, backend=backend)
            mine, changes, (own,) = planned(again, base, "title")
            assert (own.request, own.needs_consent) == ("PUT /v2/postmortem/{id}/title", "")
            assert [line.refused for line in backend.routes()] == [line.refused for line in routes], "doctor still tells what was tried"
            await again.save(base, mine, changes)
        finally:
            await backend.aclose()
        assert (kept["title"], sent(there)) == ("Another title", [])


async def test_a_route_of_the_configuration_is_not_replaced() -> None:
    async with account(switches={"missing_updates": "title"}, routes={"title": "PUT /v2/postmortem/{id}/name"}) as there:
        base = await there.opened(there.a_postmortem())
        error = await refused(there, base, "title")
        assert "full update" not in error.advice
        assert planned(there, base, "title")[2][0].request == "PUT /v2/postmortem/{id}/name"
