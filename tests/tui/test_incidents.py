"""The list of incidents: what it shows, how it narrows, and that trouble leaves it as it was."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.http.limiter import LIMITER, route_of
from pmtui.backends.page import Page
from pmtui.display import width
from pmtui.model.query import Query
from pmtui.paths import shortened
from pmtui.sandbox.server import Sandbox
from pmtui.tui.widgets.listing.incident_list import IncidentList
from pmtui.tui.worker_groups import Group, is_running
from tests.gate import gate
from tests.tui.colleague import Colleague
from tests.tui.user import CHECKOUT, QUICK, READ, both_vendors, one_vendor, using
from tests.turns import every_vendor

LISTS = {"datadog": "/api/v2/incidents/search", "opsgenie": "/v1/incidents"}
WORST = {"datadog": "SEV-1", "opsgenie": "P1"}
OLDEST = {"datadog": 309, "opsgenie": 1}
"""The number of the oldest incident."""
OPEN = {"datadog": "active", "opsgenie": "open"}
LIFE = {"datadog": ["active", "stable", "resolved", "completed"], "opsgenie": ["open", "resolved", "closed"]}
"""States in the order in which an incident has them."""
COLUMNS: list[tuple[int, set[str], set[str]]] = [
    (50, {"REF", "AGE", "PM", "TITLE"}, {"SEV", "OWNER"}),
    (80, {"REF", "SEV", "STATUS", "AGE", "PM", "TITLE"}, set()),
    (200, {"AGE"}, set()),
]
"""Of windows of this width: columns that are shown, and those that are not."""


def listings(sandbox: Sandbox, vendor: str) -> list[dict[str, str]]:
    """The queries of the requests for incidents."""
    return [each["query"] for each in sandbox.requests if each["path"] == LISTS[vendor] and each["method"] == "GET"]


def pages(sandbox: Sandbox, vendor: str) -> list[dict[str, str]]:
    """The queries of the requests for the pages of the list as it is at the start."""
    return [each for each in listings(sandbox, vendor) if each["query"] == listings(sandbox, vendor)[0]["query"]]


def number(reference: str) -> int:
    return int(reference.lstrip("#").rpartition("-")[2])


# ---- what is shown ----------------------------------------------------------------------------------------------
@every_vendor
async def test_the_newest_comes_first_and_sorting_goes_round(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor, size=(100, 40)) as user:
        await user.shows(READ, "AGE↓")
        numbers = [number(each) for each in user.references]
        assert len(numbers) >= 28
        assert numbers == sorted(numbers, reverse=True)
        newest = user.rows
        assert CHECKOUT in newest[0]
        assert user.line("▌ ").endswith(newest[0])

        # owners have a column where the vendor tells them
        assert ("OWNER" in user.line("REF")) is (vendor == "datadog")
        assert ("Jane Doe" in newest[0]) is (vendor == "datadog")

        # one key reverses the order, and the heading marks it
        await user.press("S")
        await user.shows("AGE↑", "by newest, reversed")
        assert user.rows == newest[::-1]
        seen: dict[str, list[str]] = {}
        owner = () if vendor == "opsgenie" else ("owner",)  # its list has none, so there is nothing to sort by
        for name in ("severity", "status", *owner, "title"):
            await user.press("s")
            await user.shows(f"by {name}", f"{'SEV' if name == 'severity' else name.upper()}↓")
            assert "AGE " in user.line("REF")
            assert sorted(user.rows) == sorted(newest)
            seen[name] = user.rows
        await user.press("S")
        await user.shows("TITLE↑")
        assert [row.split()[1] for row in seen["severity"]] == sorted(row.split()[1] for row in newest)
        assert [row.split()[2] for row in seen["status"]] == sorted((row.split()[2] for row in newest), key=LIFE[vendor].index)
        assert "A CDN purge" in seen["title"][1], "after the title that begins with a bracket"
        await user.press("s")
        await user.no_longer_shows(r"by \w+")
        assert user.rows == newest


@one_vendor
async def test_what_the_cache_cannot_keep_is_told_with_the_reading(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor, more={"XDG_CACHE_HOME": "/dev/null"}) as user:
        await user.shows(READ, r"nothing is\s+kept for later: ")


@one_vendor
async def test_what_is_shown_is_what_the_window_has_room_for(sandbox: Sandbox, home: Path, vendor: str, subtests: pytest.Subtests) -> None:
    async with using(home, sandbox, vendor, size=(180, 40)) as user:
        with subtests.test("what a title says is text"):
            await user.go_to("[P1] Alert text")
            assert "[P1] Alert text [/b] reads [@click=app.bell]page me[/] ␛[31mred␛[0m" in user.line("▌ ")
            assert "\x1b" not in user.text

        with subtests.test("a wide window shows more of the incident under the cursor"):
            await user.resize(140, 24)
            await user.press("g")
            await user.shows(READ, r"│ +severity +" + WORST[vendor], r"│ +address")
            await user.press("j")
            await user.shows(r"│ +Search latency in eu-west above 4 s")
            await user.press("g")

        for columns, shown, missing in COLUMNS:
            with subtests.test("columns are those there is room for", columns=columns):
                await user.resize(columns, 24)
                await user.shows(READ)
                heading = user.line("REF").replace("↓", "").split()
                assert shown <= set(heading)
                assert not missing & set(heading)
                assert heading[-1] == "TITLE"
                at = user.line("REF").index("TITLE")
                assert all(row[at - 3 :].strip() for row in user.rows), "a title of at least some letters in every row"
                assert max(width(row) for row in user.rows) + 3 <= columns - 2, "a blank, and the scrollbar"
                if "SEV" in heading:
                    assert user.line("REF").index("SEV") == user.line(CHECKOUT[:8]).index(WORST[vendor])

        with subtests.test("no line is lost to a scrollbar"):
            await user.resize(80, 24)
            assert len(user.rows) == 24 - len(["head", "counts", "columns", "status", "keys"]), "every line between is a row"
            await user.press("slash", "x", "escape", "s")
            await user.shows("by severity")
            assert len(user.rows) == 19

        with subtests.test("the cursor stays on its incident and in sight"):
            await user.resize(80, 16)
            await user.go_to("Payments: duplicate")
            for _ in range(10):
                await user.press("s")
                assert "Payments: duplicate" in user.line("▌ ")
                await user.press("S")
                assert "Payments: duplicate" in user.line("▌ ")

        with subtests.test("from the first row it goes to the new first one"):
            await user.press("g")
            for key in "sSsSs":
                await user.press(key)
                assert user.line("▌ ")[3:].rstrip(" ▁▂▃▄▅▆▇█▏") == user.rows[0]


# ---- narrowing --------------------------------------------------------------------------------------------------
async def test_the_filter_narrows_as_it_is_typed(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor) as user:
        await user.shows(READ)
        everything, asked = user.rows, len(listings(sandbox, vendor))
        await user.filter("redis")
        await user.shows(r"1 of the \d\d loaded")
        assert [row for row in user.rows if "redis" not in row] == []
        assert len(listings(sandbox, vendor)) == asked
        await user.press("escape")
        await user.no_longer_shows("1 of")
        assert user.rows == everything
        assert "f filter" not in user.keys
        assert len(listings(sandbox, vendor)) == asked

        # when nothing is found, it can be left
        await user.filter("zzz")
        await user.until(lambda: not user.rows, "no row")
        await user.press("enter")
        await user.shows("── / zzz")
        await user.until(lambda: not user.rows, "no row")
        await user.press("enter", "n", "j", "G", "s", "escape")
        await user.shows(CHECKOUT)
        await user.no_longer_shows("reading")

        # the cursor is on the first hit, and then stays there
        await user.go_to("Search latency")
        await user.press("G")
        await user.filter("latency")
        assert "Search latency" in user.line("▌ ")
        await user.press("enter")
        await user.shows("── / latency")
        await user.no_longer_shows("reading")
        assert "Search latency" in user.line("▌ ")
        await user.press("escape")
        await user.shows(CHECKOUT)
        await user.no_longer_shows("reading")
        assert "Search latency" in user.line("▌ ")


@every_vendor
async def test_words_with_a_colon_narrow_what_is_here_and_are_asked_of_the_server(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor, size=(80, 40)) as user:
        await user.shows(READ)
        everything, before = user.references, len(listings(sandbox, vendor))
        await user.filter("service:checkout")
        assert user.references == everything, "what only the server can tell narrows nothing yet"
        await user.press("escape")
        await user.filter(f"state:{OPEN[vendor][:3]}")
        await user.shows("loaded · enter asks the server")
        assert user.rows and all(f" {OPEN[vendor]} " in row for row in user.rows)
        assert len(listings(sandbox, vendor)) == before
        await user.type(OPEN[vendor][3:])
        await user.press("enter")
        await user.shows(rf"── / state:{OPEN[vendor]}  ")
        await user.until(lambda: len(user.rows) < len(everything), "fewer rows")
        assert user.rows
        assert all(f" {OPEN[vendor]} " in row for row in user.rows)
        await user.until(lambda: any(OPEN[vendor] in str(each) for each in listings(sandbox, vendor)[before:]), "the server is asked")
        await user.press("escape")
        await user.until(lambda: user.references == everything, "everything again")

        # a severity and a word
        await user.filter("sev:1 checkout")
        await user.press("enter")
        await user.shows("── / sev:1 checkout")
        await user.no_longer_shows("reading")
        assert CHECKOUT in user.rows[0]
        assert all(WORST[vendor] in row for row in user.rows)


# ---- reading ----------------------------------------------------------------------------------------------------
async def test_reading_again_takes_in_what_is_new_and_leaves_the_list_when_it_fails(
    sandbox: Sandbox, home: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with using(home, sandbox, vendor) as user:
        # what others did is shown
        await user.go_to("Search latency")
        Colleague(sandbox, vendor).rename_incident("Search latency", "Searching is slow again")
        await user.press("r")
        await user.shows("▌ .*Searching is slow again")

        # an error leaves the list
        await user.no_longer_shows("reading")
        before = user.rows
        sandbox.fault("GET * 403")
        await user.press("r")
        await user.shows(r"could not (list|read the) incidents: [^·]*\(403\)")
        assert user.rows[:15] == before[:15], "the error may need a line or two"
        sandbox.clear_faults()
        await user.press("r")
        await user.no_longer_shows("could not|reading incidents")

        # a list that fails meanwhile does not push away why nothing opened
        await user.press("g")
        assert user.app.workspace is not None
        failing, failed = asyncio.Event(), asyncio.Event()

        async def refused(query: Query, cursor: str | None = None) -> Page:
            await failing.wait()
            failed.set()
            raise BackendError(Trouble.OFFLINE, "list incidents", "nobody answers")

        with monkeypatch.context() as out:
            out.setattr(user.app.workspace, "incidents", refused)
            await user.press("r")
            await user.shows("reading incidents")
            sandbox.fault("* * 403")
            await user.press("enter")
            await user.shows("could not read [^·]*403")
            failing.set()
            await failed.wait()
            await user.press("s")  # what came of the failure has been dealt with, too
            await user.shows("could not read [^·]*403")
            failing.clear()
            await user.press("r")
            await user.shows("reading incidents")
            failing.set()
            await user.shows("could not list incidents: nobody answers")
            sandbox.clear_faults()

        # what was not understood is not nothing
        async def unreadable(*_: object) -> Page:
            return Page((), unreadable=("data[0].id is missing", "data[1] is a number, not an object"))

        monkeypatch.setattr(user.app.workspace, "incidents", unreadable)
        await user.press("r")
        await user.shows("(?m)^   2 rows could not be read: data.0..id is missing", "(?m)^ 2 rows could not be read")
        assert "there are no incidents" not in user.text


@every_vendor
async def test_the_next_page_comes_before_the_end_is_reached(home: Path, vendor: str) -> None:
    with Sandbox(incidents=130, switches=QUICK) as sandbox:
        async with using(home, sandbox, vendor) as user:
            await user.shows(READ)
            incidents = user.app.screen.query_one(IncidentList)
            while number(user.current.reference) != OLDEST[vendor]:
                rows = incidents.row_count
                await user.press("G")
                if number(user.current.reference) != OLDEST[vendor]:
                    await user.until(lambda rows=rows: incidents.row_count > rows, "the next page")  # type: ignore[misc]
            await user.shows(rf"▌ (IR-|#){OLDEST[vendor]} ")


@every_vendor
async def test_the_page_behind_the_one_in_sight_is_read_ahead(home: Path, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One page at most, unspoken of unless it is wanted; not in a pause that the vendor asked for, and not for another query."""
    with Sandbox(incidents=400, switches=QUICK) as sandbox:
        async with using(home, sandbox, vendor, size=(80, 20)) as user:

            def is_reading() -> bool:
                return is_running(user.app.screen, Group.LIST)

            await user.shows(READ)
            incidents = user.app.screen.query_one(IncidentList)
            page = incidents.row_count
            await user.press("j", "k", "j")
            assert not is_reading()
            with monkeypatch.context() as paused:
                paused.setattr(LIMITER, "_pauses", {})
                here = urlsplit(sandbox.url)
                LIMITER.pause(route_of("GET", here.netloc, here.path + LISTS[vendor]), 60)
                while not incidents.scroll_offset.y:
                    await user.press("j")
                assert not is_reading()
            with gate(sandbox, LISTS[vendor]) as answers:
                await user.press("j")
                await user.until(lambda: answers.held, "the server asked")
                await user.press("j", "k")
                assert "reading" not in user.text and incidents.row_count == page
                await user.press("G")
                assert "reading more" in user.text
                answers.open()
                await user.until(lambda: incidents.row_count == 2 * page, "the next page")
                await user.no_longer_shows("reading")
            assert len(pages(sandbox, vendor)) == 2
            await user.press("pageup")
            assert not is_reading()  # the page in sight is not the last one
            with gate(sandbox, LISTS[vendor]) as answers:
                while not is_reading():
                    await user.press("j")
                assert incidents.row_count == 2 * page and incidents.current == incidents._rows[page]
                await user.until(lambda: answers.held, "the server asked")
                await user.filter("failover")
                await user.press("enter")
                answers.open()
                await user.no_longer_shows("reading")
                assert incidents.row_count < page
            # the first page may be asked for again, for words inside of words
            assert len({str(each) for each in pages(sandbox, vendor)}) == 3


@one_vendor
async def test_a_page_that_could_not_be_read_ahead_is_asked_for_again_when_it_is_wanted(home: Path, vendor: str) -> None:
    with Sandbox(incidents=400, switches=QUICK) as sandbox:
        async with using(home, sandbox, vendor) as user:
            await user.shows(READ)
            page = user.app.screen.query_one(IncidentList).row_count
            sandbox.fault(f"GET {LISTS[vendor]} 403")
            await user.press("pagedown", "pagedown")
            await user.until(lambda: not is_running(user.app.screen, Group.LIST), "the refusal")
            await user.press("pageup", "pagedown")
            assert len(pages(sandbox, vendor)) == 2 and "refused" not in user.text
            sandbox.clear_faults()
            await user.press("G")
            await user.until(lambda: user.app.screen.query_one(IncidentList).row_count == 2 * page, "the next page")


@one_vendor
async def test_all_pages_with_one_key_and_escape_stops_it(home: Path, vendor: str) -> None:
    with Sandbox(incidents=400, switches=QUICK) as sandbox:
        async with using(home, sandbox, vendor) as user:
            await user.shows(READ)
            with gate(sandbox, LISTS[vendor]) as answers:
                await user.press("a")
                await user.shows(r"reading more… \d+ so far · esc stops")
                await user.until(lambda: answers.held, "the server asked")
                await user.press("escape")
                await user.no_longer_shows("reading more")
                asked = len(pages(sandbox, vendor))
                assert user.rows
            await user.press("j")
            assert len(pages(sandbox, vendor)) == asked
            await user.press("a")
            await user.shows(r"\b(398 of 398|400 of 400)\b")
            assert len(pages(sandbox, vendor)) == asked + 3
            await user.press("G")
            assert number(user.line("▌ ").split()[1]) == OLDEST[vendor]

            # a reload does not lose a cursor on a later page
            await user.press("k", "k")
            here = user.current
            await user.press("r")
            await user.no_longer_shows("reading")
            assert user.current == here
            assert here.reference in user.line("▌ ")


@one_vendor
async def test_what_was_seen_last_is_there_before_the_server_answers_and_without_it(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor) as user:
        await user.into()
        await user.type("x")
        await user.press("escape")
        await user.shows("keep the draft")
        await user.press("k")
        await user.shows("   REF ", "not sent: ", READ)  # leaving waits for the disk
        before = user.rows
        await user.shows(rf"not sent: {user.references[0]}, draft from")
        assert user.line("●").startswith(f" ▌●{user.references[0]} ")
        assert user.text.count("●") == 1
    with gate(sandbox, LISTS[vendor]):
        async with using(home, sandbox, vendor) as user:
            await user.shows("reading incidents", "not sent")
            assert user.rows == before
            assert user.line("●").startswith(f" ▌●{user.references[0]} ")
            await user.press("j")
            assert user.line("▌ ").endswith(before[1])
            await user.press("escape")
    sandbox.stop()
    async with using(home, sandbox, vendor) as user:
        await user.shows("could not .* refused the connection")
        assert user.rows == before[: len(user.rows)] and len(user.rows) >= 15


# ---- from here to there -----------------------------------------------------------------------------------------
async def test_another_profile(sandbox: Sandbox, home: Path) -> None:
    async with both_vendors(home, sandbox, "datadog") as user:
        await user.shows("pmtui  datadog", r"IR-338")
        await user.press("w")
        await user.shows("Profile", "• datadog", "opsgenie")
        await user.type("opsg")
        await user.press("enter")
        await user.shows("pmtui  opsgenie", r"#30 .*Checkout", READ)
        await user.into()
        await user.shows("#30")
        await user.press("escape")
        await user.press("w")
        await user.shows("• opsgenie")
        await user.press("escape")
        await user.shows("pmtui  opsgenie")

        # what is unsent in the other profile is told here
        await user.into()
        await user.type("word")
        await user.shows("edited · draft on disk")
        await user.press("escape")
        await user.shows("keep the draft and leave")
        await user.press("k")
        await user.shows("not sent: #30")
        assert "in profile" not in user.text
        assert user.app.workspace is not None
        backend, may_close, closed = user.app.workspace.backend, asyncio.Event(), asyncio.Event()
        close = backend.aclose

        async def closes_late() -> None:
            await may_close.wait()
            await close()
            closed.set()

        backend.aclose = closes_late  # type: ignore[method-assign]
        await user.press("w")
        await user.type("data")
        await user.press("enter")
        await user.shows("pmtui  datadog", READ, "1 draft in profile opsgenie · w switches")
        assert "#30" not in user.text

        # the other list does not wait for the connections of the one that was left; another switch does not leave them open
        await user.press("w")
        await user.type("opsg")
        await user.press("enter")
        await user.shows("pmtui  opsgenie", READ, "not sent: #30")
        await user.press("f1")
        await user.shows("The incidents, newest first")
        may_close.set()
        await user.until(closed.is_set, "the connections closed")
        assert len(user.app.screen_stack) == 2
        await user.press("escape")
        await user.into()


async def test_a_theme_that_is_chosen_is_kept(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        config = user.app.launch.config_path
        config.parent.mkdir(parents=True, exist_ok=True)
        mine = home / "dotfiles.toml"
        mine.write_text("# my own\n\nmouse = false # no mouse\n# places\n[profiles]\n")
        mine.chmod(0o640)
        config.symlink_to(mine)
        shown = shortened(config, user.app.launch.environment)
        await user.shows(READ)
        for screen in ("the list", "the document"):
            await user.press("alt+t")
            await user.shows("│ Theme", "enter selects")
            await user.press("escape")
            await user.no_longer_shows("│ Theme")
            assert "theme = " not in user.text, screen
            await user.press("alt+t", "down" if screen == "the list" else "up", "enter")
            await user.no_longer_shows("│ Theme")
            said = f'kept: theme = "{user.app.theme}" in {shown}'
            await user.until(lambda said=said: said.replace(" ", "") in re.sub(r"\s", "", user.text), said)  # type: ignore[misc]
            written = f'# my own\n\nmouse = false # no mouse\ntheme = "{user.app.theme}"\n\n# places\n[profiles]\n'
            assert mine.read_text() == written, "nothing else has changed"
            if screen == "the list":
                await user.into()
        assert config.is_symlink()
        assert mine.stat().st_mode & 0o777 == 0o640

        # where it cannot be written, the line is said
        config.unlink()
        config.symlink_to("/dev/null")
        await user.press("alt+t", "home", "enter")
        await user.shows("until pmtui ends")
        said = f'(the configuration is no plain file) · theme = "{user.app.theme}" in {shown} keeps it'
        await user.until(lambda: said.replace(" ", "") in re.sub(r"\s", "", user.text), said)


@every_vendor
async def test_an_incident_named_at_the_start_is_opened(sandbox: Sandbox, home: Path, vendor: str) -> None:
    reference = {"datadog": "IR-337", "opsgenie": "#28"}[vendor]
    async with using(home, sandbox, vendor, ref=reference) as user:
        await user.shows(rf"(?m)^ {reference} ", r"cell \d+ of \d+ · line")


@every_vendor
async def test_an_incident_that_is_not_there_is_named(sandbox: Sandbox, home: Path, vendor: str) -> None:
    reference = {"datadog": "IR-4711", "opsgenie": "#4711"}[vendor]
    async with using(home, sandbox, vendor, ref=reference) as user:
        await user.shows(f"could not find .*{reference}", CHECKOUT)
