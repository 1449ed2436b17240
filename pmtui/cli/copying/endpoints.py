"""``PROFILE:REF``: one end of a copy, as the user types it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pmtui.cli.errors import CommandError
from pmtui.config import Config, suggestion
from pmtui.paths import expanded


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``ref`` is "" for all postmortems, or for a target that is to be found or created."""

    profile: str
    ref: str

    def __str__(self) -> str:
        return f"{self.profile}:{self.ref}"


def endpoint(config: Config, word: str) -> Endpoint:
    """Read ``PROFILE:REF`` or ``VENDOR:REF``; a vendor must have exactly one profile. Raises CommandError."""
    name, colon, ref = word.partition(":")
    if not colon:
        known = ", ".join(f"{each}:" for each in config.names) or "none"
        raise CommandError(f"{word}: no profile is named; write PROFILE:REF, or PROFILE: alone; known: {known}")
    vendor = config.vendors.get(name)
    if vendor is not None and vendor.opens and name not in config.tables and ref.strip():
        return _path(Path(os.path.realpath(expanded(ref.strip(), config.environ))))
    return Endpoint(_profile(config, name), ref.strip())


def _path(path: Path) -> Endpoint:
    """The end that a path names: a folder is a profile of its own, a file is a reference in its folder."""
    return Endpoint(f"{path}", "") if path.is_dir() else Endpoint(f"{path.parent}", path.name)


def _profile(config: Config, name: str) -> str:
    if name in config.tables:
        return name
    if "/" in name:
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
