"""A decision about a conflict, as the draft keeps it. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from pmtui.model.codec import value_to_json
from pmtui.model.conflicts import Conflict, Decision, Side
from pmtui.model.postmortem import Cell
from pmtui.session.answers.written import Record


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, and a hash of the sides that it is about. It holds as long as they stay the same."""

    decision: Decision
    sides: str

    @classmethod
    def about(cls, conflict: Conflict, decision: Decision) -> Decided:
        """This decision about the present sides of the conflict."""
        return cls(decision, _sides(conflict))

    def holds(self, conflict: Conflict) -> bool:
        """Whether the conflict still has the sides that this was decided about."""
        return self.sides == _sides(conflict)


def decided_to_json(conflict: str, decided: Decided) -> Record:
    """The record of a decision about the conflict with this id."""
    return {"decided": conflict, "whose": decided.decision.whose, "text": decided.decision.written, "sides": decided.sides}


def decided_from_json(record: Record) -> Decided:
    """The inverse of ``decided_to_json``. Raises KeyError or ValueError for anything else."""
    if record["whose"] not in ("mine", "theirs", "both", None) or not isinstance(record["text"], str):
        raise ValueError(f"not a decision: {record!r:.80}")
    return Decided(Decision(record["whose"], record["text"]), str(record["sides"]))


def _sides(conflict: Conflict) -> str:
    sides = [_content(side) for side in (conflict.base, conflict.mine, conflict.theirs)]
    return hashlib.sha256(json.dumps(sides, sort_keys=True).encode("ascii")).hexdigest()[:32]


def _content(side: Side) -> Any:
    """What ``Cell.same`` compares of a cell; any other side whole."""
    if isinstance(side, Cell):
        return [side.kind, side.text if side.editable else side.source]
    return value_to_json(side)
