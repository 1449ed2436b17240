"""The review: exactly what will be sent, what became of it, and what is left for the next time."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from textual.containers import VerticalScroll
from textual.content import Content

from pmtui.sandbox.server import Sandbox
from pmtui.tui.widgets.change import ChangeView, warned
from tests.gate import gate
from tests.sent import writes
from tests.tui.colleague import Colleague
from tests.tui.user import CHECKOUT, User, using
from tests.turns import every_vendor

STATUS = {"datadog": 422, "opsgenie": 403}
SEVERITY = {"datadog": "SEV-2", "opsgenie": "P2"}
TEXT_WRITE = {"datadog": "PUT /api/v1/notebooks/*", "opsgenie": "PUT /v2/postmortem/*/executive-summary"}
FIRST = {"datadog": "1 Summary", "opsgenie": "1 Executive summary"}


async def without_the_severity(user: User) -> None:
    """In the review."""
    while "[ ] Severity" not in user.text:
        await user.press("space")
        if "[ ] Severity" not in user.text:
            await user.press("space", "down")


@every_vendor
async def test_what_is_reviewed_is_what_is_sent(sandbox: Sandbox, home: Path, vendor: str) -> None:
    colleague = Colleague(sandbox, vendor)
    async with using(home, sandbox, vendor) as user:
        await user.into()
        await user.type("NEW WORDS")
        await user.choose("Severity", SEVERITY[vendor])
        shown = await user.review()
        assert "2 changes, 2 writes" in shown
        assert shown.count("[x]") == 2
        assert f"[x] Severity  {SEVERITY[vendor][:-1]}1 → {SEVERITY[vendor]}" in shown
        assert f"[x] {FIRST[vendor]}" in shown
        assert "NEW WORDS" in user.line(r" \+ ") or "NEW WORDS" in shown
        assert "Nothing that you edited changed on the server" in shown
        assert writes(sandbox) == []
        await user.press("escape")
        await user.shows("nothing was sent")
        assert writes(sandbox) == []
        # one is left out, and sent the next time
        await user.review()
        await without_the_severity(user)
        assert user.text.count("[x]") == 1
        await user.press("enter")
        await user.shows("the rest is saved · verified")
        assert "NEW WORDS" in colleague.text(CHECKOUT)
        assert colleague.severity(CHECKOUT) != SEVERITY[vendor]
        start = len(sandbox.requests)
        shown = await user.review()
        assert "1 change, 1 write" in shown
        assert FIRST[vendor] not in shown
        await user.press("enter")
        await user.shows(r" saved · verified \d\d:\d\d")
        assert colleague.severity(CHECKOUT) == SEVERITY[vendor]
        assert len(writes(sandbox, start)) == 1
        if vendor == "datadog":
            await counts_effects_and_names(user)


async def counts_effects_and_names(user: User) -> None:
    """Counts of what is really sent, side effects where they belong, names in one column."""
    await user.type(" MORE")
    await user.choose("Severity", "SEV-1")
    await user.choose("Commander", "Wei Zhang")
    shown = await user.review()
    assert "3 changes, 2 writes" in shown
    assert "[x] Severity   SEV-2 → SEV-1" in shown
    assert "[x] Commander  Jane Doe → Wei Zhang" in shown
    assert "d whole" not in user.keys, "nothing is hidden"
    assert "you may be added as a responder" in shown
    await without_the_severity(user)
    await user.shows("2 of 3 changes, 2 writes")
    await user.press("space")
    await user.shows(" 3 changes, 2 writes")


@every_vendor
async def test_what_became_of_a_write(sandbox: Sandbox, home: Path, vendor: str) -> None:
    """An unknown outcome is settled by reading; a refusal is shown, and only what is left is sent again."""
    colleague = Colleague(sandbox, vendor)
    async with using(home, sandbox, vendor) as user:
        await user.into()
        await user.type("NEW WORDS")
        sandbox.fault(f"{TEXT_WRITE[vendor]} drop-after first 1")
        start = len(sandbox.requests)
        await user.review()
        await user.press("enter")
        await user.shows("saved · verified")
        assert set(writes(sandbox, start)) == {writes(sandbox, start)[0]}
        if vendor == "datadog":
            assert len(writes(sandbox, start)) == 1, "it was applied: reading says so, nothing is sent again"
        assert colleague.text(CHECKOUT).count("NEW WORDS") == 1
        sandbox.clear_faults()
        # a refusal
        await user.type(" MORE WORDS")
        await user.choose("Severity", SEVERITY[vendor])
        sandbox.fault(f"{TEXT_WRITE[vendor]} {STATUS[vendor]}")
        await user.review()
        await user.press("enter")
        await user.shows(r"Severity .*✓ done", rf"{FIRST[vendor]} +✗ refused: ", "f12 requests")
        first = {"datadog": r"esc,\s+correct\s+it", "opsgenie": "esc"}[vendor]
        keeps = rf"the\s+draft\s+keeps\s+the\s+rest:\s+{first},\s+then\s+ctrl\+s\s+sends\s+it"
        await user.shows(r"the\s+server\s+has:\s+Severity", keeps)
        assert "saved · verified" not in user.text
        await user.press("escape")
        await user.shows(r"ctrl\+s save", f"not saved: {FIRST[vendor]} refused")
        assert colleague.severity(CHECKOUT) == SEVERITY[vendor]
        assert "MORE WORDS" not in colleague.text(CHECKOUT)
        assert any("MORE WORDS" in cell for cell in user.cells)
        sandbox.clear_faults()
        start = len(sandbox.requests)
        shown = await user.review()
        assert "1 change, 1 write" in shown
        await user.press("enter")
        await user.shows("saved · verified")
        assert "MORE WORDS" in colleague.text(CHECKOUT)
        assert len(writes(sandbox, start)) == 1


async def test_nothing_is_sent_by_a_review_that_is_left_or_empty_or_cannot_be_had(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.press("ctrl+s")
        await user.shows("nothing to save")
        await user.type("x")
        await user.press("ctrl+z")
        await user.no_longer_shows("nothing to save")
        await user.press("ctrl+s")
        await user.shows("nothing to save")
        # all is left out
        await user.type("NEW WORDS")
        await user.review()
        await user.press("space")
        await user.shows(r"\[ \]")
        await user.press("enter")
        await user.shows(r"nothing was sent: all is left out · space takes the\s+change in", "enter send")
        await user.press("escape")
        await user.shows("nothing was sent", "ctrl\\+s save")
        # what undo takes back in a field, which the text does not show, is named
        await user.choose("Severity", SEVERITY["opsgenie"])
        await user.press("ctrl+z")
        await user.shows("that was Severity in the details: f2 shows it")
        # a review of a slow server can be left
        with gate(sandbox):
            await user.press("ctrl+s")
            await user.shows("reading the server… esc cancels")
            await user.type("!")
            assert any("NEW WORDS!" in cell for cell in user.cells), "typing goes on"
            await user.press("escape")
            await user.shows("nothing was sent · edited")
            assert "Save " not in user.text
        # it does not come up under the hands of who types on, whose next enter would send
        with gate(sandbox):
            await user.press("ctrl+s")
            await user.shows("reading the server… esc cancels")
            await user.type("?")
        await user.shows(r"nothing was sent, because you typed on · ctrl\+s saves")
        await user.press("enter")
        assert any("NEW WORDS!?" in cell for cell in user.cells) and "Save " not in user.text
        # the server is gone when it comes to saving
        sandbox.fault("* * html")
        await user.press("ctrl+s")
        await user.shows("The server was not reached: could not", "The draft is kept", "q +keep the draft, save later")
        await user.press("escape")
        await user.shows("not saved, the draft is kept: could not")
        assert any("NEW WORDS" in cell for cell in user.cells)
        sandbox.clear_faults()
        assert writes(sandbox) == []
        # what is being sent is decided: a box that is emptied while its change is sent would say what is not so
        await user.review()
        with gate(sandbox) as held:
            await user.press("enter")
            await user.shows("stop sending")
            await user.press("space")
            assert "[x]" in user.text and "[ ]" not in user.text
            await user.type("on")  # it is no text of the cell, for nobody saw it there
            held.open()
        await user.shows(r"saved · verified \d\d:\d\d · not typed: “on”")
        assert "NEW WORDS" in Colleague(sandbox, "opsgenie").text(CHECKOUT)


async def test_long_diffs_joined_lines_and_a_refused_field(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        # one key makes a list of lines that would be joined
        for line in ("", "10:02 paged", "10:05 answered"):
            await user.type(line)
            await user.press("enter")
        shown = await user.review()
        assert "2 lines are joined into one" in shown and "l make a list" in shown
        await user.press("l")
        await user.shows(r"\+ - 10:02 paged", r"\+ - 10:05 answered")
        assert "become one" not in user.text
        assert writes(sandbox) == []
        await user.press("enter")
        await user.shows("saved · verified")
        assert "- 10:02 paged\n- 10:05 answered" in user.cells[0]
        # a long diff offers to show all of it
        await user.press("ctrl+down", "ctrl+n")
        await user.shows("3 empty")
        await user.type("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine")
        await user.review()
        await user.shows(r"more lines?|… \d+ lines? more: d")
        assert "d whole diff" in user.keys
        assert "nine" not in user.text
        await user.press("d")
        await user.shows(r"\+ nine")
        await user.press("d")
        await user.no_longer_shows("nine")
        await user.press("enter")
        await user.shows("saved · verified")
        # a refused field is shown in the form
        await user.choose("Severity", "P2")
        sandbox.fault("PUT /v2/postmortem/*/severity 422 first 1")
        await user.review()
        await user.press("enter")
        await user.shows("refused: ", "f12 requests")
        await user.press("escape")
        await user.shows(" Details ", "▌.*Severity")
        await user.shows("(?i)not processable|refused|invalid|check", "could not")
        # until it is saved after all
        await user.save()
        await user.shows("▌  Severity +P2")
        await user.no_longer_shows("could not")


async def test_a_long_review_begins_at_its_warnings_and_one_mark_is_on_the_change_that_the_keys_mean(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog") as user:
        await user.into()
        for _ in range(6):
            await user.type("some words")
            await user.press("enter", "ctrl+down")
        await user.choose("Commander", "Lena")
        await user.review()
        await user.until(lambda: "▌" in user.text, "the mark")
        scrolled = user.app.screen.query_one(VerticalScroll)
        assert scrolled.max_scroll_y > 0 and scrolled.scroll_y == 0 and "2 writes: " in user.lines[2]

        async def marked_after(key: str) -> int:
            await user.press(key)
            views = list(user.app.screen.query(ChangeView))
            marked = [number for number, view in enumerate(views) if str(view.content).startswith("▌")]
            assert marked == [number for number, view in enumerate(views) if view is user.app.focused], key
            return marked[0]

        # each key goes on: by a line within a change that runs out of the window, else to the next one
        seen = [(await marked_after(key), scrolled.scroll_y) for key in ("down", "j") * 15]
        assert sorted({number for number, _ in seen}) == list(range(5)) and scrolled.max_scroll_y in {at for _, at in seen}
        assert len(set(pairwise(seen))) > 4 and all(one != other for one, other in pairwise(seen[:8])), "no key is lost"
        while user.app.focused is not user.app.screen.query(ChangeView).first():
            await marked_after("up")
        while scrolled.scroll_y > 0:
            assert await marked_after("k") == 0
        assert "2 writes: " in user.lines[2]
        assert [await marked_after("down") for _ in range(2)][-1] == 2
        await marked_after("space")
        views = list(user.app.screen.query(ChangeView))
        assert [view.included for view in views] == [view is not views[2] for view in views]

        # what is left out is in no write
        while "▌[x] Commander" not in user.text:
            await user.press("up")
        assert "2 writes: " in user.text
        await user.press("space")
        await user.shows("3 of 5 changes, 1 write")
        assert "writes: " not in user.text

        # what is scrolled out of sight is shown before it is taken in again
        await user.press("pagedown")
        await user.until(lambda: "▌" not in user.text, "another page")
        await user.press("space")
        await user.shows(r"▌\[ \] Commander", "3 of 5 changes, 1 write")
        await user.press("space")
        await user.shows(r"▌\[x\] Commander", "4 of 5 changes, 2 writes")


def test_an_effect_stands_at_the_right_or_below() -> None:
    head = Content(" [x] Owner")
    (line,) = warned(head, ["e-mails her"], 40)
    assert line.plain == " [x] Owner                ! e-mails her "
    rows = [row.plain.rstrip() for row in warned(head, ["e-mails Mara and adds her to the channels"], 40)]
    assert rows == [" [x] Owner", "     ! e-mails Mara and adds her to the", "       channels"]


async def test_what_a_colleague_changed_is_on_the_screen_beside_saved(sandbox: Sandbox, home: Path) -> None:
    """The save does not touch the title; the reading that verified it is news for every part, and for the row of the list."""
    async with using(home, sandbox, "datadog", size=(120, 35)) as user:
        await user.into()
        await user.type("! MY words")
        await user.review()
        colleague = Colleague(sandbox, "datadog")
        colleague.rename_incident(CHECKOUT, "Her title")
        await user.press("enter")
        await user.shows("saved · verified", r"also new there: Title +Checkout 5xx.* → Her\s+title", "(?m)^ IR-[0-9]+ +Her title")
        await user.press("escape")
        await user.shows("▌.*Her title")
