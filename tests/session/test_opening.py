"""Opening does its work on the disk beside the thread that draws, and leaves nothing locked when it is given up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.trouble import answer_or_known
from pmtui.model.incident import Existence
from pmtui.session import save as saving
from pmtui.session.draft import Draft
from pmtui.session.opening.taking_in import taken_in
from pmtui.session.session import Session
from pmtui.store.cache import Cache
from pmtui.store.drafts import Drafts
from tests.patience import PATIENCE
from tests.session.conftest import Desk
from tests.session.fake import INCIDENT, error


def watched(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, seen: list[tuple[str, bool]]) -> None:
    """Note for each call of this method whether it was in the main thread."""
    was: Callable[..., Any] = getattr(owner, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        seen.append((name, threading.current_thread() is threading.main_thread()))
        return was(*args, **kwargs)

    monkeypatch.setattr(owner, name, call)


async def test_drafts_are_looked_for_and_replayed_and_a_reading_is_cached_in_threads(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await desk.open()
    session.set_field("title", "mine")
    assert session.caught_up(PATIENCE)
    session.close()
    seen: list[tuple[str, bool]] = []
    for owner, name in ((Drafts, "find"), (Drafts, "open"), (Drafts, "list"), (Draft, "_replay"), (Cache, "_keep_postmortem")):
        watched(monkeypatch, owner, name, seen)
    assert (await desk.open()).mine.fields["title"] == "mine"
    assert Cache(desk.root / "cache", "fake").postmortem(INCIDENT.id) is not None
    assert {name for name, _ in seen} >= {"find", "open", "_replay", "_keep_postmortem"}
    assert not any(in_main for _, in_main in seen), seen


async def test_what_is_known_is_looked_for_only_where_somebody_looks_or_the_server_does_not_answer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, bool]] = []
    watched(monkeypatch, Cache, "postmortem", seen)
    watched(monkeypatch, Drafts, "read", seen)
    session = await desk.workspace().open(INCIDENT)
    session.close()
    assert seen == []


@pytest.mark.parametrize("trouble", [Trouble.MISSING, Trouble.RIGHTS, Trouble.OFFLINE, Trouble.ANSWER])
async def test_when_the_awaited_answer_is_an_error_the_last_reading_and_what_was_typed_stay(desk: Desk, trouble: Trouble) -> None:
    (await desk.open()).close()
    asked = len(desk.backend.asked)
    desk.backend.before = lambda number, what: error(trouble, "a reason")
    session = await desk.workspace().open(INCIDENT, patience=PATIENCE)
    desk.open_sessions.append(session)
    assert session.first_answer.is_awaited and not session.offline
    session.set_field("title", "mine")
    with pytest.raises(BackendError):
        await taken_in(session)
    assert not session.first_answer.is_awaited and "a reason" in session.offline
    assert session.mine.fields["title"] == "mine" and len(desk.backend.asked) == asked + 1
    with pytest.raises(BackendError):
        await session.review()


async def at_once(desk: Desk) -> Session:
    for session in desk.open_sessions:
        session.close()
    desk.open_sessions.append(await desk.workspace().open(INCIDENT, patience=PATIENCE))
    return desk.open_sessions[-1]


async def test_a_last_reading_is_shown_only_where_nothing_is_to_be_asked_first(desk: Desk) -> None:
    assert not (await at_once(desk)).first_answer.is_awaited, "nothing is known"
    session = await at_once(desk)
    assert session.first_answer.is_awaited
    session.close()
    assert not session.first_answer.is_awaited, "it was stopped"
    gone = await desk.workspace().open(replace(INCIDENT, postmortem=Existence.NONE), patience=PATIENCE)
    assert not gone.first_answer.is_awaited
    gone.set_field("title", "mine")
    gone.close()
    assert not (await at_once(desk)).first_answer.is_awaited, "there is a draft"


@pytest.mark.parametrize("came", [False, True])
async def test_an_answer_that_is_stopped_is_never_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch, came: bool) -> None:
    """What an interrupted save left fails to be read before it: a later reading must not take the old answer for a new one."""
    (await desk.open()).close()
    session = await at_once(desk)
    for _ in range(100 if came else 0):
        await asyncio.sleep(0)

    async def failing(*_: object) -> None:
        raise error(Trouble.SERVER, "cannot settle")

    with monkeypatch.context() as patch:
        patch.setattr(saving, "settle", failing)
        with pytest.raises(BackendError, match="cannot settle"):
            await taken_in(session)
    asked = len(desk.backend.asked)
    await session.reread()
    assert len(desk.backend.asked) == asked + 1 and not session.offline


async def test_an_answer_that_comes_while_the_known_is_looked_for_is_the_one() -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def known(trouble: Trouble) -> str:
        answer.set_result("fresh")
        return "old"

    assert await answer_or_known(answer, "read it", 0.001, known) == ("fresh", None)


async def test_an_opening_that_is_given_up_leaves_no_lock(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work, go_on = threading.Event(), threading.Event()
    was = Drafts.open

    def held(self: Drafts, *args: Any, **kwargs: Any) -> Any:
        journal = was(self, *args, **kwargs)
        at_work.set()
        assert go_on.wait(PATIENCE)
        return journal

    monkeypatch.setattr(Drafts, "open", held)
    opening = asyncio.create_task(desk.open())
    assert await asyncio.to_thread(at_work.wait, PATIENCE)
    opening.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with suppress(asyncio.CancelledError):
        await opening
    assert opening.cancelled()
    assert not (await desk.open()).read_only, "the draft was let go"
