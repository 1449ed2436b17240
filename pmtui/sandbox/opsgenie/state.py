"""The state of the Opsgenie account as plain JSON, and the look-ups that every call needs."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from pmtui.sandbox.lazy import Lazy
from pmtui.sandbox.opsgenie.answers import Json

Table = MutableMapping[str, Json]
Lists = MutableMapping[str, list[Json]]


@dataclass
class State:
    """Tables by id. Users, teams, services, roles and incidents are kept as they are read.

    A postmortem is kept in the words of the *writes* (`ownerId`, `relatedIncidentIds`, `responderUsers`) and as documents;
    `reading.py` turns it into what a read shows. `notes`, `logs` and `timelines` are lists by incident id, oldest first.
    `requests` are the accepted writes by request id; those with an `operation` still wait.
    """

    account: Json = field(default_factory=dict)
    users: Table = field(default_factory=dict)
    teams: Table = field(default_factory=dict)
    services: Table = field(default_factory=dict)
    roles: Table = field(default_factory=dict)
    incidents: Table = field(default_factory=dict)
    postmortems: Table = field(default_factory=dict)
    notes: Lists = field(default_factory=dict)
    logs: Lists = field(default_factory=dict)
    timelines: Lists = field(default_factory=dict)
    requests: Table = field(default_factory=dict)
    intrusions: int = 0

    def __post_init__(self) -> None:
        """Index the postmortems. A lazy table is indexed by `expect` instead, which does not make its entries."""
        made = {} if isinstance(self.postmortems, Lazy) else self.postmortems
        self.postmortem_ids = {kept["incidentId"]: key for key, kept in made.items()}
        self._expected: Mapping[str, str] = {}

    def expect(self, ids: Mapping[str, str], statuses: Mapping[str, str]) -> None:
        """Register postmortems that are not made yet: their ids by incident, their first status by id."""
        self.postmortem_ids.update(ids)
        self._expected = statuses

    def dump(self) -> dict[str, Any]:
        """A copy of the state as plain JSON."""
        copy: dict[str, Any] = json.loads(self.dump_text())
        return copy

    def dump_text(self) -> str:
        """The state as JSON text."""
        return json.dumps({part.name: _plain(getattr(self, part.name)) for part in fields(self)})

    @classmethod
    def load(cls, dumped: dict[str, Any]) -> State:
        """Restore a dump."""
        copy: dict[str, Any] = json.loads(json.dumps(dumped))
        return cls(**copy)

    def add_postmortem(self, kept: Json) -> None:
        """Add a postmortem."""
        self.postmortems[kept["postmortemId"]] = kept
        self.postmortem_ids[kept["incidentId"]] = kept["postmortemId"]

    def remove_postmortem(self, postmortem_id: str) -> None:
        """Remove a postmortem."""
        kept = self.postmortems.pop(postmortem_id)
        del self.postmortem_ids[kept["incidentId"]]

    def postmortem_status(self, incident_id: str) -> str:
        """draft, in-review, published, or no-postmortem."""
        key = self.postmortem_ids.get(incident_id)
        if key is None:
            return "no-postmortem"
        kept = self.postmortems.made(key) if isinstance(self.postmortems, Lazy) else self.postmortems[key]
        return kept["status"] if kept else self._expected[key]

    def user(self, identifier: str) -> Json | None:
        """The user with this id or user name (e-mail address)."""
        found = self.users.get(identifier)
        return found or next((user for user in self.users.values() if user["username"].casefold() == identifier.casefold()), None)

    def incident(self, identifier: str, kind: str = "id") -> Json | None:
        """The incident with this id or, for kind "tiny", tiny id."""
        if kind == "tiny":
            return next((incident for incident in self.incidents.values() if incident["tinyId"] == identifier), None)
        return self.incidents.get(identifier)

    def team_sees(self, team_id: str, incident: Json) -> bool:
        """Whether a team's key may see the incident; "" is an account's key, which sees all."""
        if not team_id or incident["ownerTeam"] == team_id:
            return True
        responds = any(responder["type"] == "team" and responder["id"] == team_id for responder in incident["responders"])
        return responds or any(self.services[key]["teamId"] == team_id for key in incident["impactedServices"] if key in self.services)


def stable_id(*parts: object) -> str:
    """A UUID made from the parts, of version 4 like the random ones of the service."""
    digest = hashlib.sha256("\x00".join(map(str, parts)).encode()).hexdigest()
    # What uuid.UUID(…, version=4) does, in a quarter of the time: ten thousand incidents have some hundred thousand ids.
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{'89ab'[int(digest[16], 16) & 3]}{digest[17:20]}-{digest[20:32]}"


def _plain(table: object) -> object:
    return dict(table) if isinstance(table, Lazy) else table


def new_id() -> str:
    """A fresh UUID."""
    return str(uuid.uuid4())


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC as the service writes it: milliseconds without trailing zeros (`…:10.17Z` was seen)."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{moment.microsecond // 1000:03d}".rstrip("0")
    return f"{text}.{fraction}Z" if fraction else f"{text}Z"


def moment_of(text: str) -> datetime:
    """The inverse of `stamp`."""
    return datetime.fromisoformat(text)
