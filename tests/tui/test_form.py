"""The form at the keyboard: what is typed is in the session at once, and what comes from outside is text."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
from textual import events

from pmtui.model.fields import Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Item, Person, Value
from pmtui.sandbox.server import Sandbox
from pmtui.tui.form.widget import Form
from tests.tui.user import QUICK, User, using

EVIL = "[/b] [@click=app.bell]x[/] \x1b[31mred\x1b]0;title\x07"
EVIL_SHOWN = "[/b] [@click=app.bell]x[/] ␛[31mred␛]0;title␇"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=30, switches=QUICK) as sandbox:
        yield sandbox


@pytest.fixture
async def user(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[User]:
    """In the form of a postmortem."""
    async with using(tmp_path / "home", sandbox, "opsgenie") as user:
        await user.into()
        await user.press("f2")
        await user.shows("^ Details", r"▌  Title")
        yield user


def value(user: User, name: str) -> Value:
    assert user.app.session is not None
    return user.app.session.mine.fields.get(name)


def keys_of(user: User, name: str) -> list[str]:
    found = value(user, name)
    assert isinstance(found, tuple)
    return [item if isinstance(item, str) else item.label for item in found]


async def go(user: User, row: str) -> None:
    """Down to the row that shows this."""
    form = user.app.screen.query_one(Form)
    while form.current is not None and not re.search(row, f"{form.current.row.label} {form.current.row.text}"):
        before = form.current
        await user.press("down")
        await user.until(lambda before=before: form.current is not before, f"a row below with {row}")  # type: ignore[misc]


async def put_back(user: User) -> None:
    """Undo all, and go to the first row."""
    assert user.app.session is not None
    while user.app.session.changes:
        before = user.app.session.mine
        await user.press("ctrl+z")
        assert user.app.session.mine is not before, "nothing more to undo"
    await user.press("ctrl+home")
    await user.shows(r"▌  Title")


# ---- typing ---------------------------------------------------------------------------------------------------------
async def test_what_is_typed_or_pasted_into_a_title(user: User, sandbox: Sandbox) -> None:
    before = str(value(user, "title"))
    # keys behind f2 and escape are for the screen that these open: over a slow line they come in one packet
    cell = user.cells[0]
    await user.together("escape", "x", "f2", "y", "down", "enter")
    await user.shows("Severity", "type to filter")
    assert value(user, "title") == f"{before}y"
    assert user.cells[0] == f"{cell}x"
    await user.press("escape")
    await put_back(user)
    # typing in the middle keeps the cursor and every character
    await user.press("home")
    for char in "A title in front: ":  # as fast as the keys can be handed over
        user.app.post_message(events.Key("space" if char == " " else char, char))
    await user.shows("A title in front: Checkout 5xx")
    assert str(value(user, "title")).startswith("A title in front: Checkout 5xx after")
    await user.shows(r"▌± Title")
    await user.press("ctrl+r")
    await user.shows(r"▌  Title +Checkout", "unchanged")
    # keys that come in one packet keep their order
    for key in ("end", "ctrl+u", "a", "b", "left", "c", "backspace", "d", "home", "x"):
        user.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await user.shows("▌± Title +xadb")
    assert value(user, "title") == "xadb"
    # a word before the cursor goes by the keys that take it in the text, too
    await user.press("ctrl+a", "ctrl+k")
    await user.type("one two three four")
    await user.press("alt+backspace", "ctrl+w", "ctrl+backspace")
    await user.until(lambda: value(user, "title") == "one ", "the words before the cursor are gone")
    # the cursor goes over characters as people see them
    await user.press("home", "ctrl+k")
    user.app.post_message(events.Paste("a👩‍🚒e\u0301b"))
    await user.shows("a👩‍🚒")
    await user.press("left", "backspace", "backspace")
    await user.shows("▌± Title +ab")
    assert value(user, "title") == "ab"
    await user.press("ctrl+r")
    await user.shows(r"▌  Title .*report(?!!)", "unchanged")
    # undo comes back to the field
    await user.press("end", "!")
    await go(user, "Affected services")
    await user.press("ctrl+z")
    await user.shows(r"▌  Title")
    assert value(user, "title") == before
    await user.press("ctrl+y")
    await user.shows(r"▌± Title")
    # a refusal stands at its field until it is edited, or saved after all
    sandbox.fault("* /**/title 422")
    await user.review()
    await user.press("enter")
    await user.shows("refused", "not saved: Title")
    sandbox.clear_faults()
    await user.press("escape")
    await user.shows(r"(?m)^▌± Title .*", "not saved: Title")
    refused = user.text
    message = re.search(r"(?m)^▌± Title .*  (\S.*?) *$", refused)
    assert message is not None, refused
    await user.press("end", "!")
    await user.no_longer_shows(re.escape(message[1]))
    # a pasted title of 100,000 characters is kept whole
    user.app.post_message(events.Paste(f" {'x' * 60_000}\r\n{'é' * 39_998}!\r\n"))
    await user.shows("é!")
    title = str(value(user, "title"))
    assert title.endswith(f" {'x' * 60_000} {'é' * 39_998}!")


# ---- choosing -------------------------------------------------------------------------------------------------------
async def test_lists_of_links_and_people(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    # a letter that no other field begins with is answered
    await user.press("down", "o")
    await user.shows("▌  Owner")
    await user.press("O")
    await user.shows("▌  Owner", "no other field begins with O")
    await enter_while_the_search_runs_takes_what_was_typed(user, monkeypatch)
    await put_back(user)
    # a status that the vendor does not have cannot be typed
    await user.press("down", "down")
    await user.shows(r"▌  Status")
    await user.press("enter")
    await user.shows("enter selects")
    await user.type("done")
    await user.no_longer_shows("as typed")
    assert isinstance(value(user, "status"), str)
    await user.press("escape")
    await user.no_longer_shows("enter selects")
    # at the role escape goes back to who
    responders = value(user, "responders")
    await go(user, "add a person")
    await user.press("enter")
    await user.shows("Responders: who", "Wei Zhang")
    await user.type("wei")
    await user.no_longer_shows("looking|Tom O'Brien")
    await user.press("enter")
    await user.shows("Role of Wei Zhang", "Incident Commander +Jane Doe has it")
    assert "Incident Commander" not in user.line("▌.*│"), "enter makes no second one"
    await user.press("escape")
    await user.shows("Responders: who")
    await user.press("escape")
    await user.no_longer_shows("Responders: who")
    assert value(user, "responders") == responders
    await links_are_in_the_draft_while_they_are_typed(user)
    # items are removed and taken back, and the focus stays near
    links = keys_of(user, "linked_issues")
    await user.press("up", "up")
    await user.shows("(?m)^▌.*OPS-1412")
    await user.press("delete")
    await user.shows("(?m)^▌.*− OPS-1412 .*removed")
    assert keys_of(user, "linked_issues") == links[1:]
    await user.press("delete")
    await user.no_longer_shows("removed")
    assert keys_of(user, "linked_issues") == links
    await a_new_link(user)
    await user.press("enter")
    await user.shows(r"(?m)^ .*\+ https://wiki", "(?m)^▌.*add a link")
    await user.press("up", "delete")
    await user.no_longer_shows("wiki")
    await user.shows("(?m)^▌.*add a link")
    await a_key_that_comes_while_rows_are_made_keeps_its_row(user, monkeypatch)
    await put_back(user)
    await foreign_text_is_text_in_rows_lists_and_dialogs(user, monkeypatch)


async def enter_while_the_search_runs_takes_what_was_typed(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    assert user.app.workspace is not None
    answering, real = asyncio.Event(), user.app.workspace.suggest

    async def suggest(kind: Kind, text: str, postmortem: Postmortem) -> Sequence[Item]:
        if text:
            await answering.wait()
        return await real(kind, text, postmortem)

    with monkeypatch.context() as patch:
        patch.setattr(user.app.workspace, "suggest", suggest)
        await user.press("enter")
        await user.shows("│ +• Jane Doe")
        await user.press("w", "e", "i", "enter")
        await user.shows("looking")
        answering.set()
        await user.shows("± Owner +Wei Zhang .*was Jane Doe")


async def a_new_link(user: User) -> None:
    """In the prompt for the address, which is typed."""
    await go(user, "add a link")
    await user.press("enter")
    await user.shows("Address of the linked issue")
    await user.type("https://wiki.example.com/x")


async def links_are_in_the_draft_while_they_are_typed(user: User) -> None:
    """They are checked when they are taken, and escape takes them back."""
    before = keys_of(user, "linked_issues")
    await a_new_link(user)
    assert keys_of(user, "linked_issues") == [*before, "https://wiki.example.com/x"]
    await user.press("ctrl+u")
    await user.type("nowhere")
    await user.press("enter")
    await user.shows("enter a full address")
    await user.press("escape")
    await user.no_longer_shows("enter a full address")
    assert keys_of(user, "linked_issues") == before
    assert user.app.session is not None
    assert user.app.session.changes == ()


async def a_key_that_comes_while_rows_are_made_keeps_its_row(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_new_link(user)
    real = Form.sync

    async def sync(form: Form) -> None:
        await real(form)
        monkeypatch.setattr(Form, "sync", real)
        form.action_go(1)

    monkeypatch.setattr(Form, "sync", sync)
    await user.press("enter")
    await user.shows(r"(?m)^ .*\+ https://wiki", "(?m)^ .*add a link", "(?m)^▌.*Related incidents")


async def foreign_text_is_text_in_rows_lists_and_dialogs(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    assert user.app.workspace is not None and user.app.session is not None

    async def suggest(kind: Kind, text: str, postmortem: Postmortem) -> Sequence[Item]:
        return [Person("evil", EVIL, EVIL)]

    monkeypatch.setattr(user.app.workspace, "suggest", suggest)
    user.app.session.set_field("title", EVIL)
    await user.shows(r"(?m)^▌± Title +" + re.escape(EVIL_SHOWN))
    await go(user, "add a person")
    await user.press("enter")
    await user.shows("│ +▌ +" + re.escape(EVIL_SHOWN[:40]))
    await user.press("enter")
    await user.shows("Role of " + re.escape(EVIL_SHOWN[:40]))
    await user.type("Scribe")
    await user.shows("Scribe  as typed")
    await user.press("enter")
    await user.shows(r"\+ " + re.escape(EVIL_SHOWN[:40]))


async def test_rows_beside_the_document_are_made_when_there_is_room_for_them(user: User) -> None:
    await user.press("escape")
    await user.shows(r"cell \d+ of \d+")
    form = user.app.screen.query_one(Form)
    assert form.form_rows == []
    # where there are no action items that is said
    await user.press("f10")
    await user.shows("Opsgenie has no field for action items")
    await user.resize(140, 30)
    await user.shows(r"│ .*Severity +P1")
    await user.press("f2", "end", "x")
    await user.shows(r"│▌± Title .*x")
    await user.resize(80, 24)
    await user.shows("^ Details", r"▌± Title .*x")  # the form goes on where there is room for it
