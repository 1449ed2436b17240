"""Every request of a save fails once, in every way. Nothing is lost, nothing is sent twice, and the end is the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.model.conflicts import take
from pmtui.model.values import Person
from pmtui.session.report import Result
from pmtui.session.session import Session, State
from tests.session.conftest import Desk, document
from tests.session.fake import Server, error

REQUESTS = 9  # of a save of all this; counted by the first test

WANTED = ["## Summary\ntheirs", "## Timeline\n- 02:14 alert\n- 02:31 failover\n- mine", "## Actions", "## Lessons"]


async def edited(desk: Desk) -> Session:
    session = await desk.open()
    session.set_field("title", "mine")
    session.set_field("responders", (Person("1", "Mara"),))
    timeline, actions = session.mine.cells[1], session.mine.cells[3]
    session.edit_cell(timeline.key, timeline.text + "\n- mine")
    session.add_cell(actions.key, "## Lessons")
    desk.server.cells[0] = (desk.server.cells[0][0], "## Summary\ntheirs")
    desk.backend.asked.clear()
    return session


async def save_until_done(session: Session) -> None:
    for _ in range(4):
        review = await session.review()
        for conflict in review.conflicts:
            review = session.resolve(review, conflict, take(conflict, "mine"))
        if (await session.save(review)).verified:
            return
    raise AssertionError("never saved")


def check(desk: Desk, session: Session, status: str, documents: int = 1) -> None:
    server = desk.server
    assert server.texts == WANTED
    assert (server.fields["title"], server.fields["responders"]) == ("mine", (Person("1", "Mara"),))
    assert server.fields["status"] == status
    assert server.mails == ["responders"]
    assert [server.writes.count(step) for step in ("title", "responders")] == [1, 1]
    assert server.writes.count("document") <= documents
    assert session.changes == () and desk.drafts.list() == [] and session.unfinished == ""
    assert session.status.state in (State.SAVED, State.UNCHANGED)


def at(number: int, failure: BackendError) -> Callable[[int, str], BackendError | None]:
    return lambda count, what: failure if count == number else None


@pytest.mark.parametrize("status", ["draft", "published"])
async def test_without_a_fault(desk: Desk, server: Server, status: str) -> None:
    server.fields["status"] = status
    session = await edited(desk)
    await save_until_done(session)
    check(desk, session, status)
    assert len(desk.backend.asked) == (REQUESTS if status == "published" else REQUESTS - 2) - 1


@pytest.mark.sweep(36)
@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("status", ["draft", "published"])
@pytest.mark.parametrize("way", ["unreachable", "unanswered", "applied unanswered", "refused"])
@pytest.mark.parametrize("number", range(REQUESTS))
async def test_the_kth_request_fails(desk: Desk, server: Server, number: int, way: str, status: str, restart: bool) -> None:
    server.fields["status"] = status
    session = await edited(desk)
    match way:
        case "unreachable":
            desk.backend.before = at(number, error(Trouble.OFFLINE))
        case "unanswered":
            desk.backend.before = at(number, error(Trouble.TIMEOUT, unknown=True))
        case "applied unanswered":
            desk.backend.after = at(number, error(Trouble.TIMEOUT, unknown=True))
        case _:
            desk.backend.before = at(number, error(Trouble.INVALID, fields={"title": "bad"}))
    mine = session.mine
    try:
        report = await session.save(await session.review())
    except BackendError:
        assert session.mine == mine and session.status.state is State.NOT_SAVED
    else:
        there = {outcome.id for outcome in report.of(Result.DONE)}
        assert report.verified == (session.status.state is State.SAVED)
        assert ("title" in there) <= (server.fields["title"] == "mine")
        assert ("responders" in there) <= bool(server.mails)
    assert any(cell.text.endswith("- mine") for cell in session.mine.cells)
    desk.backend.before = desk.backend.after = lambda count, what: None
    if restart:
        session = await desk.reopen(session)
    await save_until_done(session)
    check(desk, session, status, documents=2 if way == "refused" else 1)  # refused together, its two changes go one by one


@pytest.mark.parametrize("number", range(REQUESTS))
async def test_the_network_goes_at_the_kth_request_and_stays_away(desk: Desk, server: Server, number: int) -> None:
    session = await edited(desk)
    desk.backend.before = lambda count, what: error(Trouble.TIMEOUT, unknown=what != "read") if count >= number else None
    with_error = False
    try:
        report = await session.save(await session.review())
    except BackendError:
        with_error = True
    else:
        assert report.verified == (number >= REQUESTS - 3)
        assert report.verified or (not report.of(Result.DONE) and session.status.state is State.NOT_SAVED)
    assert with_error == (number < 2)
    session = await desk.reopen(session)
    desk.backend.before = lambda count, what: None
    await save_until_done(session)
    check(desk, session, "draft")


@pytest.mark.sweep(20)
@pytest.mark.parametrize("crash", range(40))
async def test_a_crash_after_any_record_of_a_save(desk: Desk, server: Server, crash: int) -> None:
    """The journal is cut after so many records of the save, while the server has whatever it got by then."""
    server.fields["status"] = "published"
    session = await edited(desk)
    review = await session.review()
    journal = session._draft.journal
    written = 0

    class Crash(BaseException):
        """Not an Exception: nobody may handle it."""

    def counted(real: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: object) -> None:
            nonlocal written
            if written == crash:
                raise Crash
            written += 1
            real(*arguments)

        return call

    journal.append = counted(journal.append)  # type: ignore[method-assign]
    journal.compact = counted(journal.compact)  # type: ignore[method-assign]
    try:
        await session.save(review)
    except Crash:
        del journal.append, journal.compact
        session = await desk.reopen(session)
        assert session.recovered or session.changes == ()
    await save_until_done(session)
    check(desk, session, "published")


@pytest.mark.sweep(15)
@pytest.mark.parametrize("moment", range(0, 60, 2))
async def test_a_save_may_be_cancelled_at_any_moment(desk: Desk, server: Server, moment: int) -> None:
    server.fields["status"] = "published"
    session = await edited(desk)
    saving = asyncio.create_task(session.save(await session.review()))
    for _ in range(moment):
        await asyncio.sleep(0)
    saving.cancel()
    await asyncio.wait([saving])
    await save_until_done(session)
    check(desk, session, "published")


def test_the_scene_is_what_the_other_tests_think() -> None:
    assert len(document().cells) == 4
