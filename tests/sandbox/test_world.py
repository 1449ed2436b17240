"""The world: the same every time, and with everything in it that a client may stumble over."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest

from pmtui.sandbox.world.build import build
from pmtui.sandbox.world.facts import Bullets, Code, Graph, Panel, Paragraph, Table

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_it_is_the_same_every_time() -> None:
    assert build(60, NOW) == build(60, NOW)


@pytest.mark.parametrize("count", [0, 1, 29, 30, 31, 300])
def test_incidents_are_numbered_and_oldest_first(count: int) -> None:
    incidents = build(count, NOW).incidents
    assert [one.number for one in incidents] == list(range(1, count + 1))
    assert [one.created for one in incidents] == sorted(one.created for one in incidents)
    assert all(one.created < NOW for one in incidents)


def test_the_newest_are_the_same_however_many_there_are() -> None:
    few, many = build(30, NOW).incidents, build(200, NOW).incidents
    assert [one.title for one in few] == [one.title for one in many[-30:]]


def test_whom_and_what_it_names_exists() -> None:
    world = build(400, NOW)
    people, teams = {one.key for one in world.people}, {one.key for one in world.teams}
    services = {one.key for one in world.services}
    assert world.me in people
    assert {member for team in world.teams for member in team.members} <= people
    assert {service.team for service in world.services} <= teams
    for one in world.incidents:
        named = (
            {responder.person for responder in one.responders}
            | {event.person for event in one.events}
            | {action.person for action in one.actions}
        )
        named |= {postmortem.owner for postmortem in one.postmortems} | ({one.commander} if one.commander else set())
        assert named <= people
        assert set(one.teams) <= teams
        assert set(one.services) <= services
        assert all(1 <= number <= 400 and number != one.number for number in one.related)


def test_times_are_in_order() -> None:
    for one in build(400, NOW).incidents:
        assert one.detected <= one.created
        assert one.resolved is None or one.created < one.resolved <= NOW
        assert [event.at for event in one.events] == sorted(event.at for event in one.events)
        assert all(one.created <= event.at <= NOW for event in one.events)


def test_there_is_one_of_everything() -> None:
    incidents = build(30, NOW).incidents
    titles = [one.title for one in incidents]
    assert any(one.resolved is None and not one.postmortems for one in incidents)
    assert any(one.resolved is not None and not one.postmortems for one in incidents)
    assert any(len(one.postmortems) == 2 for one in incidents)
    assert any(one.private for one in incidents)
    assert any(one.test for one in incidents)
    assert {home for one in incidents for home in (postmortem.home for postmortem in one.postmortems)} == {
        "notebook",
        "confluence",
        "google_docs",
    }
    assert {postmortem.status for one in incidents for postmortem in one.postmortems} == {"draft", "in-review", "published"}
    assert max(len(title) for title in titles) == 120
    assert any("[/b]" in title and "[@click=app.bell]" in title and "\x1b" in title for title in titles)
    assert any("🔥" in title and unicodedata.east_asian_width(title[0]) == "W" for title in titles)
    assert "SEV-7" in {one.severity for one in incidents}
    assert "monitoring" in {one.state for one in incidents}


def test_the_stories_hold_blocks_of_every_kind() -> None:
    kinds = {
        type(block) for one in build(30, NOW).incidents for pm in one.postmortems for section in pm.sections for block in section.blocks
    }
    assert kinds == {Paragraph, Bullets, Table, Code, Panel, Graph}


def test_one_postmortem_is_very_long() -> None:
    sizes = [len(repr(pm.sections)) for one in build(30, NOW).incidents for pm in one.postmortems]
    assert max(sizes) > 30_000


def test_ages_follow_the_clock() -> None:
    newest = build(30, NOW).incidents[-1]
    assert NOW - newest.created == timedelta(hours=3)
    assert newest.events[1].text == "Jane takes command"
