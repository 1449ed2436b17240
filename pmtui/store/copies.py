"""Remembers copies: the target of each source, and what was written there, as the base of the next copy.

Nothing depends on it: without an entry a copy looks for its note in the target. Entries are written before and after
each creation, so that an interrupted copy continues where it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from pmtui.model.codec import postmortem_from_json, postmortem_to_json
from pmtui.model.postmortem import Postmortem
from pmtui.store.filenames import file_stem
from pmtui.store.files import Files

Refused: TypeAlias = Mapping[str, str]
NONE_REFUSED: Refused = MappingProxyType({})


class CopyStage(StrEnum):
    """How far a copy had come when the entry was written."""

    IMPORTING = "importing"  # an incident is about to be created
    IMPORTED = "imported"  # the incident exists, its postmortem does not
    CREATING = "creating"  # a postmortem is about to be created
    WRITTEN = "written"  # the postmortem exists, and ``base`` was written to it


@dataclass(frozen=True, slots=True)
class Copied:
    """``incident`` and ``document`` are the target's ids, "" while there are none. ``base`` is the target as the copy left it;
    ``ours`` are the keys of the cells that the copy wrote; ``refused`` are fields that the target did not take, each with a
    fingerprint of the value, "" for whatever value."""

    stage: CopyStage
    incident: str = ""
    document: str = ""
    base: Postmortem | None = None
    ours: frozenset[str] = frozenset()
    refused: Refused = field(default_factory=dict)


class Copies:
    """All copies of this user. ``state`` is the state directory."""

    def __init__(self, state: Path, files: Files | None = None) -> None:
        self._state = state
        self._directory = state / "copies"
        self._files = files or Files()

    def find(self, source: str, profile: str) -> Copied | None:
        """The copy of this source to this profile, None when none is known."""
        try:
            data = json.loads(self._files.read(self._path(source, profile)))
            base = postmortem_from_json(data["base"]) if data["base"] else None
            ours, refused = frozenset(map(str, data.get("ours", ()))), data.get("refused")
            refused = {str(name): str(value) for name, value in refused.items()} if isinstance(refused, dict) else {}
            return Copied(CopyStage(data["stage"]), str(data["incident"]), str(data["document"]), base, ours, refused)
        except (OSError, KeyError, AttributeError, TypeError, ValueError, RecursionError):
            return None

    def keep(self, source: str, profile: str, copied: Copied) -> None:
        """Remember a copy. Raises OSError."""
        self._files.directory(self._state)
        self._files.directory(self._directory)
        data = {
            "stage": copied.stage,
            "incident": copied.incident,
            "document": copied.document,
            "base": postmortem_to_json(copied.base) if copied.base is not None else None,
            "ours": sorted(copied.ours),
            "refused": dict(copied.refused),
        }
        self._files.write(self._path(source, profile), json.dumps(data, separators=(",", ":")).encode("ascii") + b"\n")

    def _path(self, source: str, profile: str) -> Path:
        return self._directory / f"{file_stem(profile, source)}.json"
