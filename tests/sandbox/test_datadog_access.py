"""Keys, scopes, rate limits, dialects and switches of the Datadog service."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from pmtui.sandbox.datadog import DatadogService
from pmtui.sandbox.datadog.auth import Limits
from pmtui.sandbox.datadog.switches import parse
from tests.sandbox.datadog import ALL, CHECKOUT, Wire, body


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"DD-API-KEY": "a", "DD-APPLICATION-KEY": "b"}, 200),
        ({"Authorization": "Bearer x"}, 200),
        ({"DD-APPLICATION-KEY": "ddpat_x"}, 200),
        ({"DD-APPLICATION-KEY": "ddsat_x"}, 200),
        ({}, 403),
        ({"DD-API-KEY": "a"}, 403),
        ({"DD-APPLICATION-KEY": "b"}, 403),
        ({"DD-API-KEY": "", "DD-APPLICATION-KEY": "b"}, 403),
        ({"Authorization": "Bearer"}, 403),
        ({"Authorization": "Basic x"}, 403),
    ],
)
def test_which_credentials_are_taken(headers: dict[str, str], status: int) -> None:
    with Wire() as wire:
        answer = httpx.get(wire.sandbox.url + "/api/v2/current_user", headers=headers, trust_env=False, verify=False)
        assert answer.status_code == status
        if status == 403:
            assert answer.json() == {"errors": ["Forbidden"]}


def test_every_key_can_be_refused() -> None:
    with Wire(credentials="none", unauthorized="401") as wire:
        assert wire.refused(401, "GET", "/api/v2/incidents") == ["Unauthorized"]
        wire.refused(403, "GET", "/api/v1/validate")


def test_validate_wants_the_api_key_only() -> None:
    with Wire() as wire:
        answer = httpx.get(wire.sandbox.url + "/api/v1/validate", headers={"DD-API-KEY": "a"}, trust_env=False, verify=False)
        assert answer.json() == {"valid": True}
        assert httpx.get(wire.sandbox.url + "/api/v1/validate", trust_env=False, verify=False).json() == {"errors": ["API key required"]}


def test_a_missing_scope_stops_what_needs_it_and_nothing_else() -> None:
    with Wire(deny="notebooks_write,user_access_read,incident_settings_read") as wire:
        number = wire.notebook_of(wire.find(CHECKOUT))
        attributes = wire.notebook(number)
        assert wire.put(number, attributes).json() == {"errors": ["Forbidden"]}
        wire.refused(403, "GET", "/api/v2/users")
        assert wire.refused(403, "GET", "/api/v2/incidents/config/types") == [{"status": "403", "title": "Forbidden"}]
        assert wire.get("/api/v2/team")["data"]
        assert wire.patch(wire.find(CHECKOUT), attributes={"title": "x"}).status_code == 200


def test_unknown_paths_and_methods() -> None:
    with Wire() as wire:
        assert wire.refused(404, "GET", "/api/v2/incidents/a/b/c/d") == ["Not Found"]
        wire.refused(405, "PUT", f"/api/v2/incidents/{wire.find(CHECKOUT)}")
        wire.refused(404, "GET", "/api/v2/teams")


JSON = {"Content-Type": "application/json"}


def test_the_two_dialects_of_a_body_that_is_not_json() -> None:
    with Wire() as wire:
        identifier = wire.find(CHECKOUT)
        legacy = wire.client.request("PATCH", f"/api/v2/incidents/{identifier}", content=b"{", headers=JSON)
        rapid = wire.client.request("POST", f"/api/v2/incidents/{identifier}/attachments", content=b"\xff", headers=JSON)
        assert (legacy.status_code, rapid.status_code) == (400, 400)
        assert isinstance(legacy.json()["errors"][0], str)
        assert legacy.content.endswith(b"\n")
        assert rapid.json()["errors"][0]["title"] == "Bad Request"
        assert not rapid.content.endswith(b"\n")


def test_buckets_are_counted_apart_and_begin_anew() -> None:
    limits = Limits(parse({"datadog.rate_limit": "2/10"}))
    assert [limits.take("incidents", 103.0)[0] for _ in range(3)] == [True, True, False]
    passed, headers = limits.take("notebooks", 103.0)
    assert passed
    assert dict(headers) == {
        "x-ratelimit-limit": "2",
        "x-ratelimit-period": "10",
        "x-ratelimit-remaining": "1",
        "x-ratelimit-reset": "7",
        "x-ratelimit-name": "notebooks",
    }
    assert limits.take("incidents", 110.0)[0]


def test_a_429_says_when_to_come_back() -> None:
    with Wire(rate_limit="1/3600") as wire:
        assert wire.send("GET", "/api/v2/users").status_code == 200
        answer = wire.send("GET", "/api/v2/users")
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["X-RateLimit-Reset"]) <= 3600
        assert "retry-after" not in answer.headers
        assert wire.send("GET", "/api/v2/team").status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("datadog.no_such_switch", "on"),
        ("datadog.cell_ids", "sometimes"),
        ("datadog.deny", "notebooks"),
        ("datadog.postmortems", "off"),
        ("datadog.postmortems", "200"),
        ("datadog.search_lag", "soon"),
        ("datadog.search_lag", "-1"),
        ("datadog.rate_limit", "many"),
        ("datadog.rate_limit", "5/0"),
    ],
)
def test_a_switch_that_cannot_be_understood(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="switch"):
        DatadogService(1, datetime.now(UTC), {name: value})


def test_a_state_is_taken_over_by_another_half() -> None:
    with Wire() as wire:
        number = wire.notebook_of(wire.find(CHECKOUT))
        attributes = wire.notebook(number)
        attributes["name"] = "Renamed"
        wire.put(number, attributes)
        wire.patch(wire.find("Login e-mails delayed"), attributes={"title": "Changed"})
        made = wire.send("POST", "/api/v2/incidents/import", body("incidents", {"title": "New"})).json()["data"]["id"]
        state = wire.service.dump()
        before = wire.search(ALL, **{"page[size]": 100})
    with Wire(incidents=3) as other:
        other.service.load(state)
        assert other.notebook(number)["name"] == "Renamed"
        assert other.incident(made)["attributes"]["title"] == "New"
        titles = {one["data"]["attributes"]["title"] for one in other.search(ALL, **{"page[size]": 100})["incidents"]}
        assert {"Changed", "New"} <= titles
        assert len(titles) == 30
        again = other.send("POST", "/api/v2/incidents/import", body("incidents", {"title": "Newer"})).json()["data"]
        assert again["attributes"]["public_id"] == 340
    assert before["total"] == 29  # without the new one: the index lags behind
