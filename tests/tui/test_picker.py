"""The picker: what is under the cursor reads without colours, and typing finds names rather than domains."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pmtui.formats.typed_name import best_first
from pmtui.model.values import Person
from pmtui.sandbox.server import Sandbox
from pmtui.tui.dialogs.picker import Found, Pick, Picker, Search, Typed, matching
from tests.tui.user import User, using

JANE, JOE = Pick(1, "Jane Doe", "jane@corp.example"), Pick(2, "Joe Corpus", "joe@corp.example")


async def test_the_cursor_and_what_is_set_are_two_marks(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.shows("read")
        user.app.push_screen(Picker("Who", [JANE, JOE, Pick(3, "mail@corp.example", "mail@corp.example")], current=2))
        await user.shows("│ +▌• Joe Corpus", "│ +Jane Doe")
        assert user.text.count("mail@corp.example") == 1
        await user.press("up")
        await user.shows("│ +▌  Jane Doe", "│ +• Joe Corpus")
        await user.press("j", "o", "e")
        await user.shows("│ +▌• Joe Corpus")
        assert not re.search("Jane", user.text)


def test_a_domain_that_everybody_has_finds_nobody_until_an_at_is_typed() -> None:
    assert matching([JANE, JOE], "corp") == (JOE,)
    assert matching([JANE, JOE], "jane") == (JANE,)
    assert matching([JANE, JOE], "@corp") == (JANE, JOE)


PEOPLE = [Person("u-jane", "Jane Doe", "jane.doe@example.com"), Person("u-mara", "Mara López", "mara@example.com"), Person("u-kim", "Kim")]


def offered(people: Sequence[Person]) -> list[Pick]:
    return [Pick(each, each.label, each.email) for each in people]


@asynccontextmanager
async def asked(home: Path, sandbox: Sandbox, search: Search) -> AsyncIterator[tuple[User, list[object]]]:
    """A picker of people who may be typed as well, and its answers."""
    answers: list[object] = []
    async with using(home, sandbox, "opsgenie") as user:
        await user.shows("read")
        user.app.push_screen(Picker("Who", search=search, verbatim=True), answers.append)
        await user.shows("│ Who")
        yield user, answers


async def test_whom_the_vendor_knows_is_not_said_to_be_unknown(sandbox: Sandbox, home: Path) -> None:
    async def search(text: str) -> Found:
        return Found(offered(best_first(PEOPLE, text)))

    async with asked(home, sandbox, search) as (user, answers):
        await user.shows("Jane Doe", "Mara López", "↓ chooses")
        for typed in ("Jane Doe", "jane.doe@example.com", "u-jane"):  # this is she, letter for letter: nothing else is offered
            await user.type(typed)
            await user.shows(r"▌ +Jane Doe", "enter selects")
            assert "as typed" not in user.text, typed
            await user.press("ctrl+u")
        for typed in ("jane doe", "JANE.DOE@example.com", "mara lopez"):  # another spelling may be meant, but who it is is known
            await user.type(typed)
            await user.shows(rf"{typed} +as typed", "enter selects")
            assert "not known" not in user.text, typed
            await user.press("ctrl+u")
        await user.type("Kim ")
        await user.shows(r"▌ +Kim ", "enter selects")
        assert "as typed" not in user.text
        await user.press("ctrl+u")
        await user.type("jan")  # nobody is called so
        await user.shows("jan +as typed, not known here")
        await user.press("down", "enter")
        assert answers == [Typed("jan", unknown=True)]


async def test_who_is_in_the_list_already_and_whom_the_form_shows_is_known(sandbox: Sandbox, home: Path) -> None:
    jane, mara, kim = PEOPLE

    async def search(text: str) -> Found:
        return Found(offered(best_first([kim], text)), there=(jane,), shown=(mara,))

    async with asked(home, sandbox, search) as (user, _):
        await user.type("jane.doe@example.com")
        await user.shows("Jane Doe is there already")
        assert "as typed" not in user.text
        await user.press("ctrl+u")
        await user.type("Mara López")
        await user.shows("Mara López +as typed +│", "enter selects")
        await user.press("ctrl+u")
        await user.type("Mara Lo")
        await user.shows("Mara Lo +as typed, not known here")


async def test_nothing_is_said_to_be_unknown_before_all_was_asked(sandbox: Sandbox, home: Path) -> None:
    answering, found = asyncio.Event(), Found()

    async def search(text: str) -> Found:
        if text:
            await answering.wait()
        return found

    async with asked(home, sandbox, search) as (user, answers):
        await user.type("nobody")
        await user.shows("nobody +as typed", "looking")
        assert "not known" not in user.text
        found = Found(is_all=False)  # the vendor lets nobody look at its users
        answering.set()
        await user.shows("nobody +as typed", "enter selects")
        assert "not known" not in user.text
        found = Found()
        await user.press("x")
        await user.shows("nobodyx +as typed, not known here")
        await user.press("enter")
        assert answers == [Typed("nobodyx", unknown=True)]


async def test_what_was_pointed_at_while_the_vendor_was_asked_stays_so(sandbox: Sandbox, home: Path) -> None:
    answering = asyncio.Event()

    async def search(text: str) -> Found:
        if text:
            await answering.wait()
        return Found(offered(best_first(PEOPLE, text)))

    async with asked(home, sandbox, search) as (user, answers):
        await user.shows("Jane Doe", "Kim")
        await user.type("a")
        await user.shows("looking", "Jane Doe .*\n.*Mara López", "a +as typed")
        await user.press("down", "down", "enter")
        answering.set()
        await user.until(lambda: answers, "the answer")
        assert answers == [Pick(PEOPLE[1], "Mara López", "mara@example.com")]
