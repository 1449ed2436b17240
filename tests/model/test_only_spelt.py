"""What a server only spells in another way is no change of somebody's; anything else is."""

from __future__ import annotations

import pytest

from pmtui.model.equality import only_spelt
from pmtui.model.fields import Kind
from pmtui.model.values import Link, Task, Value

URL = "https://tickets.example.com/OPS-7"


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.TIME, "2026-11-28T03:10Z", "2026-11-28T03:10:00+00:00"),
        (Kind.TIME, "2026-11-28T04:10+01:00", "2026-11-28T03:10:00Z"),
        (Kind.TASKS, (Task("", "Rehearse", (), "2026-12-05"),), (Task("t1", "Rehearse", (), "2026-12-05T00:00:00Z"),)),
        (Kind.LINKS, (Link(URL),), (Link(URL, "OPS-7"),)),
    ],
)
def test_another_spelling(kind: Kind, one: Value, other: Value) -> None:
    assert only_spelt(kind, one, other) and only_spelt(kind, other, one)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.TIME, "2026-11-28T03:10Z", "2026-11-28T03:11Z"),
        (Kind.TIME, "soon", "later"),
        (Kind.TEXT, "2026-11-28T03:10Z", "2026-11-28T03:10:00Z"),  # typed by somebody, as it is
        (Kind.TASKS, (Task("t1", "Rehearse", (), "2026-12-05"),), (Task("t1", "Rehearse", (), "2026-12-06"),)),
        (Kind.TASKS, (Task("t1", "Rehearse"),), (Task("t1", "Rehearse", done=True),)),
        (Kind.TASKS, (Task("t1", "Rehearse"),), ()),
        (Kind.LINKS, (Link(URL, "mine"),), (Link(URL, "hers"),)),
        (Kind.LINKS, (Link(URL),), (Link(URL), Link(f"{URL}1"))),
    ],
)
def test_another_meaning(kind: Kind, one: Value, other: Value) -> None:
    assert not only_spelt(kind, one, other) and not only_spelt(kind, other, one)
