"""The switches of this half, read from their texts. What each means stands in the package's docstring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from pmtui.sandbox.opsgenie.routes import FIELD_UPDATES, PATHS

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
    "priority": ("both", "post", "put"),
    "paging": ("own", "vendor"),
    "retry_after": ("0", "1"),
    "ended": ("0", "1", "200", "401", "403", "404", "410", "503"),
}


@dataclass(frozen=True, slots=True)
class Switches:
    """One value a switch, by its name without the prefix. Times are in milliseconds."""

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
    priority: str = "both"
    paging: str = "own"
    rate: int = 0
    retry_after: int = 0
    ended: int = 0

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> Switches:
        """The switches named in `texts`; names of other halves are passed over.

        Raises:
            ValueError: an unknown name after ``opsgenie.``, or a value that the switch does not take.
        """
        own = {name.removeprefix(PREFIX): text for name, text in texts.items() if name.startswith(PREFIX)}
        defaults = {field.name: field.default for field in fields(cls)}
        unknown = sorted(own.keys() - defaults.keys())
        if unknown:
            raise ValueError(f"no switch {PREFIX}{unknown[0]}; there are {', '.join(PREFIX + name for name in defaults)}")
        values: dict[str, Any] = {name: _value(name, text, defaults[name]) for name, text in own.items()}
        return cls(**values)

    def missing(self) -> frozenset[str]:
        """The updates of a postmortem that this account has no route for."""
        if self.missing_updates == "all":
            return FIELD_UPDATES
        return frozenset(name.strip() for name in self.missing_updates.split(",") if name.strip())

    def monthly_limit(self) -> int | None:
        """How many postmortems a month has room for; None is any number."""
        if self.postmortems_per_month:
            return int(self.postmortems_per_month)
        return 5 if self.plan == "Essentials" else None


def rights_of(text: str, separator: str = ",") -> frozenset[str]:
    """The rights named in a text.

    Raises:
        ValueError: one of them is no right.
    """
    names = frozenset(part.strip() for part in text.split(separator) if part.strip())
    unknown = sorted(names - set(RIGHTS))
    if unknown:
        raise ValueError(f"no right {unknown[0]!r}; there are {', '.join(RIGHTS)}")
    return names


def _value(name: str, text: str, default: object) -> str | int:
    choices = CHOICES.get(name)
    if choices and text not in choices:
        raise ValueError(f"{PREFIX}{name} takes {', '.join(choices)}, not {text!r}")
    if name == "rights":
        rights_of(text)
    if name == "missing_updates" and text != "all":
        unknown = sorted({part.strip() for part in text.split(",") if part.strip()} - PATHS.keys())
        if unknown:
            raise ValueError(f"{PREFIX}{name} takes all, or names by commas of {', '.join(PATHS)}; not {unknown[0]!r}")
    if not isinstance(default, int) and name != "postmortems_per_month":
        return text
    if text and not text.isdecimal():
        raise ValueError(f"{PREFIX}{name} takes a whole number, not {text!r}")
    return int(text) if isinstance(default, int) else text
