"""Sends one update of a postmortem: finds the right route, and checks a refusal before believing it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pmtui.backends.answer import Json
from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.opsgenie.account.routes import Route, Routes
from pmtui.backends.opsgenie.api import Api, acknowledgement
from pmtui.backends.opsgenie.fields import PUBLISHED

_NO_ROUTE = frozenset({404, 405})
_REFUSED = frozenset({400, 403, 409, 422})

_PATH = re.compile(r"(?<!\S)[^\s/]*+/\S*")
_OF_ROUTES = re.compile(r"\b(?:path|route|resource|url|uri|endpoint|handler|mapping|page|method)s?\b", re.IGNORECASE)
_KINDS: Mapping[str, str] = {
    "actorUserId": "user|actor",
    "ownerId": "user|owner",
    "responderUsers": "user|responder|role",
    "responderTeams": "team",
    "affectedServices": "service",
    "relatedIncidentIds": "incident",
    "jiraIssues": "issue",
}
"""A key of a body → the words by which an error message may call its values."""


async def update(api: Api, routes: Routes, postmortem_id: str, name: str, body: Json, tried: str, not_full: str = "") -> None:
    """Make the update ``name`` (see ``account.routes``). Any 2xx is a success (also 202: the caller reads back), unless it is a web page.

    The next candidate is tried only when this one is not a route: 405, or 404 while the postmortem exists, unless a value
    was not found. Each update sets a whole value, so repeating it is harmless; only a POST is never repeated, because its
    route is the least certain. ``not_full`` says why the full update cannot be offered instead.
    """
    there = False
    refused: list[tuple[Route, BackendError]] = []
    for route in routes.to_try(name):
        try:
            path, again = route.path_for(postmortem_id), route.method != "POST"
            await api.call(route.method, path, tried=tried, body=body, retry=again, read=acknowledgement)
        except BackendError as error:
            if error.status not in _NO_ROUTE:
                raise await _explained(api, postmortem_id, name, error) from error
            if error.status == 404 and not there:
                await api.postmortem(postmortem_id, tried)  # raises when the postmortem itself is missing
                there = True
            if error.status == 404 and names_a_value(error.said, body):
                raise _no_such_value(error) from error
            routes.refused(name, route, error.status)
            refused.append((route, error))
        else:
            routes.worked(name, route)
            return
    raise _nowhere(name, tried, refused, routes, not_full)


def names_a_value(said: str, body: Json) -> bool:
    """Whether a 404 is about a value in the body ("User not found") and not about the route.

    No source has the words of either. A 404 counts as about a value if it repeats an id of the body, or names the kind of
    its values and no path.
    """
    if any(each in said for each in _ids(body)):
        return True
    words = _PATH.sub(" ", said)
    kinds = "|".join(kind for key, kind in _KINDS.items() if key in body)
    about = kinds and re.search(rf"\b(?:{kinds})s?\b", words, re.IGNORECASE)
    return bool(about) and _OF_ROUTES.search(words) is None


def _ids(body: Json) -> Iterator[str]:
    """Every id and address in a body, under the keys of ``_KINDS``."""
    for value in (body[key] for key in _KINDS if key in body):
        items: list[Any] = value if isinstance(value, list) else [value]
        for each in items:
            found = each["id"] if isinstance(each, dict) else each
            if found:
                yield str(found)


def _no_such_value(error: BackendError) -> BackendError:
    advice = "the postmortem exists: Opsgenie does not find something in what was sent"
    return BackendError(
        Trouble.INVALID, error.tried, error.said, advice, status=error.status, request_id=error.request_id, fields=error.fields
    )


def _nowhere(name: str, tried: str, refused: Sequence[tuple[Route, BackendError]], routes: Routes, not_full: str) -> BackendError:
    """The error when no route worked: the first answer in full, and the ways that are left."""
    listed = ", ".join(f"{route}: {error.status}" for route, error in refused)
    first = refused[0][1]
    said = f"{first.said} · none of the known routes worked ({listed})"
    return BackendError(
        Trouble.INVALID, tried, said, _way_on(name, routes, not_full), status=first.status, request_id=first.request_id, fields=first.fields
    )


def _way_on(name: str, routes: Routes, not_full: str) -> str:
    """What the user can do about an update without a working route, the easiest first."""
    wanting = routes.wanting(name)
    if not routes.instead(name):
        return _to_agree(name, wanting)
    if not_full:
        return f"the full update, which sends all fields, is not possible: {not_full} · {_to_agree(name, wanting)}"
    return f"save again: the review then offers the full update, with every field that it sends · {_to_agree(name, wanting)}"


def _to_agree(name: str, wanting: Sequence[Route]) -> str:
    if not wanting:
        return f'give the right one in the profile: routes = {{ {name} = "PUT /v2/postmortem/{{id}}/…" }}'
    first, *others = wanting
    left = f" (or {', '.join(map(str, others))})" if others else ""
    return (
        f"{first}{left} is untried and undocumented, so it is sent only if you agree: "
        f'put routes = {{ {name} = "{first}" }} into the profile; what was tried: pmtui doctor --routes'
    )


async def _explained(api: Api, postmortem_id: str, name: str, error: BackendError) -> BackendError:
    """The refusal, or an error saying that somebody published the postmortem meanwhile, because then all edits are refused.

    The status of such a refusal is undocumented, so after every refusal the postmortem is read.
    """
    if error.status not in _REFUSED or name == "status" or error.missing_right:
        return error
    try:
        now = await api.postmortem(postmortem_id, error.tried)
    except BackendError:
        return error  # report the first error
    if now.status != PUBLISHED:
        return error
    return BackendError(
        Trouble.CONFLICT,
        error.tried,
        f"it was published meanwhile, and Opsgenie refuses edits of published postmortems ({error.said})",
        "save again: it is set back to draft first",
        status=error.status,
        request_id=error.request_id,
    )
