"""What becomes of each part of a postmortem when it is copied: said before anything is sent. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of a part."""

    EXACT = "exact"  # the target has what the source has
    CHANGED = "changed"  # in another form: a panel as a quote, P1 as SEV-1
    IN_TEXT = "in text"  # it has no place of its own: it stands in the section "Carried over"
    LEFT = "left"  # the target does not get it


@dataclass(frozen=True, slots=True)
class PartLoss:
    """One field or cell of the source. ``part`` is a field's name or ``cell:KEY``, ``label`` what people call it.

    ``detail`` says what was changed or why, foreign text in it. ``asked`` tells that the configuration wants it so.
    """

    part: str
    label: str
    fate: Fate
    detail: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True)
class LossReport:
    """One postmortem's parts, in their order. ``warnings`` is what the target itself says of what it would store."""

    parts: tuple[PartLoss, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[Fate, int]:
        """How many parts have which fate."""
        found = Counter(each.fate for each in self.parts)
        return {fate: found[fate] for fate in Fate}

    def of(self, fate: Fate) -> tuple[PartLoss, ...]:
        """The parts with this fate."""
        return tuple(each for each in self.parts if each.fate is fate)

    @property
    def incomplete(self) -> bool:
        """Whether something is left that nobody asked to be left."""
        return any(each.fate is Fate.LEFT and not each.asked for each in self.parts)

    @property
    def summary(self) -> str:
        """``9 exact, 3 changed, 5 in text``."""
        return counted(self.counts)


def counted(counts: Mapping[Fate, int]) -> str:
    """Counts in words, without those that are zero; "nothing to carry" for none."""
    return ", ".join(f"{number} {fate.value}" for fate, number in counts.items() if number) or "nothing to carry"


def total(reports: Iterable[LossReport]) -> Mapping[Fate, int]:
    """The counts of many reports together."""
    found: Counter[Fate] = Counter()
    for each in reports:
        found.update(each.counts)
    return {fate: found[fate] for fate in Fate}
