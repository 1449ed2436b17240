"""The last line but one: what was told stays to be read until something happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from pmtui.sandbox.server import Sandbox
from pmtui.tui.widgets import bars
from pmtui.tui.widgets.bars import LOOK_AGAIN, Shown, StatusLine
from tests.tui.user import using


class OneLine(App[None]):
    def compose(self) -> ComposeResult:
        yield StatusLine()


async def test_what_was_told_stays_until_the_state_says_something_new() -> None:
    app = OneLine()
    async with app.run_test():
        line = app.query_one(StatusLine)
        line.show_state("unchanged")
        line.show("nothing to save")
        line.show_state("unchanged")
        assert line.words == "nothing to save"
        line.show_state("edited")
        assert line.words == "edited"


async def test_what_a_key_does_not_do_is_told_until_the_next_key() -> None:
    app = OneLine()
    async with app.run_test():
        line = app.query_one(StatusLine)
        line.show("switched off in 128 days", "", "$warning")
        for key in ("h", "x"):
            assert line.tell_until_next_key(f"{key} does nothing here").words == f"{key} does nothing here"
        line.next_key()
        assert line.words == "switched off in 128 days"
        line.tell_until_next_key("h does nothing here")
        line.show("reading incidents…")
        line.next_key()
        assert line.words == "reading incidents…"


async def test_an_answer_to_a_key_goes_with_the_next_key_and_what_is_taken_back_leaves_the_state(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog", size=(100, 24)) as user:
        await user.into()
        for key, said in (
            ("ctrl+z", "nothing more to undo"),
            ("ctrl+y", "nothing more to redo"),
            ("ctrl+@", "no list item here"),
            ("alt+a", "no table here"),
        ):
            for _ in range(2):
                await user.press(key)
                await user.shows(said)
            await user.press("right")
            assert said not in user.text
            await user.shows(r"(?m)^ unchanged · read")
        await user.press("alt+k", "alt+k")
        await user.shows("nothing to clear: the cell has no text")
        await user.press("right")
        await user.shows(r"(?m)^ edited · draft on disk")
        await user.press("alt+i")
        await user.shows("enter|marked")
        await user.press("escape")
        await user.shows(r"(?m)^ edited · draft on disk")


async def test_a_state_that_is_shown_again_is_that_of_now() -> None:
    app, now = OneLine(), ("edited", "", "")
    async with app.run_test():
        line = app.query_one(StatusLine)
        line.follow(lambda: now, lambda: True)
        line.tell_until_next_key("nothing more to redo")
        now = ("edited · draft on disk", "", "")
        line.next_key()
        assert line.words == "edited · draft on disk"
        line.tell("reading the timeline…")
        line.tell("")
        assert line.words == "edited · draft on disk"


async def test_a_draft_that_comes_to_be_on_disk_is_no_news() -> None:
    app = OneLine()
    async with app.run_test():
        line = app.query_one(StatusLine)
        line.show_state("edited")
        line.show_reworded("edited · draft on disk")
        assert line.words == "edited · draft on disk"
        line.show_state("edited")
        line.show("nothing was sent")
        line.show_reworded("edited · draft on disk")
        assert line.words == "nothing was sent"
        line.show_state("edited · draft on disk")
        assert line.words == "nothing was sent"
        line.show_state("edited")
        assert line.words == "edited"

        # but a new state is, also when the look at the disk is what comes upon it
        line.show("this cell stays where it is")
        line.show_reworded("unchanged · read 02:41")
        assert line.words == "unchanged · read 02:41"


async def test_a_message_leaves_in_sight_where_one_is() -> None:
    app = OneLine()
    async with app.run_test():
        line = app.query_one(StatusLine)
        line.follow(lambda: ("unchanged", "cell 2 of 9", ""), lambda: True)
        line.tell("nothing was sent")
        assert line.words == "nothing was sent"
        assert str(line.render()).split() == ["nothing", "was", "sent", "cell", "2", "of", "9"]


async def test_what_led_to_what_is_told_is_no_news_and_neither_is_that_the_disk_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "LOOK_AGAIN", 3600)  # as if all this came between two looks
    app, now = OneLine(), ("edited · draft on disk 02:41:06", "", "")
    async with app.run_test():
        line = app.query_one(StatusLine)
        line.follow(lambda: now, lambda: now[0] != "edited")
        now = ("edited", "", "")  # three matches are replaced, and the line has not looked since
        line.tell("3 replaced in 2 cells")
        line.follow(lambda: now, lambda: now[0] != "edited")
        assert line.words == "3 replaced in 2 cells"
        now = ("edited · draft on disk 02:41:07", "", "")
        line.follow(lambda: now, lambda: now[0] != "edited")
        assert line.words == "3 replaced in 2 cells"
        now = ("unchanged · read 02:41", "", "")  # it was taken back, as fast as a key can be pressed
        line.follow(lambda: now, lambda: now[0] != "edited")
        assert line.words == now[0]
        now = ("edited", "", "")
        line.tell("3 replaced in 2 cells")
        now = ("edited · not on disk: No space left on device", "", bars.FAILED)
        line.follow(lambda: now, lambda: now[0] != "edited")
        assert line.words == now[0]


def test_a_name_in_a_line_is_text_and_the_line_is_none() -> None:
    assert [(span.start, span.end, span.style) for span in bars.rule("original", 20).spans] == [
        (0, 3, "$rule"),
        (3, 11, "$muted"),
        (11, 20, "$rule"),
    ]


async def test_a_state_is_followed_until_it_has_settled_and_then_left_alone() -> None:
    app, looks, words = OneLine(), 0, "edited"

    def state() -> Shown:
        nonlocal looks
        looks += 1
        return words, "", ""

    async with app.run_test() as pilot:
        line = app.query_one(StatusLine)
        line.follow(state, lambda: words != "edited")
        line.follow(state, lambda: words != "edited")  # one timer is enough
        while looks < 4:
            await pilot.pause(0.02)
        words = "edited · draft on disk"
        while line.words != words:
            await pilot.pause(0.02)
        settled = looks
        await pilot.pause(3 * LOOK_AGAIN)
        assert looks == settled


async def test_what_a_quick_save_came_to_is_shown_while_the_state_before_it_is_still_followed(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bars, "LOOK_AGAIN", 3600)  # as if all this came between two looks
    async with using(home, sandbox, "datadog") as user:
        await user.into()
        await user.type("quick")
        await user.save()


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (61, "saved · verified 06:53 · published again cell 4 of 9 · line 6"),
        (60, "saved · verified 06:53 · published again         cell 4 of 9"),
        (51, "saved · verified 06:53 · published again"),
    ],
)
def test_the_state_is_never_cut_for_the_place(cells: int, shown: str) -> None:
    assert bars.status_line("saved · verified 06:53 · published again", "", "cell 4 of 9 · line 6 · 44 words", cells).plain == shown


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (46, "IR-338  Checkout failed SEV-1 · resolved · Li "),
        (45, "IR-338  Checkout failed     SEV-1 · resolved "),
        (36, "IR-338  Checkout failed       SEV-1 "),
        (24, "IR-338  Checkout… SEV-1 "),
    ],
)
def test_what_does_not_fit_on_the_right_goes_part_by_part(cells: int, shown: str) -> None:
    assert bars.two_sides([("IR-338", "bold"), ("  Checkout failed", "")], "SEV-1 · resolved · Li ", cells).plain == shown


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (61, " #6  A feature flag opened checkout P2 · draft · Pavel Novák "),
        (58, " #6  A feature flag opened chec… P2 · draft · Pavel Novák "),
        (52, " #6  A feature flag opened checkout      P2 · draft "),
    ],
)
def test_the_title_gives_way_to_a_name(cells: int, shown: str) -> None:
    left = [(" #6", "bold"), ("  A feature flag opened checkout", "")]
    assert bars.two_sides(left, "P2 · draft · Pavel Novák ", cells).plain == shown


def test_a_long_name_is_cut_into_the_room_that_there_is() -> None:
    shown = bars.two_sides([(" #6", "bold"), ("  Queue of returns", "")], "P2 · published · Oluwaseun Adeyemi-Clarke ", 56).plain
    assert shown == " #6  Queue of returns P2 · published · Oluwaseun Adeye… "


ADDRESS = "https://sandbox.app.opsgenie.com/incident/detail/08f373b7-6cef-4d74-bdbc-4c75c000bf5f"


@pytest.mark.parametrize("cells", [60, 80, 120])
@pytest.mark.parametrize("before", ["", "word " * 40])
@pytest.mark.parametrize("said", ["", "copied ", "not copied, because of what tmux does with it, which is said at some length here: "])
async def test_an_address_is_broken_where_the_window_ends_and_nowhere_else(cells: int, said: str, before: str) -> None:
    app = OneLine()
    async with app.run_test(size=(cells, 10)) as pilot:
        app.query_one(StatusLine).show(before)
        await pilot.pause()
        app.query_one(StatusLine).show(f"{said}{ADDRESS}")
        await pilot.pause()
        rows = ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]
        shown = "\n".join(row.rstrip() for row in rows if row.strip())
        if len(f" {said}{ADDRESS} ") <= cells:
            assert shown == f" {said}{ADDRESS}"
            return
        head, _, rest = shown.partition("https")
        assert head.split() == said.split() and head[-1:] in ("", "\n", " ")
        assert f"https{rest}".replace("\n", "") == ADDRESS, "all of it, with no blank in it"
        assert all(len(row) == cells for row in f"https{rest}".splitlines()[:-1])
