"""Textual without a terminal, cheap: a frame that nobody looks at is not drawn, and a style sheet is read and matched once a process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from rich.segment import Segment
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.app import App
from textual.css.model import RuleSet
from textual.css.styles import RulesMap
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.geometry import Region
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.strip import Strip

from tests.patience import PATIENCE

MANY = 500
"""Turns of the loop."""
_RULES: dict[object, list[RuleSet]] = {}
_TEXTS: WeakKeyDictionary[Compositor, str] = WeakKeyDictionary()
"""What screens show, until their next frame."""


class Matches:
    """What the rules of a style sheet make of a node, by all that their selectors can ask of it and of what it is in."""

    def __init__(self, rules: list[RuleSet]) -> None:
        self.rules = rules  # alive, so that their ids are theirs
        self.pseudo_classes: dict[object, tuple[str, ...]] = {}
        self.found: dict[object, tuple[RulesMap | None, dict[str, bool]]] = {}


STOCK_APPLY, _REPLACE = Stylesheet.apply, Stylesheet.replace_rules
_MATCHES: dict[tuple[int, ...], Matches] = {}
_BY_SHEET: WeakKeyDictionary[Stylesheet, tuple[object, Matches]] = WeakKeyDictionary()
_GIVEN: dict[int, RulesMap] = {}
_FLAGS = ("_has_hover_style", "_has_focus_within", "_has_order_style", "_has_odd_or_even")


def _matches(sheet: Stylesheet) -> Matches:
    rules_map = sheet.rules_map
    held = _BY_SHEET.get(sheet)
    if held is None or held[0] is not rules_map:
        key = tuple(map(id, sheet.rules))
        held = _BY_SHEET[sheet] = (rules_map, _MATCHES.setdefault(key, Matches(sheet.rules)))
    return held[1]


def _replace_rules(node: DOMNode, rules: RulesMap, animate: bool = False) -> None:
    _GIVEN[id(node)] = rules
    _REPLACE(node, rules, animate)


def _true_of(node: Any, pseudo_classes: tuple[str, ...]) -> list[bool]:
    known = node._PSEUDO_CLASSES
    return [name in known and bool(known[name](node)) for name in pseudo_classes]


def apply_once(sheet: Stylesheet, node: DOMNode, *, animate: bool = False, cache: dict[Any, RulesMap] | None = None) -> None:
    """``Stylesheet.apply``, which looks for the rules of a node once a process: hundreds of programs show the same screens."""
    matches = _matches(sheet)
    own = (node.__class__, node._id, frozenset(node._classes))
    asked = matches.pseudo_classes.get(own)
    if asked is None:
        rules_map = sheet.rules_map
        rules = {rule for name in rules_map.keys() & node._selector_names for rule in rules_map[name]}
        asked = matches.pseudo_classes[own] = tuple(sorted({name for rule in rules for name in rule.pseudo_classes}))
    path: list[Any] = list(node.css_path_nodes)
    key = tuple((each.__class__, each._id, frozenset(each._classes), *_true_of(each, asked)) for each in path)
    known = matches.found.get(key)
    if known is None:
        STOCK_APPLY(sheet, node, animate=animate, cache=cache)
        matches.found[key] = (_GIVEN.pop(id(node), None), {name: getattr(node, name) for name in _FLAGS})
        return
    rules_of_node, flags = known
    for name, value in flags.items():
        setattr(node, name, value)
    if rules_of_node is not None:
        _REPLACE(node, rules_of_node, animate)
    sheet._process_component_classes(node)


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
        patch.setattr(Stylesheet, "apply", apply_once)
        patch.setattr(Stylesheet, "replace_rules", staticmethod(_replace_rules))
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
        text = "\n".join(line.rstrip() for line in _lines([*app._background_screens, screen]))
        _TEXTS[compositor] = text
    return text


def stock_text_of(app: App[Any]) -> str:
    """The same as Textual draws it."""
    visible_screen_stack.set(app._background_screens)
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


def _lines(screens: list[Screen[Any]]) -> list[str]:
    """What ``Compositor.render_strips`` draws of the last of these screens, in text alone: what is covered is not drawn."""
    screen, below = screens[-1], screens[:-1]
    cuts = screen._compositor.cuts
    chops: list[dict[int, str | None]] = [dict.fromkeys(line[:-1]) for line in cuts]
    for widget, (region, clip) in screen._compositor.visible_widgets.items():  # the uppermost first
        seen = region.intersection(clip)
        left, right = seen.column_span
        open_lines = [y for y in seen.line_range if any(chops[y][cut] is None for cut in cuts[y] if left <= cut < right)]
        if not open_lines:
            continue
        top = open_lines[0]
        if widget is screen and below and screen.styles.background.a < 1:
            strips = [Strip([Segment(line)]) for line in _lines(below)[top : open_lines[-1] + 1]]
        else:
            strips = widget.render_lines(Region(left - region.x, top - region.y, seen.width, open_lines[-1] + 1 - top))
        for y in open_lines:
            ends = [cut for cut in cuts[y] if left <= cut <= right]
            for cut, part in zip(ends, strips[y - top].divide([end - left for end in ends[1:]]), strict=False):
                if chops[y][cut] is None:
                    chops[y][cut] = part.text
    return ["".join(part or "" for part in line.values()) for line in chops]


async def worked_off(app: App[Any]) -> bool:
    """Wait until all that a key has set off is done, but for what waits for disk, network or time; False when the program has ended.

    The pilot's own way asks every widget, and waits half a minute for one that was removed meanwhile. This waits for those that
    a key passes, which may wait for the disk, and then lets the loop run until nothing is left to run.
    """
    if not app.screen_stack:
        return False
    focused = app.screen.focused
    passed: tuple[MessagePump, ...] = (app, app.screen, *(focused.ancestors_with_self if focused is not None else ()))
    end, rounds = time.monotonic() + PATIENCE, 0
    while busy := [pump for pump in passed if not (_waits_for_messages(pump) or pump._closing or pump._closed)]:
        if app._exit or app._exception is not None:
            return False
        assert time.monotonic() < end, f"{busy} do not come to their messages"
        await asyncio.sleep(0 if rounds < MANY else 0.005)
        rounds += 1
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    for _ in range(MANY):
        await asyncio.sleep(0)
        if not ready:
            break
    return app._exception is None and not app._exit


def _waits_for_messages(pump: MessagePump) -> bool:
    """Whether it has dealt with all that was sent to it."""
    sent: Any = pump._message_queue.ready_event
    return pump._pending_message is None and not sent.is_set() and bool(sent._waiters)


def has_something_to_draw(screen: Screen[Any]) -> bool:
    """Whether its next frame has anything to do."""
    return bool(
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )
