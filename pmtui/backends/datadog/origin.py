"""The answers that a postmortem was read from: a value, and its JSON for drafts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pmtui.backends.answer import Json, Wire, understand
from pmtui.backends.base import Trouble
from pmtui.backends.datadog.wire.incidents import POSTMORTEM, Attachment, Incident, IncidentAnswer, User
from pmtui.backends.datadog.wire.notebooks import Notebook
from pmtui.backends.datadog.wire.parts import Integrations, Responders, Todos
from pmtui.model.postmortem import Postmortem

NOTEBOOK = "notebook"
RESPONDERS = "responders"
INTEGRATIONS = "integrations"
TODOS = "todos"
MODELS: Mapping[str, type[Wire]] = {RESPONDERS: Responders, INTEGRATIONS: Integrations, TODOS: Todos}
"""The parts of an incident with their own endpoints, by name."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a part is missing. ``trouble`` is None for a part that was not read yet."""

    why: str
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Origin:
    """The answers that a postmortem was read from.

    ``answer`` is the GET of the incident; ``document`` the id of the open attachment, "" for none; ``notebook`` its resource;
    ``parts`` further answers by name. ``lacking`` says why a part is missing. ``types`` has the type of each incident field
    by Datadog's name, from the incident, else from the field's definition.
    """

    answer: IncidentAnswer
    document: str = ""
    notebook: Notebook | None = None
    parts: Mapping[str, Wire] = field(default_factory=dict)
    lacking: Mapping[str, Lack] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def incident(self) -> Incident:
        return self.answer.data

    @property
    def incident_type(self) -> str:
        return self.incident.attributes.incident_type_uuid or ""

    @property
    def responders(self) -> Responders | None:
        part = self.parts.get(RESPONDERS)
        return part if isinstance(part, Responders) else None

    @property
    def responder_ids(self) -> tuple[str, ...] | None:
        """The ids of the responders as the incident names them, None when it does not."""
        return self.incident.relationships.responders

    @property
    def integrations(self) -> Integrations | None:
        part = self.parts.get(INTEGRATIONS)
        return part if isinstance(part, Integrations) else None

    @property
    def todos(self) -> Todos | None:
        part = self.parts.get(TODOS)
        return part if isinstance(part, Todos) else None

    @property
    def users(self) -> dict[str, User]:
        """All users in the answers, by id."""
        return self.answer.users | (self.responders.users if self.responders else {})

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The attachments of the incident, newest first."""
        return self.answer.attachments

    @property
    def documents(self) -> tuple[Attachment, ...]:
        return tuple(each for each in self.attachments if each.kind == POSTMORTEM)

    @property
    def attachment(self) -> Attachment | None:
        """The attachment of the open postmortem."""
        return next((each for each in self.attachments if each.id == self.document), None)

    def with_part(self, name: str, answer: Wire) -> Origin:
        """A copy with a part that was read."""
        lacking = {key: value for key, value in self.lacking.items() if key != name}
        return replace(self, parts={**self.parts, name: answer}, lacking=lacking)

    def without_part(self, name: str, lack: Lack) -> Origin:
        """A copy with a part that could not be read."""
        parts = {key: value for key, value in self.parts.items() if key != name}
        return replace(self, parts=parts, lacking={**self.lacking, name: lack})

    def with_document(self, attachment: Attachment) -> Origin:
        """A copy with a document attached and open."""
        return replace(self, answer=self.answer.with_attachments((attachment, *self.attachments)), document=attachment.id)

    def to_json(self) -> Json:
        return {
            "answer": self.answer.raw,
            "document": self.document,
            "notebook": self.notebook.raw if self.notebook else {},
            "parts": {name: part.raw for name, part in self.parts.items()},
            "lacking": {name: [lack.why, lack.trouble] for name, lack in self.lacking.items()},
            "types": dict(self.types),
        }


def origin_of(postmortem: Postmortem) -> Origin:
    """The inverse of ``Origin.to_json``. Raises BackendError (ANSWER): pmtui 0.1.0 stored answers that this version refuses."""
    data: Any = postmortem.origin
    tried = "use what was read before"
    return Origin(
        understand(IncidentAnswer, data["answer"], tried),
        data["document"],
        understand(Notebook, data["notebook"], tried) if data["notebook"] else None,
        {name: understand(MODELS[name], part, tried) for name, part in data["parts"].items()},
        {name: _lack(lack) for name, lack in data["lacking"].items()},
        data["types"],
    )


def _lack(lack: Any) -> Lack:
    """Read a lack. In drafts of pmtui 0.1.0 it is only the message."""
    if isinstance(lack, str):
        return Lack(lack)
    why, trouble = lack
    return Lack(why, Trouble(trouble) if trouble else None)
