"""Everything that can come back instead of an answer: a clear line on the screen, nothing lost, and the keys go on working."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pmtui.backends.http.limiter import LIMITER
from pmtui.sandbox.server import Sandbox
from pmtui.tui.dialogs.ask import Ask
from tests.gate import gate
from tests.tui.user import CHECKOUT, QUICK, READ, VENDORS, User, one_vendor, using
from tests.turns import every_vendor

BAD = {
    "400": r"\(400\)",
    "401": r"\(401\).*(wrong|check) .*key",
    "403": r"\(403\)",
    "404": r"\(404\)",
    "409": r"\(409\).*read again",
    "413": r"\(413\).*too large.*shorten",
    "422": r"\(422\)",
    "429": r"\(429\).*wait",
    "503": r"\(503\).*try again in a while",
    "html": "is a web page instead of JSON.*proxy",
    "html 502": r"sent a web page instead of data \(502\).*proxy",
    "empty 500": r"no reason given \(500\)",
    "empty": "answer.*check|answer.*try again",
    "redirect https://elsewhere.example.com/x": r"redirects to elsewhere\.example\.com.*keys",
    "drop-before": "was lost: .*try again",
    "truncate": "is truncated JSON.*try again",
    "cut": "was lost: .*try again",
    "garbage": r"is not UTF-8 \(byte 10\).*try again",
    "bomb": "is larger than 32 MiB.*try again",
}
"""The action of a fault, and what the screen says of it: what was found, and what to do next."""
IN_THE_LIST = {vendor: list(BAD)[number::2] for number, vendor in enumerate(VENDORS)}
IN_A_SAVE = {vendor: list(BAD)[number::2] for number, vendor in enumerate(reversed(VENDORS))}
"""The screens know no vendor: each answer comes from both, from the one for the list, from the other for a save."""
TYPED, REFUSED = "zqzqzq", "qzqzqzqz"
"""Short: they must not be folded."""
ROOMY = (100, 24)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LIMITER, "pace", 0.001)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=8, switches=QUICK) as sandbox:
        yield sandbox


def said(user: User) -> str:
    """The screen in one line: an error may be folded."""
    return " ".join(user.text.split())


async def says(user: User, wanted: str) -> None:
    await user.until(lambda: re.search(wanted, said(user)), wanted)


async def no_question(user: User) -> None:
    """The save has ended; where it asks whether it is to wait in the queue: it is not."""
    await user.until(lambda: isinstance(user.app.screen, Ask) or not any(each.is_running for each in user.app.workers), "the end")
    if isinstance(user.app.screen, Ask):
        await user.press("escape")


@every_vendor
async def test_the_list(sandbox: Sandbox, vendor: str, home: Path) -> None:
    async with using(home, sandbox, vendor, size=ROOMY) as user:
        await user.shows(f"▌.*{CHECKOUT}", READ)
        for action in IN_THE_LIST[vendor]:
            sandbox.fault(f"* * {action}")
            await user.press("r")
            await says(user, f"could not .*incidents: .*{BAD[action]}")
            sandbox.clear_faults()
            await user.press("r")
            await user.no_longer_shows("could not|reading incidents")
            await user.shows(f"▌.*{CHECKOUT}", READ)


async def test_the_first_list(sandbox: Sandbox, vendor: str, home: Path) -> None:
    """Nothing was ever read: the screen says why it is empty."""
    sandbox.fault("* * 401")
    async with using(home, sandbox, vendor, size=ROOMY) as user:
        await says(user, f"could not .*incidents: .*{BAD['401']}")
        sandbox.clear_faults()
        sandbox.fault("* * garbage")
        await user.press("r")
        await says(user, f"could not .*incidents: .*{BAD['garbage']}")
        sandbox.clear_faults()
        await user.press("r")
        await user.shows(f"▌.*{CHECKOUT}")


async def test_a_save(sandbox: Sandbox, vendor: str, home: Path) -> None:
    """Reading before the save fails, or the write: what was typed is there, on disk, and goes through when the server is back."""
    async with using(home, sandbox, vendor, size=ROOMY) as user:
        await user.into(CHECKOUT)
        for number, action in enumerate(IN_A_SAVE[vendor]):
            await user.type(f"{TYPED}{number:02d}z ")
            sandbox.requests.clear()
            sandbox.fault(f"* * {action}")
            await user.press("ctrl+s")
            await says(user, f"(not saved|not reached).*could not read .*{BAD[action]}")
            writes = [each for each in sandbox.requests if each["method"] != "GET" and not each["path"].endswith("/search")]
            assert writes == []
            await no_question(user)
            sandbox.clear_faults()
            await user.shows(f"{TYPED}{number:02d}z")
            await user.press("ctrl+s")
            await user.shows("enter send")
            await user.press("enter")
            await user.shows("saved · verified")
            assert f"{TYPED}{number:02d}z" in written(sandbox, vendor)
        # a write is refused again and again, in every way
        await user.type(REFUSED)
        for action in ("400", "403", "404", "409", "413", "422", "429", "drop-before"):
            await user.press("ctrl+s")
            await user.shows("enter send")
            for method in ("PUT", "PATCH", "POST"):
                sandbox.fault(f"{method} * {action}")
            await user.press("enter")
            await user.shows("f12 requests")  # the read back has ended
            await says(user, "(refused: .*could not save|not applied: )")
            assert REFUSED not in written(sandbox, vendor)
            await user.press("escape")
            await says(user, "not saved: ")
            await user.shows(REFUSED)
            sandbox.clear_faults()


async def test_what_is_slow_can_be_stopped(sandbox: Sandbox, vendor: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with using(home, sandbox, vendor, size=ROOMY) as user:
        # opening
        await user.shows(CHECKOUT, READ)
        with gate(sandbox) as answers:
            await user.press("enter")
            await user.shows("opening")
            await user.until(lambda: answers.held, "the server asked")
            await user.press("escape")
            await user.shows("stopped: nothing was opened")
        await user.into(CHECKOUT)
        # a save that hangs, which settles later
        await user.type(TYPED)
        await user.press("ctrl+s")
        await user.shows("enter send")
        with gate(sandbox, methods=("PUT", "PATCH")):
            await user.press("enter")
            await user.until(lambda: TYPED in written(sandbox, vendor), "the write at the server")
            await user.press("escape")
            await says(user, "a save was interrupted; the next one first finds out how far it came")
        await user.press("ctrl+s")
        await says(user, "saved · verified|the interrupted save had arrived|unchanged · read")
        assert written(sandbox, vendor).count(TYPED) == 1
        # a postmortem that was deleted meanwhile
        await user.type(f"more{TYPED}")
        delete(sandbox, vendor)
        await user.press("ctrl+s")
        await says(user, r"not saved.*could not read .*\(404\)")
        await no_question(user)
        await user.shows(f"more{TYPED}")
        # who is limited sees how long, and can stop
        with monkeypatch.context() as patch:
            patch.setattr(LIMITER, "pace", 60.0)
            sandbox.fault("* * 429")
            await user.press("f2", "ctrl+s")
            await says(user, r"waiting \d+ s .*esc cancels")
            await user.press("escape")
            await user.no_longer_shows("waiting")


@every_vendor
async def test_a_refusal_is_shown_at_the_field_that_it_names(sandbox: Sandbox, home: Path, vendor: str) -> None:
    """A title of 100,000 characters is the user's to shorten: the form goes there and says why. Opsgenie names no limit, and takes it."""
    async with using(home, sandbox, vendor, size=ROOMY) as user:
        await user.into(CHECKOUT)
        session = user.app.session
        assert session is not None
        session.set_field("title", "t" * 100_000)
        await user.press("ctrl+s")
        await user.until(lambda: "enter send" in user.text or "not sent" in user.text, "a review or a reason")
        if "enter send" in user.text:
            await user.press("enter")
        await says(user, r"[Tt]itle.*(long|character|exceed|at most)" if vendor == "datadog" else "saved · verified")
        assert len(str(session.mine.fields["title"])) == 100_000


def delete(sandbox: Sandbox, vendor: str) -> None:
    if vendor == "datadog":
        store = sandbox.datadog.state
        for notebook in list(store.notebooks()):
            store.remove_notebook(notebook["id"])
    else:
        for key in list(sandbox.opsgenie.state.postmortems):
            sandbox.opsgenie.state.remove_postmortem(key)


def written(sandbox: Sandbox, vendor: str) -> str:
    """All documents of the server."""
    if vendor == "datadog":
        return repr([each["cells"] for each in sandbox.datadog.state.notebooks()])
    return repr([(each["executiveSummary"], each["content"]) for each in sandbox.opsgenie.state.postmortems.values()])


@pytest.mark.long
@one_vendor
@pytest.mark.sweep(1)
@pytest.mark.parametrize("size", [(20, 5), (1, 1)])
async def test_a_terminal_that_is_too_small(sandbox: Sandbox, vendor: str, home: Path, size: tuple[int, int]) -> None:
    """Every screen lives through it, and is whole again when there is room."""
    async with using(home, sandbox, vendor) as user:
        await user.shows(CHECKOUT)
        for keys, shown in (((), CHECKOUT), (("f1",), "esc back"), (("escape", "f12"), "Requests"), (("escape",), CHECKOUT)):
            await user.press(*keys)
            await user.resize(*size)
            await user.resize(80, 24)
            await user.shows(shown)
        await user.into(CHECKOUT)
        for keys, shown in ((("x",), "cell 1"), (("f2",), "Details"), (("escape", "f3"), "esc"), (("escape", "ctrl+s"), "enter send")):
            await user.press(*keys)
            await user.resize(*size)
            await user.resize(80, 24)
            await user.shows(shown)


@pytest.mark.parametrize("places", [("state", "cache"), ("state/pmtui", "cache/pmtui"), ("state/pmtui/drafts",)])
async def test_a_directory_that_cannot_be_written(sandbox: Sandbox, vendor: str, home: Path, places: tuple[str, ...]) -> None:
    """A file stands in its place: root may write everywhere else. Editing and saving go on, and the screen tells."""
    blocked = [home / place for place in places]
    for each in blocked:
        each.parent.mkdir(parents=True, exist_ok=True)
        each.write_text("in the way")
    async with using(home, sandbox, vendor, size=ROOMY) as user:
        await user.into(CHECKOUT)
        await user.type(TYPED)
        await says(user, "edited · not on disk: .*(directory|exists)")
        await user.press("ctrl+s")
        await user.shows("enter send")
        await user.press("enter")
        await user.shows("saved · verified")
    assert TYPED in written(sandbox, vendor)
    assert {each.read_text() for each in blocked} == {"in the way"}
