"""The k-th request fails, in every way, while a postmortem is opened, created and saved.

Whatever happens: no text is lost, nothing is written twice, what is told of the outcome is what the vendor has, and
doing it again does only what is left. Every request meets faults and every fault meets requests: writes meet half of
the ways each, reads a quarter, in a pattern that leaves no row and no column of that table empty.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pmtui.backends.base import Backend, BackendError
from pmtui.model.incident import Existence
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Task, Value
from pmtui.session import save as saving
from pmtui.session.report import Report, Result
from pmtui.session.session import Session
from pmtui.session.workspace import Workspace
from pmtui.store.audit import Audit
from pmtui.store.cache import Cache
from pmtui.store.drafts import Drafts
from tests.contract.account import Account, HttpAccount
from tests.contract.accounts import HTTP_ACCOUNTS, JIRA_LINK, PLAIN_LINK
from tests.patience import PATIENCE

DEADLINE, LATE = 0.6, "delay 0.9"
WAYS = (
    "503",
    "503 applied",
    "429",
    "drop-before",
    "drop-after",
    "truncate",
    "cut",
    "html",
    "html 502",
    "garbage",
    "empty",
    LATE,
    "401",
    "403",
    "404",
    "409",
    "422",
    "redirect https://elsewhere.example/",
)
_REQUESTS: dict[str, list[str]] = {}
"""The methods of the requests of a flow that meets no fault, by vendor and flow."""


@pytest.fixture(autouse=True)
def slow_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """The review is looked at for a while: a save then makes every request that it ever makes."""
    monkeypatch.setattr(saving, "FRESH", timedelta(seconds=-1))


@dataclass
class Desk:
    """One machine with one vendor: what is on its disk outlives its processes."""

    account: HttpAccount
    root: Path
    backends: list[Backend]

    def process(self, *, deadline: float = PATIENCE) -> Workspace:
        self.backends.append(self.account.connect(deadline=deadline))
        state = self.root / "state"
        return Workspace(self.account.name, self.backends[-1], Drafts(state), Cache(self.root / "cache", self.account.name), Audit(state))


@asynccontextmanager
async def desk(vendor: str, root: Path) -> AsyncIterator[Desk]:
    with HTTP_ACCOUNTS[vendor].opened(12) as account:
        made = Desk(account, root, [])
        try:
            yield made
        finally:
            for each in made.backends:
                await each.aclose()


def rules(way: str, number: int) -> str:
    """The fault of this kind on the number-th request from now, counted from 0."""
    return f"* * {way} after {number} first 1" if number else f"* * {way} first 1"


def struck(methods: list[str], way: str) -> Iterator[int]:
    """Which requests meet this way of failing."""
    column = WAYS.index(way)
    for number, method in enumerate(methods):
        if (number + column) % (4 if method == "GET" else 2) == 0:
            yield number


def deadline_of(way: str) -> float:
    return DEADLINE if way == LATE else PATIENCE


# ---- opening --------------------------------------------------------------------------------------------------------


@pytest.mark.sweep(8)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("vendor", HTTP_ACCOUNTS)
async def test_opening(vendor: str, way: str, tmp_path: Path) -> None:
    async with desk(vendor, tmp_path) as there:
        reference = await there.process().backend.postmortem(there.account.documented)
        for number in range(there.account.open_budget):
            there.account.sandbox.requests.clear()
            there.account.sandbox.fault(rules(way, number))
            workspace = there.process(deadline=deadline_of(way))
            try:
                opened = await workspace.backend.postmortem(there.account.documented)
            except BackendError as error:
                assert error.said and error.advice and not error.unknown
            else:
                nothing_is_missing_silently(opened, reference)
            assert there.account.writes == []
            there.account.sandbox.clear_faults()
            again = await workspace.backend.postmortem(there.account.documented)
            assert [cell.text for cell in again.cells] == [cell.text for cell in reference.cells], (way, number)


def nothing_is_missing_silently(opened: Postmortem, reference: Postmortem) -> None:
    """What is not there says why: an empty field that could be edited would delete what the vendor has."""
    if not opened.text_locked:
        assert opened.id == reference.id
        assert [cell.text for cell in opened.cells] == [cell.text for cell in reference.cells]
    for field in opened.form:
        if not field.locked:
            assert opened.fields[field.name] == reference.fields[field.name], field.name


# ---- creating -------------------------------------------------------------------------------------------------------


@pytest.mark.sweep(8)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("vendor", HTTP_ACCOUNTS)
async def test_creating(vendor: str, way: str, tmp_path: Path) -> None:
    methods = await without_fault(vendor, "create", tmp_path)
    for number in struck(methods, way):
        async with desk(vendor, tmp_path / str(number)) as there:
            await created(there, way, number)


async def created(there: Desk, way: str, number: int) -> None:
    account, bare = there.account, there.account.bare
    workspace = there.process(deadline=deadline_of(way))
    account.sandbox.fault(rules(way, number))
    problem: BackendError | None = None
    try:
        made = (await workspace.create(bare)).base
        assert made.id and (made.cells or made.text_locked), (way, number)
        assert account.postmortems(bare) == 1
    except BackendError as error:
        problem = error
        assert error.said and error.advice
    met = len(account.sandbox.requests) > number
    account.sandbox.clear_faults()
    assert account.postmortems(bare) <= 1, (way, number)
    (line,) = Audit(there.root / "state").entries()
    outcomes = {Result.UNKNOWN, Result.REFUSED} if problem is not None else {Result.DONE}
    assert line["outcome"] in outcomes - ({Result.REFUSED} if account.postmortems(bare) else set()), (way, number)
    now = await there.process().backend.postmortem(bare)
    if account.postmortems(bare):
        assert now.incident.postmortem not in (Existence.NONE, Existence.UNKNOWN), "it is found, or known to exist"
    else:
        assert problem is not None
        assert now.incident.postmortem == Existence.NONE
        assert (await there.process().backend.create(bare)).id
        assert account.postmortems(bare) == 1
    assert met or way == LATE, (way, number)


# ---- saving ---------------------------------------------------------------------------------------------------------

TITLE, EDITED, ADDED, TASK = "Another title", "one-word-edited", "one-word-added", "One task more"


def edit(session: Session, account: Account) -> dict[str, list[str]]:
    """Change something of each sort. What the vendor must have once afterwards (see ``Account.count``), by the change's id."""
    session.set_field("title", TITLE)
    cell = [cell for cell in session.mine.cells if cell.editable and not cell.pinned][1]
    session.edit_cell(cell.key, f"{cell.text}\n\n{EDITED}")
    new = session.add_cell(cell.key, f"#### New\n\n{ADDED}")
    add(session, "responders", replace(account.newcomer, role=account.newcomer.role if session.mine.field("responders").roles else ""))
    add(session, "linked_issues", JIRA_LINK, PLAIN_LINK)
    wanted = {
        "title": [f"title {TITLE}"],
        f"edited:{cell.key}": [f"text {EDITED}"],
        f"added:{new}": [f"text {ADDED}"],
        "responders": [f"responders {account.newcomer.id}"],
        "linked_issues": [f"links {JIRA_LINK.url}", f"links {PLAIN_LINK.url}"],
    }
    if "action_items" in session.mine.fields:
        add(session, "action_items", Task("", TASK))
        wanted["action_items"] = [f"tasks {TASK}"]
    return wanted


def add(session: Session, name: str, *items: Any) -> None:
    present = session.mine.fields[name]
    assert isinstance(present, tuple)
    value: Value = (*present, *items)
    session.set_field(name, value)


async def opened_fully(workspace: Workspace, account: Account) -> Session:
    """With what a first reading leaves for later."""
    await workspace.backend.postmortem(account.documented)
    return await workspace.open(account.documented)


@pytest.mark.sweep(7)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("vendor", HTTP_ACCOUNTS)
async def test_saving(vendor: str, way: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """With --sweep every request that this way strikes, else a third of them, from another one on in each way."""
    numbers = list(struck(await without_fault(vendor, "save", tmp_path), way))
    if not request.config.getoption("--sweep"):
        numbers = numbers[WAYS.index(way) % 3 :: 3] or numbers[-1:]
    for number in numbers:
        async with desk(vendor, tmp_path / str(number)) as there:
            await saved(there, way, number)


async def saved(there: Desk, way: str, number: int) -> None:
    account, case = there.account, (way, number)
    session = await opened_fully(there.process(deadline=deadline_of(way)), account)
    wanted = edit(session, account)
    account.sandbox.requests.clear()
    account.sandbox.fault(rules(way, number))
    report = await tried(session)
    assert len(account.sandbox.requests) > number or way == LATE, case  # a slow machine may be late by itself
    account.sandbox.clear_faults()
    there_now = {name: has(account, whats) for name, whats in wanted.items()}
    if report is None:
        assert not any(there_now.values()) and account.writes == [], f"{case}: an error means that nothing was sent"
    else:
        the_outcome_is_true(report, there_now, case)
    session.close()

    again = await opened_fully(there.process(), account)
    nothing_is_lost(again, wanted, case)
    account.sandbox.requests.clear()
    if again.changes:
        assert (await again.save(await again.review())).verified, f"{case}: {again.status.words()}"
    if all(there_now.values()):
        assert account.writes == [], f"{case}: all of it was there"
    for whats in wanted.values():
        for what in whats:
            assert account.count(what) == 1, f"{case}: {what} is there {account.count(what)} times"
    assert again.changes == () and Drafts(there.root / "state").list() == []
    again.close()


async def tried(session: Session) -> Report | None:
    """The report of a save, None when it ended with an error before anything was sent."""
    try:
        return await session.save(await session.review())
    except BackendError as error:
        assert error.said and error.message.startswith("could not ")
        return None


def has(account: Account, whats: list[str]) -> bool:
    return all(account.count(what) for what in whats)


def the_outcome_is_true(report: Report, there: dict[str, bool], case: tuple[str, int]) -> None:
    states = {outcome.id: outcome.state for outcome in report.outcomes if outcome.change is not None}
    assert states.keys() == there.keys(), case
    for name, state in states.items():
        if state is Result.DONE:
            assert there[name], f"{case}: {name} is said to be done"
        elif state is not Result.UNKNOWN:
            assert not there[name], f"{case}: {name} is said to be {state}"
    for outcome in report.of(Result.NOT_APPLIED):
        assert "read back: it is not there" in outcome.detail, f"{case}: {outcome.id}: the vendor takes what it accepts"
    if report.verified:
        assert all(there.values()), case
    assert report.verified == all(state is Result.DONE for state in states.values()), case
    for outcome in report.outcomes:
        assert outcome.state is Result.DONE or outcome.detail, f"{case}: {outcome.id} does not say why"


def nothing_is_lost(session: Session, wanted: dict[str, list[str]], case: tuple[str, int]) -> None:
    """Another process finds in the draft what the vendor does not have, and shows all of it."""
    text = "\n".join(cell.text for cell in session.mine.cells)
    assert session.mine.fields["title"] == TITLE, case
    assert text.count(EDITED) == text.count(ADDED) == 1, case
    for name, whats in wanted.items():
        value = session.mine.fields.get(name, ())
        keys = {what.partition(" ")[2] for what in whats}
        if isinstance(value, tuple) and ":" not in name:
            assert keys <= {getattr(item, "text", "") or getattr(item, "key", "") for item in value}, (case, name)


async def without_fault(vendor: str, flow: str, root: Path) -> list[str]:
    """The methods of a flow's requests, asked once a process."""
    key = f"{vendor} {flow}"
    if key not in _REQUESTS:
        async with desk(vendor, root / "quiet") as there:
            workspace = there.process()
            if flow == "save":
                session = await opened_fully(workspace, there.account)
                edit(session, there.account)
                there.account.sandbox.requests.clear()
                assert (await session.save(await session.review())).verified
                session.close()
            else:
                await workspace.backend.create(there.account.bare)
            _REQUESTS[key] = [entry["method"] for entry in there.account.sandbox.requests]
    return _REQUESTS[key]
