"""What people say for an incident, and the directory."""

from __future__ import annotations

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.formats.adf import from_markdown
from pmtui.model.changes import FieldChanged
from pmtui.model.fields import Kind
from pmtui.model.incident import Existence
from pmtui.model.values import Named, Person
from tests.backends.opsgenie.account import account


async def test_every_way_to_name_an_incident() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        row = there.state.incidents[kept["incidentId"]]
        pm = kept["postmortemId"]
        for reference in (
            row["id"],
            row["tinyId"],
            f"#{row['tinyId']}",
            f" #{row['tinyId']} ",
            row["links"]["web"],
            pm,
            f"https://sandbox.app.opsgenie.com/reports/post-mortem/{pm}/detail",
            f"https://api.opsgenie.com/v2/postmortem/{pm}",
            f"https://api.opsgenie.com/v1/incidents/{row['id']}",
        ):
            found = await there.backend.find(reference)
            assert (found.id, found.reference, found.url) == (row["id"], f"#{row['tinyId']}", row["links"]["web"])
            assert found.postmortem in (Existence.YES, Existence.DRAFT)


@pytest.mark.parametrize(
    ("reference", "trouble"),
    [
        ("", Trouble.LOCAL),
        ("#99999", Trouble.MISSING),
        ("no-such-id", Trouble.MISSING),
        ("../../v2/account", Trouble.LOCAL),
        ("https://example.com/elsewhere", Trouble.LOCAL),
        ("https://x.app.opsgenie.com/reports/post-mortem/none/detail", Trouble.MISSING),
    ],
)
async def test_what_names_nothing(reference: str, trouble: Trouble) -> None:
    async with account() as there:
        with pytest.raises(BackendError) as caught:
            await there.backend.find(reference)
        assert caught.value.trouble is trouble


async def test_an_account_without_incidents_in_its_plan_still_opens_postmortems_by_address() -> None:
    async with account(switches={"plan": "Essentials"}) as there:
        kept = there.a_postmortem()
        found = await there.backend.find(f"https://x.app.opsgenie.com/reports/post-mortem/{kept['postmortemId']}/detail")
        opened = await there.backend.postmortem(found)
        assert opened.id == kept["postmortemId"]
        assert (await there.backend.find(kept["postmortemId"])).id == kept["incidentId"]
        with pytest.raises(BackendError) as caught:
            await there.backend.find("#1")
        assert caught.value.trouble is Trouble.PLAN


async def test_suggestions_begin_with_whom_the_postmortem_names() -> None:
    async with account() as there:
        opened = await there.opened(next(kept for kept in there.state.postmortems.values() if kept["responderUsers"]))
        people = await there.backend.suggest(Kind.PEOPLE, "", opened)
        owner = opened.fields["owner"]
        assert isinstance(owner, Person)
        assert people[0].key == owner.id
        assert len({person.key for person in people}) == len(people)
        user = list(there.state.users.values())[1]
        first = user["fullName"].split()[0]
        found = await there.backend.suggest(Kind.PERSON, first.lower(), opened)
        assert user["id"] in [person.key for person in found]
        by_mail = await there.backend.suggest(Kind.PERSON, user["username"], opened)
        assert by_mail[0] == Person(user["id"], user["fullName"], user["username"])


async def test_teams_services_and_incidents_are_suggested() -> None:
    async with account() as there:
        opened = await there.opened(there.a_postmortem())
        team = next(iter(there.state.teams.values()))
        service = next(iter(there.state.services.values()))
        assert Named(team["id"], team["name"]) in await there.backend.suggest(Kind.TEAMS, team["name"][:3], opened)
        assert Named(service["id"], service["name"]) in await there.backend.suggest(Kind.SERVICES, service["name"], opened)
        other = next(row for row in there.state.incidents.values() if row["id"] != opened.incident.id)
        assert [item.key for item in await there.backend.suggest(Kind.INCIDENTS, f"#{other['tinyId']}", opened)] == [other["id"]]
        word = other["message"].split()[-1]
        for typed in (word, word[:4]):
            assert other["id"] in [item.key for item in await there.backend.suggest(Kind.INCIDENTS, typed, opened)], typed
        assert await there.backend.suggest(Kind.WORDS, "x", opened) == []


async def test_a_key_without_configuration_access_still_edits() -> None:
    async with account(switches={"rights": "read,write,delete"}) as there:
        opened = await there.opened(there.a_postmortem())
        people = await there.backend.suggest(Kind.PEOPLE, "", opened)
        owner = opened.fields["owner"]
        assert isinstance(owner, Person)
        assert owner.id in [person.key for person in people]
        typed = list(there.state.users)[-1]
        assert await there.backend.suggest(Kind.PEOPLE, typed, opened) == [Person(typed)]
        mine = opened.with_field("status", "in-review")
        with pytest.raises(BackendError) as caught:
            await there.save(opened, mine, [FieldChanged("status", "draft", "in-review")])
        assert caught.value.missing_right == "Configuration access"
        assert "user id" in caught.value.advice


async def test_an_actor_by_id_needs_no_configuration_access() -> None:
    async with account(switches={"rights": "read,write"}, actor="x") as there:
        there.state.users["x"] = {**next(iter(there.state.users.values())), "id": "x"}
        kept = there.a_postmortem()
        opened = await there.opened(kept)
        await there.save(opened, opened.with_field("status", "in-review"), [FieldChanged("status", "draft", "in-review")])
        assert kept["status"] == "in-review"


async def test_a_mention_is_text_whatever_the_name_holds() -> None:
    async with account() as there:
        written = there.backend.mention(Person("u", "Ada [*] L."))
        assert from_markdown(written)["content"] == [{"type": "paragraph", "content": [{"type": "text", "text": "@Ada [*] L."}]}]


async def test_a_large_directory_is_asked_by_query() -> None:
    async with account() as there:
        some = next(iter(there.state.users.values()))
        for number in range(620):
            key = f"user-{number:04}-0000-0000"
            there.state.users[key] = {**some, "id": key, "username": f"u{number}@x.test", "fullName": f"Zed{number} Zulu"}
        opened = await there.opened(there.a_postmortem())
        found = await there.backend.suggest(Kind.PEOPLE, "Zed617", opened)
        assert [person.key for person in found] == ["user-0617-0000-0000"]
        assert len(await there.backend.suggest(Kind.PEOPLE, "z", opened)) <= 20
