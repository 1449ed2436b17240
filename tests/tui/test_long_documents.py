"""Documents of many cells, and long cells: what is out of sight costs nothing, and is there when it is wanted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from pmtui.backends.datadog import send
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.sandbox.server import Sandbox
from pmtui.session import save as saving
from pmtui.tui.dialogs import review_words
from pmtui.tui.editor import search, text_area
from pmtui.tui.editor.read_text import ReadText
from pmtui.tui.editor.wrapped_lines import WrappedLines
from pmtui.tui.flows import clipboard
from pmtui.tui.markdown import highlight
from pmtui.tui.screens import writing
from pmtui.tui.screens.postmortem import PostmortemScreen
from pmtui.tui.widgets.cell import HUGE, LONG, CellBlock
from pmtui.tui.widgets.column import SCREENS
from pmtui.tui.widgets.document import DocumentView
from pmtui.tui.widgets.outline import AT_ONCE, Outline
from pmtui.tui.widgets.pages import Pages
from pmtui.tui.widgets.section_notes import Notes
from tests.held import Held
from tests.patience import PATIENCE
from tests.tui.headless_program import IN_A_CELL
from tests.tui.user import CHECKOUT, QUICK, User, using

WORDS = "the failover script picked the replica with the fewest connections "
MANY = 300


@asynccontextmanager
async def opened(home: Path, texts: Sequence[str], size: tuple[int, int] = (80, 24)) -> AsyncIterator[User]:
    """A postmortem with these cells."""
    with Sandbox(incidents=1, switches=QUICK) as sandbox:
        notebook = next(each for each in sandbox.datadog.state.notebooks() if CHECKOUT in str(each))
        model: dict[str, Any] = next(cell for cell in notebook["cells"] if cell["attributes"]["definition"]["type"] == "markdown")
        markdown = [{"definition": {"type": "markdown", "text": text}} for text in texts]
        notebook["cells"] = [{**model, "id": str(number), "attributes": each} for number, each in enumerate(markdown)]
        async with using(home, sandbox, "datadog", size=size) as user:
            await user.into()
            yield user


def parts(count: int) -> list[str]:
    return [f"## Part {number}\n\n{WORDS * (number % 4 + 1)}" for number in range(count)]


def blocks(user: User) -> list[CellBlock]:
    return list(user.app.screen.query(CellBlock))


def document(user: User) -> DocumentView:
    return user.app.screen.query_one(DocumentView)


async def to_outline(user: User) -> None:
    await user.press("ctrl+g")
    await user.until(lambda: isinstance(user.app.focused, Outline), "the outline has the focus")


async def to_cell(user: User, number: int) -> None:
    """By the outline."""
    await to_outline(user)
    await user.together(*["down" if number > 0 else "up"] * abs(number))
    await user.press("enter")


@pytest.mark.long
async def test_only_cells_near_the_window_are_widgets_and_every_cell_is_reached(tmp_path: Path) -> None:
    """Shown as if all were widgets."""
    async with opened(tmp_path / "few", parts(60)) as user:
        few = len(blocks(user))
        for by in (5, -5):
            for _ in range(5):
                await user.together(*["ctrl+down" if by > 0 else "ctrl+up"] * abs(by))
                number = document(user).current
                await user.shows(rf"cell {number + 1} of 60", rf"── {number + 1} Part {number} ")
                inside = [line[27:].strip() for line in user.lines[2:-3]]
                assert "||||" not in "|".join(inside), f"a gap between cells\n{user.text}"
                assert len(blocks(user)) < 40
            assert document(user).current == max(0, 5 * by)
    async with opened(tmp_path / "many", parts(MANY)) as user:
        assert len(blocks(user)) == few < 20
        # a jump, and the keys typed behind it, arrive
        await to_outline(user)
        await user.together(*["down"] * 250, "enter", *"far away")
        await user.shows(rf"cell 251 of {MANY}", "far away")
        assert user.cells[250].endswith("far away")
        assert len(blocks(user)) < 40
        await to_cell(user, -250)
        await user.shows(rf"cell 1 of {MANY}", "1 Part 0")
        await user.press("ctrl+z")  # undo goes where the text was, though it is no widget now
        await user.shows(rf"cell 251 of {MANY}")
        assert user.cells == parts(MANY)
        await to_cell(user, -250)
        await user.shows(rf"cell 1 of {MANY}", "1 Part 0")
        # the wheel finds cells, and typing comes back
        await user.press("ctrl+end")
        document(user).scroll_to(y=1200, animate=False, immediate=True)
        await user.shows(r"── 1\d\d Part")
        assert len(blocks(user)) < 60
        await user.press("x")
        await user.shows(rf"cell 1 of {MANY}", "fewest connections x", "── 2 Part 1 ")
        assert user.cells[0].endswith("x")
        await user.press("ctrl+z")
        # the cursor is where it was left
        await user.press("ctrl+home", "down", "down", "right", "right")
        await to_cell(user, 200)
        await user.shows(rf"cell 201 of {MANY}")
        await user.press("x", "backspace")
        assert all(block.number > 100 for block in blocks(user))
        await to_cell(user, -200)
        await user.shows(rf"cell 1 of {MANY} · line 3")
        await user.press("x")
        assert user.cells[0].splitlines()[2] == "thxe" + (WORDS * 1)[3:].rstrip("\n")
        # cells are added, moved and deleted far from the start
        await to_cell(user, 150)
        await user.press("f7", "ctrl+n", *"new")
        await user.shows(rf"cell 153 of {MANY + 1}", "── 153 new")
        assert [user.titles[at] for at in range(149, 154)] == ["Part 149", "Part 151", "Part 150", "new", "Part 152"]
        await user.press("f8")
        await user.press("d")
        await user.shows(rf"cell 153 of {MANY}")
        assert user.titles[150:153] == ["Part 151", "Part 150", "Part 152"]


LINES = "".join(f"- {number} {WORDS}\n" for number in range(4 * LONG // 70))


async def test_a_long_cell_stays_in_the_editor_and_a_key_reads_the_line_that_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken: list[str] = []
    whole: list[int] = []
    was_broken = WrappedLines._broken

    def counted(self: WrappedLines, line: str) -> list[int]:
        broken.append(line)
        return was_broken(self, line)

    def read(lines: Sequence[str]) -> list[str]:
        whole.append(len(lines))
        return highlight.code_lines(lines)

    monkeypatch.setattr(WrappedLines, "_broken", counted)
    monkeypatch.setattr(text_area, "code_lines", read)
    async with opened(tmp_path, ["short", f"## Long\n{LINES}", "short"]) as user:
        await user.press("ctrl+down")
        await user.shows(r"cell 2 of 3")
        broken.clear()
        whole.clear()
        await user.type("ab")
        await user.press("enter", "backspace")
        await user.shows("ab")
        assert (len(broken), whole) == (2 + 2 + 1, [])
        assert user.cells[1] == f"## Long\n{LINES}ab"
        # it stays in the editor, and is drawn in sight only
        await user.press("ctrl+down")
        await user.shows(r"cell 3 of 3", r"- \d+ the failover")  # as it is written
        assert blocks(user)[1].editing
        await user.press("ctrl+up", "ctrl+end", *"end")
        assert user.cells[1].endswith("abend")


HUGE_TEXT = "## Huge\n" + "".join(f"- {number} {WORDS}\n" for number in range(HUGE // 60))


async def test_the_first_screen_does_not_wait_for_a_huge_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work, go_on = threading.Event(), threading.Event()
    was, was_wrapped, wrapped_here = ReadText.of, WrappedLines.wrap, list[int]()

    def wrapped(self: WrappedLines, width: int, tab_width: int | None = None) -> None:
        if threading.current_thread() is threading.main_thread() and self.document.line_count > HUGE // 100:
            wrapped_here.append(width)
        was_wrapped(self, width, tab_width)

    def held(text: str, width: int = 0) -> ReadText:
        if len(text) > HUGE:
            assert threading.current_thread() is not threading.main_thread()
            at_work.set()
            assert go_on.wait(PATIENCE)
        return was(text, width)

    monkeypatch.setattr(ReadText, "of", held)
    monkeypatch.setattr(WrappedLines, "wrap", wrapped)
    async with opened(tmp_path, ["## First\nshort", HUGE_TEXT, "## Last\nshort"]) as user:
        await user.shows(IN_A_CELL, "- 0 the failover")  # its first lines show
        await user.until(at_work.is_set, "the long cell is being read")
        await user.press("x")
        await user.shows("shortx")
        assert not blocks(user)[1].editing
        go_on.set()
        await user.until(lambda: blocks(user)[1].editing, "the long cell has its editor")
        await user.press("ctrl+down", *"end")
        assert user.cells == ["## First\nshortx", f"{HUGE_TEXT}end", "## Last\nshort"]
        await user.press("ctrl+down")
        await user.shows(r"cell 3 of 3", "── 3 Last", "short")
    assert not wrapped_here


async def test_a_huge_cell_can_be_typed_in_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path, [HUGE_TEXT, "## Last\nshort"]) as user:
        await user.press(*"end")
        await user.shows(r"cell 1 of 2", r"│  end")
        assert user.cells[0] == f"{HUGE_TEXT}end"


async def test_work_on_a_huge_text_is_not_done_by_whoever_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Going to a gap, finding, replacing, sorting, copying, and the review of it."""
    here: dict[str, int] = {}

    def counted(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def done(*given: Any, **named: Any) -> Any:
            here[name] = here.get(name, 0) + (threading.current_thread() is threading.main_thread())
            return work(*given, **named)

        return done

    places: list[tuple[Any, str]] = [
        *((writing, name) for name in ("open_gaps", "plain_markdown")),
        (writing, "rearranged"),
        (clipboard, "without_controls"),
        *((search, name) for name in ("matches", "replaced")),
        *((saving, name) for name in ("review_of", "prepared")),
        *((review_words, name) for name in ("left_words", "joined_lines", "diff_of", "replaced")),
        (send, "writes_of"),
    ]
    for module, name in places:
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    written_out: list[Postmortem] = []  # as workers describe what they are given

    def described(self: Postmortem) -> str:
        written_out.append(self)
        return "a postmortem"

    monkeypatch.setattr(Postmortem, "__repr__", described)
    async with opened(tmp_path, ["## First\nshort {{date}}", f"{HUGE_TEXT}the last needle", "## Last\nshort"]) as user:
        await user.press("alt+g", *"today")
        await user.shows("short today")
        await user.press("ctrl+f", *"needle", "enter")
        await user.shows("1 of 1")
        await user.press("tab", *"thread", "ctrl+r")
        await user.shows("1 replaced in 1 cell")
        await user.press("escape", "ctrl+down", "alt+s")
        await user.shows("no timeline here")
        await user.press("alt+c")
        await user.shows("copied the postmortem")
        await user.until(lambda: "the last thread" in user.app._clipboard, "the long text follows")
        await user.save()
        assert user.cells[1] == f"{HUGE_TEXT}the last thread"
    assert here == dict.fromkeys((name for _, name in places), 0)
    assert not written_out


async def test_what_is_typed_while_a_huge_text_is_looked_through_shows_and_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work, go_on, was, wanted = threading.Event(), threading.Event(), search.matches, list[str]()

    def held(cells: Sequence[Cell], what: str) -> tuple[search.Match, ...]:
        if what:
            wanted.append(what)
            at_work.set()
            assert go_on.wait(PATIENCE)
        return was(cells, what)

    monkeypatch.setattr(search, "matches", held)
    async with opened(tmp_path, [f"{HUGE_TEXT}the last needle", "## Last\nshort"]) as user:
        await user.press("ctrl+f", "n")
        await user.until(at_work.is_set, "a search")
        await user.press(*"eedle")  # app, screen and bar come to their messages: each key has its frame
        await user.shows("find +needle")
        for key in ("s", "backspace", "enter", "ctrl+f", *"long "):
            user._send(key)
        go_on.set()
        await user.until(lambda: user.cells[0].endswith("the last long needle"), "typed where it was found")
        assert wanted == ["n", "needle"]


async def test_what_is_typed_while_a_huge_text_comes_back_goes_into_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After undo and redo, at the end of what changed; also when the text is another one by then."""
    async with opened(tmp_path, [HUGE_TEXT, "## Last\nshort"]) as user:
        await user.press("alt+l", "alt+k")
        await user.until(lambda: len(user.cells[0]) < 10, "a cleared cell")
        with monkeypatch.context() as patch:
            held = Held(patch, ReadText, "of")
            for key in ("ctrl+z", *"end", "enter", *"of it"):
                user._send(key)
            await user.until(lambda: held.begun == 1, "the text is being read")
            assert user.cells[0] == HUGE_TEXT
            held.let_go()
            await user.until(lambda: user.cells[0] == f"{HUGE_TEXT}end\nof it", "typed at its end")
            await user.shows("of it", r"cell 1 of 2 · line \d{3,}")
        await user.press("alt+l", "alt+k")
        with monkeypatch.context() as patch:
            held = Held(patch, ReadText, "of")
            for key in ("ctrl+z", *"end"):
                user._send(key)
            await user.until(lambda: held.begun == 1, "the text is being read")
            screen = cast(PostmortemScreen, user.app.screen)
            screen.session.edit_cell(screen.session.mine.cells[0].key, "another")
            await screen.sync()
            held.let_go()
            await user.until(lambda: user.cells[0] == "anotherend", "typed into the text that came instead")
            assert (editor := blocks(user)[0].editor) is not None and editor.source_text == "anotherend"


async def test_a_huge_text_is_wrapped_for_another_width_while_the_rest_of_the_screen_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is typed meanwhile goes where the cursor is; also when another text comes, or another width."""
    async with opened(tmp_path, [HUGE_TEXT, "## Last\nshort"]) as user:
        await user.until(lambda: blocks(user)[0].editing, "the long cell has its editor")
        editor, screen = blocks(user)[0].editor, cast(PostmortemScreen, user.app.screen)
        assert editor is not None
        held = Held(monkeypatch, text_area, "WrappedLines")
        resizing = [asyncio.create_task(user.pilot.resize_terminal(60, 30))]  # it waits until every widget has come to its messages
        await user.until(lambda: held.begun == 1 and screen.size == (60, 30), "the text is being wrapped")
        await user.until(lambda: len(user.lines) == 30 and set(user.lines[-3]) == {"─"}, "the rest of the screen")
        resizing += [asyncio.create_task(user.pilot.resize_terminal(50, 30))]
        await user.until(lambda: screen.size == (50, 30), "the next width")
        for key in "end":
            user._send(key)
        screen.session.edit_cell(screen.session.mine.cells[0].key, HUGE_TEXT.replace("- 1 ", "- one ", 1))
        await screen.sync()
        held.let_go()
        await asyncio.gather(*resizing)
        await user.until(lambda: user.cells[0].endswith("\nend"), "typed at the end")
        await user.shows(r"\n +end\b", "cell 1 of 2")
        assert user.cells[0] == HUGE_TEXT.replace("- 1 ", "- one ", 1) + "end" == editor.source_text
        width = editor.size.width - 1
        assert editor.wrap_width == width < 50
        assert editor.wrapped_document.height == editor.size.height == WrappedLines(editor.source, width).height


async def test_what_is_typed_in_the_preview_while_it_is_looked_through_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work, go_on, was = threading.Event(), threading.Event(), Pages._found_in

    def held(self: Pages, wanted: str) -> tuple[search.Match, ...]:
        if wanted:
            at_work.set()
            assert go_on.wait(PATIENCE)
        return was(self, wanted)

    monkeypatch.setattr(Pages, "_found_in", held)
    async with opened(tmp_path, ["## First\nthe needle", "## Last\nneat"]) as user:
        await user.press("f3", "slash", "n")
        await user.until(at_work.is_set, "a search")
        await user.press(*"eedle")
        await user.shows("find +needle")
        go_on.set()
        await user.shows("1 of 1")


async def test_what_is_said_of_many_sections_follows_the_first_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here: list[int] = []
    was = Notes.of.__func__  # type: ignore[attr-defined]
    heights: list[int] = []  # of the outline, when the thread began
    shown: list[Outline] = []
    guessed: set[int] = set()
    for_first_frame: list[int] = []
    guess, count_all = DocumentView.guess, DocumentView._count_all

    def guess_noted(self: DocumentView, index: int, width: int) -> int:
        guessed.add(index)
        return guess(self, index, width)

    async def all_counted(self: DocumentView) -> None:
        for_first_frame.append(len(guessed))
        await count_all(self)

    monkeypatch.setattr(Outline, "on_mount", lambda self: shown.append(self), raising=False)
    monkeypatch.setattr(DocumentView, "guess", guess_noted)
    monkeypatch.setattr(DocumentView, "_count_all", all_counted)

    def counted(cls: type[Notes], text: str, began: datetime | None) -> Notes:
        if threading.current_thread() is threading.main_thread():
            here.append(len(text))
        elif not heights:
            heights.append(shown[0].size.height)
        return was(cls, text, began)  # type: ignore[no-any-return]

    monkeypatch.setattr(Notes, "of", classmethod(counted))
    async with opened(tmp_path, [*parts(400), "## To do"]) as user:
        await to_outline(user)
        await user.together(*["down"] * 400)
        await user.shows("▌401○To do")
        assert 0 < sum(here) <= 2 * AT_ONCE
        assert heights[0] > 0, "the first frame shares the processor with what is said of sections out of sight"
        assert for_first_frame[0] <= SCREENS * 24 < len(guessed)
        assert guessed >= set(range(100, 400))


async def test_a_number_of_two_digits_is_shown_while_it_is_typed(home: Path) -> None:
    async with opened(home, parts(12)) as user:
        await user.press("ctrl+g", "1")
        await user.shows("0…9 next digit  enter go to cell 1")
        await user.press("2")
        await user.shows("cell 12 of 12", r"ctrl\+s save")
        await user.press("ctrl+g", "1", "down")
        await user.shows("1…9 goes to a cell")
        await user.press("1", "enter")
        await user.shows("cell 1 of 12")
        await user.press("ctrl+g", "7")
        await user.shows("cell 7 of 12")
