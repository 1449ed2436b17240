"""Creation times of incidents, for tests in which all are known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pmtui.model.incident import Incident


def created(incident: Incident) -> datetime:
    """The incident's creation time; the test fails when it is not known."""
    assert incident.created is not None
    return incident.created


def times(incidents: Iterable[Incident]) -> list[datetime]:
    """Creation times in the order given."""
    return [created(incident) for incident in incidents]
