"""What was read of one postmortem, as JSON that survives in a draft, and as one value to work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pmtui.backends.datadog.incidents import POSTMORTEM, Attachment, attachments_of, resource_of
from pmtui.backends.datadog.wire import Json, included, listed, record, text
from pmtui.model.postmortem import Postmortem

NOTEBOOK = "notebook"
RESPONDERS = "responders"
INTEGRATIONS = "integrations"
TODOS = "todos"


@dataclass(frozen=True)
class Origin:
    """The answers that a postmortem was made of.

    ``answer`` is that to the GET of the incident; ``document`` the id of the attachment that was opened, "" when there
    is none; ``notebook`` its resource; ``parts`` further answers by name. ``lacking`` says why a part is not there.
    ``types`` are those of the incident's fields by Datadog's names, as the incident or else its definition has them.
    """

    answer: Json
    document: str = ""
    notebook: Json = field(default_factory=dict)
    parts: Mapping[str, Json] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def incident(self) -> Json:
        return record(self.answer, "data")

    @property
    def incident_type(self) -> str:
        return text(self.incident, "attributes", "incident_type_uuid")

    @property
    def users(self) -> dict[str, Json]:
        """Everybody whom the answers tell of, by id."""
        return included(self.answer, "users") | included(self.parts.get(RESPONDERS, {}), "users")

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """Newest first."""
        return attachments_of(self.incident, included(self.answer, "incident_attachments"))

    @property
    def documents(self) -> tuple[Attachment, ...]:
        return tuple(each for each in self.attachments if each.kind == POSTMORTEM)

    @property
    def attachment(self) -> Attachment | None:
        """The postmortem that was opened."""
        return next((each for each in self.attachments if each.id == self.document), None)

    def with_part(self, name: str, answer: Json | None, why: str = "") -> Origin:
        """This, with a part read (``answer``) or not to be had (``why``)."""
        parts = {key: value for key, value in self.parts.items() if key != name}
        lacking = {key: value for key, value in self.lacking.items() if key != name}
        if answer is None:
            return replace(self, parts=parts, lacking={**lacking, name: why})
        return replace(self, parts={**parts, name: answer}, lacking=lacking)

    def with_attachment(self, attachment: Attachment) -> Origin:
        """This, with a document attached and opened."""
        links = [*listed(self.incident, "relationships", "attachments", "data"), {"type": "incident_attachments", "id": attachment.id}]
        relationships = {**record(self.incident, "relationships"), "attachments": {"data": links}}
        side_loaded = [*listed(self.answer, "included"), resource_of(attachment)]
        answer = {**self.answer, "data": {**self.incident, "relationships": relationships}, "included": side_loaded}
        return replace(self, answer=answer, document=attachment.id)

    def to_json(self) -> Json:
        return {
            "answer": self.answer,
            "document": self.document,
            "notebook": self.notebook,
            "parts": dict(self.parts),
            "lacking": dict(self.lacking),
            "types": dict(self.types),
        }


def origin_of(postmortem: Postmortem) -> Origin:
    """The inverse of ``Origin.to_json``; nothing but what a draft or a reading holds gets here."""
    data: Any = postmortem.origin
    known = [record(data, name) for name in ("parts", "lacking", "types")]
    return Origin(record(data, "answer"), text(data, "document"), record(data, "notebook"), *known)
