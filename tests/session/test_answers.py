"""What was written to settle a conflict, when a side of it has changed since; and putting back what is in conflict."""

from __future__ import annotations

from pmtui.model.conflicts import Decision, take
from pmtui.model.part import Part
from pmtui.model.postmortem import CellKind
from pmtui.session.session import Session, State
from tests.session.conftest import Desk
from tests.session.fake import Server

HEAD = "## Summary\n"


async def conflicting(
    desk: Desk, server: Server, mine: str = "5 % of checkouts failed", theirs: str = "6 % of checkouts failed"
) -> Session:
    session = await desk.open()
    session.edit_cell(session.mine.cells[0].key, HEAD + mine)
    server.cells[0] = (CellKind.MARKDOWN, HEAD + theirs)
    return session


async def written(session: Session) -> str:
    (conflict,) = (await session.review()).conflicts
    text = session.decisions.written(conflict)
    assert text is not None
    return text


async def write(session: Session, text: str) -> None:
    (conflict,) = (await session.review()).conflicts
    session.decisions.write(conflict, HEAD + text)


async def test_an_answer_takes_in_what_they_wrote_since(desk: Desk, server: Server) -> None:
    session = await conflicting(desk, server)
    await write(session, "5 or 6 % of checkouts failed")
    assert await written(session) == HEAD + "5 or 6 % of checkouts failed"
    server.cells[0] = (CellKind.MARKDOWN, HEAD + "6 % of checkouts failed\n- 1200 customers")
    merged = HEAD + "5 or 6 % of checkouts failed\n- 1200 customers"
    assert await written(session) == merged
    session = await desk.reopen(session)
    assert await written(session) == merged
    await session.reread()
    session = await desk.reopen(session)
    assert await written(session) == merged


async def test_an_answer_that_does_not_join_with_theirs_shows_both(desk: Desk, server: Server) -> None:
    session = await conflicting(desk, server)
    await write(session, "5 or 6 % of checkouts failed")
    server.cells[0] = (CellKind.MARKDOWN, HEAD + "7 % of all checkouts")
    text = await written(session)
    assert "5 or 6 % of checkouts failed" in text and "7 % of all checkouts" in text


async def test_an_answer_takes_in_what_i_wrote_since(desk: Desk, server: Server) -> None:
    session = await conflicting(desk, server)
    await write(session, "5 or 6 % of checkouts failed")
    key = session.mine.cells[0].key
    session.edit_cell(key, session.mine.cell(key).text + "\n- and logins")
    assert await written(session) == HEAD + "5 or 6 % of checkouts failed\n- and logins"


async def test_an_answer_of_an_older_draft_shows_theirs_as_well(desk: Desk, server: Server) -> None:
    session = await conflicting(desk, server)
    (conflict,) = (await session.review()).conflicts
    session._draft._append({"answer": conflict.id, "at": 0, "cut": 0, "put": HEAD + "by hand"})
    session = await desk.reopen(session)
    text = await written(session)
    assert "by hand" in text and "6 % of checkouts failed" in text


async def test_answers_end_with_the_draft(desk: Desk, server: Server) -> None:
    session = await conflicting(desk, server)
    await write(session, "by hand")
    session.discard()
    session.edit_cell(session.mine.cells[0].key, HEAD + "again")
    server.cells[0] = (CellKind.MARKDOWN, HEAD + "another")
    (conflict,) = (await session.review()).conflicts
    assert session.decisions.written(conflict) is None


async def test_putting_back_a_cell_in_conflict_shows_what_the_server_has(desk: Desk, server: Server) -> None:
    session = await conflicting(desk, server)
    key = session.mine.cells[0].key
    session.set_field("title", "mine")
    await session.reread()
    session.revert(Part(cell=key))
    assert session.mine.cell(key).text == HEAD + "6 % of checkouts failed"
    assert [change.name for change in session.changes] == ["title"]  # type: ignore[union-attr]
    review = await session.review()
    assert not review.conflicts and len(review.changes) == 1
    assert session.undo() and session.mine.cell(key).text == HEAD + "5 % of checkouts failed"
    assert len((await session.review()).changes) == 2, "it is shown as a change of theirs"


async def test_putting_back_the_only_change_ends_the_draft(desk: Desk, server: Server) -> None:
    session = await conflicting(desk, server)
    await session.reread()
    session.revert(Part(cell=session.mine.cells[0].key))
    assert session.status.state is State.UNCHANGED and desk.drafts.list() == []


async def test_putting_back_a_field_in_conflict_shows_what_the_server_has(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("title", "mine")
    server.fields["title"] = "theirs"
    await session.reread()
    session.revert(Part(field="title"))
    assert session.mine.fields["title"] == session.base.fields["title"] == "theirs" and session.changes == ()


async def test_putting_back_a_cell_that_they_deleted_deletes_it(desk: Desk, server: Server) -> None:
    session = await desk.open()
    key = session.mine.cells[0].key
    session.edit_cell(key, HEAD + "mine")
    del server.cells[0]
    session = await desk.reopen(session)
    assert len(session.compare().conflicts) == 1
    session.revert(Part(cell=key))
    assert all(cell.key != key for cell in (*session.mine.cells, *session.base.cells)) and session.changes == ()


async def decided_by_hand(desk: Desk, server: Server, text: str) -> Session:
    session = await conflicting(desk, server)
    (conflict,) = (await session.review()).conflicts
    session.decisions.write(conflict, HEAD + text)
    session.decisions.keep(conflict, Decision(written=HEAD + text))
    return session


async def test_what_was_written_by_hand_is_mine_when_they_change_the_part_again(desk: Desk, server: Server) -> None:
    session = await decided_by_hand(desk, server, "5 or 6 % of checkouts failed")
    (conflict,) = (await session.review()).conflicts
    assert conflict.written is None, "nothing is asked again"
    server.cells[0] = (CellKind.MARKDOWN, HEAD + "7 % of checkouts failed")
    session = await desk.reopen(session)
    review = await session.review()
    (conflict,) = review.conflicts
    assert session.decisions.of(conflict) is None, "it is asked again"
    assert conflict.written == HEAD + "5 or 6 % of checkouts failed"
    assert take(conflict, "mine") == conflict.written
    assert "7 % of checkouts" in str(take(conflict, "both")) and "5 or 6 % of checkouts" in str(take(conflict, "both"))
    assert take(conflict, "theirs") == HEAD + "7 % of checkouts failed"
    session.decisions.keep(conflict, Decision("mine"))
    assert session.decisions.of(conflict) == Decision(written=HEAD + "5 or 6 % of checkouts failed")
    server.cells[0] = (CellKind.MARKDOWN, HEAD + "8 % of checkouts failed")
    (conflict,) = (await session.review()).conflicts
    assert session.decisions.of(conflict) is None and conflict.written == HEAD + "5 or 6 % of checkouts failed"
    session.decisions.keep(conflict, Decision("theirs"))
    server.cells[0] = (CellKind.MARKDOWN, HEAD + "9 % of checkouts failed")
    (conflict,) = (await session.review()).conflicts
    assert conflict.written is None, "theirs was chosen instead"


async def test_what_was_written_by_hand_has_what_i_typed_into_the_cell_since(desk: Desk, server: Server) -> None:
    session = await decided_by_hand(desk, server, "5 or 6 % of checkouts failed")
    key = session.mine.cells[0].key
    session.edit_cell(key, session.mine.cell(key).text + "\n- and logins")
    (conflict,) = (await session.review()).conflicts
    assert conflict.written == HEAD + "5 or 6 % of checkouts failed\n- and logins"


async def test_what_was_written_by_hand_is_kept_when_they_delete_the_cell(desk: Desk, server: Server) -> None:
    session = await decided_by_hand(desk, server, "5 or 6 % of checkouts failed")
    del server.cells[0]
    review = await session.review()
    (conflict,) = review.conflicts
    session.decisions.keep(conflict, Decision("mine"))
    decision = session.decisions.of(conflict)
    assert decision is not None
    review = session.resolve(review, conflict, decision.answer(conflict))
    assert (await session.save(review)).verified
    assert HEAD + "5 or 6 % of checkouts failed" in server.texts


async def test_a_title_written_by_hand_is_mine_when_they_change_it_again(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("title", "mine")
    server.fields["title"] = "theirs"
    (conflict,) = (await session.review()).conflicts
    session.decisions.keep(conflict, Decision(written="by hand"))
    server.fields["title"] = "theirs again"
    (conflict,) = (await session.review()).conflicts
    assert take(conflict, "mine") == conflict.my_side == "by hand"
