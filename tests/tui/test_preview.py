"""The preview: a quote keeps its bar on every line that it takes, and what is out of sight is not drawn."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.content import Content

from pmtui.model.postmortem import Cell
from pmtui.tui.editor.search import Match
from pmtui.tui.markdown.highlight import LINE_END, code_lines
from pmtui.tui.markdown.pieces import LINES, LONGEST_LINE, Piece, pieces_of
from pmtui.tui.markdown.render import render_markdown
from pmtui.tui.widgets.pages import Page, Pages, PageSource, barred
from tests.patience import PATIENCE
from tests.tui.test_long_documents import opened, parts
from tests.tui.user import User


def test_the_bar_goes_on_where_a_line_of_a_quote_is_broken() -> None:
    shown = barred(render_markdown("> Times are UTC, and numbers come from the dashboard\n\nplain"), 24).plain.splitlines()
    assert shown[-1] == "plain"
    quote = [line for line in shown[:-1] if line]
    assert len(quote) > 1
    assert all(line.startswith("▌ ") and len(line) <= 24 for line in quote)
    words = " ".join(line.removeprefix("▌").strip() for line in quote)
    assert words == "Times are UTC, and numbers come from the dashboard"


def text_of(piece: Piece) -> str:
    return "\n".join(piece.lines)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one line",
        "\n".join(f"- item {number}" for number in range(3 * LINES)),
        "\r\n\r\n".join("words " * 40 for _ in range(LINES)),
        "```\n" + "code\n" * 3 * LINES + "```\nbelow",
        "| a | b |\n| - | - |\n" + "| 1 | 2 |\n" * (LINES // 2) + "\ntext\n" * LINES,
    ],
)
def test_the_pieces_of_a_cell_are_all_of_it(text: str) -> None:
    pieces = pieces_of([Cell("a", text)])
    lines = LINE_END.split(text)
    assert "\n".join(map(text_of, pieces)) == "\n".join(lines)
    assert [state for piece in pieces for state in piece.code] == code_lines(lines)
    assert [piece.first for piece in pieces] == [sum(len(each.lines) for each in pieces[:at]) for at in range(len(pieces))]
    assert max(len(piece.lines) for piece in pieces) <= LINES
    assert [piece.is_last for piece in pieces] == [False] * (len(pieces) - 1) + [True]


def test_a_piece_ends_below_a_blank_line_and_not_within_a_table() -> None:
    paragraphs = "\n\n".join(["text\n" * 9 + "text"] * 40)
    assert all(text_of(piece).endswith("\n") for piece in pieces_of([Cell("a", paragraphs)])[:-1])
    table = "text\n" * (LINES - 5) + "| a | b |\n" * 10 + "text\n" * 10
    assert len(pieces_of([Cell("a", table)])[0].lines) == LINES - 5


def test_a_line_of_a_megabyte_is_cut() -> None:
    pieces = pieces_of([Cell("a", "words and " * 100_000), Cell("b", "x" * 100_000)])
    assert "".join("".join(piece.lines) for piece in pieces) == "words and " * 100_000 + "x" * 100_000
    assert max(len(line) for piece in pieces for line in piece.lines) <= LONGEST_LINE
    assert all(line.endswith(" ") for line in pieces[0].lines if line)


@asynccontextmanager
async def previewed(home: Path, texts: Sequence[str]) -> AsyncIterator[User]:
    async with opened(home, texts) as user:
        await user.press("f3")
        await user.shows("preview", "esc document")
        await user.press("home")
        await user.until(lambda: user.app.screen.query_one(Pages).scroll_y == 0, "the beginning")
        yield user


def pages(user: User) -> list[Page]:
    return list(user.app.screen.query(Page))


async def test_only_pages_near_the_window_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    was = PageSource.drawn

    def counted(self: PageSource, cells: int) -> Content:
        drawn.append(len(self.piece.lines))
        return was(self, cells)

    monkeypatch.setattr(PageSource, "drawn", counted)
    long = "\n".join(f"- item {number}" for number in range(5_000))
    counts, lines = [], []
    for name, texts in (("few", parts(12)), ("many", parts(300)), ("long", [f"## Long\n{long}", *parts(3)])):
        drawn.clear()
        async with previewed(tmp_path / name, texts) as user:
            await user.shows("Part 0" if name != "long" else "item 0")
            counts.append(len(pages(user)))
            lines.append(sum(drawn))
    assert counts[0] == counts[1]
    assert max(counts) <= 12, counts
    assert lines[1] <= 2 * lines[0]
    assert lines[2] <= 16 * LINES, "at its end, and at its start"


async def test_the_preview_opens_where_the_cursor_is_finds_far_away_and_scrolls_through_everything(tmp_path: Path) -> None:
    long = "\n".join(f"- item {number}" for number in range(400))
    async with opened(tmp_path, [f"## Long\n{long}", *parts(30), "## Last\nneedle"]) as user:
        await user.press("f3")
        await user.shows("item 399")
        await user.press("home")
        await user.shows("item 0")
        await user.press("slash", *"needle")
        await user.shows("1 of 1", "needle")
        await user.press("escape")
        await user.shows("item 0")
        await user.press("slash")
        await user.press(*["backspace"] * 6, *"item 3")
        await user.shows("1 of 111", "item 3")
        await user.press("down", "down", "down")
        await user.shows("4 of 111", "item 32")
        await user.press("up", "up", "up", "up")
        await user.shows("111 of 111", "item 399")
        await user.press("escape", "home")
        await user.until(lambda: user.app.screen.query_one(Pages).scroll_y == 0, "the beginning")

        seen: list[str] = []
        scroll = user.app.screen.query_one(Pages)

        def is_drawn() -> bool:
            return all(scroll.item_at(index) is not None for index in scroll._near(scroll._sums(), 0))

        at_end = False
        while not at_end:
            await user.until(is_drawn, "what is in sight")
            await user.together()
            for line in (line.strip(" ▁▂▃▄▅▆▇█") for line in user.lines[2:-1]):
                if ("item" in line or "Part" in line) and line not in seen:
                    seen.append(line)
            at_end = scroll.scroll_y >= scroll.max_scroll_y
            scroll.scroll_to(y=scroll.scroll_y + 15, animate=False, immediate=True)
        items = [line.removeprefix("• item ").split()[0] for line in seen if "item" in line]
        assert items == [str(number) for number in range(400)]
        assert [line.split()[1] for line in seen if line.startswith("Part")] == [str(number) for number in range(30)]


def top_lines(user: User) -> list[str]:
    """What is in sight of the document."""
    return [line.strip(" ▁▂▃▄▅▆▇█") for line in user.lines[2:-3]]


async def test_the_keys_of_a_search_act_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the search takes: also when they come in one packet, or while one is under way."""
    at_work, go_on, was = threading.Event(), threading.Event(), Pages._found_in

    def held(self: Pages, wanted: str) -> tuple[Match, ...]:
        if wanted:
            at_work.set()
            assert go_on.wait(PATIENCE)
        return was(self, wanted)

    monkeypatch.setattr(Pages, "_found_in", held)
    items = "\n".join(f"- item {number}" for number in range(400))
    async with previewed(tmp_path, [f"## Long\n{items}", "## Last\nneedle"]) as user:

        def send(*keys: str) -> None:
            for key in keys:
                user._send(key)

        # each enter goes on from the first match of the whole word, and ctrl+f stays there
        await user.press("slash", "i")
        await user.until(at_work.is_set, "a search")
        send(*"tem 3", "enter", "enter", "up", "enter", "ctrl+f", "k")
        await user.shows("find +item 3")
        go_on.set()
        await user.no_longer_shows("(?m)^ find ")
        await user.until(lambda: top_lines(user)[0] == "• item 28", "a line above the match and its two lines")
        # a letter behind enter looks from where the search began, not from the match
        for packet in (True, False):
            await user.press("home", "slash", "ctrl+u")
            keys = (*"item 1", "enter", "enter", "2")
            await (user.together(*keys) if packet else user.press(*keys))
            await user.shows("find +item 12 +1 of 11", r"item 12\b")
            await user.press("escape")
            await user.no_longer_shows("(?m)^ find ")
        # enter while a word is looked for goes one further than its first match, once
        at_work.clear()
        go_on.clear()
        await user.press("home", "slash", "ctrl+u", "i")
        await user.until(at_work.is_set, "a search")
        send("enter", *"tem 39", "enter")
        go_on.set()
        await user.shows("find +item 39 +2 of 11", r"item 390\b")
        # escape goes back at once, also from a search that is still under way
        await user.press("escape")
        await user.shows(r"item 0\b")
        at_work.clear()
        go_on.clear()
        await user.press("slash", "ctrl+u", *"needl")
        await user.until(at_work.is_set, "a search")
        send("e", "enter", "escape", "j", "j")
        go_on.set()
        await user.no_longer_shows("(?m)^ find ")
        await user.until(lambda: user.app.screen.query_one(Pages).scroll_y == 2, "the beginning, two lines down")


async def test_escape_goes_back_to_the_lines_where_the_search_began(tmp_path: Path) -> None:
    """Also when what is above them turned out to have another height than was guessed."""
    links = "\n".join(f"- [link {number}](https://example.com/{'a-long-address/' * 12}{number})" for number in range(60))  # of one row each
    texts = [f"## First\nneedle\n\n{links}", *(f"## Links {number}\n{links}" for number in range(3)), *parts(20)]
    async with opened(tmp_path, texts) as user:
        await user.press("ctrl+g", "end", "enter")
        await user.press("f3")
        await user.shows("preview", "Part 19")
        await user.together()
        before = top_lines(user)
        await user.press("slash", *"needle")
        await user.shows("1 of 1", "needle")
        await user.press("escape")
        await user.shows("Part 19")
        await user.together()
        assert top_lines(user)[:10] == before[:10]
        # a second one begins at what is in sight, too
        first = next(line for line in before if line.startswith("Part")).removeprefix("Part ")
        await user.press("slash", "ctrl+u", *"Part")
        await user.shows(f"{int(first) + 1} of 20")


async def test_who_waits_for_pages_to_go_may_be_cancelled_and_the_pages_are_not(tmp_path: Path) -> None:
    """As a search is by the end of the program: a cancelled widget ended that with an error."""
    async with opened(tmp_path, parts(8)) as user:
        await user.press("f3")
        await user.shows("preview", "Part 0")
        pages = user.app.screen.query_one(Pages)
        going = [each._task for each in pages.children if each._task is not None]
        waiting = asyncio.create_task(pages.forget_all())
        for _ in range(3):
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting, *going])
        assert waiting.cancelled() and going and not any(each.cancelled() for each in going)
