"""The first state of the account, made from the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pmtui.sandbox.lazy import Lazy
from pmtui.sandbox.opsgenie.answers import Json
from pmtui.sandbox.opsgenie.incidents.timeline import event, log_item, note_item
from pmtui.sandbox.opsgenie.postmortems import documents
from pmtui.sandbox.opsgenie.postmortems.adf import Mention
from pmtui.sandbox.opsgenie.postmortems.postmortems import new_postmortem
from pmtui.sandbox.opsgenie.rich_samples import SAMPLES, Sample
from pmtui.sandbox.opsgenie.state import State, stable_id, stamp
from pmtui.sandbox.world.facts import Incident, World

MESSAGE_LIMIT = 130
WEB_URL = "https://sandbox.app.opsgenie.com"
STATUS = {"resolved": "resolved", "completed": "closed"}  # every other state is open
ROLES = {
    "Incident commander": "Incident Commander",
    "Communications": "Communication Officer",
    "": "Responder",
}
UNLINKED_EVERY = 6


def seed(world: World) -> State:
    """The state of an account in which the world's incidents happened. Incidents and postmortems are made when they are read."""
    state = State(
        account={"name": "sandbox", "plan": {"maxUserCount": 50, "name": "Enterprise", "isYearly": True}},
        users={stable_id("user", person.key): _user(person.key, world) for person in world.people},
        teams={stable_id("team", team.key): _team(team.key, world) for team in world.teams},
        services={stable_id("service", service.key): _service(service.key, world) for service in world.services},
        roles={role["id"]: role for role in _roles()},
    )
    incidents = {incident_id(source.number): source for source in world.incidents}
    newest_first = [source for source in reversed(world.incidents) if source.postmortems and source.state in STATUS]
    written = {postmortem_id(source.number): source for source in newest_first}
    # Every so many-th was made by somebody who did not note its id on the incident.
    noted = {source.number for place, source in enumerate(newest_first, 1) if place % UNLINKED_EVERY}
    drawn = _samples(newest_first)
    mention = documents.mentioner({person.key: person.name or person.email for person in world.people})

    def postmortem(key: str) -> Json:
        source = written[key]
        return _postmortem(
            state, source, world, _content(source, drawn, mention), documents.summary(source, source.postmortems[0], mention)
        )

    state.incidents = Lazy(incidents, lambda key: _incident(incidents[key], noted=incidents[key].number in noted))
    state.timelines = Lazy(incidents, lambda key: _timeline(incidents[key], world))
    state.notes = Lazy(incidents, lambda key: _notes(incidents[key], world))
    state.logs = Lazy(incidents, lambda key: _logs(incidents[key]))
    state.postmortems = Lazy(written, postmortem)
    state.expect(
        {incident_id(source.number): key for key, source in written.items()},
        {key: source.postmortems[0].status for key, source in written.items()},
    )
    return state


def _samples(newest_first: Sequence[Incident]) -> dict[int, Sample | None]:
    """Which postmortems, by the number of their incident, are written in full, and which sample each of the newest of these holds.

    Of the others, every second draft, nobody has written more than the beginning.
    """
    samples = iter(SAMPLES * 3)
    drawn: dict[int, Sample | None] = {}
    for place, source in enumerate(newest_first):
        postmortem = source.postmortems[0]
        if not (postmortem.status == "draft" and place % 2 == 1):
            drawn[source.number] = next(samples, None) if postmortem.sections else None
    return drawn


def _content(source: Incident, drawn: Mapping[int, Sample | None], mention: Mention) -> Json:
    if source.number not in drawn:
        return documents.started(source, mention)
    return documents.complete(source, source.postmortems[0], mention, drawn[source.number])


def incident_id(number: int) -> str:
    """The id of the world's incident with this number; its tiny id is the number."""
    return stable_id("incident", number)


def postmortem_id(number: int) -> str:
    """The id of that incident's postmortem."""
    return stable_id("postmortem", number)


def _user(key: str, world: World) -> Json:
    person = next(person for person in world.people if person.key == key)
    role = "Owner" if key == world.me else "User"
    return {
        "id": stable_id("user", key),
        "username": person.email,
        "fullName": person.name,
        "role": {"id": role, "name": role},
        "blocked": not person.active,
        "verified": person.active,
        "timeZone": "Europe/Berlin",
        "locale": "en_US",
        "userAddress": {"country": "", "state": "", "city": "", "line": "", "zipCode": ""},
        "tags": [],
        "details": {"job": [person.job]},
        "createdAt": stamp(world.now - timedelta(days=900 - len(key))),
    }


def _team(key: str, world: World) -> Json:
    team = next(team for team in world.teams if team.key == key)
    made = stable_id("team", key)
    emails = {person.key: person.email for person in world.people}
    members = [{"user": {"id": stable_id("user", member), "username": emails[member]}, "role": "user"} for member in team.members]
    return {
        "id": made,
        "name": team.name,
        "description": "",
        "links": {"web": f"{WEB_URL}/teams/dashboard/{made}/main"},
        "members": members,
    }


def _service(key: str, world: World) -> Json:
    service = next(service for service in world.services if service.key == key)
    made = stable_id("service", key)
    return {
        "id": made,
        "name": service.name,
        "description": f"The service {service.name}",
        "teamId": stable_id("team", service.team),
        "tags": [service.team],
        "links": {"web": f"{WEB_URL}/service/{made}/status"},
        "isExternal": False,
    }


def _roles() -> list[Json]:
    rights = {
        "Incident Manager": ["incidents-access-all", "postmortem-create", "postmortem-edit", "postmortem-delete"],
        "Postmortem reader": ["postmortem-access-published"],
    }
    return [
        {"id": stable_id("role", name), "name": name, "extendedRole": "user", "grantedRights": granted, "disallowedRights": []}
        for name, granted in rights.items()
    ]


def _name(key: str, world: World) -> str:
    return next((person.name or person.email for person in world.people if person.key == key), key)


def _priority(severity: str) -> str:
    """`SEV-2` is P2; what has no number from 1 to 5 is P3, the vendor's own default."""
    number = severity.rpartition("-")[2]
    return f"P{number}" if number in ("1", "2", "3", "4", "5") else "P3"


def _incident(source: Incident, *, noted: bool) -> Json:
    """`noted`: the id of its postmortem stands on the incident."""
    key = incident_id(source.number)
    responders = [{"type": "team", "id": stable_id("team", team)} for team in source.teams]
    people = dict.fromkeys(responder.person for responder in source.responders)
    made: Json = {
        "id": key,
        "description": source.summary,
        "impactedServices": [stable_id("service", service) for service in source.services],
        "tinyId": str(source.number),
        "message": source.title[:MESSAGE_LIMIT],
        "status": STATUS.get(source.state, "open"),
        "tags": list(source.tags),
        "createdAt": stamp(source.created),
        "updatedAt": stamp(source.resolved or source.created),
        "priority": _priority(source.severity),
        "ownerTeam": "",
        "responders": [*responders, *({"type": "user", "id": stable_id("user", person)} for person in people)],
        "extraProperties": {"postmortemId": postmortem_id(source.number)} if noted else {},
        "links": {"web": f"{WEB_URL}/incident/detail/{key}"},
        "impactStartDate": stamp(min(source.created, source.detected)),
        "impactDetectDate": stamp(source.detected),
        "actions": [],
    }
    if source.resolved and made["status"] != "open":
        made["impactEndDate"] = stamp(source.resolved)
    return made


def _timeline(source: Incident, world: World) -> list[Json]:
    commander = _name(source.commander or world.me, world)
    entries = [event("IncidentOpened", commander, source.created)]
    entries += [event("CustomEntry", _name(found.person, world), found.at, found.text) for found in source.events]
    status = STATUS.get(source.state, "open")
    if source.resolved and status != "open":
        entries.append(event("IncidentResolved", commander, source.resolved))
    if source.resolved and status == "closed":
        entries.append(event("IncidentClosed", commander, source.resolved + timedelta(hours=1)))
    made = [{**entry, "id": f"{entry['type']}_{stable_id('entry', source.number, at)}"} for at, entry in enumerate(entries)]
    if source.postmortems and source.state in STATUS and source.postmortems[0].status == "published":
        made.append(_published(source, world))
    return made


def _with_offsets(items: list[Json], kind: str, number: int) -> list[Json]:
    return [{**item, "offset": stable_id(kind, number, at)} for at, item in enumerate(items)]


def _notes(source: Incident, world: World) -> list[Json]:
    items = [note_item(found.text, _name(found.person, world), found.at) for found in source.events if found.important]
    return _with_offsets(items, "note", source.number)


def _logs(source: Incident) -> list[Json]:
    items = [log_item(f"Incident created with priority {_priority(source.severity)}", "system", "System", source.created)]
    if source.resolved:
        items.append(log_item("Resolved incident", "system", "System", source.resolved))
    return _with_offsets(items, "log", source.number)


def _postmortem(state: State, source: Incident, world: World, content: Json, summary: Json) -> Json:
    """The first of the incident's postmortems: here an incident has one at most."""
    postmortem = source.postmortems[0]
    incident = _incident(source, noted=False)  # as it was then: what happened to it since does not show in its postmortem
    kept = new_postmortem(incident, stable_id("user", postmortem.owner), postmortem_id(source.number), _written_at(source, world))
    kept.update(
        timelineId=f"p_{stable_id('postmortem timeline', source.number)}",
        status=postmortem.status,
        content=content,
        executiveSummary=summary,
        **_lists(state, source),
    )
    return kept


def _written_at(source: Incident, world: World) -> datetime:
    return min((source.resolved or source.created) + timedelta(hours=2), world.now)


def _published(source: Incident, world: World) -> Json:
    """The entry of the timeline that tells of it."""
    at = min(_written_at(source, world) + timedelta(days=3), world.now)
    entry = event("PostmortemPublished", _name(source.postmortems[0].owner, world), at, "postmortem is published")
    return {**entry, "id": f"PostmortemPublished_{stable_id('published', source.number)}"}


def _lists(state: State, source: Incident) -> Json:
    """The lists of a postmortem, in the shapes of the writes."""
    services = [state.services[stable_id("service", key)] for key in source.services]
    teams = [state.teams[stable_id("team", key)] for key in source.teams]
    people = [(state.users[stable_id("user", responder.person)], responder.role) for responder in source.responders]
    return {
        "jiraIssues": [issue.url for issue in source.issues if issue.tracker == "jira"],
        "relatedIncidentIds": [incident_id(number) for number in source.related],
        "affectedServices": [{"name": service["name"], "id": service["id"]} for service in services],
        "responderTeams": [{"name": team["name"], "id": team["id"]} for team in teams],
        "responderUsers": [
            {"name": user["fullName"] or user["username"], "id": user["id"], "role": ROLES.get(role, role)} for user, role in people
        ],
    }
