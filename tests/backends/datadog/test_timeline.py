"""The web app's timeline has no published call: it is read where the profile allows it, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from pmtui.backends.base import BackendError
from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.backends.datadog.history.timeline import timeline_of
from pmtui.backends.datadog.profile import open_backend
from pmtui.model.incident import Incident
from pmtui.model.query import Query
from pmtui.sandbox.server import Sandbox
from tests.backends.datadog.conftest import profile

ALERT = "Alert `checkout-5xx` fires"


@pytest.fixture
async def allowed(sandbox: Sandbox) -> AsyncIterator[DatadogBackend]:
    plain = profile(sandbox.url)
    made = open_backend(replace(plain, settings={**plain.settings, "unpublished_timeline": True}), None, None)
    assert isinstance(made, DatadogBackend)
    yield made
    await made.aclose()


async def checkout(backend: DatadogBackend) -> Incident:
    return next(each for each in (await backend.incidents(Query())).incidents if each.title.startswith("Checkout 5xx"))


def asked(sandbox: Sandbox) -> int:
    return sum(each["path"].endswith("/timeline") for each in sandbox.requests)


async def test_it_is_not_asked_for_by_itself(sandbox: Sandbox, backend: DatadogBackend) -> None:
    found = await backend.timeline(await checkout(backend))
    assert found and ALERT not in [each.text for each in found]
    assert asked(sandbox) == 0


async def test_where_the_profile_allows_it_its_entries_stand_among_the_others(sandbox: Sandbox, allowed: DatadogBackend) -> None:
    found = await allowed.timeline(await checkout(allowed))
    (alert,) = [each for each in found if each.text == ALERT]
    assert (alert.author, alert.important, alert.source) == ("Samuel Okafor", True, "timeline")
    assert [each.at for each in found] == sorted(each.at for each in found if each.at)
    assert {"incident", "impact", "todo", "timeline"} == {each.source for each in found}
    assert asked(sandbox) == 1


async def test_an_account_without_it_is_asked_once(sandbox: Sandbox, allowed: DatadogBackend) -> None:
    incident = await checkout(allowed)
    sandbox.fault("GET /api/v2/incidents/*/timeline 404")
    for _ in range(2):
        assert await allowed.timeline(incident)
    assert asked(sandbox) == 1


async def test_one_that_could_not_be_read_is_no_timeline_without_it(sandbox: Sandbox, allowed: DatadogBackend) -> None:
    incident = await checkout(allowed)
    sandbox.fault("GET /api/v2/incidents/*/timeline 501")
    with pytest.raises(BackendError):
        await allowed.timeline(incident)


def test_what_was_recorded_is_named_by_its_kind_and_no_shape_of_a_cell_is_an_error() -> None:
    recorded = {"cell_type": "role_assignment_change", "content": {"added": [{}]}, "created": "2026-11-28T15:18:45Z", "important": "yes"}
    found = timeline_of({}, [], [], {}, [{"attributes": recorded}, {"attributes": []}, None, 7])
    assert [(each.text, each.important) for each in found] == [("Role assignment change", False)]
