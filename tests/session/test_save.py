"""The way of a save: exactly what changed is sent, everybody's text is kept, and "saved" means read back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from pmtui.backends.base import BackendError, Step, Trouble
from pmtui.model.changes import Change, change_id
from pmtui.model.conflicts import take
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Person
from pmtui.session.report import Report, Result
from pmtui.session.session import Locked, NotReviewed, Session, State
from tests.session.conftest import GRAPH, Desk
from tests.session.fake import DOCUMENT, Server, error


async def saved(session: Session, leave_out: frozenset[str] = frozenset()) -> Report:
    return await session.save(await session.review(), leave_out=leave_out)


def key_of(session: Session, title: str) -> str:
    return next(cell.key for cell in session.mine.cells if cell.title == title)


def states(report: Report) -> dict[str, Result]:
    return {outcome.id: outcome.state for outcome in report.outcomes}


async def test_opening_and_saving_unchanged_sends_nothing(desk: Desk) -> None:
    session = await desk.open()
    asked = list(desk.backend.asked)
    review = await session.review()
    assert (review.changes, review.steps, review.conflicts) == ((), (), ())
    report = await session.save(review)
    assert report.verified and not report.outcomes
    assert desk.backend.asked == asked
    assert session.status.state is State.UNCHANGED  # nothing was read, so nothing is verified


async def test_an_edit_is_sent_alone_read_back_and_the_draft_ends(desk: Desk, server: Server) -> None:
    session = await desk.open()
    key = key_of(session, "Timeline")
    session.edit_cell(key, session.mine.cell(key).text + "\n- 02:40 rolled back")
    session.set_field("severity", "SEV-1")
    assert session.caught_up(5) and session.status.state is State.DRAFT
    assert session.status.words().startswith("edited · draft on disk ")
    assert len(desk.drafts.list()) == 1
    report = await saved(session)
    assert report.verified
    assert server.writes == ["severity", DOCUMENT]
    assert server.texts[1].endswith("rolled back") and server.cells[2][1] == GRAPH
    assert session.status.words().startswith("saved · verified ")
    assert desk.drafts.list() == [] and session.changes == ()
    assert key_of(session, "Timeline") == key
    before = len(desk.backend.asked)
    session.edit_cell(key, session.mine.cell(key).text + " again")
    assert session.status.state in (State.EDITED, State.DRAFT)
    assert (await saved(session)).verified
    assert desk.backend.asked[before:] == ["read", "read", DOCUMENT, "read"]  # for the review, before the write, after it


async def test_what_others_did_is_kept_and_named(desk: Desk, server: Server) -> None:
    session = await desk.open()
    key = key_of(session, "Timeline")
    session.edit_cell(key, "## Timeline\n- 02:14 alert fires\n- 02:31 failover")
    server.cells[0] = (server.cells[0][0], "## Summary\ntheirs")
    server.cells[1] = (server.cells[1][0], server.cells[1][1] + "\n- 02:50 theirs")
    server.cells.insert(0, (server.cells[0][0], "## New of theirs"))
    review = await session.review()
    assert not review.conflicts and len(review.theirs) == 3 and len(review.changes) == 1
    assert (await session.save(review)).verified
    assert server.texts == [
        "## New of theirs",
        "## Summary\ntheirs",
        "## Timeline\n- 02:14 alert fires\n- 02:31 failover\n- 02:50 theirs",
        "## Actions",
    ]
    assert [cell.text for cell in session.mine.cells if cell.editable] == server.texts


async def test_a_conflict_is_asked_before_anything_is_sent(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    key = key_of(session, "Timeline")
    session.edit_cell(key, "## Timeline\n- 02:14 alert\n- 02:31 cache failover rolled back")
    server.fields["severity"] = "SEV-4"
    server.cells[1] = (server.cells[1][0], "## Timeline\n- 02:14 alert\n- 02:31 rollback of cache")
    review = await session.review()
    assert {conflict.id for conflict in review.conflicts} == {"severity", f"cell:{key}"}
    with pytest.raises(NotReviewed):
        await session.save(review)
    assert server.writes == []
    for conflict in review.conflicts:
        review = session.resolve(review, conflict, take(conflict, "both" if conflict.part.cell else "mine"))
    assert not review.conflicts
    assert (await session.save(review)).verified
    assert server.fields["severity"] == "SEV-1"
    assert server.texts[1] == "## Timeline\n- 02:14 alert\n- 02:31 cache failover rolled back\n- 02:31 rollback of cache"


async def test_a_conflict_that_is_left_out_stays_to_be_asked(desk: Desk, server: Server) -> None:
    session = await desk.open()
    key = key_of(session, "Actions")
    session.edit_cell(key, "## Actions\n- mine")
    session.set_field("severity", "SEV-1")
    server.cells[3] = (server.cells[3][0], "## Actions\n- theirs")
    review = await session.review()
    (conflict,) = review.conflicts
    assert (await session.save(review, leave_out=frozenset({conflict.id}))).verified
    assert server.writes == ["severity"] and server.texts[-1] == "## Actions\n- theirs"
    session = await desk.reopen(session)
    assert session.mine.cell(key).text == "## Actions\n- mine"
    assert [each.id for each in (await session.review()).conflicts] == [conflict.id]


async def test_a_conflict_answered_with_theirs_sends_nothing(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    server.fields["severity"] = "SEV-4"
    review = await session.review()
    review = session.resolve(review, review.conflicts[0], "SEV-4")
    assert review.steps == ()
    assert (await session.save(review)).verified
    assert server.writes == [] and session.mine.fields["severity"] == "SEV-4" and desk.drafts.list() == []


async def test_deleted_there_and_edited_here_is_asked(desk: Desk, server: Server) -> None:
    session = await desk.open()
    key = key_of(session, "Actions")
    session.edit_cell(key, "## Actions\n- fix it")
    del server.cells[3]
    review = await session.review()
    (conflict,) = review.conflicts
    assert conflict.theirs is None
    assert (await session.save(session.resolve(review, conflict, take(conflict, "mine")))).verified
    assert server.texts[-1] == "## Actions\n- fix it"


async def test_what_was_edited_after_the_review_is_not_sent(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    review = await session.review()
    session.set_field("title", "new")
    with pytest.raises(NotReviewed):
        await session.save(review)
    assert server.writes == []


async def test_what_others_did_while_the_review_was_read_is_kept(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.edit_cell(key_of(session, "Actions"), "## Actions\n- fix")
    review = await session.review()
    server.cells[0] = (server.cells[0][0], "## Summary\ntheirs")
    assert (await session.save(review)).verified
    assert (server.texts[0], server.texts[2]) == ("## Summary\ntheirs", "## Actions\n- fix")


async def test_what_others_did_to_the_same_while_the_review_was_read_is_asked(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.edit_cell(key_of(session, "Actions"), "## Actions\n- fix")
    review = await session.review()
    server.cells[3] = (server.cells[3][0], "## Actions\n- theirs")
    with pytest.raises(NotReviewed, match="since the review"):
        await session.save(review)
    assert server.writes == [] and session.status.state is State.NOT_SAVED
    assert len((await session.review()).conflicts) == 1


async def test_typing_while_the_server_is_read_before_the_write_is_kept(desk: Desk, server: Server) -> None:
    session = await desk.open()
    actions, summary = key_of(session, "Actions"), key_of(session, "Summary")
    session.edit_cell(actions, "## Actions\n- fix")
    review = await session.review()
    server.cells[0] = (server.cells[0][0], "theirs\n" + server.cells[0][1])
    reads = iter((True,))

    def type_on(number: int, what: str) -> BackendError | None:
        if next(reads, False):
            session.edit_cell(summary, session.mine.cell(summary).text + "\nmine")
        return None

    desk.backend.before = type_on
    assert (await session.save(review)).verified
    assert session.mine.cell(summary).text == "theirs\n## Summary\n4 % of checkouts failed\nmine"
    assert server.texts[2].endswith("fix") and not server.texts[0].endswith("mine")
    session = await desk.reopen(session)
    assert (await saved(session)).verified and server.texts[0].endswith("mine")


async def test_a_change_left_out_stays_in_the_draft(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    session.edit_cell(key_of(session, "Actions"), "## Actions\n- fix")
    session.edit_cell(key_of(session, "Summary"), "## Summary\n5 % of checkouts failed")
    report = await saved(session, frozenset({"severity", f"edited:{key_of(session, 'Actions')}"}))
    assert report.verified
    assert [outcome.state for outcome in report.outcomes].count(Result.LEFT_OUT) == 2
    assert server.fields["severity"] == "SEV-2" and server.texts[-1] == "## Actions" and "5 %" in server.texts[0]
    assert len(session.changes) == 2 and len(desk.drafts.list()) == 1
    assert (await saved(session)).verified
    assert server.fields["severity"] == "SEV-1" and server.texts[-1].endswith("fix")


async def test_a_refused_change_is_named_and_only_it_is_left(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("title", "x" * 300)
    session.set_field("responders", (Person("1", "Mara"),))
    session.edit_cell(key_of(session, "Actions"), "## Actions\n- fix")
    desk.backend.refuse = lambda step: error(Trouble.INVALID, fields={"title": "too long"}) if step.id == "title" else None
    report = await saved(session)
    assert not report.verified
    (refused,) = report.of(Result.REFUSED)
    assert (refused.id, refused.field, refused.detail) == ("title", "title", "too long")
    assert session.status.state is State.NOT_SAVED and "too long" in session.status.words()
    assert list(session.changes) == [refused.change]
    desk.backend.refuse = lambda step: None
    assert (await saved(session)).verified
    assert server.writes == ["responders", DOCUMENT, "title"]
    assert server.mails == ["responders"]


async def test_a_refused_group_is_sent_one_by_one(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.edit_cell(key_of(session, "Summary"), "## Summary\nbad words")
    session.edit_cell(key_of(session, "Actions"), "## Actions\n- fix")
    new = session.add_cell(key_of(session, "Actions"), "## Lessons")
    bad = f"edited:{key_of(session, 'Summary')}"
    desk.backend.refuse = lambda step: error(Trouble.INVALID, "bad") if any("bad words" in str(change) for change in step.changes) else None
    report = await saved(session)
    assert states(report) == {bad: Result.REFUSED, f"edited:{key_of(session, 'Actions')}": Result.DONE, f"added:{new}": Result.DONE}
    assert server.texts[2:] == ["## Actions\n- fix", "## Lessons"] and "bad" not in server.texts[0]
    assert [change_id(change) for change in session.changes] == [bad]


async def test_accepted_but_not_applied_is_told_apart(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.edit_cell(key_of(session, "Actions"), "## Actions\n- <b>fix</b>")
    desk.backend.store = lambda text: text.replace("<b>", "").replace("</b>", "")
    report = await saved(session)
    assert not report.verified
    assert [outcome.state for outcome in report.outcomes] == [Result.NOT_APPLIED]
    assert session.mine.cell(key_of(session, "Actions")).text.endswith("<b>fix</b>")
    assert len(desk.drafts.list()) == 1
    review = await session.review()
    assert [conflict.mine.text for conflict in review.conflicts] == ["## Actions\n- <b>fix</b>"]  # type: ignore[union-attr]


async def test_blanks_that_the_server_trims_are_no_difference(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.edit_cell(key_of(session, "Actions"), "## Actions\n- fix\n\n")
    desk.backend.store = str.strip
    assert (await saved(session)).verified
    assert session.changes == () and desk.drafts.list() == []


async def test_an_edit_of_somebody_else_between_write_and_reading_back_is_no_failure(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.edit_cell(key_of(session, "Timeline"), "## Timeline\n- 02:14 alert fires\n- 02:31 failover")

    def meddle(number: int, what: str) -> BackendError | None:
        if what == DOCUMENT:
            server.cells[1] = (server.cells[1][0], server.cells[1][1] + "\n- theirs")
        return None

    desk.backend.after = meddle
    assert (await saved(session)).verified
    assert session.changes == ()
    assert session.mine.cell(key_of(session, "Timeline")).text.endswith("theirs")


async def test_typing_goes_on_while_a_save_runs(desk: Desk, server: Server) -> None:
    session = await desk.open()
    key = key_of(session, "Actions")
    session.edit_cell(key, "## Actions\n- one")

    def type_on(number: int, what: str) -> BackendError | None:
        if what == DOCUMENT:
            session.edit_cell(key, "## Actions\n- one\n- two")
            session.set_field("severity", "SEV-3")
        return None

    desk.backend.after = type_on
    assert (await saved(session)).verified
    assert session.mine.cell(key).text == "## Actions\n- one\n- two"
    assert [type(change).__name__ for change in session.changes] == ["FieldChanged", "CellEdited"]
    desk.backend.after = lambda number, what: None
    session = await desk.reopen(session)
    assert session.recovered and (await saved(session)).verified
    assert server.texts[-1] == "## Actions\n- one\n- two"


async def test_a_postmortem_deleted_meanwhile_loses_nothing(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.edit_cell(key_of(session, "Actions"), "## Actions\n- fix")
    server.gone = True
    with pytest.raises(BackendError) as caught:
        await session.review()
    assert caught.value.trouble is Trouble.MISSING
    assert session.status.state is State.NOT_SAVED and "no such postmortem" in session.status.words()
    session = await desk.reopen(session)
    assert "no such postmortem" in session.offline
    assert session.mine.cells[-1].text == "## Actions\n- fix"


async def test_two_edits_of_one_list_are_joined(desk: Desk, server: Server) -> None:
    session = await desk.open()
    server.fields["responders"] = (Person("2", "Jo"),)
    session.set_field("responders", (Person("1", "Mara", role="lead"),))
    assert (await saved(session)).verified
    assert server.fields["responders"] == (Person("2", "Jo"), Person("1", "Mara", role="lead"))


async def test_every_write_is_in_the_audit_log_without_its_text(desk: Desk) -> None:
    session = await desk.open()
    session.edit_cell(key_of(session, "Actions"), "## Actions\n- secret words")
    session.set_field("severity", "SEV-1")
    await saved(session)
    entries = desk.audit.entries()
    assert [(entry["what"].split(":")[0], entry["outcome"]) for entry in entries] == [("severity", "done"), ("edited", "done")]
    assert "secret" not in str(entries) and entries[0]["before"] != entries[0]["after"]


async def test_leaving_everything_out_sends_nothing(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    report = await saved(session, frozenset({"severity"}))
    assert not report.verified and states(report) == {"severity": Result.LEFT_OUT} and server.writes == []
    assert session.status.state in (State.EDITED, State.DRAFT) and len(session.changes) == 1


async def test_while_a_save_runs_there_is_no_other(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    review = await session.review()
    saving = asyncio.create_task(session.save(review))
    await asyncio.sleep(0)
    for act in (session.review, session.reread, lambda: session.save(review)):
        with pytest.raises(Locked, match="under way"):
            await act()
    with pytest.raises(Locked, match="under way"):
        session.discard()
    assert (await saving).verified


async def test_a_value_that_cannot_be_planned_is_said_and_nothing_is_lost(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("title", "x")
    review = await session.review()

    def plan(*arguments: object) -> tuple[Step, ...]:
        raise error(Trouble.LOCAL, "that is no time")

    desk.backend.plan = plan  # type: ignore[method-assign, assignment]
    for act in (session.review, lambda: session.save(review)):
        with pytest.raises(BackendError, match="no time"):
            await act()
        assert session.status.state is State.NOT_SAVED and session.mine.fields["title"] == "x"
    assert server.writes == []


async def test_the_server_is_read_again_when_the_base_grew_while_it_was_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The form reads what opening skipped, while a review reads the server as it was known before."""
    session = await desk.open()
    session.set_field("title", "Checkout down")
    reread, bases = desk.backend.reread, list[Postmortem]()

    async def meanwhile(base: Postmortem, changes: Sequence[Change]) -> Postmortem:
        found = await reread(base, changes)
        bases.append(base)
        if len(bases) == 1:
            draft = session._draft
            draft.rebase(base=replace(draft.base), mine=replace(draft.mine), server=replace(draft.server))
        return found

    monkeypatch.setattr(desk.backend, "reread", meanwhile)
    review = await session.review()
    assert len(bases) == 2 and bases[1] is session.base is review.base
    assert [change_id(change) for change in review.changes] == ["title"]
