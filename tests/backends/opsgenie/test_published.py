"""A published postmortem refuses edits: set back, edit, publish again, and what happens when that is cut short."""

from __future__ import annotations

import pytest

from pmtui.backends.base import BackendError, Step, Trouble
from pmtui.backends.opsgenie.plan import PUBLISH_AGAIN, SET_BACK
from pmtui.model.changes import Change, FieldChanged
from tests.backends.opsgenie.account import account


def titled(before: object, after: str) -> list[Change]:
    return [FieldChanged("title", str(before), after)]


@pytest.mark.parametrize("status", ["422", "400", "403", "409"])
async def test_an_edit_is_framed(status: str) -> None:
    async with account(switches={"published": status}) as there:
        kept = there.a_postmortem("published")
        base = await there.opened(kept)
        assert "published" in base.guard
        mine = base.with_field("title", "Edited")
        changes = titled(base.fields["title"], "Edited")
        assert [step.id for step in there.backend.plan(base, mine, changes)] == [SET_BACK, "title", PUBLISH_AGAIN]
        there.forget_calls()
        after = await there.save(base, mine, changes)
        assert (kept["title"], kept["status"]) == ("Edited", "published")
        assert after.fields["status"] == "published"
        assert there.writes() == [f"PUT /v2/postmortem/{base.id}/{part}" for part in ("status", "title", "status")]


@pytest.mark.parametrize("target", ["draft", "in-review"])
async def test_setting_it_back_on_purpose_leaves_it_there(target: str) -> None:
    async with account() as there:
        kept = there.a_postmortem("published")
        base = await there.opened(kept)
        mine = base.with_field("title", "Edited").with_field("status", target)
        changes: list[Change] = [*titled("x", "Edited"), FieldChanged("status", "published", target)]
        assert [step.id for step in there.backend.plan(base, mine, changes)] == ["status", "title"]
        await there.save(base, mine, changes)
        assert (kept["title"], kept["status"]) == ("Edited", target)


async def test_a_change_of_status_alone_is_one_write() -> None:
    async with account() as there:
        base = await there.opened(there.a_postmortem("published"))
        mine = base.with_field("status", "draft")
        (step,) = there.backend.plan(base, mine, [FieldChanged("status", "published", "draft")])
        assert step.id == "status"


async def test_publishing_comes_after_the_edits() -> None:
    async with account() as there:
        kept = there.a_postmortem("draft")
        base = await there.opened(kept)
        mine = base.with_field("title", "Edited").with_field("status", "published")
        changes: list[Change] = [FieldChanged("status", "draft", "published"), *titled("x", "Edited")]
        after = await there.save(base, mine, changes)
        assert (kept["title"], kept["status"]) == ("Edited", "published")
        assert after.guard


async def test_the_last_step_alone_finishes_what_a_crash_cut_short() -> None:
    async with account() as there:
        kept = there.a_postmortem("published")
        base = await there.opened(kept)
        mine = base.with_field("title", "Edited")
        steps = there.backend.plan(base, mine, titled("x", "Edited"))
        for step in steps[:-1]:
            await there.backend.send(base, mine, step)
        assert kept["status"] == "draft"
        server = await there.backend.reread(base, [])
        await there.backend.send(server, server, Step(PUBLISH_AGAIN, "Publish again", ""))
        assert (kept["title"], kept["status"]) == ("Edited", "published")


async def test_a_refusal_because_somebody_published_meanwhile_is_told_as_that() -> None:
    for status in ("422", "403", "409"):
        async with account(switches={"published": status}) as there:
            kept = there.a_postmortem("draft")
            base = await there.opened(kept)
            mine = base.with_field("title", "Edited")
            (step,) = there.backend.plan(base, mine, titled("x", "Edited"))
            kept["status"] = "published"
            with pytest.raises(BackendError) as caught:
                await there.backend.send(base, mine, step)
            assert caught.value.trouble is Trouble.CONFLICT
            assert "published meanwhile" in caught.value.said


async def test_without_an_actor_it_says_what_to_set_and_sends_nothing() -> None:
    async with account(actor="") as there:
        base = await there.opened(there.a_postmortem("published"))
        mine = base.with_field("title", "Edited")
        steps = there.backend.plan(base, mine, titled("x", "Edited"))
        with pytest.raises(BackendError) as caught:
            await there.backend.send(base, mine, steps[0])
        assert caught.value.trouble is Trouble.LOCAL
        assert "PMTUI_ACTOR" in caught.value.advice
        assert there.writes() == []
