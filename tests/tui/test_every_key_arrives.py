"""No key is swallowed: what is typed is in the text, or the screen has said why not."""

from __future__ import annotations

import base64
import re
import string
from pathlib import Path

import pytest
from textual.binding import BindingsMap
from textual.events import Paste

from pmtui.backends.base import BackendError, Trouble
from pmtui.sandbox.server import Sandbox
from pmtui.tui.dialogs.ask import Ask
from pmtui.tui.dialogs.compare import CompareScreen
from pmtui.tui.dialogs.conflict import ConflictScreen
from pmtui.tui.dialogs.help import HelpScreen
from pmtui.tui.dialogs.picker import Picker
from pmtui.tui.dialogs.prompt import Prompt
from pmtui.tui.dialogs.review import ReviewScreen
from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.form.row_widgets import FormRow
from pmtui.tui.form.widget import Form
from pmtui.tui.screens.postmortem import PostmortemScreen
from pmtui.tui.screens.preview import PreviewScreen
from pmtui.tui.screens.requests import RequestsScreen
from pmtui.tui.widgets.bars import StatusLine
from pmtui.tui.widgets.cell import Opaque
from pmtui.tui.widgets.outline import Outline
from tests.tui.user import CHECKOUT, READ, User, using

PRINTABLE = [*(string.ascii_letters + string.digits + string.punctuation), " ", "é", "ы", "漢", "👍"]
"""Every printable key of ASCII, and some beyond it."""
SIZES = [(80, 24), (60, 20), (150, 40)]
MARK = "nothing was said"


def everything_typed(user: User) -> tuple[object, ...]:
    """The text and the fields as the session has them."""
    assert user.app.session is not None
    mine = user.app.session.mine
    return (*(cell.text for cell in mine.cells), tuple(mine.fields.items()))


def said(user: User) -> str:
    """What the screen says about a key: the status line, and the line below the form."""
    detail = [str(each.content) for each in user.app.screen.query("#form-detail")]  # type: ignore[attr-defined]
    return " ".join([*(line.words for line in user.app.screen.query(StatusLine)), *detail])


def row_of_the_form(user: User) -> FormRow | None:
    return next((form.current for form in user.app.screen.query(Form) if form.current is not None), None)


async def arrives(user: User, key: str) -> None:
    """Press it: the text changes, a dialog opens, a field or cell that is called so has the focus, or what is said was not said before."""
    for line in user.app.screen.query(StatusLine):
        line.show(MARK)
    before, screen, here, row = everything_typed(user), user.app.screen, said(user), row_of_the_form(user)
    outline = user.app.focused if isinstance(user.app.focused, Outline) else None
    await user.press("space" if key == " " else key)
    there = row_of_the_form(user)
    jumped = there is not None and there is not row and there.row.label.casefold().startswith(key.casefold())
    if outline is not None and key.isdigit() and user.app.focused is not outline:
        assert re.search(rf"cell {key} of", user.text)
        await in_the_outline(user)
        return
    opens = user.app.screen is not screen or any(worker.group == "field" for worker in user.app.workers)
    if everything_typed(user) == before and not opens and not jumped:
        assert said(user) != here or "! " in here, f"{key!r} was swallowed, with the focus on {user.app.focused!r}\n{user.text}"
    if user.app.screen is not screen:
        await user.press("escape")
        await user.until(lambda: user.app.screen is screen, "the dialog closed")


async def in_a_cell(user: User) -> None:
    """From wherever the focus is: the first cell, which is text."""
    if not isinstance(user.app.screen, PostmortemScreen):
        await user.press("escape")
        await user.until(lambda: isinstance(user.app.screen, PostmortemScreen), "the document")
    await user.press("ctrl+g", "home", "enter")
    await user.until(lambda: isinstance(user.app.focused, Editor), "the cursor in a cell")


async def on_a_graph(user: User) -> None:
    await in_a_cell(user)
    await user.press("ctrl+down", "ctrl+down")
    await user.until(lambda: isinstance(user.app.focused, Opaque), "the graph has the focus")


async def in_the_outline(user: User) -> None:
    await in_a_cell(user)
    await user.press("ctrl+g")
    await user.until(lambda: isinstance(user.app.focused, Outline), "the outline has the focus")


async def in_the_form(user: User) -> None:
    await in_a_cell(user)
    await user.press("f2", "home")
    await user.until(lambda: user.app.screen.query_one(Form).current is not None, "a row has the focus")


async def on_a_choice(user: User) -> None:
    await in_the_form(user)
    await user.press("down", "down")


PLACES = (in_a_cell, on_a_graph, in_the_outline, in_the_form, on_a_choice)


@pytest.mark.long
async def test_every_printable_key_is_text_or_the_screen_says_why_not(sandbox: Sandbox, home: Path, request: pytest.FixtureRequest) -> None:
    """Every key from every focus with --sweep; else each focus gets a fifth of them, and each key one focus."""
    share = 1 if request.config.getoption("--sweep") else len(PLACES)
    async with using(home, sandbox, "datadog") as user:
        await user.into()
        for number, (columns, rows) in enumerate(SIZES):
            await user.resize(columns, rows)
            for place, focus in enumerate(PLACES):
                await focus(user)
                for key in PRINTABLE[number::3][place % share :: share]:
                    await arrives(user, key)
                for key in ("tab", "shift+tab", "up", "left", "right", "down")[number % share :: min(share, len(SIZES))]:
                    await user.press(key)
                    await arrives(user, "q")


OVER_THE_DOCUMENT = {
    "preview": ("f3", "preview"),
    "requests": ("f12", "Requests"),
    "help": ("f1", "esc back|esc"),
    "review": ("ctrl+s", "enter sends|enter send"),
    "theme": ("alt+t", "Theme"),
    "details": ("f2", "(?m)^ Details "),
}
"""Opened by this key; what it then shows."""


async def test_what_is_typed_ahead_arrives_where_it_was_meant(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        # keys before enter choose the incident
        await user.shows(READ)
        await user.press("g")
        wanted = user.app.screen.query_one("IncidentList")._rows[2].reference  # type: ignore[attr-defined]
        for key in ("j", "j", "enter"):
            user._send(key)
        await user.shows(f"^ {wanted} |{wanted} has|There is")
        assert user.app.session is None or user.app.session.mine.incident.reference == wanted
        await user.press("escape")
        await user.shows("   REF ")

        # what is typed behind enter is typed into what enter opens
        await user.go_to(CHECKOUT)
        for key in ("enter", *"jqnrs/"):
            user._send(key)
        user.app.post_message(Paste(" pasted"))
        user._send("!")
        await user.shows(r"cell 1 of \d+ · line \d+")
        await user.until(lambda: user.cells[0].endswith("jqnrs/ pasted!"), "all of it, in its order")

        # what is typed behind escape is typed into the document
        document = user.app.screen
        for over, (key, shown) in OVER_THE_DOCUMENT.items():
            before = user.cells[0]
            await user.press(key)
            await user.until(lambda: user.app.screen is not document, over)
            await user.shows(shown)
            await user.together("escape", *"jq/X?")
            assert user.cells[0] == before + "jq/X?", over

        # no question is answered by what was typed before it showed
        await user.press("escape")
        await user.shows("keep the draft")
        await user.press("k")
        await user.shows("enter open")
        await user.go_to(CHECKOUT)
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr("socket.gethostname", lambda: "jump2")  # a draft from elsewhere is asked about
            for key in ("enter", *"dod"):  # discard, open: not before the question can be read
                user._send(key)
            await user.shows("There is a draft")
            await user.press("o")
            typed = before + "jq/X?dod"
            await user.until(lambda: user.app.session is not None and user.cells[0] == typed, "the draft, and what was typed")


async def test_no_key_is_swallowed_by_a_list_a_window_or_a_refusal(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: object, **__: object) -> None:
        raise BackendError(Trouble.SERVER, "read it", "no")

    async with using(home, sandbox, "opsgenie") as user:
        # a key that does nothing on the list says so
        await user.shows(READ)
        await user.press("x")
        await user.shows("x does nothing here · f1 lists the keys")
        for key in ("f2", "ctrl+z"):
            await user.press(key)
            await user.shows(f"{re.escape(key)} does nothing here · f1 lists the keys")
        await user.press("slash")  # and no longer, once another key is pressed
        assert "does nothing here" not in user.text
        await user.press("escape")

        # nothing is being opened while an address is asked for
        await user.press("p")
        await user.shows("paste the postmortem's address")
        assert "opening" not in user.text
        await user.press("escape")
        await user.no_longer_shows("paste the postmortem's address")
        assert "opening" not in user.text

        # what is copied is harmless elsewhere, and exact here
        text = "a\x1b[2J\tb\u202e\r\nc"
        sent: list[str] = []
        with monkeypatch.context() as written:
            written.setattr(user.app._driver, "write", sent.append)
            user.app.copy_to_clipboard(text)
        codes = [each for each in sent if each.startswith("\x1b]52;c;")]
        copied = base64.b64decode(codes[0].removeprefix("\x1b]52;c;").removesuffix("\a")).decode()
        assert copied == "a␛[2J\tb�\nc"
        assert user.app.clipboard == text

        # what finds no place is named
        await user.go_to(CHECKOUT)
        assert user.app.workspace is not None
        with monkeypatch.context() as out:
            out.setattr(user.app.workspace, "open", refused)
            for key in ("enter", *"lost"):
                user._send(key)
            await user.shows("could not read it: no.*not typed: “lost”")
            await user.press("j")
            assert not isinstance(user.app.screen, PostmortemScreen)

        # tab in a list indents, and the cursor stays
        await user.into()
        before = user.cells[0]
        await user.type("- a\n")
        await user.press("tab")
        await user.type("in")
        assert user.cells[0] == before + "- a\n  - in"
        await user.press("shift+tab")
        await user.type("!")
        assert user.cells[0] == before + "- a\n- in!"
        await user.press("shift+tab")
        await user.type("!")
        assert user.cells[0] == before + "- a\n- in!!"

        # what the window takes away goes on elsewhere
        await user.resize(150, 40)
        await user.press("f2")
        await user.shows("▌± |▌ ")
        await user.resize(80, 24)
        await user.shows(r"(?m)^ Details ")
        unchanged = everything_typed(user)
        await user.type("X")
        assert everything_typed(user) != unchanged, "the title goes on where the form is now"


def test_escape_closes_a_dialog_before_the_next_key_is_looked_at() -> None:
    """A key without priority goes to the widget with the focus first, and what is typed behind it does, too."""
    for dialog in (Ask, CompareScreen, ConflictScreen, HelpScreen, Picker, Prompt, ReviewScreen, PreviewScreen, RequestsScreen):
        closing = list(BindingsMap(dialog.BINDINGS).get_bindings_for_key("escape"))
        assert closing and all(each.priority for each in closing), dialog
