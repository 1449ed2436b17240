"""The fields of a postmortem file: the standard ones, then the other keys of its front matter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pmtui.formats.document.front_matter import Entry
from pmtui.formats.document.postmortem_file import FOREIGN, PostmortemFile
from pmtui.formats.document.values import STANDARD_KINDS, from_entry, kind_of
from pmtui.model import fields
from pmtui.model.fields import Choice, Field, Kind, LockedBy
from pmtui.model.postmortem import Unread
from pmtui.model.values import Value

DATE: Final = "date"
_LABELS: Final[Mapping[str, str]] = {
    fields.TITLE: "Title",
    DATE: "Date",
    fields.SEVERITY: "Severity",
    fields.STATUS: "Status",
    "started": "Started",
    "detected": "Detected",
    "resolved": "Resolved",
    fields.OWNER: "Owner",
    fields.RESPONDERS: "Responders",
    fields.RESPONDER_TEAMS: "Responder teams",
    fields.LINKED_ISSUES: "Linked issues",
    fields.RELATED_INCIDENTS: "Related incidents",
    fields.AFFECTED_SERVICES: "Affected services",
    "tags": "Tags",
    fields.ACTION_ITEMS: "Action items",
}
"""The fields that every file can have, in their order."""
ROLES: Final = ("Incident commander", "Communications", "Scribe")
_NESTED: Final = "nested keys are edited in the file itself"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The values in the files of the folder, offered as choices in fields that take any text."""

    severities: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldsRead:
    """The fields of a file: how each is edited, its value, and what could not be read."""

    form: tuple[Field, ...]
    values: Mapping[str, Value]
    unread: tuple[Unread, ...]


def read_fields(file: PostmortemFile, title: str, vocabulary: Vocabulary, locked: str) -> FieldsRead:
    """The fields of a file. ``title`` is used when no key has one; ``locked`` says why nothing can be edited, "" when it can."""
    entries = {name: entry for name, entry in file.entries.items() if name not in FOREIGN}
    form: list[Field] = []
    values: dict[str, Value] = {}
    unread: list[Unread] = []
    for name in dict.fromkeys((*_LABELS, *entries)):
        entry = entries.get(name)
        kind = _kind(name, entry)
        why = locked
        try:
            values[name] = _value(kind, entry, file.known.get(name, {}))
        except ValueError as error:
            values[name] = () if kind.is_list else None
            unread.append(Unread(name, f"{name}: {error}"))
            why = why or f"could not be read: {error}"
        by = LockedBy.RIGHTS if locked else LockedBy.UNREAD
        if not why and name not in STANDARD_KINDS and _is_nested(entry):
            why, by = _NESTED, LockedBy.VENDOR
        form.append(_field(name, kind, vocabulary, why, by))
    values[fields.TITLE] = values[fields.TITLE] or title
    return FieldsRead(tuple(form), values, tuple(unread))


def _kind(name: str, entry: Entry) -> Kind:
    if name == DATE:
        return Kind.TIME
    return Kind.TEXT if name not in STANDARD_KINDS and _is_nested(entry) else kind_of(name, entry)


def _is_nested(entry: Entry) -> bool:
    return isinstance(entry, dict) or (isinstance(entry, list) and any(not isinstance(each, str) for each in entry))


def _value(kind: Kind, entry: Entry, known: Mapping[str, Mapping[str, str]]) -> Value:
    if kind is Kind.TEXT and _is_nested(entry):
        return json.dumps(entry, ensure_ascii=False)
    if kind is Kind.PERSON and not entry:
        return None
    return from_entry(kind, entry, known)


def _field(name: str, kind: Kind, vocabulary: Vocabulary, locked: str, by: LockedBy) -> Field:
    offered = {fields.SEVERITY: vocabulary.severities, fields.STATUS: vocabulary.statuses}.get(name, ())
    return Field(
        name,
        kind,
        _LABELS.get(name) or name.replace("_", " ").replace("-", " ").strip().capitalize() or name,
        choices=tuple(Choice(each) for each in offered),
        required=name == fields.TITLE,
        locked=locked,
        locked_by=by if locked else LockedBy.VENDOR,
        roles=tuple(dict.fromkeys((*vocabulary.roles, *ROLES))) if kind is Kind.PEOPLE else (),
        verbatim=True,
    )
