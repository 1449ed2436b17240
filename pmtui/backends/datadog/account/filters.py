"""What incidents can be filtered by here, each facet with the values that are known without asking."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SEVERITIES: Final = ("UNKNOWN", "SEV-0", "SEV-1", "SEV-2", "SEV-3", "SEV-4", "SEV-5")
STATES: Final = ("active", "stable", "resolved", "completed")
FILTERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "status": STATES,
        "severity": SEVERITIES,
        "owner": (),
        "service": (),
        "team": (),
        "postmortem": ("yes", "none"),
        "after": (),
        "before": (),
    }
)
