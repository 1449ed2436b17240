"""What was decided about conflicts, what others changed and how it fares, and what a new reading brings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from pmtui.model.changes import Change
from pmtui.model.conflicts import Conflict, Decision
from pmtui.model.part import Part, part_of
from pmtui.model.postmortem import CellKind
from pmtui.session.review import NotReviewed, Review, replaced
from pmtui.session.session import Session, State
from tests.session import fake
from tests.session.conftest import Desk
from tests.session.fake import Server

SUMMARY = "## Summary\n"


async def both_changed(desk: Desk, server: Server) -> Session:
    """The title and the summary by both, differently; the severity by them alone."""
    session = await desk.open()
    session.set_field("title", "mine")
    session.edit_cell(session.mine.cells[0].key, SUMMARY + "5 % of checkouts failed")
    server.fields |= {"title": "theirs", "severity": "SEV-1"}
    server.cells[0] = (CellKind.MARKDOWN, SUMMARY + "6 % of checkouts failed")
    return session


def settled(session: Session, review: Review, *decisions: Decision) -> Review:
    for conflict, decision in zip(review.conflicts, decisions, strict=True):
        session.decisions.keep(conflict, decision)
        review = session.resolve(review, conflict, decision.answer(conflict))
    return review


def names(review: Review, changes: Sequence[Change]) -> set[str]:
    cells = {cell.key: cell.title for cell in (*review.base.cells, *review.server.cells)}
    return {cells.get(part_of(change).cell, part_of(change).field) for change in changes}


MINE, THEIRS, BOTH = Decision("mine"), Decision("theirs"), Decision("both")


@pytest.mark.parametrize(
    ("of_title", "of_summary", "gone"),
    [
        (MINE, MINE, {"title", "Summary"}),
        (MINE, BOTH, {"title"}),
        (THEIRS, MINE, {"Summary"}),
        (THEIRS, THEIRS, set()),
        (Decision(written="by hand"), Decision(written=SUMMARY + "5 or 6 %"), {"title", "Summary"}),
        (THEIRS, Decision(written=SUMMARY + "6 % of checkouts failed\n5 % in Europe"), set()),
    ],
)
async def test_what_a_save_replaces_is_told_apart(
    desk: Desk, server: Server, of_title: Decision, of_summary: Decision, gone: set[str]
) -> None:
    session = await both_changed(desk, server)
    review = settled(session, await session.review(), of_title, of_summary)
    assert names(review, review.theirs) == {"title", "severity", "Summary"}
    assert names(review, replaced(review)) == gone
    assert names(review, replaced(review, [*gone, *(f"edited:{cell.key}" for cell in review.server.cells)])) == set()


async def test_a_cell_that_they_deleted_and_i_keep_is_replaced(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.edit_cell(session.mine.cells[1].key, "## Timeline\n- 02:17 alert\n- 02:31 failover")
    del server.cells[1]
    review = await session.review()
    assert names(settled(session, review, MINE), replaced(settled(session, review, MINE))) == {"Timeline"}
    assert replaced(settled(session, review, THEIRS)) == ()


async def test_what_is_joined_without_a_question_is_kept(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.edit_cell(session.mine.cells[1].key, "## Timeline\n- 02:14 alert!\n- 02:31 failover")
    server.cells[1] = (CellKind.MARKDOWN, "## Timeline\n- 02:14 alert\n- 02:31 failover\n- 02:40 done")
    review = await session.review()
    assert not review.conflicts and names(review, review.theirs) == {"Timeline"}
    assert replaced(review) == ()


async def test_decisions_hold_while_the_three_sides_stay_the_same(desk: Desk, server: Server) -> None:
    session = await both_changed(desk, server)
    settled(session, await session.review(), MINE, BOTH)

    async def decided() -> list[Decision | None]:
        return [session.decisions.of(conflict) for conflict in (await session.review()).conflicts]

    assert await decided() == [MINE, BOTH]
    server.fields["severity"] = "SEV-3"
    assert await decided() == [MINE, BOTH]
    server.fields["title"] = "theirs again"
    assert await decided() == [None, BOTH]
    server.fields["title"] = "theirs"
    session.edit_cell(session.mine.cells[0].key, SUMMARY + "7 % of checkouts failed")
    assert await decided() == [MINE, None]
    await session.reread()
    assert await decided() == [MINE, None]


async def test_what_changed_while_the_review_was_read_is_named(desk: Desk, server: Server) -> None:
    session = await both_changed(desk, server)
    review = settled(session, await session.review(), MINE, MINE)
    server.fields["title"] = "theirs again"
    server.cells[0] = (CellKind.MARKDOWN, SUMMARY + "8 % of checkouts failed")
    with pytest.raises(NotReviewed, match="somebody changed Title, 1 Summary on the server since the review"):
        await session.save(review)
    again = await session.review()
    assert [session.decisions.of(conflict) for conflict in again.conflicts] == [None, None]


async def test_all_theirs_is_taken_and_nothing_counts_as_saved(desk: Desk, server: Server) -> None:
    session = await both_changed(desk, server)
    review = settled(session, await session.review(), THEIRS, THEIRS)
    assert not review.changes and not review.steps
    report = await session.save(review)
    assert report.outcomes == () and not server.writes
    assert session.status.state is State.UNCHANGED and session.changes == ()
    assert session.mine.fields["title"] == "theirs"


async def test_what_somebody_else_wrote_just_so_counts_as_saved(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("title", "the same")
    server.fields["title"] = "the same"
    await session.save(await session.review())
    assert session.status.state is State.SAVED and session.changes == ()


async def test_the_news_have_the_numbers_of_my_outline_and_are_told_once(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.delete_cell(session.mine.cells[0].key)
    session.edit_cell(session.mine.cells[0].key, "## Timeline\n- 02:17 alert\n- 02:31 failover")
    server.cells[1] = (CellKind.MARKDOWN, "## Timeline\n- 02:20 alert\n- 02:31 failover")
    server.fields["severity"] = "SEV-1"
    news = await session.reread()
    assert news.changed == ("Severity  SEV-2 → SEV-1", "1 Timeline")
    assert news.both == ("1 Timeline",)
    again = await session.reread()
    assert again.changed == () and again.both == ("1 Timeline",)
    server.cells[0] = (CellKind.MARKDOWN, SUMMARY + "theirs")
    assert (await session.reread()).both == ("Summary", "1 Timeline")


async def test_what_is_in_conflict_is_as_old_as_the_reading_that_it_comes_from(
    desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await both_changed(desk, server)
    opened = session.base.read_at
    monkeypatch.setattr(fake, "READ_AT", opened + timedelta(minutes=5))
    await session.reread()
    assert session.base.read_at == opened < session.server.read_at


def test_a_decision_is_of_one_conflict(conflict: Conflict) -> None:
    assert THEIRS.answer(conflict) == "theirs" and MINE.answer(conflict) == "mine"
    assert Decision(written="both").answer(conflict) == "both"


@pytest.fixture
def conflict() -> Conflict:
    return Conflict(id="title", base="before", mine="mine", theirs="theirs", part=Part(field="title"))


async def test_decisions_are_on_disk_with_the_draft(desk: Desk, server: Server) -> None:
    session = await both_changed(desk, server)
    by_hand = Decision(written=SUMMARY + "5 or 6 % failed")
    settled(session, await session.review(), THEIRS, by_hand)
    for _ in range(2):  # as appended, then as compacted by a reading
        session = await desk.reopen(session)
        review = await session.review()
        assert [session.decisions.of(conflict) for conflict in review.conflicts] == [THEIRS, by_hand]
        assert session.decisions.count == 2
        await session.reread()
    server.fields["title"] = "theirs again"
    session = await desk.reopen(session)
    review = await session.review()
    assert [session.decisions.of(conflict) for conflict in review.conflicts] == [None, by_hand]
    title, summary = review.conflicts
    session.decisions.keep(title, THEIRS)
    review = session.resolve(session.resolve(review, title, THEIRS.answer(title)), summary, by_hand.answer(summary))
    assert (await session.save(review)).verified
    session.set_field("title", "mine again")
    assert session.decisions.count == 0, "the save has used them"


async def test_a_conflict_left_out_of_a_save_keeps_its_decision_and_the_others_are_used(desk: Desk, server: Server) -> None:
    session = await both_changed(desk, server)
    review = await session.review()
    title, summary = review.conflicts
    session.decisions.keep(title, MINE)
    session.decisions.keep(summary, MINE)
    report = await session.save(session.resolve(review, summary, MINE.answer(summary)), leave_out=frozenset({title.id}))
    assert report.verified and server.texts[0] == SUMMARY + "5 % of checkouts failed"
    assert server.fields["title"] == "theirs"
    session = await desk.reopen(session)
    (left,) = (await session.review()).conflicts
    assert left.id == title.id and session.decisions.of(left) == MINE
