"""The filter line goes on with the filter that is there, goes back one step, and says what its rows are."""

from __future__ import annotations

from pathlib import Path

from pmtui.sandbox.server import Sandbox
from pmtui.tui.widgets.listing.incident_list import IncidentList
from tests.tui.user import READ, one_vendor, using
from tests.turns import every_vendor


@one_vendor
async def test_the_filter_line_goes_on_with_the_filter_and_back_to_it(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor) as user:
        await user.shows(READ)
        await user.filter("pm:draft")
        await user.press("enter")
        await user.shows("── / pm:draft  ")
        await user.press("down", "down")
        shown, here = user.rows, user.current

        # a refused filter leaves what was there
        await user.filter("owner:jane")
        await user.press("enter")
        await user.shows("(?m)^ / owner:jane", "Opsgenie cannot search incidents by owner")
        await user.press("escape")
        await user.shows("── / pm:draft  ", rf"▌.{here.reference} ")
        assert (user.rows, user.current) == (shown, here)

        # so does one that is only typed, also where it finds nothing
        await user.filter("zzzz")
        await user.shows("nothing matches · esc goes back")
        await user.press("escape")
        await user.shows("── / pm:draft  ", rf"▌.{here.reference} ")

        # the line opens with the filter: the rows are still its answer
        await user.press("slash")
        await user.shows("(?m)^ / pm:draft *$", "── / pm:draft  ")
        assert (user.rows, user.current) == (shown, here)
        await user.press("end", "space", *"sev:1")
        await user.shows("(?m)^ / pm:draft sev:1 *$", r"\d+ of the 30 loaded")
        await user.press("enter")
        await user.shows("── / pm:draft sev:1  ")
        # typing replaces it; up recalls the one before it
        await user.press("slash", "up")
        await user.shows("(?m)^ / pm:draft *$")
        await user.press("escape", "slash")
        await user.type("redis")
        await user.shows("(?m)^ / redis *$")
        # an empty line is no filter
        await user.press("escape", "slash", "backspace")
        await user.shows(r"── 30 of 30")
        await user.press("enter")
        await user.no_longer_shows("── / ")
        assert len(user.rows) > len(shown)

        # without a filter, back is where one was
        await user.press("g", "down", "down", "down")
        here = user.current
        await user.filter("redis")
        await user.press("escape")
        await user.shows(rf"▌.{here.reference} ")


@every_vendor
async def test_a_reference_finds_its_incident_first(sandbox: Sandbox, home: Path, vendor: str) -> None:
    before = {"datadog": "IR-", "opsgenie": "#"}[vendor]
    async with using(home, sandbox, vendor) as user:
        await user.shows(READ)
        listed = user.app.screen.query_one(IncidentList)._rows
        shortest = min((each.reference for each in listed), key=len)
        begins = next(each.reference for each in listed if each.reference != shortest) if vendor == "datadog" else "#2"
        for reference in (shortest, begins):
            assert reference.startswith(before)
            await user.filter(reference.lower())
            await user.shows(r"\d+ of the \d+ loaded")
            assert (user.references[0], user.current.reference) == (reference, reference)
            await user.press("enter")
            await user.shows(f"── / {reference.lower()}  ")
            await user.no_longer_shows("reading incidents")
            assert (user.references[0], user.current.reference) == (reference, reference)
        assert len(user.references) > 1 or vendor == "datadog", "others whose references begin so follow"


@one_vendor
async def test_a_filter_that_the_rows_tell_nothing_of_is_said_not_to_be_applied(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor) as user:
        await user.shows(READ)
        await user.filter("pm:draft team:pay")
        await user.shows(r"\d+ of the 30 loaded, team: not applied yet · enter asks the server")


@one_vendor
async def test_an_incident_that_no_longer_matches_stays_and_is_said_not_to(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor) as user:
        await user.shows(READ)
        await user.filter("pm:draft")
        await user.press("enter")
        await user.shows("── / pm:draft  ")
        await user.no_longer_shows("reading incidents|no longer")
        shown = user.references
        await user.into("Internal DNS answers")
        await user.press("alt+p")
        await user.shows(r"Status +draft → published")
        await user.press("enter")
        await user.shows(r"saved · verified \d\d:\d\d")
        await user.press("escape")
        await user.shows(r"── / pm:draft  (\d+) of \1, 1 no longer matches", r"▌.#25 .*published")
        assert user.references == shown
        await user.press("r")
        await user.no_longer_shows("no longer|#25")
