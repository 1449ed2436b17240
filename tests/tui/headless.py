"""Textual without a terminal, cheap: a frame that nobody looks at is not drawn, and a style sheet is read once a process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.message_pump import MessagePump
from textual.screen import Screen

from tests.patience import PATIENCE

MANY = 500
"""Turns of the loop."""
_RULES: dict[object, list[RuleSet]] = {}
_TEXTS: WeakKeyDictionary[Compositor, str] = WeakKeyDictionary()
"""What screens show, until their next frame."""


@contextmanager
def cheap_frames() -> Iterator[None]:
    """While this lasts, the tests' look at a screen is what draws it; the frames themselves are for no one."""
    parse = Stylesheet._parse_rules

    def parse_once(sheet: Stylesheet, css: str, *words: Any, **more: Any) -> list[RuleSet]:
        key = (css, words, tuple(more.items()), tuple(sheet._variables.items()))
        if key not in _RULES:
            _RULES[key] = parse(sheet, css, *words, **more)
        return _RULES[key]

    def undrawn(compositor: Compositor, full: bool = False, screen_stack: list[Screen[Any]] | None = None, simplify: bool = False) -> None:
        visible_screen_stack.set(screen_stack or [])
        compositor._dirty_regions.clear()
        _TEXTS.pop(compositor, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        patch.setattr(Compositor, "render_update", undrawn)
        yield


def text_of(app: App[Any]) -> str:
    """What the screen of this app shows. It is drawn once a frame, however often a test looks; only within ``cheap_frames``."""
    visible_screen_stack.set(app._background_screens)
    screen = app.screen
    compositor = screen._compositor
    if screen._dirty_widgets or screen._repaint_required or screen._layout_required or compositor._dirty_regions:
        _TEXTS.pop(compositor, None)
    text = _TEXTS.get(compositor)
    if text is None:
        text = "\n".join(strip.text.rstrip() for strip in compositor.render_strips())
        _TEXTS[compositor] = text
    return text


async def worked_off(app: App[Any]) -> bool:
    """Wait until all that a key has set off is done, but for what waits for disk, network or time; False when the program has ended.

    The pilot's own way asks every widget, and waits half a minute for one that was removed meanwhile. This asks those that a
    key passes, which may wait for the disk, and then lets the loop run until nothing is left to run.
    """
    if not app.screen_stack:
        return False
    focused = app.screen.focused
    asked: list[tuple[MessagePump, asyncio.Event]] = []
    for pump in (app, app.screen, *(focused.ancestors_with_self if focused is not None else ())):
        passed = asyncio.Event()
        if pump.call_later(passed.set):
            asked.append((pump, passed))
    end = time.monotonic() + PATIENCE
    for pump, passed in asked:
        rounds = 0
        while not (passed.is_set() or pump._closing or pump._closed):
            if app._exit or app._exception is not None:
                return False
            assert time.monotonic() < end, f"{pump} does not come to its messages"
            await asyncio.sleep(0 if rounds < MANY else 0.005)
            rounds += 1
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    for _ in range(MANY):
        await asyncio.sleep(0)
        if not ready:
            break
    return app._exception is None and not app._exit
