"""Builds the world from `count` and `now` alone, so that both services show the same incidents."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from pmtui.sandbox.world import people, stories
from pmtui.sandbox.world.facts import Incident, World


def build(count: int, now: datetime) -> World:
    """The world with `count` incidents at the time `now` (aware, UTC).

    The newest thirty or so are written by hand; more are made from templates, and are older.
    """
    return World(now, people.ME, people.PEOPLE, people.TEAMS, people.SERVICES, _incidents(count, now.replace(microsecond=0)))


@lru_cache(maxsize=4)
def _incidents(count: int, second: datetime) -> tuple[Incident, ...]:
    """The incidents, whose times are whole seconds: both services of a sandbox, and sandboxes that start together, share them."""
    return stories.incidents(count, second)
