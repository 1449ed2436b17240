"""Postmortems and incidents as JSON and back: what drafts and the cache live on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pmtui.model.codec import incident_from_json, incident_to_json, postmortem_from_json, postmortem_to_json
from pmtui.model.fields import Field, Kind, LockedBy
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import TEXT, Postmortem, Unread
from pmtui.store.cache import Cache

INCIDENT = Incident("i1", "IR-1", "Checkout 5xx", created=datetime(2026, 11, 22, tzinfo=UTC), postmortem=Existence.DRAFT)


@pytest.mark.parametrize("incident", [INCIDENT, replace(INCIDENT, created=None)])
def test_an_incident_comes_back_with_its_types(incident: Incident) -> None:
    again = incident_from_json(json.loads(json.dumps(incident_to_json(incident))))
    assert again == incident
    assert again.postmortem is Existence.DRAFT


def test_what_could_not_be_read_is_remembered() -> None:
    unread = (Unread("responders", "data is null, not a list"), Unread(TEXT, "the notebook answers 403", "rights"))
    again = postmortem_from_json(json.loads(json.dumps(postmortem_to_json(Postmortem(INCIDENT, unread=unread)))))
    assert again.unread == unread
    assert again.why_unread("responders") == "data is null, not a list"
    assert again.why_unread("title") == ""


def test_a_draft_from_before_there_was_the_word_is_read() -> None:
    written = postmortem_to_json(Postmortem(INCIDENT, form=(Field("title", Kind.TEXT, "Title"),)))
    del written["unread"], written["text_locked_by"], written["form"][0]["locked_by"]
    again = postmortem_from_json(written)
    assert again.unread == () and again.field("title").locked_by is LockedBy.VENDOR


def test_a_time_without_an_offset_is_not_read() -> None:
    naive = datetime(2026, 11, 22)  # what a backend must not give
    with pytest.raises(ValueError, match="without an offset"):
        incident_from_json(incident_to_json(replace(INCIDENT, created=naive)))
    with pytest.raises(ValueError, match="without an offset"):
        postmortem_from_json(postmortem_to_json(Postmortem(INCIDENT, read_at=naive)))


def test_a_cache_with_such_a_time_is_absent(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "prod")
    cache.keep_incidents([INCIDENT])
    seen = cache.incidents()
    assert seen is not None and seen.incidents == (INCIDENT,)
    cache.keep_incidents([INCIDENT, replace(INCIDENT, id="i2", created=datetime(2026, 11, 22))])
    assert cache.incidents() is None
