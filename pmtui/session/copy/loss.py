"""What becomes of each part of a postmortem in a copy. It is known before anything is sent. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of a part in a copy."""

    EXACT = "exact"  # the target has what the source has
    CHANGED = "changed"  # in another form: a panel as a quote, P1 as SEV-1
    IN_TEXT = "in text"  # no field or cell takes it: it is in the section "Carried over"
    LEFT = "left"  # the target does not get it


@dataclass(frozen=True, slots=True)
class PartLoss:
    """One field or cell of the source, or a field that only the target has filled.

    ``part`` is a field's name or ``cell:KEY``, ``label`` what people call it.

    ``detail`` says what was changed or why; it may hold foreign text. ``asked``: the configuration asks for this fate.
    """

    part: str
    label: str
    fate: Fate
    detail: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True)
class LossReport:
    """The parts of one postmortem, in order. ``warnings`` are the target's, about what it would store."""

    parts: tuple[PartLoss, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[Fate, int]:
        """The number of parts by fate."""
        found = Counter(each.fate for each in self.parts)
        return {fate: found[fate] for fate in Fate}

    def of(self, fate: Fate) -> tuple[PartLoss, ...]:
        """The parts with this fate."""
        return tuple(each for each in self.parts if each.fate is fate)

    @property
    def incomplete(self) -> bool:
        """Whether a part is left out that the configuration does not leave out."""
        return any(each.fate is Fate.LEFT and not each.asked for each in self.parts)

    @property
    def summary(self) -> str:
        """``9 exact, 3 changed, 5 in text``."""
        return counted(self.counts)


def counted(counts: Mapping[Fate, int]) -> str:
    """Counts as text, without zeros; "nothing to carry" when all are zero."""
    return ", ".join(f"{number} {fate.value}" for fate, number in counts.items() if number) or "nothing to carry"


def total(reports: Iterable[LossReport]) -> Mapping[Fate, int]:
    """The sum of the counts of several reports."""
    found: Counter[Fate] = Counter()
    for each in reports:
        found.update(each.counts)
    return {fate: found[fate] for fate in Fate}
