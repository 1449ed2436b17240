"""Without the network: what was seen before opens, marked with its age; draft not sent yet in the queue, and goes through review later."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pmtui.config import ConfigError
from pmtui.sandbox.server import Sandbox
from pmtui.session.workspace import Workspace
from pmtui.store import drafts as drafts_module
from pmtui.store.cache import Cache
from pmtui.store.drafts import DraftInfo, Drafts
from pmtui.tui.flows import opening
from pmtui.tui.launch import Launch
from pmtui.tui.widgets.listing import drafts_line
from pmtui.tui.widgets.listing.drafts_line import DraftsLine
from tests.gate import gate
from tests.patience import PATIENCE
from tests.tui.user import CHECKOUT, QUICK, using

IN_A_CELL = r"cell \d+ of \d+ · line \d+"
WORDS = "typed without a network"
WITHOUT = "Login e-mails delayed"
"""It has no postmortem."""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "sandbox"


def online(state: Path, port: int = 0) -> Sandbox:
    """A server that keeps what it has when it is stopped, and its address."""
    return Sandbox(incidents=30, switches=QUICK, state=state, port=port, token="")


@contextmanager
def out_of_reach(sandbox: Sandbox) -> Iterator[None]:
    """Nobody listens where it was, and no other test's server can take its place."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", int(sandbox.url.rpartition(":")[2])))
        yield


async def test_a_save_waits_until_the_server_is_back_and_is_sent_from_the_list_through_the_review(
    state: Path, home: Path, vendor: str
) -> None:
    with online(state) as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        async with using(home, sandbox, vendor) as user:
            await user.into(CHECKOUT)
    with out_of_reach(sandbox):
        async with using(home, sandbox, vendor) as user:
            await user.shows(CHECKOUT, "refused the connection")
            await user.press("j", "enter")
            await user.shows(r"could not read the (incident|postmortem of)( \S+)?: ")  # which was never seen
            await user.press("k", "enter")
            await user.shows(IN_A_CELL, r"this is what was\s+read on \d{4}-\d\d-\d\d\s+\d\d:\d\d")
            await user.type(WORDS)
            await user.press("ctrl+s")
            await user.shows("The server was not reached", "q +keep the draft, save later")
            await user.press("q")
            await user.shows("edited · draft on disk .* · not sent yet")
            await user.press("escape")
            await user.shows("k +keep the draft")
            await user.press("k")
            await user.shows("draft not sent yet: ", "ctrl.s send the draft")
    with online(state, port) as sandbox:
        async with using(home, sandbox, vendor) as user:
            await user.shows("draft not sent yet: ", "read ..:..", "ctrl.s send the draft")
            await user.press("enter")
            await user.shows(IN_A_CELL, WORDS)
            await user.press("escape")
            await user.shows("k +keep the draft")
            await user.press("k")
            await user.shows("   REF ", "draft not sent yet: ")
            await user.press("j", "ctrl+s")
            await user.shows(r"Save .* to \w+", "enter send", r"typed without\s+a network")
            await user.press("enter")
            await user.shows(r"saved · verified \d\d:\d\d")
            await user.press("escape")
            await user.shows("   REF ")
            await user.no_longer_shows("not sent")
            assert "ctrl+s" not in user.keys
            await user.press("ctrl+s")
            await user.shows("there is no draft to send")


async def test_a_draft_is_shown_while_the_server_is_slow_and_its_answer_is_taken_in(
    state: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PATIENCE", 0.4)
    with online(state) as sandbox:
        async with using(home, sandbox, "opsgenie") as user:
            await user.into(CHECKOUT)
            await user.type("a draft")
            await user.shows("draft on disk")
        async with using(home, sandbox, "opsgenie") as user:
            await user.shows(CHECKOUT)
            asked = len(sandbox.requests)
            with gate(sandbox, "/v2/postmortem/"):
                await user.press("enter")
                await user.shows(IN_A_CELL, "no answer within")
                await user.type(WORDS)
            await user.no_longer_shows("no answer within")
            assert user.app.session is not None and not user.app.session.offline
            assert f"a draft{WORDS}" in user.cells[0]
            assert [each["method"] for each in sandbox.requests[asked:] if "/v2/postmortem/" in each["path"]] == ["GET"]


async def test_the_answer_is_taken_in_behind_the_fields_of_an_incident_without_a_postmortem(
    state: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PATIENCE", 0.4)
    with online(state) as sandbox:
        async with using(home, sandbox, "datadog") as user:
            await user.go_to(WITHOUT)
            await user.press("enter")
            await user.shows("has no postmortem yet")
            await user.press("f")
            await user.shows("(?m)^ Details ", "▌")
            await user.type("X")
            await user.shows("draft on disk")
            await user.press("escape", "escape")
            await user.shows("keep the draft")
            await user.press("k")
            await user.shows("enter open")
        async with using(home, sandbox, "datadog") as user:
            await user.go_to(WITHOUT)
            with gate(sandbox):
                await user.press("enter")
                await user.shows("(?m)^ Details ", "reading again")
            await user.no_longer_shows("reading again")
            assert user.app.session is not None and not user.app.session.first_answer.is_awaited
            await user.press("ctrl+s")
            await user.shows("Save IR-335", "enter send")


async def test_a_reference_on_the_command_line_is_found_without_the_server(state: Path, home: Path) -> None:
    with online(state) as sandbox:
        async with using(home, sandbox, "datadog") as user:
            await user.into(CHECKOUT)
    with out_of_reach(sandbox):
        async with using(home, sandbox, "datadog", ref="IR-338") as user:
            await user.shows(IN_A_CELL, "refused the connection")


async def test_a_program_that_started_without_the_server_is_whole_again_with_one_key(state: Path, home: Path, vendor: str) -> None:
    with online(state) as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        async with using(home, sandbox, vendor) as user:
            await user.into()
    with out_of_reach(sandbox):
        stays = using(home, sandbox, vendor)
        user = await stays.__aenter__()
        await user.shows(CHECKOUT, "refused the connection")
    try:
        with online(state, port):
            await user.press("r")
            await user.no_longer_shows("refused the connection|reading")
            await user.shows(r"read \d\d:\d\d")
            await user.into()
            assert user.app.session is not None
            assert not user.app.session.offline and not user.app.session.notices
            assert all(field.choices for field in user.app.session.mine.form if field.name in ("severity", "status") and not field.locked)
    finally:
        await stays.__aexit__(None, None, None)


async def test_the_list_is_read_again_after_any_success(state: Path, home: Path) -> None:
    with online(state) as sandbox:
        async with using(home, sandbox, "datadog") as user:
            await user.into()
        sandbox.fault("GET * 503 first 12")
        sandbox.fault("GET /api/v2/incidents/search 403 first 1")
        async with using(home, sandbox, "datadog") as user:
            await user.shows("could not")
            sandbox.clear_faults()
            await user.press("enter")
            await user.shows(IN_A_CELL)
            await user.press("escape")
            await user.shows("   REF ", r"read \d\d:\d\d")
            await user.no_longer_shows("could not|reading")


async def test_a_profile_that_could_not_be_used_is_tried_again_with_r(state: Path, home: Path) -> None:
    wrong = [ConfigError("the key command ended with 1")]

    def once(launch: Launch) -> Launch:
        return launch._replace(open=lambda name: launch.open(name) if not wrong else _raise(wrong.pop()))

    with online(state) as sandbox:
        async with using(home, sandbox, "datadog", change=once) as user:
            await user.shows("the key command ended with 1 · r tries again")
            await user.press("r")
            await user.shows(r"read \d\d:\d\d", CHECKOUT)
            await user.no_longer_shows("key command")
            await user.into()


def _raise(error: ConfigError) -> Workspace:
    raise error


async def test_many_and_long_drafts_are_read_beside_who_draws(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.type("x")
        await user.shows("draft on disk")
    threads: list[bool] = []
    was = Drafts.list

    def counted(self: Drafts, profile: str | None = None) -> list[DraftInfo]:
        threads.append(threading.current_thread() is threading.main_thread())
        return was(self, profile)

    monkeypatch.setattr(Drafts, "list", counted)
    for limit in ("_MANY", "_LONG"):
        threads.clear()
        with monkeypatch.context() as lowered:
            lowered.setattr(drafts_module, limit, 0)
            async with using(home, sandbox, "opsgenie") as user:
                await user.until(lambda: user.app.screen.query_one(DraftsLine).drafts, "the draft is found")
        assert threads and not any(threads), limit


async def test_many_drafts_are_read_behind_the_list_and_without_one_that_does_not_come(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.type("x")
        await user.shows("draft on disk")
    monkeypatch.setattr(drafts_module, "_MANY", 0)
    answered: list[bool] = []
    opened, was = threading.Event(), Drafts.list

    def noted(self: Drafts, profile: str | None = None) -> list[DraftInfo]:
        answered.append(opened.is_set())
        return was(self, profile)

    monkeypatch.setattr(Drafts, "list", noted)
    for seconds in (PATIENCE, 0.0):
        monkeypatch.setattr(drafts_line, "LIST_FIRST", seconds)
        Cache(home / "cache", "opsgenie").finish()  # the program before may not have written its list yet
        shutil.rmtree(home / "cache", ignore_errors=True)
        opened.clear()
        with gate(sandbox, "incidents") as answers:
            async with using(home, sandbox, "opsgenie") as user:
                await user.until(lambda: answers.held, "the list is asked for")
                await user.press("j")
                if seconds:
                    opened.set()
                    answers.open()
                await user.until(lambda: user.app.screen.query_one(DraftsLine).drafts, "the draft is found")
                answers.open()
    assert answered == [True, False]
