"""A draft whose postmortem went away, or came to be, goes on with the one that is there now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pmtui.model.conflicts import take
from pmtui.model.postmortem import CellKind, Postmortem
from pmtui.session.report import Result
from pmtui.session.session import Session
from pmtui.store.files import Files
from tests.session.conftest import Desk
from tests.session.fake import INCIDENT, Server
from tests.store.disks import FaultySystem

TYPED = "## Timeline\n- 02:14 alert\n- 02:31 failover\n- precious"


def serve(desk: Desk, document: str) -> None:
    """From now on the incident has this postmortem, "" for none."""
    real = type(desk.backend)._read

    def read() -> Postmortem:
        found = real(desk.backend)
        return replace(found, id=document) if document else replace(found, id="", cells=(), text_locked="there is no postmortem")

    desk.backend._read = read  # type: ignore[method-assign]


async def typed(desk: Desk) -> None:
    session = await desk.open()
    session.edit_cell(session.mine.cells[1].key, TYPED)
    session.set_field("title", "mine")
    assert session.close() == ""


def texts(session: Session) -> list[str]:
    return [cell.text for cell in session.mine.cells if cell.editable]


async def test_the_draft_of_a_postmortem_that_was_made_anew_goes_on_in_the_new_one(desk: Desk, server: Server) -> None:
    await typed(desk)
    serve(desk, "p2")
    server.cells[0] = (CellKind.MARKDOWN, "## Summary\nby a colleague")
    session = await desk.open()
    assert session.recovered is not None and "of a postmortem that is not there any more" in session.recovered.words()
    assert texts(session) == ["## Summary\nby a colleague", TYPED, "## Actions"] and session.mine.id == "p2"
    assert [(info.document_id, info.changes) for info in desk.drafts.list() if "~" not in info.path.stem] == [("p2", 2)]
    assert (await session.save(await session.review())).verified
    assert TYPED in server.texts and server.fields["title"] == "mine"


async def test_the_draft_of_a_postmortem_that_was_deleted_is_offered_and_nothing_of_it_is_lost(desk: Desk, server: Server) -> None:
    await typed(desk)
    (before,) = [info.path.read_bytes() for info in desk.drafts.list()]
    serve(desk, "")
    session = await desk.open()
    assert [info.document_id for info in desk.workspace().unsent().here] == [""], "it counts once"
    assert session.recovered is not None and TYPED in texts(session) and session.mine.fields["title"] == "mine"
    session = await desk.reopen(session)
    assert TYPED in texts(session) and len(session.changes) == 2
    (aside,) = [info for info in desk.drafts.list() if "~" in info.path.stem]
    assert aside.path.read_bytes().startswith(before), "what else the postmortem said is kept, too"
    session.close()
    serve(desk, "p2")
    session = await desk.workspace().create(INCIDENT)
    desk.open_sessions.append(session)
    assert texts(session) == ["## Summary\n4 % of checkouts failed", TYPED, "## Actions"] and session.mine.fields["title"] == "mine"
    assert (await session.save(await session.review())).verified and TYPED in server.texts


async def test_text_of_a_postmortem_that_is_gone_is_not_sent_and_stays_until_there_is_one(desk: Desk, server: Server) -> None:
    await typed(desk)
    serve(desk, "")
    session = await desk.open()
    review = await session.review()
    for conflict in review.conflicts:
        review = session.resolve(review, conflict, take(conflict, "mine"))
    assert [step.id for step in review.steps] == ["title"]
    report = await session.save(review)
    assert {(outcome.id.partition(":")[0], outcome.state) for outcome in report.outcomes} == {
        ("title", Result.DONE),
        ("added", Result.NOT_SENT),
    }
    assert "there is no postmortem" in session.status.words() and "not sent" in session.status.words()
    assert not report.verified and TYPED in texts(session)
    session = await desk.reopen(session)
    assert TYPED in texts(session) and TYPED not in server.texts and server.fields["title"] == "mine"
    session.close()
    serve(desk, "p2")
    session = await desk.workspace().create(INCIDENT)
    desk.open_sessions.append(session)
    assert (await session.save(await session.review())).verified and TYPED in server.texts


async def test_a_change_that_the_backend_has_no_call_for_is_not_told_as_saved(
    desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await desk.open()
    session.set_field("title", "mine")
    monkeypatch.setattr(type(desk.backend), "plan", lambda *there: ())
    report = await session.save(await session.review())
    assert [outcome.state for outcome in report.outcomes] == [Result.NOT_SENT] and not report.verified
    assert session.mine.fields["title"] == "mine" != server.fields["title"]
    assert len(session.changes) == 1


async def test_fields_edited_before_there_was_a_postmortem_are_carried_over_when_it_is_created(desk: Desk, server: Server) -> None:
    serve(desk, "")
    session = await desk.open()
    session.set_field("title", "mine")
    session.close()
    serve(desk, "p1")
    session = await desk.workspace().create(INCIDENT)
    desk.open_sessions.append(session)
    assert session.mine.fields["title"] == "mine" and len(session.mine.cells) == 4
    assert [info.document_id for info in desk.drafts.list()] == ["p1"]
    session = await desk.reopen(session)
    assert session.recovered is not None and (await session.save(await session.review())).verified
    assert server.fields["title"] == "mine" and desk.drafts.list() == []


async def test_a_draft_of_another_of_several_postmortems_stays_where_it_is(desk: Desk) -> None:
    await typed(desk)
    serve(desk, "p2")
    session = await desk.workspace().open(INCIDENT, "p2")
    desk.open_sessions.append(session)
    assert session.recovered is None and session.changes == ()
    assert [info.document_id for info in desk.drafts.list()] == ["p1"]


async def test_a_draft_that_is_open_elsewhere_stays_where_it_is(desk: Desk) -> None:
    session = await desk.open()
    session.set_field("title", "mine")
    assert session.caught_up(5)
    serve(desk, "p2")
    assert (await desk.open()).changes == ()
    assert [info.document_id for info in desk.drafts.list()] == ["p1"]


@pytest.mark.parametrize("spared", [0, 14])
async def test_on_a_disk_that_fills_one_draft_is_whole(desk: Desk, spared: int) -> None:
    await typed(desk)
    serve(desk, "p2")
    desk.files = Files(FaultySystem(lambda call: call > spared, 28, frozenset({"read", "open", "close"})))
    session = await desk.open()
    assert session.mine.fields["title"] == "mine"
    session.close()
    desk.files = Files()
    assert any(info.changes == 2 and not info.damaged for info in desk.drafts.list())


async def test_a_carried_draft_is_asked_about_until_it_is_taken_up(desk: Desk, server: Server) -> None:
    """Who goes back from the question has decided nothing: it is asked again, also after another reading and another process."""
    await typed(desk)
    serve(desk, "p2")
    for _ in range(2):
        session = await desk.open()
        assert session.recovered is not None and not session.recovered.is_own
        assert "of a postmortem that is not there any more" in session.recovered.words()
        await session.reread()
        session.close()
    session = await desk.open()
    session.take_up()
    session.close()
    session = await desk.open()
    assert session.recovered is not None and session.recovered.is_own and len(session.changes) == 2
