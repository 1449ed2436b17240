"""A postmortem on the wire as the model's Postmortem, and an incident as the model's Incident. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from pmtui.backends.base import Lost
from pmtui.backends.opsgenie import fields
from pmtui.backends.opsgenie.wire import Json, WireIncident, document, text
from pmtui.backends.opsgenie.wire import incident as read_incident
from pmtui.formats.adf import to_markdown
from pmtui.formats.sections import lost_words, split, whole
from pmtui.model.fields import OWNER, SEVERITY, STATUS, TITLE
from pmtui.model.postmortem import Cell, Existence, Incident, Postmortem
from pmtui.model.values import label_of

SUMMARY = "summary"
SUMMARY_NAME = "Executive summary"
SUMMARY_PROMPT = "In a few sentences: what happened, whom it hit, what was done"
GUARD = "this postmortem is published: it is set back to draft, edited and published again"
UNREADABLE = "the text came in a form that pmtui cannot read; it is left as it is"

_POSTMORTEM_PAGE = re.compile(r"/reports/post-mortem/([^/?#]+)")
_POSTMORTEM_CALL = re.compile(r"/v2/postmortem/([^/?#]+)")
_INCIDENT_PAGE = re.compile(r"/(?:incident/detail|v1/incidents)/([^/?#]+)")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the form depends on beside the postmortem itself.

    ``status_locked``: why the status cannot be changed (nobody is named as the actor), "" when it can.
    ``all_locked``: why nothing can be written. ``roles``: the account's role names.
    """

    status_locked: str = ""
    all_locked: str = ""
    roles: tuple[str, ...] = ()


def incident(wire: WireIncident, existence: Existence = Existence.UNKNOWN) -> Incident:
    """Incidents of Opsgenie have no owner: that is the postmortem's."""
    return Incident(
        id=wire.id,
        reference=f"#{wire.tiny_id}" if wire.tiny_id else wire.id,
        title=wire.message,
        severity=wire.priority,
        status=wire.status,
        created=wire.created,
        postmortem=existence,
        url=wire.web,
    )


def postmortem(
    raw: Json,
    about: Incident,
    circumstances: Circumstances,
    read_at: datetime,
    *,
    like: Postmortem | None = None,
    notices: tuple[str, ...] = (),
) -> Postmortem:
    """A postmortem as read. ``about`` is its incident; ``like`` is what was perhaps just sent: what says the same is spelled the same."""
    found = fields.spelled_like(fields.values(raw), like.fields if like is not None else {})
    published = found[STATUS] == fields.PUBLISHED
    # To edit a published postmortem its status must be set, which needs what a change of status needs.
    all_locked = circumstances.all_locked or (circumstances.status_locked if published else "")
    locked = dict.fromkeys(fields.BY_NAME, all_locked) if all_locked else {STATUS: circumstances.status_locked}
    cells = _cells(raw, like.cells if like is not None else ())
    identifier = text(raw.get("postmortemId"))
    return Postmortem(
        incident=replace(about, postmortem=existence_of(raw), owner=label_of(found[OWNER])),
        id=identifier,
        url=page_of(about.url, identifier),
        form=fields.form(raw, locked, circumstances.roles),
        fields=found,
        cells=cells or (),
        text_locked=all_locked if cells is not None else UNREADABLE,
        guard=GUARD if published else "",
        notices=notices,
        read_at=read_at,
        origin=raw,
    )


def without_postmortem(about: Incident, read_at: datetime, why: str, notices: tuple[str, ...] = ()) -> Postmortem:
    """An incident that has no postmortem, or one whose id is not known; ``why`` nothing can be edited."""
    raw: Json = {TITLE: about.title, SEVERITY: about.severity, STATUS: about.status}
    shown = (TITLE, SEVERITY, STATUS)
    form = tuple(replace(each, choices=()) for each in fields.form(raw, dict.fromkeys(shown, why), ()) if each.name in shown)
    values = {name: each for name, each in fields.values(raw).items() if name in shown}
    return Postmortem(incident=about, form=form, fields=values, text_locked=why, notices=notices, read_at=read_at)


def root_incident(raw: Json) -> WireIncident | None:
    """The incident that a postmortem is about, None when it does not say."""
    found = read_incident(raw.get("rootIncident"))
    return found if found.id else None


def refreshed(known: Incident, root: WireIncident | None) -> Incident:
    """The incident with what a postmortem newly says of it."""
    if root is None or root.id != known.id:
        return known
    return replace(known, title=root.message or known.title, severity=root.priority or known.severity, status=root.status or known.status)


def page_of(incident_url: str, postmortem_id: str) -> str:
    """The postmortem's page in the browser, on the account's own host as an incident's page names it (seen in links of third parties)."""
    try:
        parts = urlsplit(incident_url)
    except ValueError:
        return ""
    if parts.scheme != "https" or not parts.netloc or not postmortem_id:
        return ""
    return f"https://{parts.netloc}/reports/post-mortem/{postmortem_id}/detail"


def postmortem_named_by(reference: str) -> str:
    """The postmortem id in an address of the browser or the API, "" when it is no such address."""
    found = _POSTMORTEM_PAGE.search(reference) or _POSTMORTEM_CALL.search(reference)
    return found[1] if found else ""


def incident_named_by(reference: str) -> str:
    """The incident id in an address of the browser or the API, "" when it is no such address."""
    found = _INCIDENT_PAGE.search(reference)
    return found[1] if found else ""


def existence_of(raw: Json) -> Existence:
    """The state of a postmortem that was read; an unknown one still exists."""
    status = text(raw.get("status"))
    return Existence(status) if status in fields.STATUSES else Existence.YES


def lost(cell: Cell) -> Lost | None:
    """What the text of a cell says and its blocks, as the server has them, do not."""
    if not (cell.editable and cell.source):
        return None
    document = {"version": 1, "type": "doc", "content": json.loads(cell.source)}
    words = lost_words((cell,), document)
    return Lost(words, to_markdown(document)) if words else None


def _cells(raw: Mapping[str, object], like: Sequence[Cell]) -> tuple[Cell, ...] | None:
    """The executive summary, then the sections of the content. None when one of the two cannot be read."""
    summary, content = document(raw.get("executiveSummary")), document(raw.get("content"))
    if summary is None or content is None:
        return None
    pinned = next((cell for cell in like if cell.pinned), None)
    first = whole(summary, SUMMARY, SUMMARY_NAME, SUMMARY_PROMPT, pinned)
    return (first, *split(content, [cell for cell in like if not cell.pinned]))
