"""The same session over HTTP, against both vendors of the sandbox: saves, faults on every request, two people."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pmtui.backends.base import Backend, BackendError
from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.backends.opsgenie.backend import OpsgenieBackend
from pmtui.config import Profile
from pmtui.credentials import KnownCredential
from pmtui.model.conflicts import take
from pmtui.model.incident import Incident
from pmtui.model.postmortem import EPOCH, Postmortem
from pmtui.model.query import Query
from pmtui.sandbox.server import Sandbox
from pmtui.session import save as saving
from pmtui.session.review import News
from pmtui.session.session import Session
from pmtui.session.workspace import Workspace
from pmtui.store.audit import Audit
from pmtui.store.cache import Cache
from pmtui.store.drafts import Drafts
from tests.backends.opsgenie.memory_index import MemoryIndex
from tests.patience import PATIENCE

VENDORS = ["datadog", "opsgenie"]
SWITCHES = {"datadog.search_lag": "0", "datadog.normalise": "on"}


def connect(vendor: str, url: str) -> Backend:
    if vendor == "datadog":
        keys = {"api_key": KnownCredential("test", "api"), "app_key": KnownCredential("test", "app")}
        return DatadogBackend(Profile("dd", "datadog", base_url=url, credentials=keys), deadline=PATIENCE)
    key = {"api_key": KnownCredential("test", "eb243592-faa2-4ba2-a551-1afdf565c889")}
    return OpsgenieBackend(Profile("og", "opsgenie", base_url=url, actor="jane@corp.com", credentials=key), MemoryIndex())


class Client:
    """One person's pmtui: a backend of its own, and a disk of its own."""

    def __init__(self, vendor: str, url: str, root: Path) -> None:
        self.backend = connect(vendor, url)
        self.drafts = Drafts(root / "state")
        self.workspace = Workspace(vendor, self.backend, self.drafts, Cache(root / "cache", vendor), Audit(root / "state"))

    async def incident(self) -> Incident:
        """The newest incident that has a document with several Markdown cells."""
        for incident in (await self.backend.incidents(Query())).incidents:
            postmortem = await self.backend.postmortem(incident)
            if sum(cell.editable and not cell.pinned for cell in postmortem.cells) >= 3:
                return incident
        raise AssertionError("no incident has a postmortem")

    async def fresh(self, incident: Incident) -> Postmortem:
        return await self.backend.postmortem(incident)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=10, switches=SWITCHES) as running:
        yield running


@pytest.fixture
async def client(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Callable[[str, str], Client]]:
    made: list[Client] = []

    def make(vendor: str, name: str) -> Client:
        made.append(Client(vendor, sandbox.url, tmp_path / name))
        return made[-1]

    yield make
    for each in made:
        await each.backend.aclose()


def writes(sandbox: Sandbox) -> list[str]:
    return [f"{entry['method']} {entry['path']}" for entry in sandbox.requests if entry["method"] != "GET"]


def markdown(session: Session, number: int) -> str:
    return [cell.key for cell in session.mine.cells if cell.editable and not cell.pinned][number]


def append(session: Session, number: int, text: str) -> str:
    key = markdown(session, number)
    session.edit_cell(key, session.mine.cell(key).text + text)
    return key


async def save(session: Session) -> bool:
    review = await session.review()
    for conflict in review.conflicts:
        whose = "both" if conflict.mine and conflict.theirs and conflict.part.cell else "mine" if conflict.mine else "theirs"
        review = session.resolve(review, conflict, take(conflict, whose))  # type: ignore[arg-type]
    return (await session.save(review)).verified


@pytest.mark.parametrize("vendor", VENDORS)
async def test_opening_and_reviewing_without_an_edit_writes_nothing(
    client: Callable[[str, str], Client], sandbox: Sandbox, vendor: str
) -> None:
    one = client(vendor, "one")
    session = await one.workspace.open(await one.incident())
    sandbox.requests.clear()
    assert (await session.review()).steps == ()
    assert sandbox.requests == []
    assert await session.reread() == News() and writes(sandbox) == []
    session.close()


@pytest.mark.parametrize("vendor", VENDORS)
async def test_edits_of_all_sorts_are_saved_and_verified(client: Callable[[str, str], Client], vendor: str) -> None:
    one = client(vendor, "one")
    incident = await one.incident()
    session = await one.workspace.open(incident)
    session.set_field("title", "Another title")
    key = append(session, 0, "\n\n* a list\n* in stars\n")
    session.add_cell(markdown(session, 1), "#### All new\n\nwith *words* and `code`")
    assert await save(session), session.status.words()
    assert session.changes == () and one.drafts.list() == []
    assert "* a list" in session.mine.cell(key).text
    append(session, 0, "* one more\n")
    session.delete_cell(markdown(session, 2))
    assert await save(session), session.status.words()
    session.close()
    again = await one.workspace.open(incident)
    assert again.recovered is None and again.mine.fields["title"] == "Another title"
    assert any("one more" in cell.text for cell in again.mine.cells)
    again.close()


@pytest.mark.parametrize("vendor", VENDORS)
async def test_two_people_keep_each_others_words(
    client: Callable[[str, str], Client], vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "FRESH", timedelta(seconds=-1))  # as if the review had been looked at for a while
    one, two = client(vendor, "one"), client(vendor, "two")
    incident = await one.incident()
    mine, theirs = await one.workspace.open(incident), await two.workspace.open(incident)
    append(mine, 0, "\n\nmine at the end")
    append(theirs, 0, "\n\ntheirs at the end")
    append(theirs, 1, "\n\ntheirs alone")
    review = await mine.review()
    review = replace(review, server=replace(review.server, read_at=EPOCH))  # read for longer than a save waives reading again
    assert await save(theirs)
    with pytest.raises(BackendError, match="since the review"):
        await mine.save(review)
    assert await save(mine), mine.status.words()
    text = "\n".join(cell.text for cell in (await one.fresh(incident)).cells)
    assert all(words in text for words in ("mine at the end", "theirs at the end", "theirs alone"))
    mine.close()
    theirs.close()


@pytest.mark.sweep(4)
@pytest.mark.parametrize("fault", ["drop-before", "drop-after", "503", "503 applied", "400", "truncate"])
@pytest.mark.parametrize("vendor", VENDORS)
async def test_any_request_may_fail(client: Callable[[str, str], Client], sandbox: Sandbox, vendor: str, fault: str) -> None:
    """Each save meets a fault one request later than the one before, until none meets it any more."""
    one = client(vendor, "one")
    incident = await one.incident()
    session = await one.workspace.open(incident)
    for number in range(30):
        session.set_field("title", f"title {number}")
        append(session, 0, f"\n\nword{number}")
        sandbox.requests.clear()
        sandbox.fault(f"* * {fault} after {number} first 1" if number else f"* * {fault} first 1")
        try:
            verified = await save(session)
        except BackendError:
            verified = False
        met = len(sandbox.requests) > number
        sandbox.clear_faults()
        session._draft.journal.close()
        session = await one.workspace.open(incident)
        if not verified:
            assert await save(session), session.status.words()
        now = await one.fresh(incident)
        text = "\n".join(cell.text for cell in now.cells)
        assert now.fields["title"] == f"title {number}"
        assert text.split().count(f"word{number}") == 1 and session.changes == () and one.drafts.list() == []
        if not met:
            assert number >= 4
            break
    session.close()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("vendor", VENDORS)
async def test_no_line_is_lost_between_two_people(client: Callable[[str, str], Client], vendor: str, seed: int) -> None:
    chance = random.Random(seed)
    people = [client(vendor, "one"), client(vendor, "two")]
    incident = await people[0].incident()
    sessions = [await person.workspace.open(incident) for person in people]
    written: list[set[str]] = [set(), set()]
    for turn in range(14):
        who = chance.randrange(2)
        session = sessions[who]
        if chance.random() < 0.6:
            word = f"word{who}x{turn}"
            written[who].add(word)
            append(session, chance.randrange(3), f"\n\n{word}")
        else:
            await save(session)
    for session in (*sessions, *sessions):
        assert await save(session), session.status.words()
    text = "\n".join(cell.text for cell in (await people[0].fresh(incident)).cells)
    assert written[0] | written[1] <= set(text.split())
    for session in sessions:
        assert session.changes == ()
        session.close()


async def test_a_text_that_cannot_be_read_again_is_not_taken_for_deleted(client: Callable[[str, str], Client], sandbox: Sandbox) -> None:
    one = client("datadog", "one")
    incident = await one.incident()
    session = await one.workspace.open(incident)
    before = [cell.text for cell in session.mine.cells]
    sandbox.fault("GET /api/v1/notebooks/* html 403")
    await session.reread()  # the backend names the text as unread, and the session keeps what it has
    assert [cell.text for cell in session.mine.cells] == before
    session.close()
    (await one.workspace.open(incident)).close()
    sandbox.clear_faults()
    sandbox.fault("* * drop-before")
    offline = await one.workspace.open(incident)
    assert offline.offline and [cell.text for cell in offline.mine.cells] == before
    offline.close()
