"""``PROFILE:REF``: one end of a copy, as it is typed."""

from __future__ import annotations

from dataclasses import dataclass

from pmtui.cli.errors import CommandError
from pmtui.config import Config, suggestion


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``ref`` is "" for all, or for a target that is to be found or made."""

    profile: str
    ref: str

    def __str__(self) -> str:
        return f"{self.profile}:{self.ref}"


def endpoint(config: Config, word: str) -> Endpoint:
    """What a word names. Before the first colon stands a profile, or a vendor that has exactly one. Raises CommandError."""
    name, colon, ref = word.partition(":")
    if not colon:
        known = ", ".join(f"{each}:" for each in config.names) or "none"
        raise CommandError(f"{word}: this names no place; write PROFILE:REF, or PROFILE: alone. There are {known}")
    return Endpoint(_profile(config, name), ref.strip())


def _profile(config: Config, name: str) -> str:
    if name in config.tables:
        return name
    if name not in config.vendors:
        raise CommandError(f"{name}: there is no profile of this name{suggestion(name, [*config.tables, *config.vendors])}")
    own = [each for each in config.names if each == name or _vendor_of(config, each) == name]
    if len(own) > 1:
        raise CommandError(f"{name}: there are several profiles of this vendor: write {' or '.join(f'{each}:' for each in own)}")
    return own[0] if own else name


def _vendor_of(config: Config, profile: str) -> str:
    table = config.tables.get(profile)
    return str(table.get("vendor", "")) if isinstance(table, dict) else ""
