"""What was written to settle a conflict, when a side of it has changed since; and putting back what is in conflict."""

from __future__ import annotations

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
