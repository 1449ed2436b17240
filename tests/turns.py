"""Which vendors a test of the screens or of the command line meets: these know none, so each test meets one in its turn."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from _pytest.mark.structures import ParameterSet

from pmtui.cli.launching import SANDBOXED

every_vendor = pytest.mark.parametrize("vendor", SANDBOXED)
"""For what differs between them: what they call a thing, what they cannot do."""


def in_turn(vendors: Iterable[str]) -> list[ParameterSet]:
    """Parameters for a fixture: of the vendors one for each test, chosen by its name; with --sweep all."""
    return [pytest.param(vendor, marks=pytest.mark.in_turn) for vendor in vendors]
