"""What is written later: behind what is shown, and at once when somebody waits for it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from pmtui.store import write_behind
from pmtui.store.write_behind import WriteBehind
from tests.patience import PATIENCE


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> WriteBehind:
    monkeypatch.setattr(write_behind, "DELAY", 1000.0)
    return WriteBehind()


def test_the_first_work_comes_later_unless_somebody_waits(behind: WriteBehind) -> None:
    done: list[str] = []
    behind.do(lambda: done.append("first"))
    assert done == []
    assert behind.ask(lambda: "asked", "nothing") == "asked"
    assert done == ["first"]
    behind.finish()
    behind.do(lambda: done.append("second"))
    assert done == ["first"]
    assert behind.finish()
    assert done == ["first", "second"]


async def test_an_answer_is_waited_for(behind: WriteBehind) -> None:
    done: list[str] = []
    behind.do(lambda: done.append("first"))
    assert await asyncio.wait_for(behind.answer(lambda: "answered", "nothing"), None) == "answered"
    assert done == ["first"]


def test_what_is_hurried_is_done_without_a_wait(behind: WriteBehind) -> None:
    done = threading.Event()
    behind.do(done.set)
    behind.hurry()
    assert done.wait(PATIENCE)
