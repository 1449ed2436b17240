"""The two ends of a copy, as values: what is copied, and what it is copied to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from pmtui.model.fields import Field
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Item


class Telling(IntEnum):
    """Whom a copy may tell: fields whose change tells more people than that stand in the text instead."""

    NOBODY = 0
    RULES = 1  # the organisation's rules may watch it; nobody is told by name
    EVERYBODY = 2

    def allows(self, target: Field) -> bool:
        """Whether a change of this field may be sent. Its consequence names people by ``{}``."""
        needed = Telling.NOBODY if not target.consequence else Telling.EVERYBODY if "{}" in target.consequence else Telling.RULES
        return needed <= self


@dataclass(frozen=True, slots=True)
class Source:
    """A postmortem to copy. ``vendor`` is what people call the place that it is in; ``rich_text`` as the backend's."""

    postmortem: Postmortem
    vendor: str
    rich_text: bool


@dataclass(frozen=True)
class Target:
    """What is copied to. Without an incident (``postmortem.incident.id == ""``) it is what an import would make.

    ``ours`` are the keys of the cells that an earlier copy wrote. ``found`` has the target's items (people, teams, …) by
    the field that takes them, and those of the source that they are. ``opaque`` says whether it takes cells that Markdown
    cannot say, as they are in another account of the vendor.
    """

    postmortem: Postmortem
    vendor: str
    rich_text: bool
    ours: frozenset[str] = frozenset()
    telling: Telling = Telling.NOBODY
    opaque: bool = True
    found: Mapping[tuple[str, Item], Item] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether there is no incident yet."""
        return not self.postmortem.incident.id
