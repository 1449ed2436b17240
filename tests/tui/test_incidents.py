"""The list of incidents: what it shows, how it narrows, and that trouble leaves it as it was."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.http.limiter import LIMITER, route_of
from pmtui.backends.page import Page
from pmtui.cli.launching import variables_of
from pmtui.model.query import Query
from pmtui.sandbox.server import Sandbox
from pmtui.tui.widgets.listing.incident_list import IncidentList
from pmtui.tui.worker_groups import Group, is_running
from tests.gate import gate
from tests.tui.colleague import Colleague
from tests.tui.face import environment
from tests.tui.stage import CHECKOUT, QUICK, READ, both_vendors, one_vendor, program, stage
from tests.turns import every_vendor

LISTS = {"datadog": "/api/v2/incidents/search", "opsgenie": "/v1/incidents"}
WORST = {"datadog": "SEV-1", "opsgenie": "P1"}
OLDEST = {"datadog": 309, "opsgenie": 1}
"""The number of the oldest incident."""
OPEN = {"datadog": "active", "opsgenie": "open"}


def listings(sandbox: Sandbox, vendor: str) -> list[dict[str, str]]:
    """The queries of the requests for incidents."""
    return [each["query"] for each in sandbox.requests if each["path"] == LISTS[vendor] and each["method"] == "GET"]


def pages(sandbox: Sandbox, vendor: str) -> list[dict[str, str]]:
    """The queries of the requests for the pages of the list as it is at the start."""
    return [each for each in listings(sandbox, vendor) if each["query"] == listings(sandbox, vendor)[0]["query"]]


def number(reference: str) -> int:
    return int(reference.lstrip("#").rpartition("-")[2])


# ---- what is shown ----------------------------------------------------------------------------------------------
async def test_the_newest_comes_first(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(100, 40)) as user:
        await user.shows(READ)
        numbers = [number(each) for each in user.references]
        assert len(numbers) >= 28
        assert numbers == sorted(numbers, reverse=True)
        assert CHECKOUT in user.rows[0]
        assert user.line("▌ ").endswith(user.rows[0])


@one_vendor
@pytest.mark.parametrize(
    ("columns", "shown", "missing"),
    [
        (50, {"REF", "AGE", "PM", "TITLE"}, {"SEV", "OWNER"}),
        (80, {"REF", "SEV", "STATUS", "AGE", "PM", "TITLE"}, set()),
        (200, {"AGE"}, set()),
    ],
)
async def test_columns_are_those_there_is_room_for(
    sandbox: Sandbox, home: Path, vendor: str, columns: int, shown: set[str], missing: set[str]
) -> None:
    async with stage(home, sandbox, vendor, size=(columns, 24)) as user:
        await user.shows(READ)
        heading = user.line("REF").replace("↓", "").split()
        assert shown <= set(heading)
        assert not missing & set(heading)
        assert heading[-1] == "TITLE"
        at = user.line("REF").index("TITLE")
        assert all(row[at - 3 :].strip() for row in user.rows), "a title of at least some letters in every row"
        if "SEV" in heading:
            assert user.line("REF").index("SEV") == user.line(CHECKOUT[:8]).index(WORST[vendor])


@every_vendor
async def test_owners_have_a_column_where_the_vendor_tells_them(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(100, 24)) as user:
        await user.shows(READ)
        assert ("OWNER" in user.line("REF")) is (vendor == "datadog")
        assert ("Jane Doe" in user.rows[0]) is (vendor == "datadog")


@one_vendor
async def test_a_wide_window_shows_more_of_the_incident_under_the_cursor(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(140, 24)) as user:
        await user.shows(READ, r"│ +severity +" + WORST[vendor], r"│ +address")
        await user.press("j")
        await user.shows(r"│ +Search latency in eu-west above 4 s")


@one_vendor
async def test_what_a_title_says_is_text(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(180, 40)) as user:
        await user.go_to("[P1] Alert text")
        assert "[P1] Alert text [/b] reads [@click=app.bell]page me[/] ␛[31mred␛[0m" in user.line("▌ ")
        assert "\x1b" not in user.text


async def test_no_line_is_lost_to_a_scrollbar(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "opsgenie") as user:
        await user.shows(READ)
        assert len(user.rows) == 24 - len(["head", "counts", "columns", "status", "keys"]), "every line between is a row"
        await user.press("slash", "x", "escape", "s")
        await user.shows("by severity")
        assert len(user.rows) == 19


# ---- narrowing --------------------------------------------------------------------------------------------------
@one_vendor
async def test_the_filter_narrows_as_it_is_typed(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
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


@every_vendor
async def test_words_with_a_colon_narrow_what_is_here_and_are_asked_of_the_server(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(80, 40)) as user:
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


@every_vendor
async def test_a_severity_and_a_word(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(80, 40)) as user:
        await user.shows(READ)
        await user.filter("sev:1 checkout")
        await user.press("enter")
        await user.shows("── / sev:1 checkout")
        await user.no_longer_shows("reading")
        assert CHECKOUT in user.rows[0]
        assert all(WORST[vendor] in row for row in user.rows)


@one_vendor
async def test_nothing_found_can_be_left(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.shows(READ)
        await user.filter("zzz")
        await user.until(lambda: not user.rows, "no row")
        await user.press("enter")
        await user.shows("── / zzz")
        await user.until(lambda: not user.rows, "no row")
        await user.press("enter", "n", "j", "G", "s", "escape")
        await user.shows(CHECKOUT)


@one_vendor
async def test_sorting_goes_round(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(100, 40)) as user:
        await user.shows(READ)
        newest = user.rows
        seen: dict[str, list[str]] = {}
        owner = () if vendor == "opsgenie" else ("owner",)  # its list has none, so there is nothing to sort by
        for name in ("severity", "status", *owner, "title"):
            await user.press("s")
            await user.shows(f"by {name}")
            assert sorted(user.rows) == sorted(newest)
            seen[name] = user.rows
        assert [row.split()[1] for row in seen["severity"]] == sorted(row.split()[1] for row in newest)
        life = ["open", "resolved", "closed"]
        assert [row.split()[2] for row in seen["status"]] == sorted((row.split()[2] for row in newest), key=life.index)
        assert "A CDN purge" in seen["title"][1], "after the title that begins with a bracket"
        await user.press("s")
        await user.no_longer_shows(r"by \w+")
        assert user.rows == newest


async def test_the_heading_marks_the_order_and_one_key_reverses_it(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog", size=(100, 40)) as user:
        await user.shows(READ, "AGE↓")
        newest = user.rows
        await user.press("S")
        await user.shows("AGE↑", "by newest, reversed")
        assert user.rows == newest[::-1]
        await user.press("s")
        await user.shows("SEV↓")
        assert "AGE " in user.line("REF")
        for title in ("STATUS↓", "OWNER↓", "TITLE↓"):
            await user.press("s")
            await user.shows(title)
        await user.press("S")
        await user.shows("TITLE↑")


async def test_the_cursor_stays_on_its_incident_and_in_sight(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog", size=(80, 16)) as user:
        await user.go_to("Payments: duplicate")
        for _ in range(10):
            await user.press("s")
            assert "Payments: duplicate" in user.line("▌ ")
            await user.press("S")
            assert "Payments: duplicate" in user.line("▌ ")


async def test_the_cursor_is_on_the_first_hit_and_then_stays_there(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
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


@one_vendor
async def test_a_reload_does_not_lose_a_cursor_on_a_later_page(home: Path, vendor: str) -> None:
    with Sandbox(incidents=250, switches=QUICK) as sandbox:
        async with stage(home, sandbox, vendor) as user:
            await user.shows(READ)
            await user.press("a")
            await user.shows(r"\b250 of 250\b")
            await user.press("G", "k", "k")
            here = user.current
            await user.press("r")
            await user.no_longer_shows("reading")
            assert user.current == here
            assert here.reference in user.line("▌ ")


# ---- reading ----------------------------------------------------------------------------------------------------
async def test_reload_shows_what_others_did(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.go_to("Search latency")
        Colleague(sandbox, vendor).rename_incident("Search latency", "Searching is slow again")
        await user.press("r")
        await user.shows("▌ .*Searching is slow again")


@every_vendor
async def test_the_next_page_comes_before_the_end_is_reached(home: Path, vendor: str) -> None:
    with Sandbox(incidents=130, switches=QUICK) as sandbox:
        async with stage(home, sandbox, vendor) as user:
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
        async with stage(home, sandbox, vendor, size=(80, 20)) as user:

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
            assert len(pages(sandbox, vendor)) == 3


@one_vendor
async def test_a_page_that_could_not_be_read_ahead_is_asked_for_again_when_it_is_wanted(home: Path, vendor: str) -> None:
    with Sandbox(incidents=400, switches=QUICK) as sandbox:
        async with stage(home, sandbox, vendor) as user:
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
        async with stage(home, sandbox, vendor) as user:
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


@one_vendor
async def test_what_was_seen_last_is_there_before_the_server_answers(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.shows(READ)
        before = user.rows
    with gate(sandbox, LISTS[vendor]):
        async with stage(home, sandbox, vendor) as user:
            await user.shows("reading incidents")
            assert user.rows == before
            await user.press("j")
            assert user.line("▌ ").endswith(before[1])
            await user.press("escape")


@one_vendor
async def test_without_a_network_the_list_last_seen_stays(sandbox: Sandbox, home: Path, vendor: str) -> None:
    with Sandbox(incidents=3, switches=QUICK) as gone:
        async with stage(home, gone, vendor) as user:
            await user.shows(READ)
            before = user.rows
        variables = variables_of(vendor, gone.url)
    async with program(environment(home, variables), vendor) as user:
        await user.shows("could not .* refused the connection")
        assert user.rows == before


async def test_an_error_leaves_the_list(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.shows(READ)
        before = user.rows
        sandbox.fault("GET * 403")
        await user.press("r")
        await user.shows(r"could not (list|read the) incidents: [^·]*\(403\)")
        assert user.rows[:15] == before[:15], "the error may need a line or two"
        sandbox.clear_faults()
        await user.press("r")
        await user.no_longer_shows("could not|reading incidents")


async def test_a_list_that_fails_meanwhile_does_not_push_away_why_nothing_opened(
    sandbox: Sandbox, home: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.shows(READ)
        assert user.app.workspace is not None
        failing, failed = asyncio.Event(), asyncio.Event()

        async def incidents(query: Query, cursor: str | None = None) -> Page:
            await failing.wait()
            failed.set()
            raise BackendError(Trouble.OFFLINE, "list incidents", "nobody answers")

        monkeypatch.setattr(user.app.workspace, "incidents", incidents)
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


async def test_a_draft_is_marked(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.type("x")
        await user.press("escape")
        await user.shows("keep the draft")
        await user.press("k")
        await user.shows("   REF ", "not sent: ")  # leaving waits for the disk
        await user.shows(rf"not sent: {user.references[0]}, draft from")
        assert user.line("●").startswith(f" ▌●{user.references[0]} ")
        assert user.text.count("●") == 1
    async with stage(home, sandbox, vendor) as user:
        await user.shows(READ, "not sent")
        assert user.line("●").startswith(f" ▌●{user.references[0]} ")


@every_vendor
async def test_an_incident_named_at_the_start_is_opened(sandbox: Sandbox, home: Path, vendor: str) -> None:
    reference = {"datadog": "IR-337", "opsgenie": "#28"}[vendor]
    async with stage(home, sandbox, vendor, ref=reference) as user:
        await user.shows(rf"(?m)^ {reference} ", r"cell \d+ of \d+ · line")


@every_vendor
async def test_an_incident_that_is_not_there_is_named(sandbox: Sandbox, home: Path, vendor: str) -> None:
    reference = {"datadog": "IR-4711", "opsgenie": "#4711"}[vendor]
    async with stage(home, sandbox, vendor, ref=reference) as user:
        await user.shows(f"could not find .*{reference}", CHECKOUT)


@one_vendor
async def test_what_was_not_understood_is_not_nothing(sandbox: Sandbox, home: Path, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def incidents(*_: object) -> Page:
        return Page((), unreadable=("data[0].id is missing", "data[1] is a number, not an object"))

    async with stage(home, sandbox, vendor) as user:
        await user.shows(READ)
        assert user.app.workspace is not None
        monkeypatch.setattr(user.app.workspace, "incidents", incidents)
        await user.press("r")
        await user.shows("(?m)^   2 rows could not be read: data.0..id is missing", "(?m)^ 2 rows could not be read")
        assert "there are no incidents" not in user.text
