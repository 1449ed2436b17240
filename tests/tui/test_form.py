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
from tests.tui.stage import QUICK, Stage, stage

EVIL = "[/b] [@click=app.bell]x[/] \x1b[31mred\x1b]0;title\x07"
EVIL_SHOWN = "[/b] [@click=app.bell]x[/] ␛[31mred␛]0;title␇"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=30, switches=QUICK) as sandbox:
        yield sandbox


@pytest.fixture
async def user(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Stage]:
    """In the form of a postmortem."""
    async with stage(tmp_path / "home", sandbox, "opsgenie") as user:
        await user.into()
        await user.press("f2")
        await user.shows("^ Details", r"▌  Title")
        yield user


def value(user: Stage, name: str) -> Value:
    assert user.app.session is not None
    return user.app.session.mine.fields.get(name)


def keys_of(user: Stage, name: str) -> list[str]:
    found = value(user, name)
    assert isinstance(found, tuple)
    return [item if isinstance(item, str) else item.label for item in found]


async def go(user: Stage, row: str) -> None:
    """Down to the row that shows this."""
    form = user.app.screen.query_one(Form)
    while form.current is not None and not re.search(row, f"{form.current.row.label} {form.current.row.text}"):
        before = form.current
        await user.press("down")
        await user.until(lambda before=before: form.current is not before, f"a row below with {row}")  # type: ignore[misc]


# ---- typing ---------------------------------------------------------------------------------------------------------
async def test_typing_in_the_middle_keeps_the_cursor_and_every_character(user: Stage) -> None:
    await user.press("home")
    for char in "A title in front: ":  # as fast as the keys can be handed over
        user.app.post_message(events.Key("space" if char == " " else char, char))
    await user.shows("A title in front: Checkout 5xx")
    assert str(value(user, "title")).startswith("A title in front: Checkout 5xx after")
    await user.shows(r"▌± Title")


async def test_keys_that_come_in_one_packet_keep_their_order(user: Stage) -> None:
    for key in ("end", "ctrl+u", "a", "b", "left", "c", "backspace", "d", "home", "x"):
        user.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await user.shows("▌± Title +xadb")
    assert value(user, "title") == "xadb"


async def test_keys_behind_f2_and_escape_are_for_the_screen_that_these_open(user: Stage) -> None:
    """Over a slow line they come in one packet, before anything is drawn."""
    title, cell = value(user, "title"), user.cells[0]
    await user.together("escape", "x", "f2", "y", "down", "enter")
    await user.shows("Severity", "type to filter")
    assert value(user, "title") == f"{title}y"
    assert user.cells[0] == f"{cell}x"


async def test_a_pasted_title_of_100000_characters_is_kept_whole(user: Stage) -> None:
    await user.press("end")
    user.app.post_message(events.Paste(f" {'x' * 60_000}\r\n{'é' * 39_998}!\r\n"))
    await user.shows("é!")
    title = str(value(user, "title"))
    assert title.endswith(f" {'x' * 60_000} {'é' * 39_998}!")


async def test_the_cursor_goes_over_characters_as_people_see_them(user: Stage) -> None:
    await user.press("home", "ctrl+k")
    user.app.post_message(events.Paste("a👩‍🚒e\u0301b"))
    await user.shows("a👩‍🚒")
    await user.press("left", "backspace", "backspace")
    await user.shows("▌± Title +ab")
    assert value(user, "title") == "ab"


async def test_undo_comes_back_to_the_field(user: Stage) -> None:
    before = value(user, "title")
    await user.press("end", "!")
    await go(user, "Affected services")
    await user.press("ctrl+z")
    await user.shows(r"▌  Title")
    assert value(user, "title") == before
    await user.press("ctrl+y")
    await user.shows(r"▌± Title")


async def test_put_back(user: Stage) -> None:
    await user.press("end", "!", "ctrl+r")
    await user.shows(r"▌  Title .*report(?!!)", "unchanged")


# ---- choosing -------------------------------------------------------------------------------------------------------
async def test_enter_while_the_search_runs_takes_what_was_typed(user: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert user.app.workspace is not None
    answering, real = asyncio.Event(), user.app.workspace.suggest

    async def suggest(kind: Kind, text: str, postmortem: Postmortem) -> Sequence[Item]:
        if text:
            await answering.wait()
        return await real(kind, text, postmortem)

    monkeypatch.setattr(user.app.workspace, "suggest", suggest)
    await go(user, "Owner")
    await user.press("enter")
    await user.shows("│ +• Jane Doe")
    await user.press("w", "e", "i", "enter")
    await user.shows("looking")
    answering.set()
    await user.shows("± Owner +Wei Zhang .*was Jane Doe")


async def test_items_are_removed_taken_back_and_the_focus_stays_near(user: Stage) -> None:
    before = keys_of(user, "linked_issues")
    await go(user, "OPS-1412")
    await user.press("delete")
    await user.shows("(?m)^▌.*− OPS-1412 .*removed")
    assert keys_of(user, "linked_issues") == before[1:]
    await user.press("delete")
    await user.no_longer_shows("removed")
    assert keys_of(user, "linked_issues") == before
    await go(user, "add a link")
    await user.press("enter")
    await user.shows("Address of the linked issue")
    await user.type("https://wiki.example.com/x")
    await user.press("enter")
    await user.shows(r"(?m)^ .*\+ https://wiki", "(?m)^▌.*add a link")
    await user.press("up", "delete")
    await user.no_longer_shows("wiki")
    await user.shows("(?m)^▌.*add a link")


async def test_a_key_that_comes_while_rows_are_made_keeps_its_row(user: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await go(user, "add a link")
    await user.press("enter")
    await user.shows("Address of the linked issue")
    await user.type("https://wiki.example.com/x")
    real = Form.sync

    async def sync(form: Form) -> None:
        await real(form)
        monkeypatch.setattr(Form, "sync", real)
        form.action_go(1)

    monkeypatch.setattr(Form, "sync", sync)
    await user.press("enter")
    await user.shows(r"(?m)^ .*\+ https://wiki", "(?m)^ .*add a link", "(?m)^▌.*Related incidents")


async def test_rows_beside_the_document_are_made_when_there_is_room_for_them(user: Stage) -> None:
    await user.press("escape")
    await user.shows(r"cell \d+ of \d+")
    form = user.app.screen.query_one(Form)
    assert form.form_rows == []
    await user.pilot.resize_terminal(200, 50)
    await user.shows(r"│ .*Severity +P1")
    await user.press("f2", "end", "x")
    await user.shows(r"│▌± Title .*x")
    await user.pilot.resize_terminal(80, 24)
    await user.shows("^ Details", r"▌± Title .*x")  # the form goes on where there is room for it


async def test_an_address_is_in_the_draft_while_it_is_typed(user: Stage) -> None:
    before = keys_of(user, "linked_issues")
    await go(user, "add a link")
    await user.press("enter")
    await user.shows("Address of the linked issue")
    await user.type("https://wiki.example.com/fail")
    assert keys_of(user, "linked_issues") == [*before, "https://wiki.example.com/fail"]
    await user.press("escape")
    assert keys_of(user, "linked_issues") == before
    assert user.app.session is not None
    assert user.app.session.changes == ()


async def test_a_link_is_checked_before_it_is_taken(user: Stage) -> None:
    await go(user, "add a link")
    await user.press("enter")
    await user.shows("Address of the linked issue")
    await user.type("nowhere")
    await user.press("enter")
    await user.shows("enter a full address")
    await user.press("escape")
    await user.no_longer_shows("enter a full address")
    assert "nowhere" not in keys_of(user, "linked_issues")


async def test_escape_at_the_role_goes_back_to_who(user: Stage) -> None:
    before = value(user, "responders")
    await go(user, "add a person")
    await user.press("enter")
    await user.shows("Responders: who", "Wei Zhang")
    await user.type("wei")
    await user.no_longer_shows("looking|Tom O'Brien")
    await user.press("enter")
    await user.shows("Role of Wei Zhang")
    await user.press("escape")
    await user.shows("Responders: who")
    await user.press("escape")
    await user.no_longer_shows("Responders: who")
    assert value(user, "responders") == before


# ---- foreign text ---------------------------------------------------------------------------------------------------
async def test_foreign_text_is_text_in_rows_lists_and_dialogs(user: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
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


# ---- what the server refuses ------------------------------------------------------------------------------------------
async def test_a_refusal_stands_at_its_field_until_it_is_edited(user: Stage, sandbox: Sandbox) -> None:
    sandbox.fault("* /**/title 422")
    await user.press("end", "!")
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


async def test_what_opening_left_out_is_read_when_the_form_is_opened(sandbox: Sandbox, tmp_path: Path) -> None:
    async with stage(tmp_path / "home", sandbox, "datadog", size=(80, 50)) as user:
        await user.into()
        await user.press("f2")
        await user.shows(r"Action items +\d open\n +☐", "add an action item")
        for _ in range(3):
            await user.press("f5")
            await user.shows("nothing new on the server")
            await user.shows(r"Action items +\d open\n +☐", "add an action item")
            await user.press("down")
        assert user.app.session is not None
        assert user.app.session.changes == ()


async def test_a_draft_that_began_without_the_action_items_gets_them(sandbox: Sandbox, tmp_path: Path) -> None:
    """Its second opening reads them at once, and so the form finds nothing left to ask for."""
    async with stage(tmp_path / "home", sandbox, "datadog", size=(80, 50)) as user:
        await user.into()
        await user.type("word")
        await user.shows("edited · draft on disk")
        await user.press("escape")
        await user.shows("unsaved")
        await user.press("k")
        await user.shows("not sent")
        await user.into()
        await user.press("f10")
        await user.shows(r"Action items +\d open\n▌ +☐")


async def test_escape_keeps_what_was_typed_into_a_long_text(sandbox: Sandbox, tmp_path: Path) -> None:
    async with stage(tmp_path / "home", sandbox, "datadog", size=(80, 50)) as user:
        await user.into()
        await user.press("f2")
        await user.shows("^ Details", r"▌  Title")
        await go(user, "Summary")
        await user.press("enter")
        await user.shows(r"ctrl\+s accept")
        await user.type(" ten typed words")
        await user.press("escape")
        await user.shows("(?m)^▌± Summary")
        assert str(value(user, "summary")).endswith(" ten typed words")
        await user.press("ctrl+r")
        await user.no_longer_shows("± Summary")
