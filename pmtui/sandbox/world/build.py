"""Builds the world from `count` and `now` alone, so that both services show the same incidents."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from pmtui.sandbox.world import people, stories
from pmtui.sandbox.world.facts import World


@lru_cache(maxsize=1)
def build(count: int, now: datetime) -> World:
    """The world with `count` incidents at the time `now` (aware, UTC).

    The newest thirty or so are written by hand; more are made from templates, and are older.
    """
    return World(now, people.ME, people.PEOPLE, people.TEAMS, people.SERVICES, stories.incidents(count, now))
