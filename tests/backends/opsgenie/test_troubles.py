"""What goes wrong with keys, regions, plans and the service itself; and what doctor says."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest

from pmtui.backends.base import BackendError, Trouble, Waiting
from pmtui.backends.opsgenie.backend import OpsgenieBackend
from pmtui.config import Profile
from pmtui.model.changes import FieldChanged
from pmtui.model.fields import Kind
from pmtui.model.query import parse
from tests.backends.opsgenie.account import KEY, account, profile
from tests.backends.opsgenie.memory_index import MemoryIndex

AFTER = datetime(2027, 4, 6, tzinfo=UTC)


async def test_a_key_of_the_wrong_shape_is_not_sent() -> None:
    async with account(key="not-a-key") as there:
        with pytest.raises(BackendError) as caught:
            await there.backend.incidents(parse(""))
        assert caught.value.trouble is Trouble.CREDENTIALS
        assert "OPSGENIE_API_KEY" in caught.value.said
        assert "not-a-key" not in caught.value.message
        assert there.calls() == []


async def test_an_unknown_key_may_be_of_the_other_region() -> None:
    async with account(switches={"keys": "11111111-2222-3333-4444-555555555555"}) as there:
        with pytest.raises(BackendError) as caught:
            await there.backend.incidents(parse(""))
        assert caught.value.trouble is Trouble.CREDENTIALS
        assert "wrong key or wrong region" in caught.value.advice
        assert KEY not in caught.value.message


async def test_the_key_is_in_no_record() -> None:
    async with account() as there:
        await there.backend.incidents(parse(""))
        assert there.backend.requests()
        assert KEY not in repr(there.backend.requests()) + repr(there.backend.__dict__)


@pytest.mark.parametrize(("region", "host"), [("", "us"), ("us", "us"), ("eu", "eu")])
def test_regions(region: str, host: str) -> None:
    backend = OpsgenieBackend(Profile("o", "opsgenie", settings={"region": region}), MemoryIndex())
    assert backend.identity.place == host
    assert backend._api.client.host == ("api.opsgenie.com" if host == "us" else "api.eu.opsgenie.com")


async def test_no_key_at_all() -> None:
    backend = OpsgenieBackend(Profile("o", "opsgenie", base_url="http://127.0.0.1:9"), MemoryIndex())
    with pytest.raises(BackendError) as caught:
        await backend.incidents(parse(""))
    assert "OPSGENIE_API_KEY" in caught.value.said
    await backend.aclose()


async def test_a_team_key_sees_its_team_and_works() -> None:
    async with account(switches={"team": ""}) as there:
        team = next(iter(there.state.teams.values()))["name"]
    async with account(switches={"team": team}) as there:
        page = await there.backend.incidents(parse(""))
        assert 0 < len(page.incidents) < len(there.state.incidents)
        opened = await there.backend.postmortem(page.incidents[-1])
        assert opened.incident.id == page.incidents[-1].id


@pytest.mark.parametrize("ended", ["1", "200", "401", "403", "404", "410", "503"])
async def test_after_the_last_day_opsgenie_has_ended(ended: str) -> None:
    async with account(switches={"ended": ended}, now=AFTER) as there:
        waits: list[Waiting] = []
        there.backend.on_waiting(waits.append)
        with pytest.raises(BackendError) as caught:
            await there.backend.incidents(parse(""))
        assert caught.value.trouble is Trouble.ENDED
        assert waits == []
        assert [check.state for check in await there.backend.checks()] == ["fail", "fail"]
        assert "Opsgenie has ended" in caught.value.message
        assert "drafts" in caught.value.advice
        assert there.backend.identity.days_left == 0


@pytest.mark.parametrize("fault", ["500", "drop-before", "html 403", "redirect https://www.atlassian.com/", "garbage"])
async def test_nobody_waits_for_what_has_ended(fault: str) -> None:
    async with account(f"* * {fault}", now=AFTER) as there:
        with pytest.raises(BackendError) as caught:
            await there.backend.find("#1")
        assert caught.value.trouble is Trouble.ENDED
        assert len(there.calls()) == 1


async def test_a_name_that_is_no_longer_there_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    backend = OpsgenieBackend(profile("https://api.opsgenie.test"), MemoryIndex(), now=lambda: AFTER)
    with pytest.raises(BackendError) as caught:
        await backend.incidents(parse(""))
    assert caught.value.trouble is Trouble.ENDED
    await backend.aclose()


async def test_a_write_of_which_nobody_knows_stays_unknown_after_the_end() -> None:
    async with account(now=AFTER) as there:
        opened = await there.opened(there.a_postmortem())
        there.sandbox.fault("PUT * 503 applied")
        mine = opened.with_field("title", "T")
        (step,) = there.backend.plan(opened, mine, [FieldChanged("title", opened.fields["title"], "T")])
        with pytest.raises(BackendError) as caught:
            await there.backend.send(opened, mine, step)
        assert (caught.value.trouble, caught.value.unknown) == (Trouble.ENDED, True)


async def test_who_still_answers_after_the_end_is_believed() -> None:
    async with account(now=AFTER, switches={"rights": "read,write"}) as there:
        opened = await there.opened(there.a_postmortem())
        assert await there.backend.suggest(Kind.PEOPLE, "", opened)
        with pytest.raises(BackendError) as caught:
            await there.backend.find("#99999")
        assert caught.value.trouble is Trouble.MISSING


async def test_a_switched_off_account_has_ended_before_that() -> None:
    async with account(switches={"ended": "1"}) as there:
        with pytest.raises(BackendError) as caught:
            await there.backend.incidents(parse(""))
        assert caught.value.trouble is Trouble.ENDED
        assert "switched off" in caught.value.said


async def test_while_it_lives_the_days_are_counted() -> None:
    async with account() as there:
        assert there.backend.identity.days_left == 134
    async with account(now=AFTER) as there:
        assert (await there.backend.incidents(parse(""))).incidents, "what still answers still works"


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("400", Trouble.INVALID),
        ("403", Trouble.RIGHTS),
        ("404", Trouble.MISSING),
        ("501", Trouble.SERVER),
        ("html", Trouble.ANSWER),
        ("redirect https://elsewhere.test/", Trouble.ANSWER),
        ("truncate", Trouble.ANSWER),
        ("garbage", Trouble.ANSWER),
        ("empty", Trouble.ANSWER),
        ("bomb", Trouble.ANSWER),
    ],
)
async def test_whatever_a_read_answers_is_told_in_words(fault: str, trouble: Trouble) -> None:
    async with account() as there:
        opened = await there.opened(there.a_postmortem())
        there.sandbox.fault(f"GET /v2/postmortem/* {fault}")
        with pytest.raises(BackendError) as caught:
            await there.backend.reread(opened, [])
        assert caught.value.trouble is trouble
        assert opened.incident.reference in caught.value.message


@pytest.mark.parametrize("fault", ["503", "drop-before", "drop-after", "cut"])
async def test_what_passes_is_tried_again(fault: str) -> None:
    async with account() as there:
        opened = await there.opened(there.a_postmortem())
        there.sandbox.fault(f"GET /v2/postmortem/* {fault} first 1")
        assert (await there.backend.reread(opened, [])).fields == opened.fields


async def test_roles_that_cannot_be_read_keep_nobody_waiting() -> None:
    async with account("GET /v2/roles 500") as there:
        opened = await there.opened(there.a_postmortem())
        assert "Incident Commander" in opened.field("responders").roles
        assert there.calls().count("GET /v2/roles") == 1


async def test_limits_are_waited_out() -> None:
    async with account("GET /v1/incidents 429 first 1") as there:
        told: list[str] = []
        there.backend.on_waiting(lambda waiting: told.append(waiting.reason))
        assert (await there.backend.incidents(parse(""))).incidents
        assert told


async def test_doctor_says_who_where_and_what() -> None:
    async with account() as there:
        checks = {check.name: check for check in await there.backend.checks()}
        assert {name: check.state for name, check in checks.items()} == {
            "incidents": "ok",
            "account": "ok",
            "actor": "ok",
            "routes": "ok",
            "end of life": "warn",
        }
        assert "134 days" in checks["end of life"].detail
        assert there.writes() == []


async def test_doctor_with_a_poor_key() -> None:
    async with account(switches={"rights": "read"}, actor="") as there:
        checks = {check.name: check for check in await there.backend.checks()}
        assert (checks["incidents"].state, checks["account"].state, checks["actor"].state) == ("ok", "warn", "warn")
        assert "Configuration access" in checks["account"].detail
        assert "PMTUI_ACTOR" in checks["actor"].detail
    async with account(switches={"plan": "Essentials"}, actor="stranger@x.test") as there:
        checks = {check.name: check for check in await there.backend.checks()}
        assert (checks["incidents"].state, checks["actor"].state) == ("warn", "fail")
        assert "plan" in checks["incidents"].detail
    async with account(switches={"keys": "11111111-2222-3333-4444-555555555555"}) as there:
        states = [check.state for check in await there.backend.checks()]
        assert states[0] == "fail"


def test_a_foreign_base_url_over_plain_http_is_refused() -> None:
    with pytest.raises(BackendError):
        OpsgenieBackend(profile("http://opsgenie.example"), MemoryIndex())
