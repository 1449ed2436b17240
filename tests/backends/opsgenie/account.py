"""An account of the sandbox, and a backend for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pmtui.backends.opsgenie.backend import OpsgenieBackend
from pmtui.config import Profile
from pmtui.credentials import KnownCredential
from pmtui.model.changes import Change
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Person
from pmtui.sandbox.server import Sandbox
from tests.backends.opsgenie.memory_index import MemoryIndex

KEY = "eb243592-faa2-4ba2-a551-1afdf565c889"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass
class Account:
    """``sandbox`` is the server, ``backend`` ours; ``index`` is the backend's memory."""

    sandbox: Sandbox
    backend: OpsgenieBackend
    index: MemoryIndex = field(default_factory=MemoryIndex)

    @property
    def state(self) -> Any:
        return self.sandbox.opsgenie.state

    def kept(self, postmortem_id: str) -> dict[str, Any]:
        """A postmortem as stored on the server."""
        found: dict[str, Any] = self.state.postmortems[postmortem_id]
        return found

    def a_postmortem(self, status: str = "draft") -> dict[str, Any]:
        """A postmortem with this status, named by its incident."""
        return next(
            kept
            for kept in self.state.postmortems.values()
            if kept["status"] == status and "postmortemId" in self.state.incidents[kept["incidentId"]]["extraProperties"]
        )

    def calls(self) -> list[str]:
        """``METHOD path`` of every request so far."""
        return [f"{entry['method']} {entry['path']}" for entry in self.sandbox.requests]

    def writes(self) -> list[str]:
        return [call for call in self.calls() if not call.startswith("GET")]

    def forget_calls(self) -> None:
        self.sandbox.requests.clear()

    async def opened(self, kept: Mapping[str, Any]) -> Postmortem:
        """A postmortem, opened by the id of its incident."""
        return await self.backend.postmortem(await self.backend.find(kept["incidentId"]))

    async def incident(self, kept: Mapping[str, Any]) -> Incident:
        return await self.backend.find(kept["incidentId"])

    async def save(self, base: Postmortem, mine: Postmortem, changes: Sequence[Change]) -> Postmortem:
        """Save like a session without conflicts: read, send every step, read back."""
        server = await self.backend.reread(base, changes)
        for step in self.backend.plan(server, mine, changes):
            await self.backend.send(server, mine, step)
        return await self.backend.reread(mine, changes)


def profile(url: str, *, key: str = KEY, actor: str = "", read_only: bool = False, routes: Mapping[str, str] | None = None) -> Profile:
    credential = KnownCredential("environment OPSGENIE_API_KEY", key)
    credentials = {"api_key": credential}
    settings = {"routes": routes or {}}
    return Profile("opsgenie", "opsgenie", base_url=url, actor=actor, credentials=credentials, read_only=read_only, settings=settings)


@asynccontextmanager
async def account(
    *faults: str,
    switches: Mapping[str, str] | None = None,
    incidents: int = 16,
    actor: str | None = None,
    index: MemoryIndex | None = None,
    now: datetime = NOW,
    read_only: bool = False,
    key: str = KEY,
    routes: Mapping[str, str] | None = None,
    remember: bool = True,
) -> AsyncIterator[Account]:
    """An account with these switches (without ``opsgenie.``) and faults. ``actor`` "" is no actor."""
    chosen = {f"opsgenie.{name}": value for name, value in {"async_ms": "0", **(switches or {})}.items()}
    with Sandbox(incidents=incidents, faults=faults, switches=chosen, now=NOW) as sandbox:
        somebody = next(iter(sandbox.opsgenie.state.users.values()))["username"]
        memory = index or MemoryIndex()
        backend = OpsgenieBackend(
            profile(sandbox.url, key=key, actor=somebody if actor is None else actor, read_only=read_only, routes=routes),
            memory,
            remember_on_incident=remember,
            now=lambda: now,
        )
        try:
            yield Account(sandbox, backend, memory)
        finally:
            await backend.aclose()


def with_text(postmortem: Postmortem, key: str, text: str) -> Postmortem:
    """The postmortem with another text in one cell."""
    return postmortem.with_cells(tuple(replace(cell, text=text) if cell.key == key else cell for cell in postmortem.cells))


def people(postmortem: Postmortem) -> list[Person]:
    """The responders."""
    value = postmortem.fields["responders"]
    assert isinstance(value, tuple)
    return [item for item in value if isinstance(item, Person)]
