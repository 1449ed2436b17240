"""However the keys that are typed come in packets, they do the same: over a slow line several come at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from pmtui.tui.screens.postmortem import PostmortemScreen
from pmtui.tui.terminal import key_turns
from pmtui.tui.widgets.listing.incident_list import IncidentList
from tests.gate import gate
from tests.tui.test_gaps import folder
from tests.tui.test_timeline import TEXT
from tests.tui.user import CHECKOUT, READ, User, program, using

END = "¶"
"""Typed last: when it is there, all before it has come."""
PHRASES: Mapping[str, Sequence[str]] = {
    "an entry of the timeline": ("ctrl+t", *"15:00", "enter", *"Paged"),
    "no entry": ("ctrl+t", *"15:", "escape", *"on"),
    "a time that is wrong, and corrected": ("ctrl+t", *"noon", "enter", "ctrl+u", *"-5m", "enter", *"late"),
    "a section": ("ctrl+n", *"## Title", "enter", *"text"),
    "a section that is taken back": ("ctrl+n", *"gone", "ctrl+z", "ctrl+z", *"here"),
    "a panel": ("alt+n", "w", *"mind"),
    "a mention": ("space", "@", *"wei", "enter", *" and then"),
    "no mention": ("space", "@", *"we", "escape", *" on"),
    "words that are found": ("ctrl+f", *"checkout", "enter", "ctrl+f", *"X"),
    "words that are not found": ("ctrl+f", *"zzz", "escape", *"Y"),
    "a word that is replaced": ("ctrl+f", *"checkout", "tab", *"till", "enter", "escape", *"Z"),
    "a choice in the form": ("f2", "home", "down", "enter", *"2", "enter", "escape", *"back"),
    "a text in the form": ("f2", "home", "end", *" now", "down", "escape", *"home"),
    "a choice that is none": ("f2", "home", "down", "enter", *"zz", "escape", "escape", *"same"),
    "the preview": ("f3", *"jj", "escape", *"read"),
    "help": ("f1", "down", "escape", *"known"),
    "a theme": ("alt+t", *"zz", "escape", *"plain"),
    "the outline": ("ctrl+g", "down", "enter", *"there"),
    "cells": ("ctrl+down", *"below", "ctrl+up", *"above"),
    "lists": ("enter", *"- one", "enter", *"two", "enter", "tab", *"three", "enter", "enter"),
    "undo": (*"wrong", "ctrl+z", *"right", "ctrl+y", *"!"),
    "a command by its name": ("ctrl+p", *"add a cell", "enter", *"new"),
}


def packets(keys: Sequence[str], rng: random.Random) -> Iterator[Sequence[str]]:
    """The keys as they come: one, some, or all in a packet."""
    most = rng.choice((1, 2, 4, 8, len(keys)))
    while keys:
        size = rng.randint(1, most)
        yield keys[:size]
        keys = keys[size:]


async def typed(user: User, packets: Iterator[Sequence[str]]) -> tuple[Sequence[str], Mapping[str, object]]:
    """Type these, and take them back. Returns the cells, and the fields that they changed."""
    assert user.app.session is not None
    for packet in packets:
        await user.together(*packet)
    await user.together(END)
    await user.until(lambda: any(END in cell for cell in user.cells), "the end")
    mine, base = user.app.session.mine, user.app.session.base
    cells, fields = user.cells, {name: value for name, value in mine.fields.items() if value != base.fields.get(name)}
    while user.app.session.changes:
        before = user.app.session.mine
        await user.press("ctrl+z")
        assert user.app.session.mine is not before, "nothing more to undo"
    await user.press("ctrl+g", "home", "enter", "ctrl+end")
    return cells, fields


async def test_packets_do_not_matter(sandbox: Sandbox, home: Path, subtests: pytest.Subtests) -> None:
    rng = random.Random(7)
    async with using(home, sandbox, "datadog") as user:
        await user.into()
        await user.press("ctrl+g", "home", "enter", "ctrl+end")
        for name, keys in PHRASES.items():
            with subtests.test(name):
                slow = await typed(user, ([key] for key in keys))
                assert isinstance(user.app.screen, PostmortemScreen)
                assert await typed(user, iter([keys])) == slow
                assert await typed(user, packets(keys, rng)) == slow


async def test_nothing_unseen_is_answered_and_no_text_is_a_command(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog") as user:
        # a filter that is entered twice opens nothing
        await user.shows(READ)
        await user.together("slash", *"checkout", "enter", "enter")
        await user.shows("/ checkout  2 of 2", "enter came before these rows were shown: press it again")
        assert user.app.session is None and "opening" not in user.text
        await user.press("escape")
        await user.no_longer_shows("/ checkout")
        await user.into()
        before = user.cells
        # a question is not answered by what came in the packet of the key that leads to it, and says so
        await user.together("f8", *"dead")
        await user.shows("Delete the cell", r"not taken, because it was typed before this was +│\n.*shown: dead")
        await user.together("escape", *"x")
        await user.until(lambda: user.cells == [before[0] + "x", *before[1:]], "only what was typed into the text")
        await user.together("escape", "k")
        await user.shows("keep the draft", "shown: k")
        # nor is what is typed behind the answer a command of the list
        await user.together("k", *"jjo", "enter")
        shown = await user.shows("not typed: “jjo”", "enter open")
        assert "not sent: " in shown
        await user.press("j")
        assert CHECKOUT not in user.current.title


async def test_an_answer_keeps_the_cursor_where_the_user_has_moved_it_or_opened_an_incident(sandbox: Sandbox, home: Path) -> None:
    filtered = ("slash", *"sev:2", "enter")
    async with using(home, sandbox, "datadog") as user:
        await user.shows(READ)
        incidents = user.app.screen.query_one(IncidentList)
        for keys in (("down", "down"), ("down", "down", "enter"), ()):
            await user.press("g")
            with gate(sandbox, "/search") as held:
                await user.together(*filtered, *keys)
                here = incidents.current
                held.open()
                if "enter" in keys:
                    await user.shows("unchanged · read")
                    await user.press("escape")
                await user.shows("── / sev:2  ")
                await user.no_longer_shows("reading incidents")
            assert here is not None
            assert user.current.reference == (here.reference if keys else user.references[0])
            await user.press("escape")
            await user.no_longer_shows("── / |reading")


async def test_what_begins_an_incident_is_asked_in_one_packet(home: Path) -> None:
    """Up to the last question, which is to be seen before it is answered."""
    async with program(folder(home, TEXT), "here") as user:
        await user.shows("A new one")
        await user.together("n", *"Till down", "enter", *"IR-9", "enter", *"no")
        await user.shows("Create a postmortem for IR-9", "enter +create it", "shown: no")
        await user.together("enter", *"Text")
        await user.shows("IR-9 +Till down")
        await user.until(lambda: any("Text" in cell for cell in user.cells), "what was typed behind")


async def test_what_hangs_does_not_take_the_keyboard_away(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    async with using(home, sandbox, "datadog") as user:
        await user.into()
        monkeypatch.setattr("pmtui.tui.screens.postmortem.ask_whom", never)
        before = user.cells[0]
        await user.together("space", "@", "w", "e")
        assert user.cells[0] == before + " @w", "it waits for the question"
        monkeypatch.setattr(key_turns, "LONGEST", 0.0)
        await user.until(lambda: user.cells[0] == before + " @we", "it waits no longer")
        monkeypatch.undo()
        await user.together("ctrl+q")  # which waits for no question
        await user.shows("keep the draft")


async def test_enter_behind_the_key_that_saves_is_no_new_line(sandbox: Sandbox, home: Path) -> None:
    """It was meant for the review. Behind a letter it is typed."""
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.type("x")
        before = user.cells
        await user.together("ctrl+s", "enter")
        await user.shows("enter send")
        assert user.cells == before
        await user.press("escape")
        await user.shows("nothing was sent")
        await user.together("ctrl+s", "y", "enter", "z")
        await user.until(lambda: user.cells[0] == f"{before[0]}y\nz", "what was typed")
        assert "enter send" not in user.text
