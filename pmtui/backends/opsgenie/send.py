"""Makes one write of a save: its body, the right route for it, and a check of a refusal before believing it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from pmtui.backends.answer import Json
from pmtui.backends.base import BackendError, Step, Trouble
from pmtui.backends.opsgenie import plan
from pmtui.backends.opsgenie.account.routes import FULL, Route, Routes
from pmtui.backends.opsgenie.api import Api, acknowledgement
from pmtui.backends.opsgenie.fields import BY_NAME, PUBLISHED, nameless
from pmtui.backends.opsgenie.suggest import Directory
from pmtui.backends.opsgenie.wire import WirePostmortem
from pmtui.formats.adf import from_markdown
from pmtui.formats.sections import dumps
from pmtui.model.changes import Change
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Named, Person, Value

EDIT_THERE = "edit this list in Opsgenie"

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


class Sender:
    """Makes the writes of a save. ``reread`` is the backend's own: a full update begins with it."""

    def __init__(
        self, api: Api, routes: Routes, directory: Directory, reread: Callable[[Postmortem, Sequence[Change]], Awaitable[Postmortem]]
    ) -> None:
        self._api = api
        self._routes = routes
        self._directory = directory
        self._reread = reread

    async def send(self, server: Postmortem, target: Postmortem, step: Step) -> None:
        """Make one write. The answer does not say whether it was applied: the caller reads back."""
        tried = _deed(step, server.incident.reference)
        name = plan.update_of(step)
        if plan.is_full(step):
            body = await self._full_body(server, target, step, tried)
        else:
            if step.id in BY_NAME:
                target = await self._complete(server, target, step.id, tried)
            body = plan.body(server, target, step)
        if name in ("status", FULL):
            body["actorUserId"] = await self._directory.actor_id(tried)
        await update(self._api, self._routes, server.id, name, body, tried, plan.why_not_full(server))

    async def _full_body(self, server: Postmortem, target: Postmortem, step: Step, tried: str) -> Json:
        """The body of the full update: the server's fields, read just before, and the step's own changes.

        Raises BackendError, before anything is sent, when a field cannot be sent: ANSWER when it could not be read, else CONFLICT.
        """
        now = await self._reread(server, step.changes)
        if why := plan.why_not_full(now):
            trouble = Trouble.CONFLICT if plan.has_sessions(now) and not now.unread else Trouble.ANSWER
            raise BackendError(trouble, tried, f"not all fields can be sent: {why}", "review the changes again; nothing was sent")
        wanted = plan.full_target(now, target, step)
        for spec in BY_NAME.values():
            wanted = await self._complete(now, wanted, spec.name, tried)
        return plan.full_body(wanted)

    async def _complete(self, server: Postmortem, target: Postmortem, name: str, tried: str) -> Postmortem:
        """The target with names in the list that is written: Opsgenie requires them, and typed ids have none.

        Raises BackendError (LOCAL) when writing the list would lose something, such as a name.
        """
        spec = BY_NAME[name]
        field = server.field(name)
        if spec.kind.is_list and field.locked:
            unread = any(each.part == name for each in server.unread)
            raise BackendError(Trouble.ANSWER if unread else Trouble.LOCAL, tried, field.locked, EDIT_THERE)
        value = await self._directory.with_names(spec.kind, target.fields[name])
        # A typed id may stand for a name, because nothing is lost. An id from the server has a name there.
        here = set(nameless(spec, server.fields[name]))
        lost = [item.id for item in _named(value) if item.id in here and item.name == item.id]
        if lost:
            said = f"the server did not send the name of {lost[0]}, and it cannot be looked up: saving would replace the name by the id"
            raise BackendError(Trouble.LOCAL, tried, said, f"use a key with Configuration access, or {EDIT_THERE}")
        return target.with_field(name, value)

    async def fill(
        self, wire: WirePostmortem, about: Incident, markdown: str, notices: tuple[str, ...]
    ) -> tuple[WirePostmortem, tuple[str, ...]]:
        """Write a template's text into a new postmortem, and read it again. A failure is a notice: the postmortem exists."""
        identifier, tried = wire.postmortem_id, f"write the template into the postmortem of {about.reference}"
        body = {"type": "adf", "content": dumps(from_markdown(markdown))}
        try:
            await update(self._api, self._routes, identifier, plan.CONTENT, body, tried)
            return await self._api.postmortem(identifier, tried), notices
        except BackendError as error:
            return wire, (*notices, error.message)


def _named(value: Value) -> tuple[Person | Named, ...]:
    return tuple(item for item in value if isinstance(item, Person | Named)) if isinstance(value, tuple) else ()


def _deed(step: Step, reference: str) -> str:
    if step.id == plan.SET_BACK:
        return f"set the postmortem of {reference} back to draft"
    if step.id == plan.PUBLISH_AGAIN:
        return f"publish the postmortem of {reference} again"
    return f"save the {step.label.split(',')[0].lower()} of {reference}"


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
