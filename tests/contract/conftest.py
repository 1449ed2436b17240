"""An account for each vendor, and its backends, which are closed at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeAlias

import pytest

from pmtui.backends.base import Backend
from pmtui.backends.http.limiter import LIMITER
from pmtui.model.postmortem import Postmortem
from tests.contract.account import Account
from tests.contract.accounts import ACCOUNTS
from tests.patience import PATIENCE

Connect: TypeAlias = Callable[..., Backend]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a second of waiting last 0.01 s."""
    monkeypatch.setattr(LIMITER, "pace", 0.01)


@pytest.fixture(params=tuple(ACCOUNTS))
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    with ACCOUNTS[request.param].opened() as account:
        yield account


@pytest.fixture
async def connect(account: Account) -> AsyncIterator[Connect]:
    made: list[Backend] = []

    def make(*, read_only: bool = False, deadline: float = PATIENCE) -> Backend:
        made.append(account.connect(read_only=read_only, deadline=deadline))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


@pytest.fixture
def backend(connect: Connect) -> Backend:
    return connect()


@pytest.fixture
async def opened(account: Account, backend: Backend) -> Postmortem:
    """``account.documented``, read, with an empty log of requests."""
    postmortem = await backend.postmortem(account.documented)
    account.requests.clear()
    return postmortem
