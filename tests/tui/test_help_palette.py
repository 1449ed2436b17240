"""Help, palette and last line tell the truth: every key that is bound, every action, and no key that does nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding
from textual.screen import Screen

from pmtui.sandbox.server import Sandbox
from pmtui.tui.app import PmtuiApp
from pmtui.tui.dialogs.ask import Ask
from pmtui.tui.dialogs.help import HelpEntry, HelpScreen, _wrapped, lines
from pmtui.tui.dialogs.review import ReviewScreen
from pmtui.tui.key_words import key_name, words_of
from pmtui.tui.keymap import action_name
from pmtui.tui.palette import Actions, copy_command
from pmtui.tui.screens.details import DetailsScreen
from pmtui.tui.screens.first_start import FirstStart
from pmtui.tui.screens.incidents import IncidentsScreen
from pmtui.tui.screens.postmortem import PostmortemScreen
from pmtui.tui.widgets.listing.incident_list import IncidentList
from tests.tui.headless_program import environment
from tests.tui.test_gaps import folder
from tests.tui.user import READ, VENDORS, User, both_vendors, program, using

TALL = (90, 110)
KEY = re.compile(r"(?:ctrl|shift|alt)\+\S+|f\d+|esc|enter|space|tab|del|/|[↑↓←→]+|\b[a-zA-Z]\b")


def described(*sources: type[Screen[Any]] | type[PmtuiApp]) -> list[Binding]:
    found = [each for source in sources for each in source.BINDINGS if isinstance(each, Binding) and each.description]
    assert found
    return found


OF_THE_EDITOR = {"cell above", "cell below", "delete the cell", "edit a published postmortem"}
"""While a cell is written, their keys are those of the editor; the first three have keys that hold there, too."""
OF_LONGER_REVIEWS = ("whole diff", "make lists of lines that would be joined", "decide the conflicts otherwise")
"""They are listed where there is more to show, or something was decided."""


async def help_lists_every_key(user: User, screen: type[Screen[Any]]) -> None:
    """Call help on this screen, read it in a tall window, and leave it."""
    await user.press("f1")
    await user.shows("finds any action")
    shown = user.text
    for binding in described(screen, PmtuiApp):
        first = key_name(binding.key.partition(",")[0])
        listed = re.search(rf"│ .*{re.escape(first)}.* (?i:{re.escape(binding.description)}) ", shown)
        elsewhere = OF_THE_EDITOR if screen is PostmortemScreen else OF_LONGER_REVIEWS if screen is ReviewScreen else ()
        assert listed or binding.description in elsewhere, f"{first} {binding.description}\n{shown}"
    await user.press("escape")
    await user.until(lambda: isinstance(user.app.screen, screen), "the screen below")


NEED_NO_WORDS = r"cursor_(up|down|left|right)|delete_left|(scroll|page)_(left|right)|app.focus_(next|previous)|screen.copy_text|again"
"""Arrows and backspace; what does nothing where nothing is wider than its window, or where there is one widget."""


def every_key_has_words(user: User) -> None:
    keys = user.app.screen.active_bindings
    silent = [f"{key} ({each.binding.action})" for key, each in keys.items() if not words_of(each.binding)]
    silent = [each for each in silent if not re.search(rf"\(({NEED_NO_WORDS})\)$", each)]
    assert silent == [], user.app.screen


async def question_mark_is_help(user: User) -> None:
    """`?` shows the help of what is on the screen, and leaves it."""
    below = user.app.screen
    every_key_has_words(user)
    await user.press("question_mark")
    await user.until(lambda: isinstance(user.app.screen, HelpScreen), f"the help of {below}")
    await user.press("question_mark")
    await user.until(lambda: user.app.screen is below, f"{below} again")


def the_last_line_shows_only_keys_that_work(user: User) -> None:
    bound = {key_name(key) for key in user.app.screen.active_bindings}
    shown = KEY.findall(user.keys)
    assert shown
    for key in shown:
        modifier, arrows = re.fullmatch(r"((?:\w+\+)?)(.+)", key).groups()  # type: ignore[union-attr]
        each = [modifier + arrow for arrow in arrows] if "↑" in arrows else [key]
        assert set(each) <= bound, f"{key} in {user.keys!r}"


def the_palette_has_what_needs_alt(user: User) -> set[str]:
    """The actions of this screen that have only keys with alt, which macOS's own terminal and some others keep for themselves."""
    by_name: dict[str, set[str]] = {}
    for key, active in user.app.screen.active_bindings.items():
        by_name.setdefault(action_name(active.binding), set()).add(key)
    alone = {name for name, keys in by_name.items() if name and all("alt+" in key for key in keys)}
    palette = {re.sub(r"[\W_]+", "-", what).strip("-").casefold() for what, *_ in Actions(user.app.screen)._all()}
    assert alone <= palette, user.app.screen
    return alone


async def test_at_the_first_start(home: Path) -> None:
    async with program(environment(home, {}), size=TALL) as user:
        await help_lists_every_key(user, FirstStart)
        await user.resize(80, 24)
        the_last_line_shows_only_keys_that_work(user)


async def test_on_the_list(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog", size=TALL) as user:
        await user.shows(READ)
        await help_lists_every_key(user, IncidentsScreen)

        # help says what cannot be done here, and why
        await user.press("f1")
        await user.shows(r"Not here: IR-338 has a postmortem already *│.*\n.*│ +n +new postmortem", r"Not here: there is no draft to send")
        await user.press("escape")
        await user.go_to("Login e-mails delayed")
        await user.press("f1")
        await user.shows("finds any action")
        assert "has a postmortem" not in user.text
        assert re.search(r"│ +n +new postmortem[\s\S]*Not here", user.text)
        await user.press("escape")

        # in a small window its words make way for the keys
        await user.resize(40, 12)
        await user.press("g", "f1")
        await user.shows("The incidents, newest first")
        await user.press("end")
        await user.shows("Not here: there is no draft", r"ctrl\+s +review and")
        await user.press("escape")

        # help says what the list shows
        await user.resize(80, 24)
        the_last_line_shows_only_keys_that_work(user)
        await user.press("question_mark")
        await user.shows("is the state of the postmortem", "● marks a draft", "service:", r"pm: +\w+")
        await user.press("escape")

        # help in a dialog names its answers
        user.app.push_screen(Ask("Well?", [("c", "create one")]))
        await user.shows("Well")
        await user.press("f1")
        await user.shows("One key answers", r"c +create one")
        await user.press("escape")
        await user.shows("Well")
        await user.press("escape")
        await user.no_longer_shows("Well")

        # the list goes by pages and half pages
        references = {each: row for row, each in enumerate(user.app.screen.query_one(IncidentList)._rows)}
        found = []
        for key in ("ctrl+d", "ctrl+f", "ctrl+b", "ctrl+u"):
            await user.press(key)
            found.append(references[user.current])
        assert found[0] in (8, 9)
        assert found[1] > found[0] * 2
        assert found[2:] == [found[1] - 18, 0]

        # the palette does what was chosen
        await user.press("ctrl+p")
        await user.shows(r"╭─{60,}╮.*\n.*│ +Search for commands", r"╰─{60,}╯")  # the frame of every dialog
        await user.type("sort")
        await user.shows(r"│ +sort +│.*\n.*│ +sort +│.*\n.*│ +s +│")  # what was typed, and the action that it finds first
        await user.press("enter")
        await user.shows("by severity")


async def test_in_a_postmortem_and_its_review(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog", size=TALL) as user:
        await user.shows(READ)
        alone = the_palette_has_what_needs_alt(user)
        await user.into()
        assert not [line.what for line in lines(user.app.screen) if line.what[:1].isupper()], "our words"
        await help_lists_every_key(user, PostmortemScreen)
        alone |= the_palette_has_what_needs_alt(user)
        await user.press("f1")
        await user.shows("@ and letters", r"tab +next gap", r"shift\+↑ .*select", r"ctrl\+f +find", r"ctrl\+h\s", "○ a cell that is still")
        await user.press("escape")

        # the palette knows every action
        wanted = {line.what for line in lines(user.app.screen)}
        bound = {each.description for each in described(PostmortemScreen, PmtuiApp)} - {"undo", "redo", "edit a published postmortem"}
        assert bound <= wanted, "the editor has its own undo and redo"
        await user.press("ctrl+p")
        await user.shows("Search for commands", "review and save")
        shown = user.text
        able = {line.what for line in lines(user.app.screen) if not line.why_not}
        missing = [what for what in bound & able if what not in shown]
        assert missing == []
        await user.press("escape")

        # what has a key with alt is in reach without it
        await user.press("f2")
        await user.shows("^ Details")
        assert isinstance(user.app.screen, DetailsScreen)
        alone |= the_palette_has_what_needs_alt(user)
        assert {"align-the-table", "sort-the-timeline", "find-and-replace"} <= alone
        await user.press("escape", "f1")
        await user.shows(r"(?m)alt\+s .*sort the timeline[\s\S]*no alt in your terminal\? ctrl\+p does these")
        await user.press("escape")

        # help fits the window, and scrolls
        await user.resize(80, 24)
        the_last_line_shows_only_keys_that_work(user)
        await user.press("f1")
        await user.shows("Type in the cell", "finds any action by name · esc back")
        await user.press("end", "pageup")
        found = [line[line.index("│") + 1 : line.rindex("│")] for line in user.lines if line.count("│") > 1]
        tab = next(number for number, line in enumerate(found) if line.startswith("  tab "))
        assert found[tab + 1].strip().startswith("code") and not found[tab + 1][:20].strip(), "it goes on in its column"
        await user.press("home")
        assert "ctrl+s" in user.text, "the keys of the screen come before those of every text field"
        before = user.text
        await user.press("end")
        await user.until(lambda: user.text != before, "the end")
        await user.press("f1")
        await user.shows("cell 1 of")

        # the last line follows the focus
        assert "ctrl+s save" in user.keys
        await user.press("ctrl+g")
        await user.shows(r"1…9 goes to a cell  ↑↓ choose  enter go  / find")
        await user.resize(60, 24)
        await user.shows(r"1…9 goes to a cell  ↑↓ choose  enter go .*f1 help")
        await user.resize(80, 24)
        await user.press("escape", "ctrl+down", "ctrl+down")
        await user.shows("f8 delete")
        await user.press("ctrl+down", "ctrl+f")
        await user.shows("enter next")
        await user.press("escape")
        await user.shows(r"ctrl\+s save")

        # the request log shows requests, and no secret
        await user.resize(140, 30)
        await user.press("f12")
        await user.shows("Requests", r"200 +\d+ ms +GET +/")
        assert "5a4d0b0c" not in user.text
        await user.press("escape")
        await user.shows("cell 4 of")

        # the palette does what was chosen
        await user.resize(80, 24)
        await user.press("ctrl+g", "home", "enter", "ctrl+p")
        await user.shows("Search for commands")
        await user.type("add a cell")
        await user.shows(r"│ +add a cell +│.*\n.*│ +add a cell below +│.*\n.*│ +ctrl\+n +│")
        await user.press("enter")
        await user.shows("2 empty")

        # the cursor goes to both ends of a cell
        await user.type("one\ntwo\nthree")
        await user.press("ctrl+home")
        await user.shows("line 1 ")
        await user.press("ctrl+end")
        await user.shows("line 3 ")

        await user.review()
        the_last_line_shows_only_keys_that_work(user)
        await user.resize(*TALL)
        await help_lists_every_key(user, ReviewScreen)


def test_a_wrapped_entry_goes_on_below_itself_and_a_key_stands_once() -> None:
    long = _wrapped(HelpEntry("alt+w", "write the postmortem, as it is here, into a file"), 50)
    assert [row.plain for row in long] == [" alt+w              write the postmortem, as it is", " " * 20 + "here, into a file"]
    assert [row.plain for row in _wrapped(HelpEntry("a key that is longer", "x"), 60)] == [" a key that is longer x"]
    assert [row.plain for row in _wrapped(HelpEntry("a key that is longer", "x"), 20)] == [" a key that is longer", " " * 20 + "x"]


async def test_of_a_published_postmortem_help_names_what_no_key_edits(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie", size=TALL) as user:
        await user.shows(READ)
        await user.press("question_mark")
        await user.shows("tag:", r"pm: +draft, in-review")
        await user.press("escape")
        await user.go_to("redis-sessions evicts keys")
        await user.press("enter")
        await user.shows("#26 ", " ! .*published")
        await user.press("f1")
        await user.shows("finds any action")
        working, *idle = user.text.split("Not here: ")
        assert not re.search("move the cell up|add a cell below", working)
        assert any("move the cell up" in part and "ctrl+n" in part for part in idle), user.text
        assert "edit a published postmortem" in working, user.text
        await user.press("escape", "ctrl+p")
        await user.shows("Search for commands", "preview")
        assert "move the cell up" not in user.text
        await user.type("move the cell up")
        await user.shows("not here: ")


async def test_what_cannot_be_deleted_is_not_offered(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie", size=TALL, read_only=True) as user:
        await user.go_to("Checkout")
        await user.press("enter")
        await user.shows(r"cell \d+ of")
        await user.press("f1")
        await user.shows(r"Not here: [\s\S]*f9 +delete this postmortem")
        await user.press("escape", "f9")
        assert user.app.session is not None
        await user.shows(re.escape(user.app.session.read_only))


async def test_the_palette_does_it_where_the_cursor_is(home: Path) -> None:
    text = "---\ntitle: A new one\n---\n\n## Links\n\n| a | b |\n|-|-|\n| [x](https://example.com/x) | 2 |\n"
    async with program(folder(home, text), "here") as user:
        await user.shows(READ)
        await user.press("enter")
        await user.shows(r"cell \d+ of")
        await user.press("ctrl+home", *["down"] * 4, *["right"] * 5, "ctrl+p")
        await user.shows("Search for commands")
        await user.type("copy the address")
        await user.shows(r"│ +copy the address at the cursor.*\n.*│ +alt\+y")
        await user.press("enter")
        await user.until(lambda: user.app.clipboard == "https://example.com/x", "the address at the cursor")
        await user.press("ctrl+p")
        await user.shows("Search for commands")
        await user.type("align the table")
        await user.shows(r"│ +align the table +│.*\n.*│ +alt\+a")
        await user.press("enter")
        await user.until(lambda: "| a                          | b   |" in user.cells[0], "in line")


async def test_profiles_and_the_way_to_another_account_are_found_by_name(home: Path, sandbox: Sandbox) -> None:
    async with both_vendors(home, sandbox, "opsgenie") as user:
        await user.shows(READ)
        assert "w profile" in user.keys and "f1 help" in user.keys
        # the keys are those for the incident under the cursor
        asked = len(sandbox.requests)
        await user.press("n")
        await user.shows("#30 has a postmortem already · enter opens it")
        assert len(sandbox.requests) == asked
        assert "n new" not in user.keys
        await user.press("j")
        assert "n new" in user.keys and "w profile" in user.keys and "f1 help" in user.keys

        await user.press("ctrl+p")
        await user.type("another account")
        await user.shows(r"copy to another account, in a shell +│\n.*│ +pmtui copy opsgenie:29 datadog: --dry-run")
        await user.press("escape")
        await user.no_longer_shows("another account")
        await user.press("ctrl+p")
        await user.type("datadog")
        await user.shows("switch to the profile datadog")
        await user.press("enter")
        await user.shows("pmtui  datadog", READ)


@pytest.mark.parametrize(
    ("profile", "reference", "others", "command"),
    [
        ("ops", "#42", ["prod", "old"], "pmtui copy ops:42 prod: --dry-run"),
        ("my ops", "IR-1", [], "pmtui copy 'my ops:IR-1' PROFILE: --dry-run"),
    ],
)
def test_the_command_that_copies(profile: str, reference: str, others: list[str], command: str) -> None:
    assert copy_command(profile, reference, others) == command


@pytest.mark.parametrize("vendor", VENDORS)
async def test_every_key_is_in_help_and_where_letters_are_no_text_a_question_mark_is_help(
    sandbox: Sandbox, home: Path, vendor: str
) -> None:
    async with using(home, sandbox, vendor, size=(90, 40)) as user:
        await user.shows(READ)
        await question_mark_is_help(user)
        await user.press("slash")
        await user.shows("words you can use")
        every_key_has_words(user)
        await user.press("escape")
        await user.into()
        every_key_has_words(user)
        for key, shown in (("ctrl+g", "1…9 goes"), ("f3", " preview"), ("f12", "^ Requests"), ("alt+i", "a all marked|enter")):
            await user.press(key)
            await user.shows(f"(?m){shown}")
            await question_mark_is_help(user)
            await user.press("escape")
            await user.shows(r"ctrl\+s save")
        await user.press("ctrl+f")
        await user.shows("enter next")
        every_key_has_words(user)
        await user.press("escape", "f2")
        await user.shows("^ Details")
        every_key_has_words(user)
        await user.press("down", "down")  # to a row that is not typed into
        await user.shows("enter change")
        await question_mark_is_help(user)
        await user.press("escape")
        await user.shows(r"ctrl\+s save")
        user.app.push_screen(Ask("Well?", [("c", "create one")]))
        await user.shows("Well")
        await question_mark_is_help(user)
        await user.press("escape")
        await user.shows(r"ctrl\+s save")
        await user.type("typed")
        await user.review()
        await question_mark_is_help(user)
