"""What was read of one postmortem, as JSON that survives in a draft, and as one value to work with."""

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
"""The parts of an incident that have endpoints of their own, by name."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a part is not there. ``trouble`` is None for one that was not asked for yet."""

    why: str
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Origin:
    """The answers that a postmortem was made of.

    ``answer`` is that to the GET of the incident; ``document`` the id of the attachment that was opened, "" when there
    is none; ``notebook`` its resource; ``parts`` further answers by name. ``lacking`` says why a part is not there.
    ``types`` are those of the incident's fields by Datadog's names, as the incident or else its definition has them.
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
        return self.incident.attributes.incident_type_uuid

    @property
    def responders(self) -> Responders | None:
        part = self.parts.get(RESPONDERS)
        return part if isinstance(part, Responders) else None

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
        """Everybody whom the answers tell of, by id."""
        return self.answer.users | (self.responders.users if self.responders else {})

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """Newest first."""
        return self.answer.attachments

    @property
    def documents(self) -> tuple[Attachment, ...]:
        return tuple(each for each in self.attachments if each.kind == POSTMORTEM)

    @property
    def attachment(self) -> Attachment | None:
        """The postmortem that was opened."""
        return next((each for each in self.attachments if each.id == self.document), None)

    def with_part(self, name: str, answer: Wire) -> Origin:
        """This, with a part read."""
        lacking = {key: value for key, value in self.lacking.items() if key != name}
        return replace(self, parts={**self.parts, name: answer}, lacking=lacking)

    def without_part(self, name: str, lack: Lack) -> Origin:
        """This, with a part that is not to be had."""
        parts = {key: value for key, value in self.parts.items() if key != name}
        return replace(self, parts=parts, lacking={**self.lacking, name: lack})

    def with_document(self, attachment: Attachment) -> Origin:
        """This, with a document attached and opened."""
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
    """The inverse of ``Origin.to_json``. Raises BackendError (ANSWER): pmtui 0.1.0 kept answers that are not understood now."""
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
    """A draft of pmtui 0.1.0 has the words alone."""
    if isinstance(lack, str):
        return Lack(lack)
    why, trouble = lack
    return Lack(why, Trouble(trouble) if trouble else None)
