"""A conflict about a long line: every pane shows what differs, in any window."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.widget import Widget

from pmtui.sandbox.server import Sandbox
from pmtui.session.change_text import diff_lines
from pmtui.tui.widgets.diff import draw_side, first_difference
from pmtui.tui.widgets.sides import Rows
from tests.tui.colleague import Colleague
from tests.tui.user import CHECKOUT, User, using

LONG = "Then the checkout was slow for a long while, and nobody knew why. " * 8
"""Many rows of one line."""
SIZES = ((80, 24), (60, 20), (40, 12), (120, 35))


async def both_end_it_otherwise(user: User, colleague: Colleague) -> None:
    """A line of many rows is saved; then I write at its end, and she replaces the words there."""
    await user.into()
    await user.press("ctrl+down")
    await user.shows("cell 2 of")
    await user.press("ctrl+end")
    await user.type(LONG + "The last word")
    await user.review()
    await user.press("enter")
    await user.shows("saved · verified")
    await user.press("ctrl+end")
    await user.press(*["backspace"] * 4)
    await user.type("MINE")
    colleague.rewrite(CHECKOUT, "The last word", "The last HERS")
    await user.press("ctrl+s")
    await user.shows("Both changed", "not decided · the server does not say who changed it")


def panes(user: User) -> tuple[str, str, str, str]:
    """What stands in each pane: mine, theirs, the original, the result."""
    found = []
    for view in user.app.screen.query(Rows):
        seen = view.region
        for each in view.ancestors:
            if isinstance(each, Widget):
                seen = seen.intersection(each.region)
        lines = user.lines[seen.y : seen.bottom]
        found.append("\n".join(line[seen.x : seen.right] for line in lines))
    return tuple(found)  # type: ignore[return-value]


async def test_each_pane_shows_what_differs(sandbox: Sandbox, home: Path) -> None:
    colleague = Colleague(sandbox, "opsgenie")
    async with using(home, sandbox, "opsgenie", size=(80, 24)) as user:
        await both_end_it_otherwise(user, colleague)
        for size in SIZES:
            await user.resize(*size)
            await user.until(lambda: "MINE" in panes(user)[0] and "HERS" in panes(user)[1], f"both sides at {size}")
            await user.until(lambda: "word" in panes(user)[2], f"the original at {size}")
            fits = size == (120, 35)
            assert ("…" in user.line("yours")) is not fits, "it says that there is more above"
            await user.shows("Both changed .* conflict 1 of 1", "yours .*server", "original")
            if not user.app.screen.has_class("-low"):
                await user.until(lambda: "MINE" in panes(user)[3] and "HERS" in panes(user)[3], f"the result at {size}")
        # the rest is reached by scrolling
        await user.resize(80, 24)
        await user.shows("yours · … above")
        await user.press("home")
        await user.shows(r"── ▌yours ──", "Times are UTC")


@pytest.mark.parametrize("width", [18, 30, 58])
def test_the_first_difference_of_a_long_line(width: int) -> None:
    for change in (("last", "first"), ("last ", "")):  # replaced, taken out
        text = LONG + "the last word"
        rows = list(draw_side(diff_lines(text, text.replace(*change)), width))
        row = rows[first_difference(rows)].plain
        assert re.search("first|the|word", row)
        assert first_difference(rows) > len(rows) - 3


def test_the_first_difference_of_a_whole_line_is_where_it_begins() -> None:
    rows = list(draw_side(diff_lines("a\nb", f"a\n{LONG}\nb"), 20))
    assert first_difference(rows) == 2
