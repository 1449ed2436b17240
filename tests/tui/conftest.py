"""A sandbox of the usual thirty incidents, and each vendor in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from tests.tui.user import QUICK, VENDORS
from tests.turns import in_turn


@pytest.fixture(autouse=True)
def true_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """The theme follows from what the terminal can show: here that of whoever runs the tests."""
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=30, switches=QUICK) as sandbox:
        yield sandbox


@pytest.fixture(params=in_turn(VENDORS))
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"
