"""One call of a save."""

from __future__ import annotations

from dataclasses import dataclass

from pmtui.backends.answer import Json
from pmtui.model.changes import Change


@dataclass(frozen=True, slots=True)
class Write:
    """A call. ``id`` is the same for the same change; ``data`` is sent as ``{"data": …}``, None for no body."""

    id: str
    label: str
    method: str
    path: str
    data: Json | None
    changes: tuple[Change, ...]
    warnings: tuple[str, ...] = ()
