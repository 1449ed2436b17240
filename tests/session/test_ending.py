"""A vendor that ends is told of once a day, with what helps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pmtui.session import workspace as module
from tests.session.conftest import Desk


class Calendar:
    day = 1

    @classmethod
    def today(cls) -> date:
        return date(2026, 12, cls.day)


def test_the_end_is_told_once_a_day(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "date", Calendar)
    assert desk.workspace().ending() == ""
    desk.backend.identity = replace(desk.backend.identity, days_left=125)
    assert desk.workspace().ending() == "Fake is switched off in 125 days · pmtui export --all DIR"
    assert desk.workspace().ending() == ""
    monkeypatch.setattr(Calendar, "day", 2)
    desk.backend.identity = replace(desk.backend.identity, days_left=0)
    assert desk.workspace().ending() == "Fake has ended · pmtui export --all DIR writes what is still here"
