"""The progress of an export as text. Pure."""

from __future__ import annotations

from dataclasses import dataclass

SURE = 5
"""The remaining time is shown after this many documents: the first ones take longer."""


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` documents after ``seconds``; before that, ``listed`` incidents. ``waiting``: for what, "" for nothing."""

    listed: int = 0
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    not_found: int = 0
    failed: int = 0
    waiting: str = ""

    @property
    def words(self) -> str:
        """The progress in one line."""
        if not self.total:
            return " · ".join(filter(None, (f"{self.listed:,} incidents listed", self.waiting)))
        parts = [f"{self.done:,} of {self.total:,} postmortems"]
        if self.not_found:
            parts.append(f"{self.not_found:,} not found")
        if self.failed:
            parts.append(f"{self.failed:,} could not be read")
        if self.done >= SURE and self.done < self.total:
            parts.append(f"{duration(self.seconds / self.done * (self.total - self.done))} left")
        return " · ".join([*parts, *filter(None, [self.waiting])])


def duration(seconds: float) -> str:
    """``12 s``, ``4 min``, ``1 h 20 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
