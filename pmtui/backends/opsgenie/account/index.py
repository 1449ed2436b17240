"""What pmtui remembers about an Opsgenie account between runs, because the API does not give it."""

from __future__ import annotations

from typing import Protocol

POSTMORTEM_OF_INCIDENT = "postmortem-of-incident"
INCIDENT_OF_POSTMORTEM = "incident-of-postmortem"
CREATED = "created"
"""A postmortem's id → when pmtui created it (ISO 8601). A new one may answer 404 for a while without being gone."""
ROUTE = "route"
REFUSED_ROUTES = "refused-routes"


class Index(Protocol):
    """A small map on disk. Kinds are the constants above; an empty value counts as none."""

    def get(self, kind: str, key: str) -> str | None:
        """The value last put under this kind and key."""

    def put(self, kind: str, key: str, value: str) -> None:
        """Remember a value."""

    def keys(self, kind: str) -> tuple[str, ...]:
        """The keys of this kind that have a value."""


def link(index: Index, incident_id: str, postmortem_id: str) -> None:
    """Remember the postmortem of an incident."""
    if incident_id and postmortem_id:
        index.put(POSTMORTEM_OF_INCIDENT, incident_id, postmortem_id)
        index.put(INCIDENT_OF_POSTMORTEM, postmortem_id, incident_id)


def unlink(index: Index, incident_id: str, postmortem_id: str) -> None:
    """Forget a pair: the postmortem was deleted, or never was this incident's."""
    index.put(POSTMORTEM_OF_INCIDENT, incident_id, "")
    index.put(INCIDENT_OF_POSTMORTEM, postmortem_id, "")
    index.put(CREATED, postmortem_id, "")
