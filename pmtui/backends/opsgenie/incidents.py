"""Converts incidents from the wire, and reads addresses of incidents and postmortems. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from pmtui.backends.opsgenie.fields import STATUSES
from pmtui.backends.opsgenie.wire import WireIncident
from pmtui.model.incident import Existence, Incident

FINISHED = frozenset({"resolved", "closed"})
"""The states of an incident that can have a postmortem (support page "create a postmortem report")."""

_POSTMORTEM_PAGE = re.compile(r"/reports/post-mortem/([^/?#]+)")
_POSTMORTEM_CALL = re.compile(r"/v2/postmortem/([^/?#]+)")
_NAMED = re.compile(
    r"""(?: /reports/post-mortem/ | /v2/postmortem/ | \bpost[_-]?mortem[_-]?id ["']? \s* [:=] \s* ["']? )
        (?P<id> (?=[0-9A-Za-z-]*\d) [0-9A-Za-z] [0-9A-Za-z-]{14,78} [0-9A-Za-z] ) (?=[^0-9A-Za-z_%=-])""",
    re.VERBOSE | re.IGNORECASE,
)
"""An address or a JSON key with the whole id: an id that is cut by a line break of an e-mail or an escaped character does not
match. Ids are mostly UUIDs, but those in the documentation's samples are not."""
_INCIDENT_PAGE = re.compile(r"/(?:incident/detail|v1/incidents)/([^/?#]+)")


def incident(wire: WireIncident, existence: Existence = Existence.UNKNOWN) -> Incident:
    """Convert an incident. Opsgenie's incidents have no owner; their postmortems do."""
    return Incident(
        id=wire.id,
        reference=f"#{wire.tiny_id}" if wire.tiny_id else wire.id,
        title=wire.message,
        severity=wire.priority,
        status=wire.status,
        created=wire.created,
        postmortem=existence,
        url=wire.links.web if wire.links else "",
        changed=wire.updated_at,
    )


def refreshed(known: Incident, root: WireIncident | None) -> Incident:
    """The incident, updated from its postmortem's ``rootIncident``."""
    if root is None or root.id != known.id:
        return known
    return replace(known, title=root.message or known.title, severity=root.priority or known.severity, status=root.status or known.status)


def refusal(about: Incident, status: str) -> str:
    """Why an incident in this state cannot have a postmortem yet, "" when it can, or the state is not known."""
    if not status or status in FINISHED:
        return ""
    return f"{about.reference} is {status}: Opsgenie creates postmortems of resolved and closed incidents only"


def page_of(incident_url: str, postmortem_id: str) -> str:
    """The postmortem's browser address, on the account's own host, taken from an incident's address (seen in links of third parties)."""
    try:
        parts = urlsplit(incident_url)
    except ValueError:
        return ""
    if parts.scheme != "https" or not parts.netloc or not postmortem_id:
        return ""
    return f"https://{parts.netloc}/reports/post-mortem/{postmortem_id}/detail"


def postmortem_named_by(reference: str) -> str:
    """The postmortem id in a browser or API address, "" when it is not such an address."""
    found = _POSTMORTEM_PAGE.search(reference) or _POSTMORTEM_CALL.search(reference)
    return found[1] if found else ""


def postmortems_named_in(text: str) -> tuple[str, ...]:
    """The ids of postmortems in the addresses and JSON of a text, each once."""
    return tuple(dict.fromkeys(found["id"] for found in _NAMED.finditer(text)))


def incident_named_by(reference: str) -> str:
    """The incident id in a browser or API address, "" when it is not such an address."""
    found = _INCIDENT_PAGE.search(reference)
    return found[1] if found else ""


def existence_of(status: str) -> Existence:
    """The state of a postmortem that was read; with an unknown status it still exists."""
    return Existence(status) if status in STATUSES else Existence.YES
