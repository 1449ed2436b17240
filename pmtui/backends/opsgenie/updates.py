"""One update of a postmortem: the right route is found, and a refusal is looked into before it is believed."""

from __future__ import annotations

from collections.abc import Sequence

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.opsgenie.api import Api
from pmtui.backends.opsgenie.fields import PUBLISHED
from pmtui.backends.opsgenie.routes import Route, Routes
from pmtui.backends.opsgenie.wire import Json, text

_NO_ROUTE = frozenset({404, 405})
_REFUSED = frozenset({400, 403, 409, 422})
_ADVICE = 'give the right one in the profile: routes = {{ {update} = "PUT /v2/postmortem/{{id}}/…" }}'


async def update(api: Api, routes: Routes, postmortem_id: str, name: str, body: Json, tried: str) -> None:
    """Make the update ``name`` (see ``routes``). Any 2xx counts, with or without a body; 202 too: the caller reads back.

    The next candidate is tried only when this one is no route (405, or 404 while the postmortem is there). Each update
    sets a whole value, so repeating it does no harm; a POST is not repeated all the same, its route being the least sure.
    """
    there = False
    refused: list[tuple[Route, BackendError]] = []
    for route in routes.to_try(name):
        try:
            await api.call(route.method, route.path_for(postmortem_id), tried=tried, body=body, retry=route.method != "POST")
        except BackendError as error:
            if error.status not in _NO_ROUTE:
                raise await _explained(api, postmortem_id, name, error) from error
            if error.status == 404 and not there:
                await api.postmortem(postmortem_id, tried)  # raises when it is the postmortem that is missing
                there = True
            routes.refused(name, route, error.status)
            refused.append((route, error))
        else:
            routes.worked(name, route)
            return
    raise _nowhere(name, tried, refused)


def _nowhere(name: str, tried: str, refused: Sequence[tuple[Route, BackendError]]) -> BackendError:
    """No route took it. The first answer is told in full: it may be the value (an unknown user) that was not found."""
    listed = ", ".join(f"{route}: {error.status}" for route, error in refused)
    first = refused[0][1]
    said = f"{first.said} · Opsgenie took it at none of the known addresses ({listed})"
    return BackendError(Trouble.ANSWER, tried, said, _ADVICE.format(update=name), status=first.status, request_id=first.request_id)


async def _explained(api: Api, postmortem_id: str, name: str, error: BackendError) -> BackendError:
    """The refusal, or that somebody has published the postmortem meanwhile: whatever the status is, that refuses all edits.

    Which status that gives is undocumented, so every refusal is looked into by reading the postmortem.
    """
    if error.status not in _REFUSED or name == "status" or error.missing_right:
        return error
    try:
        raw = await api.postmortem(postmortem_id, error.tried)
    except BackendError:
        return error  # the first trouble is the one to tell
    if text(raw.get("status")) != PUBLISHED:
        return error
    return BackendError(
        Trouble.CONFLICT,
        error.tried,
        f"it was published meanwhile, and Opsgenie refuses edits of published postmortems ({error.said})",
        "save again: it is set back to draft first",
        status=error.status,
        request_id=error.request_id,
    )
