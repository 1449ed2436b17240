"""What the list asks of the app."""

from __future__ import annotations

from enum import Enum


class Want(Enum):
    """What the user wants of the incident under the cursor."""

    OPEN = "open it"
    CREATE = "create its postmortem"
    ADOPT = "paste the address of its postmortem"
    BEGIN = "begin an incident that is not in the list"
    SEND = "send its draft, after a review"
    CONNECT = "try once more to use the profile"
    STOP = "stop opening it"

    @property
    def asks_first(self) -> bool:
        """Whether a dialog comes before anything is opened: what is typed meanwhile is meant for it."""
        return self in (Want.CREATE, Want.ADOPT, Want.BEGIN)


def being_opened(reference: str) -> str:
    """What the status line says while what is wanted of an incident is opened. Foreign text."""
    return f"{_OPENING} {reference}…"


def is_opening(words: str) -> bool:
    """Whether the status line says so."""
    return words.startswith(f"{_OPENING} ")


_OPENING = "opening"
