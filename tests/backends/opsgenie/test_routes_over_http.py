"""The search for the route of an update, over HTTP."""

from __future__ import annotations

import copy
from unittest.mock import Mock

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.opsgenie.backend import OpsgenieBackend
from pmtui.backends.opsgenie.fields import BY_NAME
from pmtui.sandbox.opsgenie.answers import Refusal
from tests.backends.opsgenie.account import account, profile
from tests.backends.opsgenie.memory_index import MemoryIndex
from tests.backends.opsgenie.test_save import a_value, changed

FIELDS = [
    "title",
    "severity",
    "status",
    "owner",
    "responders",
    "responder_teams",
    "linked_issues",
    "related_incidents",
    "affected_services",
]


@pytest.mark.sweep(20)
@pytest.mark.parametrize("family", ["primary", "patch", "post", "camel"])
@pytest.mark.parametrize("name", FIELDS)
async def test_each_field_is_written_alone_by_whatever_route_there_is(name: str, family: str) -> None:
    agreed = {name: f"POST /v2/postmortem/{{id}}/{BY_NAME[name].update}"} if family == "post" else {}
    async with account(switches={"routes": family}, routes=agreed) as there:
        kept = there.a_postmortem()
        before = copy.deepcopy(kept)
        base = await there.opened(kept)
        mine, changes = changed(base, name, a_value(there, name))
        after = await there.save(base, mine, changes)
        wanted = {item.id for item in mine.fields[name]} if name == "related_incidents" else mine.fields[name]  # type: ignore[union-attr]
        found = {item.id for item in after.fields[name]} if name == "related_incidents" else after.fields[name]  # type: ignore[union-attr]
        assert found == wanted
        same = [key for key in before if kept[key] == before[key]]
        assert len(same) == len(before) - 1
        there.forget_calls()
        await there.save(after, *changed(after, name, base.fields[name]))
        assert len(there.writes()) == 1, "the route that worked is remembered"


@pytest.mark.sweep(5)
@pytest.mark.parametrize("name", FIELDS)
async def test_no_post_is_sent_before_the_user_agrees(name: str) -> None:
    async with account(switches={"routes": "post"}) as there:
        base = await there.opened(there.a_postmortem())
        update = BY_NAME[name].update
        with pytest.raises(BackendError) as caught:
            await there.save(base, *changed(base, name, a_value(there, name)))
        post = f"POST /v2/postmortem/{{id}}/{update}"
        assert f'routes = {{ {update} = "{post}" }}' in caught.value.advice
        assert "pmtui doctor --routes" in caught.value.advice
        assert not any(call.startswith("POST") for call in there.writes())
        (line,) = (line for line in there.backend.routes() if line.update == update)
        assert post in line.wants
        assert next(check for check in await there.backend.checks() if check.name == "routes").state == "warn"


async def test_candidates_are_sent_in_the_order_of_their_likelihood() -> None:
    async with account(switches={"routes": "camel"}) as there:
        base = await there.opened(there.a_postmortem())
        await there.save(base, *changed(base, "linked_issues", a_value(there, "linked_issues")))
        calls = ("PUT", "jira-issues"), ("PATCH", "jira-issues"), ("PUT", "jiraIssues")
        assert there.writes() == [f"{method} /v2/postmortem/{base.id}/{path}" for method, path in calls]


async def test_a_value_that_is_not_found_ends_the_search_for_a_route(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = Refusal(404, "User not found")
    monkeypatch.setattr("pmtui.sandbox.opsgenie.postmortems.postmortems.read_update", Mock(side_effect=refusal))
    async with account() as there:
        base = await there.opened(there.a_postmortem())
        with pytest.raises(BackendError) as caught:
            await there.save(base, *changed(base, "owner", a_value(there, "owner")))
        assert (caught.value.trouble, caught.value.said) == (Trouble.INVALID, "User not found")
        assert there.writes() == [f"PUT /v2/postmortem/{base.id}/owner"]
        assert all(line.refused == "" for line in there.backend.routes())


async def test_a_route_that_nothing_serves_is_said() -> None:
    async with account(routes={"title": "PUT /v2/postmortem/{id}/name"}) as there:
        base = await there.opened(there.a_postmortem())
        with pytest.raises(BackendError) as caught:
            await there.save(base, *changed(base, "title", "T"))
        assert "PUT /v2/postmortem/{id}/name: 404" in caught.value.said
        assert "There is no resource at" in caught.value.said
        assert "routes" in caught.value.advice


@pytest.mark.parametrize("status", ["404", "405"])
async def test_a_gateways_page_for_an_unknown_route_leads_to_the_next_one(status: str) -> None:
    async with account(f"PUT /v2/postmortem/*/title html {status}", switches={"routes": "patch"}) as there:
        base = await there.opened(there.a_postmortem())
        assert (await there.save(base, *changed(base, "title", "T"))).fields["title"] == "T"


async def test_no_other_route_is_tried_for_any_other_refusal() -> None:
    for status in ("400", "409", "422", "501"):
        async with account(f"PUT /v2/postmortem/*/title {status}") as there:
            base = await there.opened(there.a_postmortem())
            with pytest.raises(BackendError):
                await there.save(base, *changed(base, "title", "T"))
            assert len(there.writes()) == 1


async def test_no_route_is_tried_for_a_postmortem_that_is_gone() -> None:
    async with account() as there:
        base = await there.opened(there.a_postmortem())
        mine, changes = changed(base, "title", "T")
        steps = there.backend.plan(base, mine, changes)
        there.state.remove_postmortem(base.id)
        there.forget_calls()
        with pytest.raises(BackendError) as caught:
            await there.backend.send(base, mine, steps[0])
        assert caught.value.trouble is Trouble.MISSING
        assert len(there.writes()) == 1


async def test_memory_of_routes_outlives_the_process() -> None:
    index = MemoryIndex()
    async with account(switches={"routes": "patch"}, index=index) as there:
        base = await there.opened(there.a_postmortem())
        await there.save(base, *changed(base, "title", "T"))
        again = OpsgenieBackend(profile(there.sandbox.url), index)
        line = next(line for line in again.routes() if line.update == "title")
        assert (line.route, line.source) == ("PATCH /v2/postmortem/{id}/title", "remembered")
        assert line.refused == "PUT /v2/postmortem/{id}/title: 405"
        await again.aclose()
