"""The world that both vendors' halves are built from.

Everything is a frozen value and depends only on `count` and `now`, so two halves built from the same arguments
tell of the same incidents.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from pmtui.sandbox import names, stories
from pmtui.sandbox.facts import (
    Action,
    Block,
    Bullets,
    Code,
    Event,
    Graph,
    Incident,
    Issue,
    Panel,
    Paragraph,
    Person,
    Postmortem,
    Responder,
    Section,
    Service,
    Table,
    Team,
    World,
)

__all__ = [
    "Action",
    "Block",
    "Bullets",
    "Code",
    "Event",
    "Graph",
    "Incident",
    "Issue",
    "Panel",
    "Paragraph",
    "Person",
    "Postmortem",
    "Responder",
    "Section",
    "Service",
    "Table",
    "Team",
    "World",
    "build",
]


@lru_cache(maxsize=1)
def build(count: int, now: datetime) -> World:
    """The world with `count` incidents as seen at `now` (aware, UTC).

    The first thirty-odd are written by hand; more are made from templates and are older than those.
    """
    return World(now, names.ME, names.PEOPLE, names.TEAMS, names.SERVICES, stories.incidents(count, now))
