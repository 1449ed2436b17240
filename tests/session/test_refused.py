"""What is said of a save that was refused in part: what was refused and no more, and what to do next."""

from __future__ import annotations

from pmtui.backends.base import BackendError, Step, Trouble
from pmtui.model.values import Person
from pmtui.session.report import Result
from pmtui.session.session import State
from tests.session.conftest import Desk
from tests.session.fake import DOCUMENT, Server, error

MARA, AISHA = Person("1", "Mara López"), Person("2", "Aisha Rahman")
NEXT = "correct it, then save again"


async def test_of_a_list_only_the_items_are_named_that_were_refused(desk: Desk, server: Server) -> None:
    server.fields["responders"] = (MARA,)
    session = await desk.open()
    session.set_field("responders", (AISHA,))

    def adds_and_refuses_to_remove(step: Step) -> BackendError:
        server.fields["responders"] = (MARA, AISHA)
        return error(Trouble.RIGHTS, "the removal is refused")

    desk.backend.refuse = adds_and_refuses_to_remove
    report = await session.save(await session.review())
    (refused,) = report.of(Result.REFUSED)
    assert refused.id == "responders"
    assert report.short_words(session.mine) == "not saved: Responders  - Mara López"
    assert "Aisha" not in session.status.words() and "- Mara López refused" in session.status.words()


async def test_a_deleted_cell_is_named_by_its_title(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.delete_cell(next(cell.key for cell in session.mine.cells if cell.title == "Actions"))
    session.set_field("title", "x")
    desk.backend.refuse = lambda step: error(Trouble.INVALID, fields={"title": "too short"}) if step.id == "title" else None
    report = await session.save(await session.review())
    assert report.done_words(session.mine) == "the server has: Actions · deleted"


async def test_what_to_do_next_stands_before_what_the_server_has_and_is_not_cut_off(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("title", "x")
    session.set_field("severity", "SEV-1")
    for cell in session.mine.cells:
        if cell.editable:
            session.edit_cell(cell.key, cell.text + "\nmore")
    why = "the title is refused, " + "and this is why, at length, " * 20
    desk.backend.refuse = lambda step: error(Trouble.INVALID, fields={"title": why}) if step.id == "title" else None
    report = await session.save(await session.review())
    assert session.status.state is State.NOT_SAVED and DOCUMENT in server.writes
    words = session.status.words()
    assert words.startswith("not saved: Title") and "refused: the title is refused" in words
    assert NEXT in words[:240], "four lines of eighty, less what is broken"
    assert words.index(NEXT) < words.index("the server has: Severity, 1 Summary")
    assert report.words(session.mine).count("at length") == 20, "a script gets all of it"


async def test_what_the_failure_says_to_do_next_is_said_once(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("title", "x")
    session.set_field("severity", "SEV-1")
    advice = "correct what it names, then try again"
    refused = BackendError(Trouble.INVALID, "set the title", "it is too short", advice, request_id="r-1")
    desk.backend.refuse = lambda step: refused if step.id == "title" else None
    await session.save(await session.review())
    words = session.status.words()
    assert words.endswith(f"could not set the title: it is too short · request r-1 · {advice} · the server has: Severity")
    assert words.count("correct") == 1
