"""The fields of a form. Each backend says which ones it has; the names below are common to all backends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a field holds. It decides how the field is edited and merged."""

    TEXT = "text"  # one line: str
    PROSE = "prose"  # several lines: str
    NUMBER = "number"  # str of digits
    TIME = "time"  # str, ISO 8601
    CHOICE = "choice"  # one of choices, or an unknown one: str
    CHOICES = "choices"  # several of choices: tuple[str, ...]
    WORDS = "words"  # free words, perhaps suggested: tuple[str, ...]
    PERSON = "person"  # Person or None
    PEOPLE = "people"  # tuple[Person, ...], with roles
    TEAMS = "teams"  # tuple[Named, ...]
    SERVICES = "services"  # tuple[Named, ...]
    INCIDENTS = "incidents"  # tuple[Named, ...]
    LINKS = "links"  # tuple[Link, ...]
    TASKS = "tasks"  # tuple[Task, ...]

    @property
    def is_list(self) -> bool:
        """Whether values of this kind are tuples, which are merged as sets with a base."""
        return self in _LISTS


_LISTS = frozenset({Kind.CHOICES, Kind.WORDS, Kind.PEOPLE, Kind.TEAMS, Kind.SERVICES, Kind.INCIDENTS, Kind.LINKS, Kind.TASKS})


class LockedBy(StrEnum):
    """The kind of reason why something cannot be edited. It decides exit codes and what is offered, never the wording."""

    VENDOR = "vendor"  # the vendor sets it, or it is edited elsewhere at the vendor
    UNREAD = "unread"  # it could not be read: a write could wipe what is there
    ACTOR = "actor"  # no actor is configured
    IDENTITY = "identity"  # the id of its incident or postmortem is not known
    RIGHTS = "rights"  # the key may not do this
    NO_POSTMORTEM = "no postmortem"  # there is no postmortem yet
    OPAQUE = "opaque"  # a cell that Markdown cannot say
    PINNED = "pinned"  # a cell with a fixed place
    READ_ONLY = "read-only"  # pmtui was told not to write
    SAVING = "saving"  # a save is under way
    TAKEN = "taken"  # another process has the draft now


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value and its label."""

    value: str
    label: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    ``choices`` are the allowed values, as far as known: an unknown value is shown and kept. ``max_length`` is in characters.
    ``locked`` says why the field cannot be edited, "" when it can; ``locked_by`` is the kind of reason. ``consequence`` is what
    saving a change does to people (``{}`` stands for them); it is shown before the save. ``roles`` are suggested roles for
    people, empty when the vendor cannot set roles. ``verbatim`` choices and lists accept any typed text.
    """

    name: str
    kind: Kind
    label: str
    choices: tuple[Choice, ...] = ()
    max_length: int | None = None
    required: bool = False
    locked: str = ""
    locked_by: LockedBy = LockedBy.VENDOR
    consequence: str = ""
    roles: tuple[str, ...] = ()
    verbatim: bool = False
    hint: str = ""


TITLE = "title"
SEVERITY = "severity"
STATUS = "status"
OWNER = "owner"
RESPONDERS = "responders"
RESPONDER_TEAMS = "responder_teams"
LINKED_ISSUES = "linked_issues"
RELATED_INCIDENTS = "related_incidents"
AFFECTED_SERVICES = "affected_services"
DOCUMENT_TITLE = "document_title"
ACTION_ITEMS = "action_items"
IMPACTS = "impacts"
