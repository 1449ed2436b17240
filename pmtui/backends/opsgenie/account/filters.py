"""What incidents can be filtered by here, each facet with the values that are known without asking."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FILTERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "status": ("open", "resolved", "closed"),
        "severity": ("P1", "P2", "P3", "P4", "P5"),
        "service": (),
        "team": (),
        "postmortem": ("draft", "in-review", "published", "yes", "none"),
        "after": (),
        "before": (),
        "tag": (),
    }
)
