"""The values of the world: people, teams, services, incidents and their postmortems.

Texts belong to no vendor: a section is a title and blocks, and each service converts blocks to its own format. Inline notation in
texts: **bold**, *emphasis*, `code`, [label](url) and @[key] for the person with that key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague. `key` is short and stable ("jane"); services derive their ids from it."""

    key: str
    name: str
    email: str
    job: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Team:
    """A team. Services and incidents refer to it by its key."""

    key: str
    name: str
    members: tuple[str, ...]  # keys of people


@dataclass(frozen=True, slots=True)
class Service:
    """A service, and the team that owns it."""

    key: str
    name: str
    team: str  # key of a team


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of text."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of one level."""

    items: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose cells have one line each."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Preformatted text."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A coloured box. `kind`: info, note, warning, success or error."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph. Datadog makes a widget cell of it; Opsgenie, which has no graphs, shows its title as text.

    `kind`: timeseries, toplist, query_value, sunburst, image.
    """

    kind: str
    title: str
    query: str


Block = Paragraph | Bullets | Table | Code | Panel | Graph


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a postmortem. The title may be empty: text before the first heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Responder:
    """A person who worked on an incident, and their role."""

    person: str
    role: str  # "Incident commander", "Communications", "Operations", or "" for a plain responder


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the incident's timeline."""

    at: datetime
    person: str
    text: str
    important: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """A follow-up."""

    text: str
    person: str
    due: datetime | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Issue:
    """A linked issue: "OPS-1412" at a tracker ("jira", "github")."""

    key: str
    url: str
    tracker: str = "jira"


@dataclass(frozen=True, slots=True)
class Postmortem:
    """A postmortem. `home` is where its document is at Datadog: notebook, confluence or google_docs (these two have no sections)."""

    title: str
    status: str  # draft, in-review, published
    owner: str
    sections: tuple[Section, ...]
    home: str = "notebook"
    quirks: tuple[str, ...] = ()  # special cases of the document: rich_text, bad_time, rejected_cell, restricted, dangling


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident. `number` counts from 1, oldest first.

    `severity` ("SEV-1" …) and `state` (active, stable, resolved, completed) are open sets.
    """

    number: int
    title: str
    severity: str
    state: str
    created: datetime
    detected: datetime
    resolved: datetime | None
    commander: str | None
    responders: tuple[Responder, ...]
    teams: tuple[str, ...]
    services: tuple[str, ...]
    summary: str
    root_cause: str
    detection: str  # customer, employee, monitor, other, unknown
    impact: str  # "" when no customer was hit
    postmortems: tuple[Postmortem, ...] = ()
    events: tuple[Event, ...] = ()
    actions: tuple[Action, ...] = ()
    issues: tuple[Issue, ...] = ()
    related: tuple[int, ...] = ()  # numbers of incidents
    tags: tuple[str, ...] = ()
    private: bool = False
    test: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """The whole world. `me` is the owner of the sandbox's keys; `incidents` are oldest first."""

    now: datetime
    me: str
    people: tuple[Person, ...]
    teams: tuple[Team, ...]
    services: tuple[Service, ...]
    incidents: tuple[Incident, ...]
