"""What was read of one incident is newer than its row in a list, for a while also than a list that is read after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pmtui.model.incident import Incident
from pmtui.session.listing.recent import LAG, MOST, Recent

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
OLD = Incident("1", "IR-1", "Checkout", "SEV-2", "active", "Jane Doe", NOON, changed=NOON)
OTHER = Incident("2", "IR-2", "Search", "SEV-3", "active", "Wei Zhang", NOON, changed=NOON)
NEW = replace(OLD, title="Checkout 5xx", status="resolved", changed=NOON + timedelta(minutes=1))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_row_is_as_the_incident_was_read_last_whenever_that_was() -> None:
    clock = Clock()
    recent = Recent(clock)
    recent.saw(NEW)
    clock.now += 10 * LAG
    assert recent.up_to_date([OTHER, OLD]) == (OTHER, NEW)


def test_a_list_that_lags_is_put_right_and_one_that_had_time_is_believed() -> None:
    clock = Clock()
    recent = Recent(clock)
    recent.saw(NEW)
    assert recent.page([OLD, OTHER]) == (NEW, OTHER)
    clock.now += LAG
    assert recent.page([OLD, OTHER]) == (OLD, OTHER)


def test_a_list_that_was_long_on_its_way_is_as_old_as_its_question() -> None:
    clock = Clock()
    recent = Recent(clock)
    asked_at = recent.now()
    clock.now += 1
    recent.saw(NEW)
    clock.now += 2 * LAG
    assert recent.page([OLD, OTHER], asked_at=asked_at) == (NEW, OTHER)


def test_a_list_that_shows_a_later_change_is_believed_at_once() -> None:
    recent = Recent(Clock())
    recent.saw(NEW)
    theirs = replace(NEW, title="Theirs", changed=NOON + timedelta(minutes=2))
    assert recent.page([theirs]) == (theirs,)


def test_an_older_reading_does_not_replace_a_newer_one() -> None:
    recent = Recent(Clock())
    recent.saw(NEW)
    recent.saw(OLD)
    assert recent.up_to_date([OLD, OTHER]) == (NEW, OTHER)
    assert recent.up_to_date([NEW, OTHER]) == (NEW, OTHER)


def test_a_list_that_knows_no_owners_gets_none() -> None:
    recent = Recent(Clock())
    recent.saw(NEW)
    assert [row.owner for row in recent.page([replace(OLD, owner="")])] == [""]


def test_what_was_begun_here_is_a_row_and_what_was_deleted_is_none() -> None:
    clock = Clock()
    recent = Recent(clock)
    recent.began(NEW)
    assert recent.up_to_date([OTHER]) == (NEW, OTHER)
    assert recent.up_to_date([OLD, OTHER]) == (NEW, OTHER)
    recent.lost(NEW.id)
    assert recent.up_to_date([OTHER, OLD]) == recent.page([OTHER, OLD]) == (OTHER,)
    recent.saw(NEW)  # it is there again
    assert recent.up_to_date([OTHER, OLD]) == (OTHER, NEW)


def test_it_does_not_grow_without_end() -> None:
    recent = Recent(Clock())
    for number in range(MOST + 1):
        recent.saw(replace(NEW, id=str(number)))
    assert recent.up_to_date([replace(OLD, id="0"), replace(OLD, id="1")])[0].title == OLD.title
    assert len(recent._known) == MOST
