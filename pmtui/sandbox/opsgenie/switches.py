"""The switches of this service. The package's docstring explains them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pmtui.sandbox.opsgenie.postmortems.routes import FIELD_UPDATES, PATHS
from pmtui.sandbox.switches import read

PREFIX = "opsgenie."
RIGHTS = ("read", "write", "delete", "config")

# The values that a switch may take; a switch that is not here is free text or a whole number, by its default.
CHOICES: dict[str, tuple[str, ...]] = {
    "routes": ("primary", "patch", "post", "camel"),
    "missing_status": ("404", "405"),
    "published": ("422", "400", "403", "409"),
    "create": ("wrapped", "unwrapped"),
    "create_status": ("201", "200", "202"),
    "empty_updates": ("content", "all", "none"),
    "update_status": ("200", "202"),
    "items": ("objects", "bare"),
    "lists": ("replace", "append"),
    "local_ids": ("0", "1"),
    "plan": ("Enterprise", "Standard", "Essentials"),
    "query": ("optional", "required"),
    "paging": ("own", "vendor"),
    "retry_after": ("0", "1"),
    "ended": ("0", "1", "200", "401", "403", "404", "410", "503"),
}


@dataclass(frozen=True, slots=True)
class Switches:
    """The values of the switches, by name without the prefix. Times are in milliseconds."""

    routes: str = "primary"
    missing_updates: str = ""
    missing_status: int = 404
    published: int = 422
    create: str = "wrapped"
    create_status: int = 201
    visible_ms: int = 0
    empty_updates: str = "content"
    update_status: int = 200
    items: str = "objects"
    lists: str = "replace"
    local_ids: int = 0
    rights: str = ",".join(RIGHTS)
    keys: str = "any"
    team: str = ""
    plan: str = "Enterprise"
    postmortems_per_month: str = ""
    async_ms: int = 200
    query: str = "optional"
    paging: str = "own"
    rate: int = 0
    retry_after: int = 0
    ended: int = 0

    def missing(self) -> frozenset[str]:
        """The updates of a postmortem that this account does not have."""
        if self.missing_updates == "all":
            return FIELD_UPDATES
        return frozenset(name.strip() for name in self.missing_updates.split(",") if name.strip())

    def monthly_limit(self) -> int | None:
        """How many postmortems can be created in a month; None for any number."""
        if self.postmortems_per_month:
            return int(self.postmortems_per_month)
        return 5 if self.plan == "Essentials" else None


def rights_of(text: str, separator: str = ",") -> frozenset[str]:
    """The rights in a text. Raises ValueError for an unknown one."""
    names = frozenset(part.strip() for part in text.split(separator) if part.strip())
    unknown = sorted(names - set(RIGHTS))
    if unknown:
        raise ValueError(f"no right {unknown[0]!r}; there are {', '.join(RIGHTS)}")
    return names


def parse(given: Mapping[str, str]) -> Switches:
    """Read `{"opsgenie.routes": "patch"}`. Raises ValueError for an unknown switch or value."""
    switches = Switches(**read(PREFIX, Switches, CHOICES, given))
    rights_of(switches.rights)
    unknown = sorted(switches.missing() - PATHS.keys())
    if unknown:
        raise ValueError(f"switch {PREFIX}missing_updates takes all, or names by commas of {', '.join(PATHS)}; not {unknown[0]!r}")
    if switches.postmortems_per_month and not switches.postmortems_per_month.isdecimal():
        raise ValueError(f"switch {PREFIX}postmortems_per_month takes a whole number, not {switches.postmortems_per_month!r}")
    return switches
