"""API keys: their rights, their team, and their rate limit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pmtui.sandbox.http import Request
from pmtui.sandbox.opsgenie.answers import THROTTLED, Refusal, rate_headers
from pmtui.sandbox.opsgenie.switches import Switches, rights_of

SCHEME = "GenieKey"
# Any UUID is a key, whatever its version: the documentation's own samples are not valid ones.
_SHAPE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Key:
    """`rights` of read, write, delete, config; `team` is a team's id, "" for an account's key."""

    text: str
    rights: frozenset[str]
    team: str


class KeyRing:
    """The keys that this account knows: those listed, or any UUID. `teams` are the ids by name.

    Raises:
        ValueError: a key in the switches is no UUID, or names an unknown right or team.
    """

    def __init__(self, switches: Switches, teams: Mapping[str, str]) -> None:
        self._teams = {"": "", **teams}
        self._rights = rights_of(switches.rights)
        self._team = self._team_id(switches.team)
        self._known = None if switches.keys == "any" else {key.text: key for key in map(self._read, switches.keys.split(","))}

    def _read(self, text: str) -> Key:
        """`KEY[:right+right[:team]]`."""
        key, _, rest = text.strip().partition(":")
        rights, _, team = rest.partition(":")
        if not _SHAPE.fullmatch(key):
            raise ValueError(f"opsgenie.keys: {key!r} is no UUID")
        return Key(key.lower(), rights_of(rights, "+") if rights else self._rights, self._team_id(team) if team else self._team)

    def _team_id(self, name: str) -> str:
        if name not in self._teams:
            raise ValueError(f"there is no team {name!r}; there are {', '.join(filter(None, self._teams))}")
        return self._teams[name]

    def identify(self, request: Request) -> Key:
        """The key that a request carries.

        Raises:
            Refusal: 401 without the scheme or for an unknown key, 422 for a key that is no UUID.
        """
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        text = text.strip()
        if scheme != SCHEME or not text:
            raise Refusal(401, "Could not authenticate")
        if not _SHAPE.fullmatch(text):
            raise Refusal(422, "Key format is not valid!")
        if self._known is None:
            return Key(text.lower(), self._rights, self._team)
        found = self._known.get(text.lower())
        if found is None:
            raise Refusal(401, "Could not authenticate")
        return found


class Throttle:
    """A token bucket per key: `rate` tokens per second, and as many at once. A rate of 0 means no limit."""

    def __init__(self, rate: int, *, retry_after: bool) -> None:
        self._rate = rate
        self._retry_after = retry_after
        self._buckets: dict[str, tuple[float, float]] = {}  # key → tokens, and when they were counted

    def take(self, key: str, now: float) -> None:
        """Take a token. `now` is in seconds.

        Raises:
            Refusal: 429 when the bucket is empty.
        """
        if not self._rate:
            return
        tokens, counted = self._buckets.get(key, (float(self._rate), now))
        tokens = min(float(self._rate), tokens + (now - counted) * self._rate)
        if tokens < 1:
            self._buckets[key] = (tokens, now)
            raise throttled(retry_after=self._retry_after)
        self._buckets[key] = (tokens - 1, now)


def throttled(*, retry_after: bool = False) -> Refusal:
    """429 as documented; `Retry-After` is not, so it is only sent when asked for."""
    wait = (("Retry-After", "1"),) if retry_after else ()
    return Refusal(429, THROTTLED, headers=(*rate_headers("THROTTLED", 1), *wait))
