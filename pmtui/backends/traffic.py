"""What the requests of this process were, and what one waits for: for the request log and the status line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request of this process, for the request log, without secrets. ``seconds`` is the time to the end of the answer."""

    at: str
    method: str
    path: str
    status: int
    seconds: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request waits because the vendor asked for it (429), or before a retry."""

    seconds: float
    reason: str
    attempt: int = 1

    @property
    def words(self) -> str:
        """For what it waits, and how long if that is a second or more."""
        return f"{self.reason}: {self.seconds:.0f} s" if self.seconds >= 1 else self.reason
