"""The form of an incident of Datadog: going about it, what is typed into it, its action items, and beside the document."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pmtui.model.values import Link, Person, Task
from pmtui.sandbox.server import Sandbox
from pmtui.tui.form.widget import Form
from tests.tui.test_form import go, value
from tests.tui.user import User, using


async def test_going_about_the_form_and_typing_into_it(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog") as user:
        await user.into()
        await user.press("f2")
        await user.shows("^ Details", "▌  Title")
        assert all(line[78:79] in ("", " ") for line in user.lines[2:18]), "a blank before the scrollbar"
        # home, end and letters go to fields
        await user.press("down", "end")
        await user.shows("▌  Impacts")
        assert "enter change" not in user.keys  # it is locked: enter would do nothing
        await user.press("home")
        await user.shows("▌  Title")
        assert "enter" not in user.keys
        await user.press("enter")
        await user.shows("! what is typed here is in the draft already; tab goes to the next field")
        await user.press("down", "r")
        await user.shows("▌  Responders")
        # enter changes a person that is in the list, where there is no role that it could change
        await user.press("down", "enter")
        await user.shows("Responders: who")
        await user.type("wei")
        await user.no_longer_shows("looking|Tom O'Brien")
        await user.press("enter")
        await user.shows(r"(?m)^▌ +\+ Wei Zhang", r"− Mara López")
        await user.press("backspace")
        await user.no_longer_shows("Wei Zhang")
        await user.press("home", "down", "r")
        await user.shows("▌  Responders")
        await user.press("r")
        await user.shows("▌  Root cause", "this is the field")  # said when the row is entered, in the place of what was said before
        await user.press("z")
        await user.shows("▌  Root cause", "enter changes this")
        # keys behind home in the same packet are in their order
        await user.together("home", "down", "enter")
        await user.shows("│ Severity|│ +Severity", "enter selects")
        await user.press("escape")
        await user.no_longer_shows("enter selects")
        # keys behind enter in the same packet are for the dialog that it opens, not for the form
        await user.together("enter", *"sev-2", "enter")
        await user.shows("▌± Severity +SEV-2")
        await user.press("backspace")
        await user.shows("▌  Severity +SEV-1")
        await user.press("backspace")
        await user.shows("nothing to revert: it is as it was last read")
        await an_issue_is_added_by_its_key_where_the_site_is_known(user)
        await a_time_is_typed_as_it_is_said(user)
        await times_that_are_typed_one_after_the_other_all_stay(user)
        # escape keeps what was typed into a long text
        await user.press("home")
        await go(user, "Summary")
        await user.press("enter")
        await user.shows(r"ctrl\+s accept")
        await user.type(" ten typed words")
        await user.press("escape")
        await user.shows("(?m)^▌± Summary")
        assert str(value(user, "summary")).endswith(" ten typed words")
        await user.press("ctrl+r")
        await user.no_longer_shows("± Summary")


async def an_issue_is_added_by_its_key_where_the_site_is_known(user: User) -> None:
    await user.press("l", "end", "home", "down", "l")
    await user.shows("▌  Linked issues +OPS-1412")
    while "add a link" not in user.line("▌"):
        await user.press("down")
    await user.press("enter")
    await user.shows("Address of the linked issue, or its key")
    await user.type("no key\n")
    await user.shows("enter a full address")
    await user.press("ctrl+u")
    await user.type("ops-7\n")
    await user.shows(r"\+ OPS-7 +https://example.atlassian.net/browse/OPS-7")
    links = value(user, "linked_issues")
    assert isinstance(links, tuple) and Link("https://example.atlassian.net/browse/OPS-7", "OPS-7") in links


async def a_time_is_typed_as_it_is_said(user: User) -> None:
    form = user.app.screen.query_one(Form)
    form.enter("customer_impact_end")
    shown = await user.shows(r"▌  Impact end +\d{4}-\d\d-\d\d \d\d:\d\d UTC +.* ago, \d+ min after the start")
    assert "000000" not in shown and "+00:00" not in shown
    before = value(user, "customer_impact_end")
    await user.press("end", "ctrl+u")
    await user.type("-20m")
    await user.shows(r"▌± Impact end +-20m +20 min ago")
    kept = datetime.fromisoformat(str(value(user, "customer_impact_end")))
    assert abs((datetime.now(UTC) - kept).total_seconds() - 1200) < 120
    await user.press("down")
    await user.shows(r"± Impact end +\d{4}-\d\d-\d\d \d\d:\d\d UTC +20 min ago")  # as it is kept
    await user.press("up", "end", "ctrl+u")
    await user.type("soon")
    await user.shows(r"Impact end +soon +Impact end is not a time")
    await user.press("ctrl+r")
    await user.shows(r"▌  Impact end +\d{4}-\d\d-\d\d \d\d:\d\d UTC")
    assert value(user, "customer_impact_end") == before


async def times_that_are_typed_one_after_the_other_all_stay(user: User) -> None:
    user.app.screen.query_one(Form).enter("customer_impact_start")
    await user.shows("▌  Impact start")
    for minute in ("01", "51", "02"):
        await user.press("end", "ctrl+u")
        await user.type(f"2026-11-22T00:{minute}:00Z")
        await user.press("down")
    names = ("customer_impact_start", "customer_impact_end", "detected")
    assert [value(user, name) for name in names] == [f"2026-11-22T00:{minute}:00Z" for minute in ("01", "51", "02")]


async def test_enter_takes_nobody_while_several_are_meant(sandbox: Sandbox, home: Path) -> None:
    """Nobody becomes the commander by a slip, for whoever does is told."""
    async with using(home, sandbox, "datadog") as user:
        await user.into()
        # in the document
        await user.type(" @ne")
        await user.shows("│ Mention", "↓ chooses")
        await user.press("enter")
        await user.shows("2 names: ↓ chooses one")
        await user.press("down", "enter")
        await user.shows("@ines.carvalho@example.com")
        # in the form
        await user.press("f2")
        await user.shows("^ Details")
        await user.press("down", "down", "down", "enter")
        await user.shows("│ Commander", r"• Jane Doe", "↓ chooses")  # who has it now is marked, not selected
        await user.press("enter")
        await user.shows(r"names: ↓ chooses one, or type more")
        await user.type("example")  # everybody's domain
        await user.shows("nothing found")
        await user.press("ctrl+u", "n", "e")
        await user.shows("Inês Carvalho .*\n.*Jane Doe", "↓ chooses")
        await user.press("enter")
        await user.shows("2 names: ↓ chooses one")
        await user.press("s")
        await user.shows("▌  Inês Carvalho", "enter selects")  # the only one
        await user.press("backspace", "backspace", "backspace", "down")
        await user.shows("▌", "enter selects")
        await user.press("l", "e")
        await user.shows("Lena Fischer .*\n.*Oluwaseun Adeyemi-Bankole", "↓ chooses")  # whose name begins so comes first
        await user.press("n")
        await user.shows("▌  Lena Fischer")
        await user.press("enter")
        await user.shows("± Commander +Lena Fischer")
        commander = value(user, "owner")
        assert isinstance(commander, Person) and commander.label == "Lena Fischer"


# ---- action items -----------------------------------------------------------------------------------------------
def tasks(user: User) -> list[Task]:
    found = value(user, "action_items")
    assert isinstance(found, tuple)
    return [item for item in found if isinstance(item, Task)]


async def test_an_action_item_is_ticked_and_dated_and_reviewed(sandbox: Sandbox, home: Path) -> None:
    """A table, one key away, ticked with space, and every change in the review."""
    async with using(home, sandbox, "datadog") as user:
        await user.into()
        await user.press("f10")
        await user.shows(r"▌   ☐ Promote the replica .* Pavel Novák +\d{4}-\d\d-\d\d", "space done")  # owner and day at 80 columns
        await user.shows("Action items +2 open\n▌", "☑ Alert on", "add an action item")  # all of them, not the first in the last row
        before = tasks(user)
        # the row that was gone to stays when the rows scroll
        await user.press(*["down"] * len(before))
        await user.shows("▌ +add an action item")
        await user.press("down")
        await user.no_longer_shows("▌ +add an action item")
        await user.press("up")
        await user.shows("▌ +add an action item")
        await a_new_action_item_has_the_mark(user)
        assert [(each.text, each.due) for each in tasks(user) if each not in before] == [("Alert on the queue", "2099-01-05")]
        await user.press("delete")
        await user.until(lambda: tasks(user) == before, "the new one taken out")
        await one_is_kept_without_an_assignee(user)
        await user.press("delete")
        await user.until(lambda: tasks(user) == before, "that one taken out, too")
        await user.press(*["up"] * len(before))
        await user.shows(r"▌   ☐ Promote the replica")
        await user.press("space")
        await user.shows(r"▌ ± ☑ Promote the replica", r"± Action items +1 open")
        assert tasks(user)[0].done
        await user.press("enter")
        await user.shows("│ +▌  change the text", "not done yet")  # space ticks it without a menu
        await user.press("down", "down", "enter")
        await user.shows("│ Due: .*tomorrow")
        await user.press("ctrl+u")
        await user.type("someday\n")
        await user.shows("not a day such as", "enter accept")
        await user.press("ctrl+u")
        await user.type("-")
        await user.no_longer_shows("not a day such as")  # what was wrong with a text is not said of the next
        await user.type("3d\n")
        await user.shows(r"▌ ± ☑ Promote the replica")
        await user.press("space")
        await user.shows(r"▌ ± ☐ Promote the replica .* ! \d{4}-\d\d-\d\d", r"± Action items +2 open, 1 overdue", "overdue")
        await user.press("space")
        await user.review()
        await user.shows("- ☐ Promote the replica", r"\+ ☑ Promote the replica")


async def a_new_action_item_has_the_mark(user: User) -> None:
    await user.press("enter")
    await user.shows("│ Action item")
    await user.type("Alert on the queue\n")
    await user.shows("│ Assigned to")
    await user.type("jane.doe@example.com")
    await user.shows("▌.*jane.doe@example.com")
    await user.press("enter")
    await user.shows(r"▌ \+ ☐ Alert on the queue")
    assert "each needs an assignee" not in user.text
    await user.press("enter")
    await user.shows("▌  change the text")
    await user.press("down", "down", "enter")
    await user.shows("│ Due: ")
    await user.type("2099-01-05\n")
    await user.shows(r"▌ \+ ☐ Alert on the queue .*2099-01-05")


async def one_is_kept_without_an_assignee(user: User) -> None:
    await user.shows("▌ +add an action item")
    await user.press("enter")
    await user.shows("│ Action item")
    await user.type("Alert on the disk\n")
    await user.shows(r"│ Assigned to \(nobody yet, if you go back\)")
    await user.press("escape")
    await user.shows(r"▌ \+ ☐ Alert on the disk")
    assert [(each.text, each.assignees) for each in tasks(user)][-1] == ("Alert on the disk", ())
    # escape at one more assignee changes nothing
    await user.press("enter")
    await user.shows("▌  change the text")
    await user.press("down", "down", "down", "enter")
    await user.shows(r"│ Assigned to +│")
    await user.press("escape")
    await user.shows(r"▌ \+ ☐ Alert on the disk", "each needs an assignee")
    # a name that nobody has is taken as it was typed, and that is said
    await user.press("enter", "down", "down", "down", "enter")
    await user.type("nobody@nowhere.example")
    await user.shows("nobody@nowhere.example +as typed, not known here")
    await user.press("enter")
    await user.shows("(?m)^ ! nobody@nowhere.example is not known here: the server decides")
    await user.press("up", "down")
    await user.shows("tells nobody@nowhere.example")
    assert "each needs an assignee" not in user.text


UNKNOWN = r"(?m)^ ! nobody@nowhere.example is not known here: the server decides"


async def assign(user: User, who: str) -> None:
    """Type who owns the action item under the cursor, too."""
    await user.press("enter")
    await user.shows("▌  change the text")
    await user.press("down", "down", "down", "enter")
    await user.shows(r"│ Assigned to +│", "↓ chooses")
    await user.type(who)
    await user.no_longer_shows("looking")


async def test_that_a_name_is_not_known_here_is_said_as_long_as_it_is_so(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog") as user:
        await user.into()
        await user.press("f10")
        await user.shows(r"▌   ☐ Promote the replica")
        before = tasks(user)
        # who is known, or owns it already, is not said to be unknown
        await assign(user, before[0].assignees[0].removeprefix("@"))
        await user.shows("is there already")
        assert "as typed" not in user.text
        await user.press("ctrl+u")
        for known in ("Jane.Doe@Example.com", "@jane.doe@example.com"):
            await user.type(known)
            await user.shows(f"{known} +as typed +│", "Jane Doe", "enter selects")
            await user.press("ctrl+u")
        await user.press("escape")
        await user.shows(r"▌   ☐ Promote the replica")
        # it is said of the value, wherever one goes meanwhile, and goes with it
        await assign(user, "nobody@nowhere.example")
        await user.shows("as typed, not known here")
        await user.press("enter")
        await user.shows(UNKNOWN, r"▌ ± ☐ Promote the replica")
        await user.press("escape", "f10")
        await user.shows(UNKNOWN)
        await user.press("down")
        await user.no_longer_shows("not known here")
        await user.press("up")
        await user.shows(UNKNOWN)
        await user.press("backspace")
        await user.shows(r"▌   ☐ Promote the replica")
        assert "not known here" not in user.text and tasks(user) == before
        await assign(user, "nobody@nowhere.example")
        await user.press("enter", "backspace")
        await user.until(lambda: tasks(user) == before, "taken back")
        await user.press("down", "up")
        await user.press("ctrl+s")
        await user.shows("nothing to save")
        assert "not known here" not in user.text
        # what the server has, or says it knows, is not doubted any more
        await assign(user, "nobody@nowhere.example")
        await user.press("enter")
        await user.shows(UNKNOWN)
        state = sandbox.datadog.state
        mara = next(each for each in state.users.values() if each["attributes"]["handle"].startswith("mara"))
        address = {"handle": "nobody@nowhere.example", "email": "nobody@nowhere.example", "name": "Norma Body"}
        state.users["u-new"] = {**mara, "id": "u-new", "attributes": {**mara["attributes"], **address}}
        await assign(user, "nobody")
        await user.shows("nothing found|nobody +as typed")
        await user.press("escape")
        await user.shows(r"▌ ± ☐ Promote the replica")
        assert "not known here" not in user.text
        await user.review()
        assert "not known here" not in user.text


async def test_what_opening_left_out_is_read_when_the_form_is_opened(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog", size=(80, 50)) as user:
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
        await user.press("escape")
        await user.shows(r"cell \d+ of \d+")
        await user.press("escape")
        await user.shows("enter open")
        # a draft that began without them: its second opening reads them at once, and so the form finds nothing left to ask for
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


# ---- beside the document ----------------------------------------------------------------------------------------
async def test_beside_the_text_the_form_reads_itself_and_takes_the_room_it_needs(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def later(self: Form) -> None:
        """As if the key came before it."""

    async with using(home, sandbox, "datadog", size=(120, 60)) as user:
        await user.into()
        await user.shows("Action items +2 open", "☐ Promote the replica")  # in sight, so nobody has to go there
        assert "not read yet" not in user.text
        await user.press("f2")
        await user.shows("▌  Title", "Jane Doe  jane.doe@example.com ▾")
        linked = re.search(r"Linked issues +(.*)", user.text)
        assert linked is not None and len(linked[1].rstrip()) > 35, user.text
        await user.shows(r"Impact start +\d{4}-\d\d-\d\d \d\d:\d\d UTC +.* ago")
        await user.press("escape")
        await user.no_longer_shows("▌  Title")
        await user.press("escape")
        await user.shows("enter open")
        # f2 waits for rows that are not there yet
        await user.resize(120, 35)
        with monkeypatch.context() as patch:
            patch.setattr(Form, "on_show", later)
            await user.into()
            await user.together("f2", "down")
            await user.shows("▌  Severity")
        # a window that shrinks goes on in the form with the same row in sight
        await user.resize(80, 24)
        await user.shows("^ Details", "▌  Severity")
        await user.press("space")
        await user.shows("│ Severity")
        await user.press("escape")
        await user.resize(60, 20)
        await user.press("f10")
        await user.shows(r"▌   ☐ Promote", "· due 2")  # lines below the form leave it fewer rows
