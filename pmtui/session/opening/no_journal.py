"""The journal of what cannot be edited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pmtui.session.answers.written import Record
from pmtui.store.journal import JournalState


class NoJournal:
    """The journal of a postmortem opened read-only: it stores nothing."""

    def __init__(self) -> None:
        self.records: list[dict[str, object]] = []
        self.damage = ""
        self.ours = self.durable = True
        self.path = Path()
        self.state = JournalState(0, None, "")

    def append(self, record: dict[str, object]) -> None:
        raise AssertionError("edits are locked")

    def compact(self, records: Sequence[Record | Callable[[], Record]]) -> None:
        raise AssertionError("edits are locked")

    def caught_up(self, timeout: float) -> bool:
        return True

    def flush(self) -> bool:
        return True

    def finish(self) -> None:
        """Nothing is stored."""

    def put_aside(self) -> None:
        """Nothing is stored."""

    def close(self) -> bool:
        return True
