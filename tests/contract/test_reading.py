"""What every backend reads: the list, references, postmortems and their forms, suggestions, and who is asking."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import cache

import pytest

from pmtui.backends.base import NONE_YET, Backend, BackendError, Check, Identity, SeveralDocuments, Trouble
from pmtui.model.codec import postmortem_from_json, postmortem_to_json
from pmtui.model.diff import diff
from pmtui.model.fields import OWNER, SEVERITY, STATUS, TITLE, Field, Kind
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.query import Query, parse
from pmtui.model.values import Link, Named, Person, Task, Value
from tests.contract.account import Account
from tests.contract.accounts import ACCOUNTS, HTTP_ACCOUNTS
from tests.contract.conftest import Connect
from tests.incident_times import times
from tests.quiet import quiet, until


@pytest.fixture(scope="module")
def running() -> Iterator[Callable[[str], Account]]:
    """The account of each name, opened once: what is only read does not change."""
    with ExitStack() as stack:
        yield cache(lambda name: stack.enter_context(ACCOUNTS[name].opened()))


@pytest.fixture(params=tuple(ACCOUNTS))
def account(request: pytest.FixtureRequest, running: Callable[[str], Account]) -> Account:
    found = running(request.param)
    found.heal()
    found.requests.clear()
    return found


over_http = pytest.mark.parametrize("account", HTTP_ACCOUNTS, indirect=True)
ITEMS = {
    Kind.PEOPLE: Person,
    Kind.TEAMS: Named,
    Kind.SERVICES: Named,
    Kind.INCIDENTS: Named,
    Kind.LINKS: Link,
    Kind.TASKS: Task,
    Kind.CHOICES: str,
    Kind.WORDS: str,
}


async def everything(backend: Backend, query: Query) -> list[Incident]:
    found: list[Incident] = []
    cursor: str | None = None
    for _ in range(20):
        page = await backend.incidents(query, cursor)
        found += page.incidents
        cursor = page.cursor
        if cursor is None:
            return found
    raise AssertionError("the list does not end")


async def test_the_list_is_newest_first(backend: Backend, account: Account) -> None:
    page = await backend.incidents(Query())
    in_order = times(page.incidents)
    assert len(in_order) > 10
    assert in_order == sorted(in_order, reverse=True)
    for each in page.incidents:
        assert each.id and each.reference and each.severity and each.status
        assert each.postmortem in set(Existence)
        assert each.created is not None and each.created.utcoffset() == timedelta(0), "aware, in UTC"
    assert {each.postmortem for each in page.incidents} >= account.existences
    assert len({each.id for each in page.incidents}) == len(page.incidents)


@pytest.mark.parametrize("name", ACCOUNTS)
async def test_pages_follow_on_each_other_and_end(name: str) -> None:
    with ACCOUNTS[name].opened(250) as account:
        backend = account.connect()
        try:
            found = await everything(backend, Query())
        finally:
            await backend.aclose()
    assert len(found) == len({each.id for each in found}) >= 240
    assert times(found) == sorted(times(found), reverse=True)


async def test_a_filter_narrows_and_free_text_means_itself(backend: Backend, account: Account) -> None:
    first, *_ = (await backend.incidents(Query())).incidents
    same = await everything(backend, Query("", {"status": (first.status,)}))
    assert first.id in {each.id for each in same}
    assert {each.status for each in same} == {first.status}
    word = max(first.title.split(), key=len)
    assert first.id in {each.id for each in await everything(backend, Query(word))}
    for hostile in ('" OR state:*', "a AND (b", 'x" y', "AND", "severity:(", "\\"):
        assert first.id not in {each.id for each in await everything(backend, Query(f"zzzz {hostile}"))}
    without = await everything(backend, parse("pm:none"))
    assert {each.postmortem for each in without} == {Existence.NONE} & account.existences


async def test_every_reference_form_leads_to_the_incident(account: Account, connect: Connect) -> None:
    wanted = account.documented
    for what, reference in account.references().items():
        found = await connect().find(reference)
        assert (found.id, found.reference, found.title) == (wanted.id, wanted.reference, wanted.title), what
        assert (await connect().find(f"  {reference} ")).id == wanted.id, what


NO_REFERENCES = ("", "999999", "no such thing", "https://example.com/x", "../../etc/passwd", "IR-0", "\x00", "é" * 300)


async def test_what_is_no_reference_is_told(backend: Backend) -> None:
    for reference in NO_REFERENCES:
        with pytest.raises(BackendError) as caught:
            await backend.find(reference)
        assert caught.value.trouble in (Trouble.MISSING, Trouble.LOCAL, Trouble.INVALID), reference
        assert caught.value.said, reference


async def test_a_postmortem_is_read_whole_and_survives_the_codec(account: Account, opened: Postmortem) -> None:
    assert opened.id
    assert opened.incident.id == account.documented.id
    assert opened.incident.postmortem not in (Existence.NONE, Existence.UNKNOWN)
    assert (opened.text_locked, opened.guard) == ("", "")
    assert sum(cell.editable for cell in opened.cells) >= 3
    assert len({cell.key for cell in opened.cells}) == len(opened.cells)
    again = postmortem_from_json(json.loads(json.dumps(postmortem_to_json(opened))))
    assert again == opened
    assert diff(opened, again) == ()


async def test_two_readings_say_the_same(backend: Backend, opened: Postmortem) -> None:
    again = await backend.postmortem(opened.incident)
    assert [(cell.kind, cell.text) for cell in again.cells] == [(cell.kind, cell.text) for cell in opened.cells]
    open_fields = {field.name for field in opened.form if not field.locked}
    assert len(open_fields) >= 9
    assert {name: again.fields[name] for name in open_fields} == {name: opened.fields[name] for name in open_fields}


async def test_without_a_postmortem_the_incident_is_shown_and_nothing_can_be_written(account: Account, backend: Backend) -> None:
    found = await backend.postmortem(account.bare)
    assert (found.id, found.cells) == ("", ())
    assert found.incident.postmortem == Existence.NONE
    assert {TITLE, SEVERITY, STATUS} <= found.fields.keys()
    assert found.fields[TITLE] == account.bare.title
    assert found.text_locked == NONE_YET


async def test_the_form_describes_every_field(opened: Postmortem, account: Account, backend: Backend) -> None:
    for postmortem in (opened, await backend.postmortem(account.bare)):
        names = [field.name for field in postmortem.form]
        assert len(names) == len(set(names))
        assert set(names) == postmortem.fields.keys()
        for field in postmortem.form:
            assert field.label
            assert fits(field, postmortem.fields[field.name]), field.name
    assert {TITLE, SEVERITY, STATUS, OWNER, "responders", "linked_issues", "affected_services"} <= opened.fields.keys()
    assert opened.field(SEVERITY).choices and opened.field(STATUS).choices
    assert opened.field(SEVERITY).verbatim, "severities are an open set"
    assert opened.field(TITLE).required
    locked = [field for field in opened.form if field.locked]
    assert locked and all(" " in field.locked for field in locked), "what cannot be edited says why"


def fits(field: Field, value: Value) -> bool:
    if value is None and field.locked:
        return True  # not read
    if field.kind is Kind.PERSON:
        return value is None or (isinstance(value, Person) and bool(value.id))
    if field.kind.is_list:
        return isinstance(value, tuple) and all(isinstance(each, ITEMS[field.kind]) for each in value)
    return value is None or isinstance(value, str)


async def test_suggestions_begin_broad_and_narrow(opened: Postmortem, backend: Backend) -> None:
    for kind in (Kind.PERSON, Kind.PEOPLE, Kind.TEAMS, Kind.SERVICES):
        broad = await backend.suggest(kind, "", opened)
        assert 1 <= len(broad) <= 20, kind
        wanted = broad[-1]
        narrow = await backend.suggest(kind, wanted.label, opened)
        assert wanted.key in {each.key for each in narrow}, kind
        assert not await backend.suggest(kind, "nobody is called this", opened), kind
        assert await backend.suggest(kind, '" OR *', opened) is not None, kind


async def test_a_mention_is_markdown_that_stays(opened: Postmortem, backend: Backend, account: Account) -> None:
    mentioned = backend.mention(account.newcomer)
    assert mentioned.startswith("@") and "\n" not in mentioned
    for hostile in (Person("x", "a](http://evil) *b* `c"), Person("x"), Person("x", email="a@b.c")):
        assert len(backend.mention(hostile)) > 1


async def test_identity_and_checks(backend: Backend, account: Account) -> None:
    assert isinstance(backend.identity, Identity)
    assert backend.identity.vendor.lower() == account.name
    checks = await backend.checks()
    assert checks and all(isinstance(check, Check) and check.detail and check.state in ("ok", "warn") for check in checks)
    assert account.writes == [], "doctor writes nothing"


@over_http
async def test_every_request_is_told_without_its_secrets(backend: Backend, account: Account) -> None:
    await backend.checks()
    assert [each.method for each in backend.requests()] == [entry["method"] for entry in account.requests]
    secrets = ("api_key-value", "app_key-value", "eb243592")
    assert not any(secret in repr(each) for each in backend.requests() for secret in secrets)


async def test_checks_say_what_fails(connect: Connect, account: Account) -> None:
    for fault in account.failing:
        account.break_with(fault)
        checks = await connect().checks()
        assert any(check.state == "fail" for check in checks), fault
        account.heal()


@pytest.mark.parametrize(
    ("account", "fault"), [(name, fault) for name, account in ACCOUNTS.items() for fault in account.faults], indirect=["account"]
)
async def test_every_trouble_is_one_error_with_what_to_do(fault: str, connect: Connect, account: Account) -> None:
    incident = account.documented
    account.break_with(fault)
    backend = connect()
    for call in (backend.incidents(Query()), backend.find(incident.id), backend.postmortem(incident)):
        with pytest.raises(BackendError) as caught:
            await call
        error = caught.value
        assert error.tried and error.said and error.advice, error.message
        assert not error.unknown, "reading leaves nothing unknown"
        assert error.message.startswith("could not ") and "\n" not in error.message
    account.heal()
    assert (await backend.postmortem(incident)).id, "the backend works on"


async def test_a_cancelled_call_leaves_the_backend_usable(backend: Backend, account: Account) -> None:
    for _ in range(3):
        account.break_with("held")
        asked = account.met
        task = asyncio.ensure_future(backend.postmortem(account.documented))
        await until(lambda asked=asked: account.met > asked)  # type: ignore[misc]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        account.heal()
    assert (await backend.postmortem(account.documented)).id


async def test_opening_costs_few_requests(account: Account, connect: Connect) -> None:
    """Cold, again, after the list, and without a postmortem."""
    backend, asked = connect(), account.requests
    for _ in range(2):
        asked.clear()
        await backend.postmortem(account.documented)
        assert len(asked) <= account.open_budget
    backend = connect()
    incidents = (await backend.incidents(Query())).incidents
    await quiet()  # what forms are drawn from may be read beside the list
    asked.clear()
    await backend.postmortem(next(each for each in incidents if each.id == account.documented.id))
    assert len(asked) <= account.open_budget
    asked.clear()
    await backend.postmortem(next((each for each in incidents if each.id == account.bare.id), account.bare))
    assert len(asked) <= account.open_budget


async def test_where_nothing_fails_everything_is_understood(backend: Backend) -> None:
    """Whatever a healthy account holds is no reason to say that something could not be read."""
    for incident in await everything(backend, Query()):
        try:
            opened = await backend.postmortem(incident)
        except SeveralDocuments as several:
            opened = await backend.postmortem(incident, several.documents[0].id)
        opened = await backend.complete(opened)
        wrong = [each for each in opened.unread if each.trouble in (Trouble.ANSWER, Trouble.SERVER)]
        assert not wrong, (incident.reference, wrong)
