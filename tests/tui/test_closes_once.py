"""Whatever is typed at a screen, it closes once: a key that is pressed twice in one packet leaves the screen beneath as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.events import Key
from textual.screen import Screen

from pmtui.sandbox.server import Sandbox
from pmtui.tui.closes_once import ClosesOnce
from pmtui.tui.dialogs.ask import Ask
from pmtui.tui.dialogs.curtain import Curtain
from pmtui.tui.dialogs.help import HelpScreen
from pmtui.tui.dialogs.picker import Pick, Picker
from pmtui.tui.dialogs.prompt import Prompt
from pmtui.tui.dialogs.several import BoxedItem, Several
from pmtui.tui.screens.postmortem import PostmortemScreen
from pmtui.tui.screens.preview import PreviewScreen
from pmtui.tui.screens.requests import RequestsScreen
from tests.tui.user import User, using

TWO = (Pick("one", "one"), Pick("two", "two"))
DIALOGS: tuple[tuple[Callable[[], Screen[Any]], str], ...] = (
    (lambda: Ask("Well?", [("s", "save")]), "s"),
    (lambda: Ask("Well?", [("o", "open")], default="o"), "enter"),
    (lambda: Prompt("Text", "typed", lines=True), "ctrl+s"),
    (lambda: Several("Lines", [BoxedItem("06:30", "it began")]), "enter"),
    (lambda: HelpScreen(Ask("Well?", ())), "q"),
    (lambda: RequestsScreen(()), "q"),
)


def test_every_screen_that_closes_has_the_one_way_to_close() -> None:
    import pmtui.tui.flows.opening
    import pmtui.tui.flows.saving  # noqa: F401

    def below(of: type[Any]) -> set[type[Any]]:
        return {each for own in of.__subclasses__() for each in (own, *below(own))}

    ours = {each for each in below(Screen) if each.__module__.startswith("pmtui.")}
    assert {each.__name__ for each in ours if not issubclass(each, ClosesOnce)} <= {"FirstStart"}  # the first screen, and never closed


async def beneath_stays(user: User, key: str, shown: Screen[Any], below: Screen[Any]) -> None:
    before = list(user.cells)
    await user.together(key, key)
    await user.until(lambda: shown not in user.app.screen_stack, f"the end of {shown} by {key}")
    await user.press("f3")
    await user.until(lambda: isinstance(user.app.screen, PreviewScreen), f"the screen below {shown} goes on")
    await user.together("q", "q")
    await user.until(lambda: user.app.screen is below, "the document")
    assert user.cells == before, (shown, key)


async def test_enter_behind_a_typed_answer_is_for_what_is_below(sandbox: Sandbox, home: Path) -> None:
    """However the keys come in packets: the next ones would go to the wrong place if it was dropped."""
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        below = user.app.screen
        for made in (lambda: Picker("Role", TWO), lambda: Prompt("Title", "typed")):
            answers: list[object] = []
            before = user.cells[0]
            user.app.push_screen(shown := made(), answers.append)
            await user.until(lambda shown=shown: user.app.screen is shown and shown.is_mounted, "the dialog")  # type: ignore[misc]
            await user.press("f5")  # it is drawn, and has the focus
            await user.together("enter", "enter", "x")
            await user.until(lambda before=before: user.cells[0] == f"{before}\nx", "a new line")  # type: ignore[misc]
            assert user.app.screen is below and len(answers) == 1


async def test_a_repeated_key_answers_once(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        below = user.app.screen
        for made, key in DIALOGS:
            answers: list[object] = []
            user.app.push_screen(shown := made(), answers.append)
            await user.until(lambda shown=shown: user.app.screen is shown and shown.is_mounted, key)  # type: ignore[misc]
            await user.press("space" if isinstance(shown, Several) else "f5")  # it is drawn, and has the focus
            await beneath_stays(user, key, shown, below)
            assert len(answers) == 1, (shown, key, answers)

        # closed while another one covers it: it goes when that is gone, and the one above stays
        ended: list[object] = []
        user.app.push_screen(curtain := Curtain(), ended.append)
        user.app.push_screen(above := HelpScreen(below))
        await user.shows("esc back")
        curtain.end()
        curtain.end()
        assert user.app.screen is above
        await user.press("escape")
        await user.until(lambda: user.app.screen is below, "the document")
        assert ended == [None]

        # pressed twice at the last dialog of a save, below which nothing shows yet
        before = user.cells
        user.app.push_screen(curtain := Curtain())
        user.app.push_screen(Ask("Well?", [("o", "open")], default="o"), lambda _: curtain.end())
        await user.shows("Well\\?")
        await user.together("enter", "enter")
        await user.until(lambda: user.app.screen is below, "the document")
        assert user.cells == before

        # the same key behind others is meant for what they went to
        await user.press("f2")
        await user.shows("(?m)^ Details ")
        await user.together("f2", *"abc", "f2")
        await user.shows("(?m)^ Details ")
        await user.press("escape")
        await user.until(lambda: user.app.screen is below, "the document")
        assert any("abc" in cell for cell in user.cells)

        # a command that was typed while it was still there is carried out, an answer given twice is not
        before = user.cells
        user.app.push_screen(curtain := Curtain())
        await user.until(lambda: isinstance(user.app.screen, Curtain), "the curtain")
        await user.press("x", "enter", "f3")
        assert isinstance(user.app.screen, Curtain)
        curtain.end()
        await user.shows("preview")
        assert user.cells == before

        # so is one that was on its way when it ended
        await user.press("escape")
        await user.until(lambda: user.app.screen is below, "the document")
        user.app.push_screen(curtain := Curtain())
        await user.until(lambda: isinstance(user.app.screen, Curtain), "the curtain")
        curtain.end()
        for key in ("x", "enter", "f3"):
            curtain.post_message(Key(key, key if key == "x" else None))
        await user.shows("preview")
        assert user.cells == before


async def test_s_pressed_again_reviews_once_and_loses_no_document(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog", ref="IR-336") as user:
        await user.shows(r"cell \d+ of \d+ · line")
        await user.type("word")
        await user.shows("edited · draft on disk")
        before = user.cells
        for times in (2, 4):
            await user.press("ctrl+q")
            await user.shows("s +review and save", "esc +back")
            await user.together(*["s"] * times)
            await user.shows(r"Save .* to \w+", "enter send")
            await user.together("escape")
            await user.until(lambda: isinstance(user.app.screen, PostmortemScreen), "the document")
            assert user.cells == before
