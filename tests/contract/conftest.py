"""A place for each vendor, and its backends, which are closed at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeAlias

import pytest

from pmtui.backends.base import Backend
from pmtui.backends.http.limiter import LIMITER
from pmtui.model.postmortem import Postmortem
from tests.contract.place import Place
from tests.contract.places import PLACES
from tests.patience import PATIENCE

Connect: TypeAlias = Callable[..., Backend]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a second of waiting last 0.01 s."""
    monkeypatch.setattr(LIMITER, "pace", 0.01)


@pytest.fixture(params=tuple(PLACES))
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with PLACES[request.param].opened() as place:
        yield place


@pytest.fixture
async def connect(place: Place) -> AsyncIterator[Connect]:
    made: list[Backend] = []

    def make(*, read_only: bool = False, deadline: float = PATIENCE) -> Backend:
        made.append(place.connect(read_only=read_only, deadline=deadline))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


@pytest.fixture
def backend(connect: Connect) -> Backend:
    return connect()


@pytest.fixture
async def opened(place: Place, backend: Backend) -> Postmortem:
    """``place.documented``, read, with an empty log of requests."""
    postmortem = await backend.postmortem(place.documented)
    place.requests.clear()
    return postmortem
