"""A Datadog backend over HTTP, against the sandbox or a server made by the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TypeAlias

import pytest

from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.config import Profile
from pmtui.credentials import KnownCredential
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.query import Query
from pmtui.sandbox.server import Sandbox
from tests.patience import PATIENCE

KEYS = {"api_key": "c4n4ry-api", "app_key": "c4n4ry-app"}
Connect: TypeAlias = Callable[..., DatadogBackend]
Sandboxed: TypeAlias = Callable[..., Sandbox]


def profile(url: str, *, read_only: bool = False, site: str = "datadoghq.com", keys: dict[str, str] | None = None) -> Profile:
    credentials = {name: KnownCredential("test", value) for name, value in (KEYS if keys is None else keys).items()}
    return Profile("dd", "datadog", settings={"site": site}, base_url=url, credentials=credentials, read_only=read_only)


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes backends, and closes them at the end."""
    made: list[DatadogBackend] = []

    def make(url: str, *, read_only: bool = False, site: str = "datadoghq.com", keys: dict[str, str] | None = None) -> DatadogBackend:
        made.append(DatadogBackend(profile(url, read_only=read_only, site=site, keys=keys), deadline=PATIENCE))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


@pytest.fixture
def sandboxed() -> Iterator[Sandboxed]:
    """Starts sandboxes, and stops them at the end. By default search sees changes at once."""
    running: list[Sandbox] = []

    def start(*, faults: tuple[str, ...] = (), incidents: int = 16, **switches: str) -> Sandbox:
        chosen = {"search_lag": "0", **switches}
        sandbox = Sandbox(incidents=incidents, faults=faults, switches={f"datadog.{name}": value for name, value in chosen.items()})
        sandbox.start()
        running.append(sandbox)
        return sandbox

    yield start
    for each in running:
        each.stop()


@pytest.fixture
def sandbox(sandboxed: Sandboxed) -> Sandbox:
    return sandboxed()


@pytest.fixture
def backend(sandbox: Sandbox, connect: Connect) -> DatadogBackend:
    return connect(sandbox.url)


@pytest.fixture
def incident(backend: DatadogBackend) -> Callable[[str], Awaitable[Incident]]:
    """The incident with this reference."""
    return backend.find


@pytest.fixture
async def opened(backend: DatadogBackend) -> Postmortem:
    """The newest postmortem of the sandbox, which has text and graphs."""
    page = await backend.incidents(Query())
    return await backend.postmortem(page.incidents[0])


def calls(sandbox: Sandbox, start: int = 0) -> list[str]:
    """The requests to the sandbox, as ``GET /path``."""
    return [f"{each['method']} {each['path']}" for each in sandbox.requests[start:]]


def page_size(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Make pages small, so that few incidents fill several."""
    for module in ("incident_list", "find"):
        monkeypatch.setattr(f"pmtui.backends.datadog.{module}.PAGE", size)
