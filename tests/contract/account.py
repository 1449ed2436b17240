"""The interface between the contract tests and a vendor. A new backend is tested by writing a ``Account`` for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, Self

from pmtui.backends.base import Backend
from pmtui.model.incident import Existence, Incident
from pmtui.model.values import Person, Value
from pmtui.sandbox.server import Sandbox
from tests.gate import gate
from tests.patience import PATIENCE

SWITCHES = {"datadog.search_lag": "0", "opsgenie.async_ms": "0"}


class Account(ABC):
    """An account for a backend, and access to what it has afterwards.

    ``documented`` is the newest incident whose postmortem has at least three sections of text; ``bare`` a finished incident
    without a postmortem; ``newcomer`` a person who is not a responder of ``documented``. ``open_budget`` is the most requests
    that opening may take. ``side_effects`` are fields that the vendor changes when others are changed. ``whole``: one write
    has all changes. ``existences`` are some that the list must have. ``saving`` has for each request of a save whether it only
    reads. ``refused`` are invalid values. ``faults`` are ways in which everything fails, ``failing`` those that doctor must
    report. ``requests`` is the log of reads and writes, each with "method" and "path".
    """

    name: str
    open_budget: int
    whole = False
    side_effects: frozenset[str] = frozenset()
    existences: frozenset[Existence]
    saving: tuple[bool, ...] = (True, False, True)
    refused: Mapping[str, Value]
    faults: tuple[str, ...]
    failing: tuple[str, ...]
    documented: Incident
    bare: Incident
    newcomer: Person
    requests: list[dict[str, Any]]

    @classmethod
    @abstractmethod
    def opened(cls, incidents: int = 30) -> AbstractContextManager[Self]:
        """The account with this many incidents, until the block ends."""

    @abstractmethod
    def connect(self, *, read_only: bool = False, deadline: float = PATIENCE) -> Backend:
        """A backend as a new process has it."""

    @abstractmethod
    def break_with(self, fault: str) -> None:
        """Make every request fail in this way from now on; "held" lets them wait until ``heal``."""

    @abstractmethod
    def heal(self) -> None:
        """End all faults."""

    @abstractmethod
    def references(self) -> Mapping[str, str]:
        """Every kind of reference to ``documented``, by name."""

    @abstractmethod
    def kept(self) -> dict[str, Any]:
        """The server's data of ``documented`` as JSON, without values that change by themselves."""

    @abstractmethod
    def count(self, what: str) -> int:
        """How often ``documented`` has something that a test added: "title …", "responders ID", "links URL", "text …", "tasks …"."""

    @abstractmethod
    def postmortems(self, incident: Incident) -> int:
        """The number of postmortems of an incident."""

    @abstractmethod
    def written(self, entry: Mapping[str, Any]) -> set[str]:
        """The names of the fields and cells that a logged request writes."""

    @property
    def met(self) -> int:
        """The number of requests that have come so far, those that still wait among them."""
        return len(self.requests)

    @property
    def writes(self) -> list[dict[str, Any]]:
        """The logged requests that write."""
        return [entry for entry in self.requests if entry["method"] != "GET"]


class HttpAccount(Account):
    """One vendor's half of a running sandbox."""

    existences = frozenset({Existence.NONE})
    refused: Mapping[str, Value] = {
        "title": "",
        "severity": "no such severity",
        "owner": Person("00000000-0000-4000-8000-000000000000", "Nobody"),
    }
    faults = (
        *("503", "401", "403", "429", "html", "html 502", "truncate", "garbage", "empty 500", "drop-before", "drop-after"),
        "redirect https://x.example/",
    )
    failing = ("503", "401", "html", "drop-before")

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.requests = sandbox.requests
        self._held = ExitStack()

    @classmethod
    @contextmanager
    def opened(cls, incidents: int = 30) -> Iterator[Self]:
        with Sandbox(incidents=incidents, switches=SWITCHES) as sandbox:
            yield cls(sandbox)

    def break_with(self, fault: str) -> None:
        if fault == "held":
            self._held.enter_context(gate(self.sandbox))
        else:
            self.sandbox.fault(f"* * {fault}")

    def heal(self) -> None:
        self._held.close()
        self.sandbox.clear_faults()
