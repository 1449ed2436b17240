"""What was not understood is never "empty": answers of the right status and the wrong content."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.model.fields import Kind, LockedBy
from pmtui.model.incident import Existence
from pmtui.model.query import parse
from pmtui.model.values import Person
from pmtui.sandbox.opsgenie.answers import Answer
from pmtui.sandbox.opsgenie.call import Call
from pmtui.sandbox.opsgenie.postmortems.rendering import read_postmortem
from tests.backends.opsgenie.account import account
from tests.backends.opsgenie.test_save import changed

Shown = Callable[[Any], Any]
PAGE = "pmtui.sandbox.opsgenie.incidents.incidents.page"
DATA = "pmtui.sandbox.opsgenie.postmortems.postmortems.data"
READING = "pmtui.sandbox.opsgenie.postmortems.postmortems.read_postmortem"


def answers(body: Any) -> Any:
    """A handler's helper that answers this, whatever it is given."""
    return lambda *_given: Answer(200, body, bare=True)


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": 7}, {"data": {}}, {"data": "x"}])
async def test_a_list_that_is_none(monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]) -> None:
    monkeypatch.setattr(PAGE, answers(body))
    async with account() as there:
        with pytest.raises(BackendError) as caught:
            await there.backend.incidents(parse(""))
        assert caught.value.trouble is Trouble.ANSWER
        assert "not understood: data is " in caught.value.said


@pytest.mark.parametrize("row", [None, 7, {}, {"id": None}, {"id": []}, "x"])
async def test_a_row_that_makes_no_sense_costs_itself(monkeypatch: pytest.MonkeyPatch, row: Any) -> None:
    def one_broken(call: Call, rows: list[Any], limit: int, parameters: dict[str, str], shown: Shown) -> Answer:
        return Answer(200, {"data": [row, *map(shown, rows[1:])], "totalCount": len(rows)})

    monkeypatch.setattr(PAGE, one_broken)
    async with account() as there:
        page = await there.backend.incidents(parse("pm:draft"))
        assert len(page.unreadable) == 1
        assert page.unreadable[0].startswith("data[0]")
        assert page.total == len(page.incidents) + 1
        assert page.cursor is None
        assert page.notices == ()


async def test_a_page_with_a_row_that_makes_no_sense_is_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlinked(call: Call, rows: list[Any], limit: int, parameters: dict[str, str], shown: Shown) -> Answer:
        offset = call.number("offset", 0, 0, 10**9)
        return Answer(200, {"data": [None if n == 3 else shown(row) for n, row in enumerate(rows[offset : offset + limit])]})

    monkeypatch.setattr(PAGE, unlinked)
    async with account(incidents=130) as there:
        first = await there.backend.incidents(parse(""))
        assert (len(first.incidents), len(first.unreadable)) == (99, 1)
        second = await there.backend.incidents(parse(""), first.cursor)
        assert (len(second.incidents), len(second.unreadable), second.cursor) == (29, 1, None)


async def test_fewer_rows_than_are_counted_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def emptied(call: Call, rows: list[Any], limit: int, parameters: dict[str, str], shown: Shown) -> Answer:
        return Answer(200, {"data": [], "totalCount": len(rows)})

    monkeypatch.setattr(PAGE, emptied)
    async with account() as there:
        page = await there.backend.incidents(parse(""))
        assert page.notices == ("Opsgenie counts 16 incidents here and sent 0: read the list again",)
        assert page.missing == 16


async def test_a_filter_that_cannot_be_applied_is_told() -> None:
    async with account() as there:
        page = await there.backend.incidents(parse("owner:jane state:open"))
        assert page.ignored == ("Opsgenie cannot search incidents by owner",)
        assert page.notices == ()
        assert page.incidents


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": None}, {"data": []}, {"data": {"postmortemId": ""}}])
async def test_a_postmortem_that_is_none(monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]) -> None:
    async with account() as there:
        kept = there.a_postmortem()
        base = await there.opened(kept)
        incident = await there.incident(kept)
        monkeypatch.setattr(DATA, answers(body))
        for asking in (there.backend.postmortem(incident), there.backend.postmortem(incident, base.id), there.backend.reread(base, [])):
            with pytest.raises(BackendError) as caught:
                await asking
            assert caught.value.trouble is Trouble.ANSWER
            assert "not understood: data" in caught.value.said


async def test_another_postmortem_than_the_one_asked_for_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with account() as there:
        base = await there.opened(there.a_postmortem())
        monkeypatch.setattr(READING, lambda *given: {**read_postmortem(*given), "postmortemId": "other"})
        with pytest.raises(BackendError) as caught:
            await there.backend.reread(base, [])
        assert "data.postmortemId is 'other'" in caught.value.said


@pytest.mark.parametrize("key", ["content", "executiveSummary"])
@pytest.mark.parametrize("broken", ["removed", None, 7, "", "x", [], {}, {"type": "doc"}, {"type": "table", "content": []}])
async def test_a_text_that_was_not_read_is_not_empty(monkeypatch: pytest.MonkeyPatch, key: str, broken: Any) -> None:
    def reading(*given: Any) -> dict[str, Any]:
        whole = {**read_postmortem(*given), key: broken}
        return {name: value for name, value in whole.items() if name != key or broken != "removed"}

    async with account() as there:
        kept = there.a_postmortem()
        monkeypatch.setattr(READING, reading)
        opened = await there.opened(kept)
        why = opened.why_unread("text")
        assert why.startswith(f"data.{key}")
        assert (opened.text_locked, opened.text_locked_by) == (f"could not be read: {why}", LockedBy.UNREAD)
        assert opened.cells == ()
        assert not opened.field("title").locked


async def test_an_empty_document_is_read() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        kept.update(content={"version": 1, "type": "doc", "content": []}, executiveSummary={"version": 1, "type": "doc", "content": []})
        opened = await there.opened(kept)
        assert (opened.unread, opened.text_locked, len(opened.cells)) == ((), "", 1)


async def test_nobody_is_wiped_by_a_list_that_came_as_null(monkeypatch: pytest.MonkeyPatch) -> None:
    async with account() as there:
        kept = there.a_postmortem()
        before = copy.deepcopy(kept["responderUsers"])
        monkeypatch.setattr(READING, lambda *given: {**read_postmortem(*given), "responders": None})
        base = await there.opened(kept)
        assert base.why_unread("responders") == "data.responders is null, not a list"
        assert base.field("responders").locked_by is LockedBy.UNREAD
        user = list(there.state.users.values())[-1]
        with pytest.raises(BackendError) as caught:
            await there.save(base, *changed(base, "responders", (Person(user["id"], user["fullName"], role="Scribe"),)))
        assert (caught.value.trouble, kept["responderUsers"]) == (Trouble.ANSWER, before)


@pytest.mark.parametrize(
    ("kind", "path"),
    [(Kind.PEOPLE, "/v2/users"), (Kind.TEAMS, "/v2/teams"), (Kind.SERVICES, "/v1/services"), (Kind.INCIDENTS, "/v1/incidents")],
)
async def test_a_look_up_that_failed_is_not_nobody(monkeypatch: pytest.MonkeyPatch, kind: Kind, path: str) -> None:
    async with account() as there:
        opened = await there.opened(there.a_postmortem())
        real = there.backend._api.client.call
        garbage: tuple[Any, ...] = (7, None, [None], [{}])
        for data in garbage:

            async def call(method: str, where: str, *, data: Any = data, **options: Any) -> Any:
                answer = await real(method, where, **options)
                return type(answer)(200, {"data": data}, answer.headers, "") if where == path else answer

            monkeypatch.setattr(there.backend._api.client, "call", call)
            with pytest.raises(BackendError) as caught:
                await there.backend.suggest(kind, "zzz", opened)
            assert caught.value.trouble is Trouble.ANSWER


async def test_an_open_incident_is_told_at_once_that_it_can_have_no_postmortem() -> None:
    async with account() as there:
        row = next(each for each in there.state.incidents.values() if each["status"] == "open")
        incident = await there.backend.find(row["id"])
        opened = await there.backend.postmortem(incident)
        assert opened.incident.postmortem is Existence.NONE
        assert f"{incident.reference} is open: Opsgenie creates postmortems of resolved and closed incidents only" in opened.text_locked
        assert opened.text_locked_by is LockedBy.NO_POSTMORTEM
        assert "is open" in (await there.backend.creation(incident)).impossible


async def test_a_state_that_is_not_told_is_not_called_open(monkeypatch: pytest.MonkeyPatch) -> None:
    async with account() as there:
        row = next(row for key, row in there.state.incidents.items() if key not in there.state.postmortem_ids and row["status"] != "open")
        incident = await there.backend.find(row["id"])
        row["status"] = None
        assert (await there.backend.creation(incident)).impossible == ""


async def test_a_write_to_an_incident_of_which_nothing_is_told_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    async with account() as there:
        api = there.backend._api
        real = api.client.call
        for status, data in ((202, {}), (200, {"data": {}}), (200, {"data": {"isSuccess": None}}), (200, 7)):

            async def call(method: str, path: str, *, status: int = status, data: Any = data, **options: Any) -> Any:
                answer = await real(method, path, **options)
                asked = "/requests/" in path
                return type(answer)(answer.status, data, answer.headers, "") if asked == (status == 200) else answer

            monkeypatch.setattr(api.client, "call", call)
            key = next(iter(there.state.incidents))
            with pytest.raises(BackendError) as caught:
                await api.write_incident("POST", f"/v1/incidents/{key}/details", tried="note it", body={"details": {"a": "b"}})
            assert (caught.value.trouble, caught.value.unknown) == (Trouble.ANSWER, True)


async def test_people_whose_account_stands_in_a_document_are_mentioned_for_real() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        mention = {"type": "mention", "attrs": {"id": "557058:4a47", "text": "@Ada Lovelace"}}
        kept["content"]["content"].append({"type": "paragraph", "content": [mention]})
        assert there.backend.mention(Person("u", "Ada Lovelace")) == "@Ada Lovelace"
        assert "not notified" in there.backend.untold(Person("u", "Ada Lovelace"))
        await there.opened(kept)
        assert there.backend.mention(Person("u", "Ada Lovelace")) == "@[Ada Lovelace](557058:4a47)"
        assert there.backend.untold(Person("u", "Ada Lovelace")) == ""
        assert there.backend.mention(Person("v", "Ada Byron")) == "@Ada Byron"
        kept["content"]["content"].append({"type": "paragraph", "content": [{**mention, "attrs": {"id": "2", "text": "@ada lovelace"}}]})
        await there.opened(kept)
        assert there.backend.mention(Person("u", "Ada Lovelace")) == "@Ada Lovelace", "two people have this name"
