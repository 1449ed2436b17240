"""Opening does its work on the disk beside the thread that draws, and leaves nothing locked when it is given up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from pmtui.session.draft import Draft
from pmtui.store.cache import Cache
from pmtui.store.drafts import Drafts
from tests.patience import PATIENCE
from tests.session.conftest import Desk
from tests.session.fake import INCIDENT


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


async def test_what_is_known_is_looked_for_only_when_the_server_does_not_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, bool]] = []
    watched(monkeypatch, Cache, "postmortem", seen)
    watched(monkeypatch, Drafts, "read", seen)
    session = await desk.workspace().open(INCIDENT, patience=PATIENCE)
    session.close()
    assert seen == []


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
