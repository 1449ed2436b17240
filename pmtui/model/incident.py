"""An incident, as a list shows it. The list loads this and nothing of the document, which it does not show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Existence(StrEnum):
    """Whether an incident has a postmortem, and its state. Not knowing is ``UNKNOWN``, never ``NONE``."""

    UNKNOWN = "unknown"
    NONE = "none"
    YES = "yes"
    DRAFT = "draft"
    IN_REVIEW = "in-review"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident. ``reference`` is what people use (IR-123, #42), ``id`` what the vendor's API uses.

    ``created`` and ``changed`` are timezone-aware, in UTC; None when the server's answer does not have them. ``changed_by``
    is who changed it last, "" when the answer does not say.
    """

    id: str
    reference: str
    title: str
    severity: str = ""
    status: str = ""
    owner: str = ""
    created: datetime | None = None
    postmortem: Existence = Existence.UNKNOWN
    url: str = ""
    private: bool = False
    test: bool = False
    changed: datetime | None = None
    changed_by: str = ""

    def older_than(self, other: Incident) -> bool:
        """Whether this is an older reading of the same incident, as far as the vendor says when it was changed."""
        return bool(self.changed and other.changed and self.changed < other.changed)
