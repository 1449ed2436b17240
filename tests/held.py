"""Holds work on a text in its thread until a test lets it go: what is done meanwhile takes no particular time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pmtui import threads
from tests.patience import PATIENCE
from tests.quiet import until


class Held:
    """Holds work in its thread, but for the first calls that are let pass; ``begun`` counts how often it was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: object, name: str, let_pass: int = 0) -> None:
        self.begun, self._open, self._loop = -let_pass, threading.Event(), threading.get_ident()
        work: Callable[..., Any] = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, **named: self._hold(lambda: work(*given, **named)))
        monkeypatch.setattr(threads, "LONG", 0)

    def _hold(self, work: Callable[[], Any]) -> Any:
        assert threading.get_ident() != self._loop, "whoever draws waits for this"
        self.begun += 1
        assert self.begun <= 0 or self._open.wait(PATIENCE)
        return work()

    def let_go(self) -> None:
        self._open.set()

    async def while_held(self, doing: asyncio.Task[Any], act: Callable[[], Awaitable[object] | None]) -> Any:
        await until(lambda: self.begun > 0)
        if (acting := act()) is not None:
            await acting
        assert not doing.done()
        self.let_go()
        return await doing
