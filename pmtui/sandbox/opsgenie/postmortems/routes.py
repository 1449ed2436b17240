"""The routes that update a postmortem, as data.

The bodies of these updates are documented, their methods and paths are not: `PUT …/content` comes from a third-party
client, `PUT …/executive-summary` from a recorded 422; the others follow that pattern. The sandbox serves one family at
a time, which the switch `opsgenie.routes` chooses, so that a client's way to the right one can be tested.
"""

from __future__ import annotations

RESOURCE = "/v2/postmortem/{id}"

# update → path below the resource ("" is the full update)
PATHS = {
    "full": "",
    "status": "/status",
    "owner": "/owner",
    "severity": "/severity",
    "title": "/title",
    "jira-issues": "/jira-issues",
    "related-incidents": "/related-incidents",
    "affected-services": "/affected-services",
    "responder-teams": "/responder-teams",
    "responder-users": "/responder-users",
    "content": "/content",
    "executive-summary": "/executive-summary",
}

FIELD_UPDATES = frozenset(PATHS) - {"full", "content", "executive-summary"}
"""The updates whose values the full update sets as well."""

METHODS = {"primary": "PUT", "patch": "PATCH", "post": "POST", "camel": "PUT"}


def update_routes(family: str) -> dict[str, tuple[str, str]]:
    """Update → (method, path) in one family: primary, patch, post or camel."""
    method = METHODS[family]
    return {name: (method, RESOURCE + (_camel(path) if family == "camel" else path)) for name, path in PATHS.items()}


def candidates(update: str) -> tuple[tuple[str, str], ...]:
    """Every (method, path) where a client may look for this update."""
    paths = {RESOURCE + PATHS[update], RESOURCE + _camel(PATHS[update])}
    return tuple((method, path) for path in sorted(paths) for method in ("PUT", "PATCH", "POST"))


def _camel(path: str) -> str:
    first, *others = path.split("-")
    return first + "".join(word.capitalize() for word in others)
