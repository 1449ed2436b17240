"""A whole edit through the session: what was sent reads back as the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmtui.backends.base import BackendError
from pmtui.model.changes import FieldChanged
from pmtui.model.fields import Kind
from pmtui.model.values import Person
from pmtui.session.report import Result
from pmtui.session.review import NotReviewed
from pmtui.session.status import State
from pmtui.session.workspace import Workspace
from pmtui.store.audit import Audit
from pmtui.store.cache import Cache
from pmtui.store.drafts import Drafts
from tests.backends.opsgenie.account import Account, account


def workspace(there: Account, path: Path) -> Workspace:
    return Workspace("opsgenie", there.backend, Drafts(path), Cache(path, "opsgenie"), Audit(path))


@pytest.mark.parametrize("status", ["draft", "published"])
async def test_every_kind_of_change_is_saved_and_verified(tmp_path: Path, status: str) -> None:
    async with account(switches={"local_ids": "1"}) as there:
        kept = there.a_postmortem(status)
        session = await workspace(there, tmp_path).open(await there.incident(kept))
        cells = session.mine.cells
        session.edit_cell(cells[0].key, "Short.\n\n* one\n* two")
        session.edit_cell(
            next(cell for cell in cells[1:] if cell.editable).key, "#### Other title\n\n1) a\n2) b\n\n#### Second heading\n\nx"
        )
        session.add_cell(cells[-1].key, "words without a heading")
        session.move_cell(cells[-1].key, -1)
        people = await there.backend.suggest(Kind.PEOPLE, "", session.mine)
        session.set_field("responders", (people[-1],))
        owner = people[-2]
        assert isinstance(owner, Person)
        session.set_field("owner", owner)
        session.set_field("related_incidents", tuple((await there.backend.suggest(Kind.INCIDENTS, "", session.mine))[:2]))
        session.set_field("affected_services", tuple((await there.backend.suggest(Kind.SERVICES, "", session.mine))[:2]))
        session.set_field("title", "Everything changed")
        review = await session.review()
        assert not review.conflicts
        report = await session.save(review)
        assert report.verified, report
        assert session.status.state is State.SAVED
        assert not session.changes
        assert kept["status"] == status
        session.close()


async def test_a_save_of_a_cell_is_three_requests_after_the_review(tmp_path: Path) -> None:
    async with account() as there:
        session = await workspace(there, tmp_path).open(await there.incident(there.a_postmortem()))
        key = session.mine.cells[0].key
        for words in ("First.", "Second."):
            session.edit_cell(key, words)
            review = await session.review()
            there.forget_calls()
            assert (await session.save(review)).verified
            assert [call.split()[0] for call in there.calls()] == ["GET", "PUT", "GET"]
        session.close()


async def test_what_is_accepted_and_not_applied_is_told_as_that(tmp_path: Path) -> None:
    async with account(switches={"lists": "append"}) as there:
        kept = there.a_postmortem()
        kept["responderTeams"] = [{"name": each["name"], "id": each["id"]} for each in list(there.state.teams.values())[:2]]
        session = await workspace(there, tmp_path).open(await there.incident(kept))
        teams = session.mine.fields["responder_teams"]
        assert isinstance(teams, tuple)
        session.set_field("responder_teams", teams[1:])
        session.set_field("title", "Applied")
        report = await session.save(await session.review())
        assert not report.verified
        states = {outcome.id.rpartition(":")[2]: outcome.state for outcome in report.outcomes}
        assert sorted(states.values()) == sorted([Result.DONE, Result.NOT_APPLIED]), states
        assert [change.name for change in session.changes if isinstance(change, FieldChanged)] == ["responder_teams"]
        session.close()


async def test_a_page_that_hides_whether_a_write_was_made_is_settled_by_reading(tmp_path: Path) -> None:
    async with account("PUT /v2/postmortem/*/title html first 1") as there:
        session = await workspace(there, tmp_path).open(await there.incident(there.a_postmortem()))
        session.set_field("title", "Not there")
        report = await session.save(await session.review())
        assert [outcome.state for outcome in report.outcomes] == [Result.NOT_APPLIED]
        assert (await session.save(await session.review())).verified
        session.close()


async def test_a_lost_answer_is_settled_and_the_save_verified(tmp_path: Path) -> None:
    async with account(
        "PUT /v2/postmortem/*/executive-summary drop-after first 1", "PUT /v2/postmortem/*/title 503 applied first 1"
    ) as there:
        kept = there.a_postmortem()
        session = await workspace(there, tmp_path).open(await there.incident(kept))
        session.edit_cell(session.mine.cells[0].key, "Known to be there.")
        session.set_field("title", "Known as well")
        report = await session.save(await session.review())
        assert report.verified, report
        assert kept["title"] == "Known as well"
        session.close()


async def test_somebody_elses_words_in_the_same_section_are_asked_about(tmp_path: Path) -> None:
    async with account() as there:
        session = await workspace(there, tmp_path).open(await there.incident(there.a_postmortem()))
        first = next(cell for cell in session.mine.cells[1:] if cell.editable)
        session.edit_cell(first.key, first.text.rstrip() + "\n\nOurs at the end.")
        there.sandbox.fault("GET /v2/postmortem/* edit first 1")
        review = await session.review()
        assert [conflict.part.cell for conflict in review.conflicts] == [first.key]
        session.close()


async def test_a_larger_write_than_the_review_showed_is_not_sent(tmp_path: Path) -> None:
    """Another save finds between review and save that the field has no address of its own."""
    async with account() as there:
        kept = there.a_postmortem()
        session = await workspace(there, tmp_path).open(await there.incident(kept))
        session.set_field("title", "Another title")
        review = await session.review()
        assert [step.needs_consent for step in review.steps] == [""]
        there.sandbox.fault("* /v2/postmortem/*/title 404")
        base = await there.opened(kept)
        with pytest.raises(BackendError):
            await there.save(base, base.with_field("title", "Mine"), [FieldChanged("title", base.fields["title"], "Mine")])
        there.forget_calls()
        with pytest.raises(NotReviewed):
            await session.save(review)
        assert there.writes() == []
        assert (await session.save(await session.review())).verified
        assert kept["title"] == "Another title"
        session.close()
