"""Where a message names a key, it is the key that the user gave to the action, if he gave it one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import pmtui.tui
from pmtui.sandbox.server import Sandbox
from pmtui.tui.app import PmtuiApp
from pmtui.tui.dialogs.ask import Ask
from pmtui.tui.key_places import places
from pmtui.tui.key_words import key_name
from pmtui.tui.keymap import action_name, beside
from pmtui.tui.textual_internals import default_bindings
from tests.tui.test_gaps import folder
from tests.tui.user import READ, User, program, using

ROOM = Path(pmtui.tui.__file__).parent
MODALS = {"ask.py", "help.py", "picker.py", "prompt.py", "several.py"}
"""Dialogs keep their keys, whatever the user binds."""
ON_A_LINE = {
    "enter asks ": "the filter line",
    " here · enter asks ": "the filter line",
    "; enter alone is now, ": "a prompt",
    "What it is called in short, such as IR-400; enter alone calls it by its date and title": "a prompt",
}
"""Messages about lines to type in, where enter is nobody's to bind."""
FIXED = ("tab goes to the next gap", "tab there replaces", "ctrl+h is backspace", "up brings back")
"""Keys of a text, which cannot be bound either."""
BINDINGS = {
    (key_name(key), action_name(binding))
    for place in places(PmtuiApp)
    for node in place.nodes
    for key, listed in default_bindings(node).key_to_bindings.items()
    for binding in listed
}
OURS = {key for key, name in BINDINGS if name}
ENGLISH = {"home", "end"}
"""Keys that are words, too."""


def names_key(text: str) -> list[str]:
    """The keys of actions that this text names as they are by default."""
    said = text
    for fixed in FIXED:
        said = said.replace(fixed, "")
    said = re.sub(r"\{[^{}\s]+\}", "", said)
    named = [key for key in OURS - ENGLISH if len(key) > 1 and re.search(rf"(?<![\w+]){re.escape(key)}(?![\w+])", said)]
    single = re.findall(r"(?:^|[·:;,.(] ?)([b-zB-Z?/])(?= \w+s\b| is\b|$)", said)
    return named + [key for key in single if key in OURS]


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module that are more than one word, but for docstrings, bindings and patterns."""
    module = ast.parse(path.read_text("utf-8"))
    left_out = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("Binding", "compile"):
            left_out |= {id(each) for each in ast.walk(node)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out and " " in node.value.strip():
            yield node.lineno, node.value


def test_no_message_names_a_key_that_can_be_bound_otherwise() -> None:
    assert {"ctrl+z", "esc", "f1", "enter", "r", "d"} <= OURS
    assert names_key("3 replaced · ctrl+z takes it back") and names_key("no server · r tries again") and names_key("3 lines more: d")
    modules = [path for path in ROOM.rglob("*.py") if path.name not in MODALS and path.name != "keymap.py"]
    found = [(path.name, line, text) for path in modules for line, text in messages(path) if text not in ON_A_LINE and names_key(text)]
    assert found == []


def asked_for(path: Path) -> Iterator[str]:
    """The keys whose present names a module asks for."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("present_key", "key"):
            yield from (each.value for each in node.args[:1] if isinstance(each, ast.Constant) and isinstance(each.value, str))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (found for found in re.findall(r"\{([^{}\s]+)\}", node.value) if found in OURS or "+" in found)


def test_the_keys_that_messages_ask_for_are_bound() -> None:
    wanted = {key for path in ROOM.rglob("*.py") for key in asked_for(path)}
    assert {"ctrl+z", "esc", "r", "ctrl+f"} <= wanted
    assert wanted <= OURS


def all_rebound() -> dict[str, tuple[str, ...]]:
    """Another key for each action: keys that nobody would take for words."""
    names = sorted({name for _, name in BINDINGS if name})
    keys = [f"{held}f{n}" for held in ("ctrl+alt+", "ctrl+shift+", "alt+shift+", "ctrl+alt+shift+", "shift+") for n in range(1, 25)]
    assert len(names) <= len(keys)
    return {name: (key,) for name, key in zip(names, keys, strict=False)}


async def rebound(monkeypatch: pytest.MonkeyPatch, keys: Mapping[str, tuple[str, ...]]) -> None:
    made = PmtuiApp.__init__
    monkeypatch.setattr(PmtuiApp, "__init__", lambda self, launch: made(self, launch._replace(keys=keys)))


async def nothing_old(user: User) -> None:
    """No key of before is on the screen, but for those of a line or a text."""
    said = re.sub(r"ctrl\+alt\S*|ctrl\+shift\S*|alt\+shift\S*", "", user.text)
    for fixed in (*FIXED, "enter ask the server", "tab replace", "ctrl+p all"):
        said = said.replace(fixed, "")
    for line in said.splitlines():
        assert not re.findall(r"(?<![\w+])(?:(?:ctrl|alt)\+[a-z↑↓@]+|f\d\d?|esc)(?![\w+/])", line), user.text


async def test_with_every_action_on_another_key_no_screen_says_the_old_one(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = all_rebound()

    def key(name: str) -> str:
        return keys[name][0]

    await rebound(monkeypatch, keys)
    async with using(home, sandbox, "opsgenie", size=(100, 40)) as user:
        await user.shows(READ)
        await nothing_old(user)
        await user.press("Q")
        await user.shows(rf"Q does nothing here · {re.escape(key('help'))} lists the keys")
        await user.press(key("help"))
        await user.shows("The incidents, newest first; " + re.escape(key("sort")))
        await user.press("escape", key("filter"))
        await user.type("nothing is so")
        await user.shows(f"nothing matches · {re.escape(key('clear-the-filter'))} clears the filter")
        await nothing_old(user)
        await user.press(key("clear-the-filter"))
        await user.shows(READ)
        await user.press(key("open"))
        await user.shows(r"cell \d+ of")
        await nothing_old(user)
        await user.press(key("go-to-a-cell"), "x")
        await user.shows(f"this is the outline: {re.escape(key('go-to-the-cell'))} goes to the cell")
        await nothing_old(user)
        await user.press(key("back-to-the-list"), key("sort-the-timeline"))
        await user.shows(f"as {re.escape(key('new-timeline-entry-hh-mm-in-utc'))} types them")
        await user.press(key("find"))
        await user.type("cache")
        await user.press("tab")
        await user.type("cash")
        await user.press("ctrl+r")
        await user.shows(f"replaced in .* · {re.escape(key('undo'))} takes it back")
        await user.press("escape")
        await user.no_longer_shows("find +cache")
        await nothing_old(user)
        await user.press(key("details"), key("field-below"), key("field-below"), "#")
        await user.shows(f"{re.escape(key('change'))} changes this")
        await nothing_old(user)
        await user.press(key("review-and-save"))
        await user.shows("^ Save ")
        await nothing_old(user)


async def test_a_dialog_keeps_its_keys_and_takes_those_of_the_user_that_write_nothing(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rebound(monkeypatch, {"back": ("ctrl+b", "z"), "help": ("alt+h",)})
    async with using(home, sandbox, "opsgenie") as user:
        await user.shows(READ)
        for leaves in ("escape", "ctrl+b"):
            user.app.push_screen(Ask("Well?", [("z", "do it")]))
            await user.shows("Well", "esc +back")
            await user.press("alt+h")
            await user.shows("One key answers")
            await user.press("ctrl+b")
            await user.shows("Well")
            await user.press(leaves)
            await user.no_longer_shows("Well")
    kept = beside(default_bindings(Ask), {"back": ("z",)})
    assert kept.key_to_bindings == default_bindings(Ask).key_to_bindings


async def test_an_action_without_a_key_is_in_the_palette(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await rebound(monkeypatch, {"add-a-cell-below": (), "details": ()})
    async with program(folder(home, "---\ntitle: A new one\n---\n"), "here") as user:
        await user.shows(READ)
        await user.press("enter")
        await user.shows(r"ctrl\+p writes the first section")
        assert "details" not in user.keys
