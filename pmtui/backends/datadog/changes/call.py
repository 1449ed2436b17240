"""One call of a save, ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass

from pmtui.backends.answer import Json
from pmtui.model.changes import Change


@dataclass(frozen=True, slots=True)
class Write:
    """``id`` stays the same for the same change; ``data`` goes into the envelope ``{"data": …}``, None for no body."""

    id: str
    label: str
    method: str
    path: str
    data: Json | None
    changes: tuple[Change, ...]
    warnings: tuple[str, ...] = ()
