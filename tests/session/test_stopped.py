"""A save that is stopped while it is sent: what was on its way is in the audit log."""

from __future__ import annotations

import asyncio

import pytest

from pmtui.backends.base import Step
from pmtui.model.postmortem import Postmortem
from tests.session.conftest import Desk
from tests.session.fake import Server


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
