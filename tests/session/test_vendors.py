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
from pmtui.model.changes import FieldChanged, change_id
from pmtui.model.conflicts import take
from pmtui.model.fields import Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import EPOCH, Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Link, Task, Value
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
from tests.sent import writes

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


@pytest.mark.sweep(3)
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


async def test_a_draft_taken_up_offline_is_reviewed_against_the_whole_postmortem(
    client: Callable[[str, str], Client], sandbox: Sandbox
) -> None:
    """An edit of the text alone must not stand, verified, beside fields that others changed while the computer was offline."""
    one, two = client("datadog", "one"), client("datadog", "two")
    incident = await one.incident()
    session = await one.workspace.open(incident)
    append(session, 0, "\n\nmine")
    session.close()
    sandbox.fault("* * drop-before")
    offline = await one.workspace.open(incident)
    assert offline.offline
    sandbox.clear_faults()
    theirs = await two.workspace.open(incident)
    theirs.set_field("title", "Title by another")
    assert await save(theirs)
    theirs.close()

    await one.backend.incidents(Query())
    review = await offline.review()
    assert review.whole and [change_id(change) for change in review.theirs if isinstance(change, FieldChanged)] == ["title"]
    assert (await offline.save(review)).verified
    assert offline.mine.fields["title"] == offline.mine.incident.title == "Title by another"
    (row,) = one.workspace.up_to_date([incident])
    assert row.title == "Title by another"
    assert await offline.reread() == News()
    append(offline, 0, "\n\nmore")
    sandbox.requests.clear()
    assert not (await offline.review()).whole and len(sandbox.requests) == 1  # from here on only what the changes touch
    assert await save(offline)
    offline.close()

    draft = await one.workspace.open(incident)  # online again, with a draft on the disk
    append(draft, 0, "\n\nagain")
    draft.close()
    theirs = await two.workspace.open(incident)
    theirs.set_field("title", "Yet another")
    assert await save(theirs)
    theirs.close()
    draft = await one.workspace.open(incident)
    assert await save(draft) and draft.mine.fields["title"] == "Yet another"
    draft.close()


async def test_what_the_vendor_changes_along_with_a_save_is_read_back(client: Callable[[str, str], Client], sandbox: Sandbox) -> None:
    """Datadog makes the caller and the commander responders, and gives ids to action items: nothing of it is somebody else's edit."""
    one = client("datadog", "one")
    rows = (await one.backend.incidents(Query())).incidents
    read = [await one.backend.postmortem(each) for each in rows[:4]]
    without = next(each for each in read if each.cells and "Jane Doe" not in str(each.fields["responders"]))
    session = await one.workspace.open(without.incident)
    await session.complete()
    items = session.mine.fields["action_items"]
    assert isinstance(items, tuple)
    session.set_field("title", "Saved by Jane")
    session.set_field("action_items", (*items, Task("", "Look at it"), Task("", "Look at it")))
    assert await save(session), session.status.words()
    assert "Jane Doe" in str(session.mine.fields["responders"])
    assert await session.reread() == News()
    now = session.mine.fields["action_items"]
    assert isinstance(now, tuple) and len(now) == len(items) + 2
    assert all(isinstance(each, Task) and each.id for each in now)
    session.set_field("title", "Saved again")
    sandbox.requests.clear()
    assert await save(session) and len(sandbox.requests) == 5, "one to review, one to write, and all that people see read back at once"
    session.close()


@pytest.mark.parametrize("vendor", VENDORS)
async def test_what_i_saved_is_nothing_new_when_it_is_read_again(vendor: str, client: Callable[[str, str], Client]) -> None:
    """The server spells times in its own way, gives tasks an id and links a title."""
    mine = client(vendor, "mine")
    session = await mine.workspace.open(await mine.incident())
    await session.complete()
    typed: dict[Kind, Value] = {
        Kind.TIME: "2026-11-28T03:10Z",
        Kind.TASKS: (Task("", "Rehearse it", (), "2026-12-05"),),
        Kind.LINKS: (Link("https://example.atlassian.net/browse/OPS-77"),),
    }
    for field in session.mine.form:
        if field.kind in typed and not field.locked:
            before = session.mine.fields.get(field.name)
            session.set_field(field.name, (*(before or ()), *typed[field.kind]) if field.kind is not Kind.TIME else typed[field.kind])  # type: ignore[misc]
    assert session.changes
    assert await save(session), session.status.words()
    assert await session.reread() == News()
