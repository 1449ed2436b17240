"""A save that is stopped while it is sent: what was on its way is in the audit log."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from pmtui.backends.base import Step
from pmtui.model.postmortem import Postmortem
from tests.session.conftest import Desk
from tests.session.fake import INCIDENT, Server


async def test_a_write_that_was_on_the_wire_when_sending_stopped_is_in_the_audit_log(desk: Desk, server: Server) -> None:
    """It is logged when it is lost, as unknown, and again when it is known what became of it."""
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    session.set_field("owner", "Jane")
    review = await session.review()
    arrived, never = asyncio.Event(), asyncio.Event()
    send = desk.backend.send

    async def answered_too_late(server: Postmortem, target: Postmortem, step: Step) -> None:
        await send(server, target, step)
        if step.id == "owner":
            arrived.set()
            await never.wait()

    desk.backend.send = answered_too_late  # type: ignore[method-assign]
    sending = asyncio.create_task(session.save(review))
    await arrived.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert server.writes == ["severity", "owner"]
    assert logged(desk) == [("severity", "unknown"), ("owner", "unknown")]
    session = await desk.reopen(session)
    await session.review()
    assert logged(desk)[2:] == [("severity", "done"), ("owner", "done")]
    await session.review()
    assert len(logged(desk)) == 4, "it is known now"


@pytest.mark.parametrize("phase", ["sent", "logged"])
async def test_the_row_of_the_list_has_what_a_save_brought_that_was_stopped_late(
    desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    """Stopped while it was read back, the next look at the server tells; while it was logged, it is known already."""
    real = desk.backend._read
    desk.backend._read = lambda: replace(real(), incident=replace(INCIDENT, title=str(server.fields["title"])))  # type: ignore[method-assign]
    workspace = desk.workspace()
    session = await workspace.open(INCIDENT)
    desk.open_sessions.append(session)
    session.set_field("title", "mine")
    review = await session.review()
    reached, never = asyncio.Event(), asyncio.Event()

    async def stays(*_: object) -> str:
        reached.set()
        await never.wait()
        return ""

    with monkeypatch.context() as patch:
        if phase == "sent":
            patch.setattr(desk.backend, "read_back", stays)
        else:
            patch.setattr(session, "_around", replace(session._around, audit=stays))
        sending = asyncio.create_task(session.save(review))
        await reached.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
    await session.review()
    assert workspace.up_to_date([INCIDENT])[0].title == "mine"


async def test_what_was_not_begun_when_sending_stopped_is_not_in_the_audit_log(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    session.set_field("owner", "Jane")
    review = await session.review()
    lost = asyncio.Event()

    async def never_arrives(server: Postmortem, target: Postmortem, step: Step) -> None:
        lost.set()
        await asyncio.Event().wait()

    desk.backend.send = never_arrives  # type: ignore[method-assign]
    sending = asyncio.create_task(session.save(review))
    await lost.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert logged(desk) == [("severity", "unknown")]
    await session.reread()
    assert logged(desk)[1:] == [("severity", "not applied")]


def logged(desk: Desk) -> list[tuple[str, str]]:
    return [(each["what"], each["outcome"]) for each in desk.audit.entries()]
