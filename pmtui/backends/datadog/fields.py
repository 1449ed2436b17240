"""The form of a postmortem: its fields, how each is edited, and which are locked. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pmtui.backends.datadog.account.definitions import Definition, Definitions, words_of
from pmtui.backends.datadog.notebook.cells import TITLE_LIMIT
from pmtui.backends.datadog.origin import INTEGRATIONS, RESPONDERS, TODOS, Origin
from pmtui.backends.datadog.wire.incidents import LISTS, FieldValue
from pmtui.model.fields import (
    ACTION_ITEMS,
    AFFECTED_SERVICES,
    DOCUMENT_TITLE,
    IMPACTS,
    LINKED_ISSUES,
    OWNER,
    SEVERITY,
    STATUS,
    TITLE,
    Choice,
    Field,
    Kind,
)
from pmtui.model.fields import (
    RESPONDERS as RESPONDERS_FIELD,
)

TEAMS = "teams"
IMPACTED = "customer_impacted"
SCOPE = "customer_impact_scope"
IMPACT_START = "customer_impact_start"
IMPACT_END = "customer_impact_end"
DETECTED = "detected"
YES, NO = "yes", "no"

ATTRIBUTES = (IMPACTED, SCOPE, IMPACT_START, IMPACT_END, DETECTED)
"""Fields of the form that are attributes of the incident with the same name, and that a PATCH accepts."""

LOCKED_TIMES = ("created", "declared", "resolved")
_SPECIAL: Mapping[str, str] = {"severity": SEVERITY, "state": STATUS, "services": AFFECTED_SERVICES, "teams": TEAMS}
_HIDDEN = frozenset({"slug"})  # it is the reference

_TAKEN = frozenset(
    {TITLE, SEVERITY, STATUS, OWNER, RESPONDERS_FIELD, LINKED_ISSUES, DOCUMENT_TITLE, AFFECTED_SERVICES, TEAMS, ACTION_ITEMS, IMPACTS}
    | {*ATTRIBUTES, *LOCKED_TIMES}
)
_KINDS: Mapping[str, Kind] = {
    "dropdown": Kind.CHOICE,
    "multiselect": Kind.CHOICES,
    "textbox": Kind.PROSE,
    "textarray": Kind.WORDS,
    "metrictag": Kind.WORDS,
    "autocomplete": Kind.WORDS,
    "number": Kind.NUMBER,
    "datetime": Kind.TIME,
}
_BY_SERVER = "Datadog sets this"
_FIRST_VALUE = "Datadog may refuse a first value: its API does not say how one is set"
_NOTIFIES = "may notify people: the organisation's notification rules watch it"


def field_name(name: str) -> str:
    """Datadog's name of an incident field → the name in the form. ``wire_name`` is the inverse."""
    if name in _SPECIAL:
        return _SPECIAL[name]
    return f"fields.{name}" if name in _TAKEN else name


def wire_name(name: str) -> str:
    """The name in the form → Datadog's name of the incident field."""
    back = {ours: theirs for theirs, ours in _SPECIAL.items()}
    return back.get(name, name.removeprefix("fields."))


def incident_fields(origin: Origin, definitions: Definitions) -> dict[str, str]:
    """The fields of this incident, Datadog's name → type: those defined for its incident type, then its other ones."""
    defined = definitions.of(origin.incident_type)
    names = dict.fromkeys([*defined, *(origin.incident.attributes.fields or ())])
    types: dict[str, str] = {}
    for name in names:
        value = origin.incident.field(name)
        types[name] = (value.type if value else "") or (defined[name].type if name in defined else "")
    return {name: kind for name, kind in types.items() if name not in _HIDDEN}


def form_of(origin: Origin, definitions: Definitions) -> tuple[Field, ...]:
    """Every field, in the order of the form."""
    types = incident_fields(origin, definitions)
    own = [_incident_field(name, kind, origin, definitions) for name, kind in types.items()]
    special = {each.name: each for each in own if each.name in _SPECIAL.values()}
    severity, status = special.get(SEVERITY), special.get(STATUS)
    form = [
        Field(TITLE, Kind.TEXT, "Title", required=True),
        severity or _choice("severity", SEVERITY, origin, definitions),
        status or _choice("state", STATUS, origin, definitions),
        Field(OWNER, Kind.PERSON, "Commander", consequence="makes {} the commander and a responder, and tells them"),
        _responders(origin),
        _linked_issues(origin),
        *([document_title()] if origin.notebook else []),
        *[special[name] for name in (AFFECTED_SERVICES, TEAMS) if name in special],
        *[each for each in own if each.name not in special],
        *_impact(),
        _action_items(origin),
        *_times(),
        Field(IMPACTS, Kind.TEXT, "Impacts", locked="impacts are edited in Datadog"),
    ]
    return tuple(form)


def _choice(name: str, ours: str, origin: Origin, definitions: Definitions) -> Field:
    choices = definitions.choices(name, origin.incident_type)
    return Field(ours, Kind.CHOICE, words_of(ours), choices, consequence=_NOTIFIES, verbatim=ours != STATUS)


def _incident_field(name: str, kind: str, origin: Origin, definitions: Definitions) -> Field:
    defined: Definition | None = definitions.of(origin.incident_type).get(name)
    value = origin.incident.field(name)
    choices = () if kind in ("textbox", "number", "datetime") else definitions.choices(name, origin.incident_type)
    ours = field_name(name)
    return Field(
        ours,
        _kind(ours, kind, value, choices),
        defined.label if defined else words_of("status" if name == "state" else name),
        choices,
        required=bool(defined and defined.required) or ours in (SEVERITY, STATUS),
        locked=_why_locked(name, kind, value),
        consequence=_NOTIFIES if ours in (SEVERITY, STATUS) else "",
        hint=_FIRST_VALUE if value is None and kind in ("number", "datetime") else "",
        verbatim=kind in LISTS - {"multiselect"} or ours == SEVERITY,  # states are a closed list
    )


def _kind(ours: str, kind: str, value: FieldValue | None, choices: tuple[Choice, ...]) -> Kind:
    if ours == AFFECTED_SERVICES:
        return Kind.SERVICES
    if ours == TEAMS:
        return Kind.TEAMS
    if value is not None and isinstance(value.value, tuple) and kind not in LISTS:
        return Kind.WORDS
    if kind == "multiselect" and not choices:
        return Kind.WORDS
    return _KINDS.get(kind, Kind.TEXT)


def _why_locked(name: str, kind: str, value: FieldValue | None) -> str:
    if kind not in _KINDS:
        return f"pmtui does not know fields of the type {kind or 'unnamed'}: edit it in Datadog"
    if value is None and kind in LISTS:
        return f"could not be read: data.attributes.fields.{name} is missing"  # a write would replace the unknown value
    return ""


def _responders(origin: Origin) -> Field:
    return Field(
        RESPONDERS_FIELD,
        Kind.PEOPLE,
        "Responders",
        locked=_lacking(origin, RESPONDERS),
        consequence="e-mails {} and adds them to the incident's channels",
        hint="roles cannot be changed here; people who acted on the incident cannot be removed",
    )


def _lacking(origin: Origin, part: str) -> str:
    """Why a part with its own endpoint cannot be edited, "" when it was read."""
    return origin.lacking[part].why if part in origin.lacking else ""


def _linked_issues(origin: Origin) -> Field:
    return Field(
        LINKED_ISSUES,
        Kind.LINKS,
        "Linked issues",
        locked=_lacking(origin, INTEGRATIONS),
        verbatim=True,
        hint="Jira issues, or any address",
    )


def document_title() -> Field:
    """The name of the notebook."""
    return Field(DOCUMENT_TITLE, Kind.TEXT, "Document title", max_length=TITLE_LIMIT, required=True)


def _action_items(origin: Origin) -> Field:
    return Field(
        ACTION_ITEMS,
        Kind.TASKS,
        "Action items",
        locked=_lacking(origin, TODOS),
        consequence="tells {}",
        hint="each needs an assignee",
    )


def _impact() -> list[Field]:
    return [
        Field(IMPACTED, Kind.CHOICE, "Customer impact", (Choice(YES), Choice(NO)), required=True, hint="yes needs a scope, too"),
        Field(SCOPE, Kind.PROSE, "Impact scope"),
        Field(IMPACT_START, Kind.TIME, "Impact start"),
        Field(IMPACT_END, Kind.TIME, "Impact end"),
        Field(DETECTED, Kind.TIME, "Detected"),
    ]


def _times() -> list[Field]:
    return [Field(name, Kind.TIME, words_of(name), locked=_BY_SERVER) for name in LOCKED_TIMES]
