"""Converts incidents from the wire. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pmtui.backends.datadog.account.site import Site
from pmtui.backends.datadog.wire import incidents as wire
from pmtui.backends.datadog.wire.incidents import LINK, POSTMORTEM, Attachment, InlinedUser, User
from pmtui.backends.datadog.wire.values import moment
from pmtui.model.incident import Existence, Incident
from pmtui.model.values import Person


def commander_of(incident: wire.Incident, users: Mapping[str, User]) -> Person | None:
    """The commander. ``attributes.commander`` wins, because the relationship is stale in answers to a PATCH (recorded)."""
    return _person(incident.attributes.commander, incident.relationships.commander_user, users)


def changed_by(incident: wire.Incident, users: Mapping[str, User]) -> str:
    """The name of who changed it last, "" when that is missing, or the person has no name."""
    person = _person(incident.attributes.last_modified_by, incident.relationships.last_modified_by_user, users)
    return (person.name or person.email) if person else ""


def _person(inlined: InlinedUser | None, linked: Sequence[str] | None, users: Mapping[str, User]) -> Person | None:
    if inlined is not None and inlined.data is not None:
        return inlined.data.person
    for identifier in linked or ():
        return users[identifier].person if identifier in users else Person(identifier, "")
    return None


def existence_of(incident: wire.Incident, attachments: Mapping[str, Attachment]) -> Existence:
    """Whether there is a postmortem, by the attachments; UNKNOWN when they are missing, or one is of an unknown kind."""
    ids = incident.relationships.attachments
    if ids is None:
        return Existence.UNKNOWN
    kinds = {attachments[each].kind if each in attachments else "" for each in ids}
    if POSTMORTEM in kinds:
        return Existence.YES
    return Existence.NONE if kinds <= {LINK} else Existence.UNKNOWN


def incident_of(incident: wire.Incident, site: Site, users: Mapping[str, User], attachments: Mapping[str, Attachment]) -> Incident:
    """Convert an incident of a list, a search or a GET."""
    attributes = incident.attributes
    commander = commander_of(incident, users)
    return Incident(
        id=incident.id,
        reference=incident.reference,
        title=attributes.title,
        severity=incident.field_text("severity"),
        status=incident.field_text("state"),
        owner=commander.label if commander else "",
        created=moment(attributes.declared) or incident.created,  # an imported one was created with the import
        postmortem=existence_of(incident, attachments),
        url=site.incident_url(attributes.public_id),
        private=attributes.visibility == "private",
        test=attributes.is_test,
        changed=moment(attributes.modified),
        changed_by=changed_by(incident, users),
    )
