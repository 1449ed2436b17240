"""Creating and deleting: never two, and found again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pmtui.backends.base import BackendError, Template, Trouble
from pmtui.backends.http.limiter import LIMITER
from pmtui.backends.opsgenie import api
from pmtui.backends.opsgenie import create as lifecycle
from pmtui.backends.opsgenie.backend import OpsgenieBackend
from pmtui.model.incident import Existence, Incident
from tests.backends.opsgenie.account import NOW, Account, account, profile


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(api, "POLLS", (0.01, 0.05, 0.2))
    yield


async def without_postmortem(there: Account, status: str = "resolved") -> Incident:
    key = next(key for key, row in there.state.incidents.items() if key not in there.state.postmortem_ids)
    there.state.incidents[key]["status"] = status
    return await there.backend.find(key)


@pytest.mark.parametrize("shape", ["wrapped", "unwrapped"])
@pytest.mark.parametrize("status", ["200", "202"])
async def test_create_reads_what_was_made_and_notes_it_on_the_incident(shape: str, status: str) -> None:
    async with account(switches={"create": shape, "create_status": status}) as there:
        incident = await without_postmortem(there)
        creation = await there.backend.creation(incident)
        assert creation.impossible == ""
        assert any("postmortemId" in warning for warning in creation.warnings)
        made = await there.backend.create(incident)
        assert made.id == there.state.postmortem_ids[incident.id]
        assert [cell.title for cell in made.cells][:2] == ["Executive summary", "Leadup"]
        assert there.state.incidents[incident.id]["extraProperties"]["postmortemId"] == made.id
        assert made.notices == ()
        assert (await there.backend.postmortem(incident)).id == made.id


async def test_of_a_postmortem_that_can_be_opened_no_address_is_asked_for() -> None:
    async with account() as there:
        incident = await there.incident(there.a_postmortem())
        assert (await there.backend.creation(incident)).impossible == "there is a postmortem already"


async def test_nothing_is_written_into_the_incident_when_the_user_does_not_want_it() -> None:
    async with account(remember=False) as there:
        incident = await without_postmortem(there)
        assert (await there.backend.creation(incident)).warnings == ()
        made = await there.backend.create(incident)
        assert "postmortemId" not in there.state.incidents[incident.id]["extraProperties"]
        assert (await there.backend.postmortem(incident)).id == made.id


async def test_a_template_of_ones_own() -> None:
    async with account() as there:
        made = await there.backend.create(await without_postmortem(there), Template("own", "Own", "## What\n\nWords\n\n## Why\n\nMore"))
        assert [cell.text for cell in made.cells[1:]] == ["## What\n\nWords", "## Why\n\nMore"]


async def test_a_template_that_cannot_be_written_is_a_notice() -> None:
    async with account("PUT /v2/postmortem/*/content 422") as there:
        made = await there.backend.create(await without_postmortem(there), Template("own", "Own", "## What"))
        assert made.cells[1].title == "Leadup"
        assert any("write the template" in notice for notice in made.notices)


async def test_an_open_incident_cannot_have_one() -> None:
    async with account() as there:
        incident = await without_postmortem(there, "open")
        assert "open" in (await there.backend.creation(incident)).impossible
        with pytest.raises(BackendError) as caught:
            await there.backend.create(incident)
        assert caught.value.trouble is Trouble.INVALID


async def test_there_is_never_a_second_one() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        incident = await there.incident(kept)
        with pytest.raises(BackendError) as caught:
            await there.backend.create(incident)
        assert caught.value.trouble is Trouble.CONFLICT
        assert there.writes() == []


async def test_a_new_one_that_is_not_visible_yet_is_waited_for() -> None:
    async with account(switches={"visible_ms": "300"}) as there:
        made = await there.backend.create(await without_postmortem(there))
        assert made.id


@pytest.mark.parametrize("fault", ["404", "503", "html"])
async def test_one_that_was_created_and_cannot_be_read_is_never_created_again(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setattr(LIMITER, "pace", 0.001)
    async with account() as there:
        incident = await without_postmortem(there)
        there.sandbox.fault(f"GET /v2/postmortem/* {fault}")
        with pytest.raises(BackendError) as caught:
            await there.backend.create(incident)
        made = there.state.postmortem_ids[incident.id]
        assert f"created ({made}), but it cannot be read yet: open it again in a while" in caught.value.message
        assert "could not create" not in caught.value.message
        assert there.state.incidents[incident.id]["extraProperties"]["postmortemId"] == made
        # As another process of this computer, and while the search does not know it yet.
        there.sandbox.fault("GET /v1/incidents empty")
        again = OpsgenieBackend(profile(there.sandbox.url, actor="x"), there.index, now=lambda: NOW)
        assert made in (await again.creation(incident)).impossible
        with pytest.raises(BackendError):
            await again.create(incident)
        if fault == "404":
            waiting = await again.postmortem(incident)
            assert (waiting.id, waiting.incident.postmortem) == ("", Existence.YES)
            assert "open it again in a while" in waiting.text_locked
        assert there.calls().count("POST /v2/postmortem") == 1
        there.sandbox.clear_faults()
        assert (await again.postmortem(incident)).id == made
        await again.aclose()


async def test_one_that_was_created_long_ago_and_is_gone_is_forgotten() -> None:
    moments = [NOW]
    async with account(remember=False) as there:
        there.backend._finder._now = lambda: moments[-1]
        incident = await without_postmortem(there)
        made = await there.backend.create(incident)
        there.state.remove_postmortem(made.id)
        assert "just created" in (await there.backend.postmortem(incident)).text_locked
        moments.append(NOW + timedelta(hours=2))
        assert (await there.backend.postmortem(incident)).incident.postmortem is Existence.NONE
        assert (await there.backend.creation(incident)).impossible == ""


async def test_looking_after_a_lost_answer_may_fail_and_it_is_still_unknown() -> None:
    async with account("POST /v2/postmortem drop-before", "GET /v1/incidents 400 after 2") as there:
        with pytest.raises(BackendError) as caught:
            await there.backend.create(await without_postmortem(there))
        assert caught.value.unknown


@pytest.mark.parametrize("fault", ["drop-after", "truncate", "empty", "503 applied"])
async def test_a_lost_answer_is_settled_by_looking(fault: str) -> None:
    async with account(f"POST /v2/postmortem {fault}") as there:
        incident = await without_postmortem(there)
        with pytest.raises(BackendError) as caught:
            await there.backend.create(incident)
        assert caught.value.trouble is Trouble.CONFLICT
        assert "could not create" not in caught.value.message, "it was created"
        assert "paste its address" in caught.value.advice
        assert there.calls().count("POST /v2/postmortem") == 1
        assert incident.id in there.state.postmortem_ids


async def test_a_lost_request_is_told_as_unknown_and_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with account("POST /v2/postmortem drop-before") as there:
        monkeypatch.setattr(there.backend._lifecycle, "_waits", (0.01, 0.02))
        incident = await without_postmortem(there)
        with pytest.raises(BackendError) as caught:
            await there.backend.create(incident)
        assert caught.value.unknown
        assert there.calls().count("POST /v2/postmortem") == 1
        assert incident.id not in there.state.postmortem_ids


async def test_a_plan_that_is_used_up() -> None:
    async with account(switches={"postmortems_per_month": "0"}) as there:
        with pytest.raises(BackendError) as caught:
            await there.backend.create(await without_postmortem(there))
        assert caught.value.trouble is Trouble.PLAN


async def test_without_an_actor_creating_says_what_to_set() -> None:
    async with account(actor="") as there:
        incident = await without_postmortem(there)
        assert "PMTUI_ACTOR" in (await there.backend.creation(incident)).impossible
        with pytest.raises(BackendError) as caught:
            await there.backend.create(incident)
        assert caught.value.trouble is Trouble.LOCAL


async def test_a_property_that_cannot_be_written_is_a_notice() -> None:
    async with account("POST /v1/incidents/*/details 403") as there:
        made = await there.backend.create(await without_postmortem(there))
        assert made.id
        assert any("only this computer" in notice for notice in made.notices)


async def test_an_accepted_write_that_is_not_applied_in_time_is_a_notice() -> None:
    async with account(switches={"async_ms": "60000"}) as there:
        made = await there.backend.create(await without_postmortem(there))
        assert any("not confirmed" in notice for notice in made.notices)


async def test_an_accepted_write_that_fails_afterwards_is_an_error() -> None:
    async with account() as there:
        calls = there.backend._api
        with pytest.raises(BackendError) as caught:
            await calls.write_incident("POST", "/v1/incidents/none/details", tried="note it", body={"details": {"a": "b"}})
        assert caught.value.trouble is Trouble.INVALID
        assert not caught.value.unknown


async def test_delete_forgets_everywhere() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        opened = await there.opened(kept)
        assert await there.backend.remove(opened) == ()
        assert kept["postmortemId"] not in there.state.postmortems
        assert "postmortemId" not in there.state.incidents[kept["incidentId"]]["extraProperties"]
        again = await there.opened(kept)
        assert (again.id, again.incident.postmortem) == ("", Existence.NONE)


@pytest.mark.parametrize(
    "fault", ["DELETE /v1/incidents/*/details 404", "DELETE /v1/incidents/*/details 403", "GET /v1/incidents/requests/* 400"]
)
async def test_a_property_that_cannot_be_taken_back_is_a_notice(fault: str) -> None:
    async with account(fault) as there:
        opened = await there.opened(there.a_postmortem())
        (notice,) = await there.backend.remove(opened)
        assert opened.id not in there.state.postmortems
        assert notice.startswith(f"the postmortem is deleted, but {opened.incident.reference} still names it")


async def test_deleting_twice_is_done_once() -> None:
    async with account("DELETE /v2/postmortem/* 503 applied first 1") as there:
        opened = await there.opened(there.a_postmortem())
        await there.backend.remove(opened)
        await there.backend.remove(opened)
        assert opened.id not in there.state.postmortems


async def test_a_key_that_may_not_delete() -> None:
    async with account(switches={"rights": "read,write,config"}) as there:
        opened = await there.opened(there.a_postmortem())
        with pytest.raises(BackendError) as caught:
            await there.backend.remove(opened)
        assert caught.value.missing_right == "Delete"


def test_the_waits_are_those_of_the_vendors_facts() -> None:
    assert lifecycle.APPEARS == (1.0, 2.0, 4.0, 8.0)
    assert lifecycle.CREATE_DEADLINE >= 60
