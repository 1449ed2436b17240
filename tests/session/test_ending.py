"""What the list tells beside its rows: a vendor that ends, once a day; a cache that cannot be written."""

from __future__ import annotations

import errno
from dataclasses import replace
from datetime import date

import pytest

from pmtui.model.query import Query
from pmtui.session import workspace as module
from pmtui.session.workspace import Workspace
from pmtui.store.cache import Cache
from pmtui.store.files import Files
from tests.session.conftest import Desk
from tests.store.disks import FaultySystem


class Calendar:
    day = 1

    @classmethod
    def today(cls) -> date:
        return date(2026, 12, cls.day)


async def test_the_end_is_told_once_a_day(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "date", Calendar)
    assert await desk.workspace().ending() == ""
    desk.backend.identity = replace(desk.backend.identity, days_left=125)
    assert await desk.workspace().ending() == "Fake is switched off in 125 days · pmtui export --all DIR"
    assert await desk.workspace().ending() == ""
    monkeypatch.setattr(Calendar, "day", 2)
    desk.backend.identity = replace(desk.backend.identity, days_left=0)
    assert await desk.workspace().ending() == "Fake has ended · pmtui export --all DIR writes what is still here"


async def test_a_cache_that_cannot_be_written_is_told(desk: Desk) -> None:
    full = Cache(desk.root / "cache", "fake", Files(FaultySystem(lambda call: True, errno.ENOSPC)))
    workspace = Workspace("fake", desk.backend, desk.drafts, full, desk.audit)
    assert await workspace.not_kept() == ""
    await workspace.incidents(Query())
    assert await workspace.not_kept() == "nothing is kept for later: disk full"
