"""Opsgenie's service over HTTP: keys, rights, envelope, postmortems. Also the client that its other tests use."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from pmtui.sandbox.opsgenie import OpsgenieService
from pmtui.sandbox.server import Sandbox
from tests.patience import PATIENCE

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = "3f2c1a4e-9f4b-4a53-8c6a-0d1e2f3a4b5c"
OTHER_KEY = "77aa0000-9f4b-4a53-8c6a-0d1e2f3a4b5c"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Wire:
    """A client of one sandbox whose clock stands still until it is moved."""

    def __init__(self, switches: dict[str, str]) -> None:
        self.seconds = 0.0
        self.service = OpsgenieService(40, NOW, switches, clock=lambda: self.seconds)
        self.sandbox = Sandbox(opsgenie=self.service, now=NOW)
        self.client = httpx.Client(timeout=PATIENCE, trust_env=False, verify=False)  # plain HTTP: no certificates to load

    def __enter__(self) -> Wire:
        self.sandbox.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()
        self.sandbox.stop()

    def send(self, method: str, path: str, body: object = None, *, key: str = KEY, **params: Any) -> httpx.Response:
        """One request with a key."""
        headers = {"Authorization": f"GenieKey {key}"} if key else {}
        return self.client.request(method, self.sandbox.url + path, headers=headers, params=params or None, json=body)

    def data(self, path: str, **params: Any) -> Any:
        """The `data` of a GET that must succeed."""
        answer = self.send("GET", path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def incidents(self, query: str = "") -> list[dict[str, Any]]:
        """Up to 100 incidents that match, newest first."""
        found: list[dict[str, Any]] = self.data("/v1/incidents", query=query, limit=100, sort="createdAt")
        return found

    def postmortem_with(self, status: str) -> dict[str, Any]:
        """Some postmortem of that status."""
        incident = self.incidents(f"postmortemStatus: {status} AND details.key: postmortemId")[0]
        found: dict[str, Any] = self.data(f"/v2/postmortem/{incident['extraProperties']['postmortemId']}")
        return found

    def users(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.data("/v2/users")
        return found


Wires = Callable[..., Wire]


@pytest.fixture
def wires() -> Iterator[Wires]:
    """Makes sandboxes: `wires(routes="patch")` sets the switch `opsgenie.routes`."""
    with ExitStack() as stack:
        yield lambda **switches: stack.enter_context(Wire({f"opsgenie.{name}": value for name, value in switches.items()}))


@pytest.fixture
def wire(wires: Wires) -> Wire:
    return wires()


def refused(answer: httpx.Response, status: int, *fields: str) -> dict[str, Any]:
    """Check that an answer is an error of that status which names these fields; its body."""
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, set(fields)) == (status, set(body.get("errors", {}))), body
    assert body["message"]
    assert body["requestId"] == answer.headers["X-Request-ID"]
    return body


# --- keys and rights


@pytest.mark.parametrize("header", ["", "Bearer " + KEY, "Basic " + KEY, KEY, "GenieKey"])
def test_without_the_scheme_it_is_401(wire: Wire, header: str) -> None:
    answer = httpx.get(wire.sandbox.url + "/v1/incidents", headers={"Authorization": header} if header else {})
    assert refused(answer, 401)["message"] == "Could not authenticate"


@pytest.mark.parametrize("key", ["nonsense", KEY[:-1], KEY.replace("-", ""), "g" + KEY[1:]])
def test_a_key_that_is_no_uuid_is_422(wire: Wire, key: str) -> None:
    assert refused(wire.send("GET", "/v1/incidents", key=key), 422)["message"] == "Key format is not valid!"


def test_any_uuid_is_a_key_unless_keys_are_listed(wires: Wires) -> None:
    assert wires().send("GET", "/v1/incidents", key=OTHER_KEY).status_code == 200
    listed = wires(keys=f"{KEY}:read+write,{OTHER_KEY}:read")
    assert refused(listed.send("GET", "/v1/incidents", key=UNKNOWN), 401)["message"] == "Could not authenticate"
    assert listed.send("POST", "/v1/incidents/x/details", {"details": {"a": "b"}}).status_code == 202
    refused(listed.send("POST", "/v1/incidents/x/details", {"details": {"a": "b"}}, key=OTHER_KEY), 403)


@pytest.mark.parametrize(
    ("rights", "method", "path", "message"),
    [
        ("write,delete,config", "GET", "/v1/incidents", "API Key is not granted with read access."),
        ("read,delete,config", "POST", "/v2/postmortem", "API Key is not granted with write access."),
        ("read,delete,config", "PUT", "/v2/postmortem/x/title", "API Key is not granted with write access."),
        ("read,write,config", "DELETE", "/v2/postmortem/x", "API Key is not granted with delete access."),
        ("read,write,delete", "GET", "/v2/users", "API Key is not granted with configuration access."),
        ("read,write,delete", "GET", "/v2/teams", "API Key is not granted with configuration access."),
        ("read,write,delete", "GET", "/v1/services", "API Key is not granted with configuration access."),
        ("read,write,delete", "GET", "/v2/roles", "API Key is not granted with configuration access."),
        ("read,write,delete", "GET", "/v2/account", "API Key is not granted with configuration access."),
    ],
)
def test_a_missing_right_is_403_with_its_code(wires: Wires, rights: str, method: str, path: str, message: str) -> None:
    body = refused(wires(rights=rights).send(method, path, None if method == "GET" else {}), 403)
    assert (body["code"], body["message"]) == (40301, message)


def test_a_team_key_sees_what_belongs_to_its_team(wires: Wires) -> None:
    everything, team = wires(), wires(team="Checkout")
    assert 0 < len(team.incidents()) < len(everything.incidents())
    assert [found["name"] for found in team.data("/v2/teams")] == ["Checkout"]
    assert {found["name"] for found in team.data("/v1/services")} == {"checkout", "cart", "web"}
    assert len(team.users()) == 3
    seen = {found["id"] for found in team.incidents()}
    hidden = next(found for found in everything.incidents("details.key: postmortemId") if found["id"] not in seen)
    refused(team.send("GET", f"/v1/incidents/{hidden['id']}"), 404)
    refused(team.send("GET", f"/v2/postmortem/{hidden['extraProperties']['postmortemId']}"), 404)
    listed = wires(keys=f"{KEY}:read:Checkout,{OTHER_KEY}")
    assert {found["id"] for found in listed.incidents()} == seen
    assert len(listed.send("GET", "/v1/incidents", key=OTHER_KEY, limit=100).json()["data"]) == 40
    mine = team.incidents("details.key: postmortemId")[0]
    assert team.data(f"/v2/postmortem/{mine['extraProperties']['postmortemId']}")["rootIncident"]["id"] == mine["id"]


def test_every_answer_carries_the_documented_headers(wire: Wire) -> None:
    for answer in (wire.send("GET", "/v1/incidents"), wire.send("GET", "/v2/postmortem/x"), wire.send("GET", "/v2/users", key="")):
        assert answer.json()["requestId"] == answer.headers["X-Request-ID"]
        assert isinstance(answer.json()["took"], float)
        assert float(answer.headers["X-Response-Time"]) >= 0
        assert answer.headers["X-RateLimit-State"] == "OK"
        assert answer.headers["X-RateLimit-Reason"] == "ACCOUNT"
        assert answer.headers["X-RateLimit-Period-In-Sec"] in ("1", "60")
        assert answer.headers["Content-Type"].startswith("application/json")


def test_unknown_routes_are_404_and_wrong_methods_405(wire: Wire) -> None:
    refused(wire.send("GET", "/v2/postmortems"), 404)
    answer = wire.send("PATCH", "/v2/postmortem/x/title", {"title": "x"})
    refused(answer, 405)
    assert answer.headers["Allow"] == "PUT"


def test_bodies_are_json_objects(wire: Wire) -> None:
    url = f"{wire.sandbox.url}/v2/postmortem"
    key = {"Authorization": f"GenieKey {KEY}"}
    refused(httpx.post(url, headers={**key, "Content-Type": "application/json"}, content=b'{"incidentId": '), 400)
    refused(httpx.post(url, headers={**key, "Content-Type": "application/json"}, content=rb'{"incidentId": "\ud800"}'), 400)
    refused(httpx.post(url, headers=key, json=["incidentId"]), 422, "body")


# --- create


def resolved_without_postmortem(wire: Wire) -> dict[str, Any]:
    return wire.incidents("status: resolved AND postmortemStatus: no-postmortem")[0]


def test_a_created_postmortem_is_the_default_template(wire: Wire) -> None:
    incident = resolved_without_postmortem(wire)
    jane, mara = (wire.data(f"/v2/users/{name}@example.com")["id"] for name in ("jane.doe", "mara.lopez"))
    answer = wire.send("POST", "/v2/postmortem", {"incidentId": incident["id"], "actorUserId": jane, "ownerId": mara})
    assert answer.status_code == 201
    made = wire.data(f"/v2/postmortem/{answer.json()['data']['postmortemId']}")
    assert made["title"] == f"{incident['message']} - postmortem report"
    assert (made["severity"], made["status"], made["owner"]["id"]) == (incident["priority"], "draft", mara)
    assert made["executiveSummary"] == {"version": 1, "type": "doc", "content": []}
    headings = [block["content"][0]["text"] for block in made["content"]["content"] if block["type"] == "heading"]
    assert headings == ["Leadup", "Fault", "Detection", "Root causes", "Mitigation and resolution", "Lessons learnt"]
    paragraphs = [[node["type"] for node in block["content"]] for block in made["content"]["content"] if block["type"] == "paragraph"]
    assert paragraphs == [["text", "hardBreak"]] * 5 + [["text"]]
    assert made["startTime"] == incident["impactStartDate"]
    assert made["rootIncident"]["tinyId"] == incident["tinyId"]
    assert made["timeline"]["id"].startswith("p_")
    assert incident["id"] in {found["id"] for found in wire.incidents("postmortemStatus: draft")}
    assert "postmortemId" not in wire.data(f"/v1/incidents/{incident['id']}")["extraProperties"]


def test_the_owner_is_the_actor_when_none_is_named(wires: Wires) -> None:
    wire = wires(create="unwrapped", create_status="200")
    actor = wire.users()[3]["id"]
    answer = wire.send("POST", "/v2/postmortem", {"incidentId": resolved_without_postmortem(wire)["id"], "actorUserId": actor})
    assert answer.status_code == 200
    assert list(answer.json()) == ["postmortemId"]
    assert wire.data(f"/v2/postmortem/{answer.json()['postmortemId']}")["owner"]["id"] == actor


def test_create_is_refused_for_what_cannot_have_a_postmortem(wire: Wire) -> None:
    actor = wire.users()[0]["id"]
    refused(wire.send("POST", "/v2/postmortem", {"incidentId": UNKNOWN, "actorUserId": actor}), 404)
    refused(wire.send("POST", "/v2/postmortem", {"actorUserId": actor}), 422, "incidentId")
    refused(
        wire.send("POST", "/v2/postmortem", {"incidentId": wire.postmortem_with("draft")["rootIncident"]["id"], "actorUserId": actor}),
        422,
        "incidentId",
    )
    incident = resolved_without_postmortem(wire)
    refused(wire.send("POST", "/v2/postmortem", {"incidentId": incident["id"]}), 422, "actorUserId", "ownerId")
    refused(wire.send("POST", "/v2/postmortem", {"incidentId": incident["id"], "actorUserId": actor, "ownerId": UNKNOWN}), 422, "ownerId")
    still_open = wire.incidents("status: open")[0]["id"]
    refused(wire.send("POST", "/v2/postmortem", {"incidentId": still_open, "actorUserId": actor}), 422, "incidentId")


def test_a_new_postmortem_may_be_visible_late(wires: Wires) -> None:
    wire = wires(visible_ms="5000")
    body = {"incidentId": resolved_without_postmortem(wire)["id"], "actorUserId": wire.users()[0]["id"]}
    made = wire.send("POST", "/v2/postmortem", body).json()["data"]["postmortemId"]
    refused(wire.send("GET", f"/v2/postmortem/{made}"), 404)
    refused(wire.send("POST", "/v2/postmortem", body), 422, "incidentId")
    wire.seconds = 4.9
    refused(wire.send("PUT", f"/v2/postmortem/{made}/title", {"title": "x"}), 404)
    wire.seconds = 5
    assert wire.send("GET", f"/v2/postmortem/{made}").status_code == 200


def test_the_plan_limits_postmortems_and_calls(wires: Wires) -> None:
    wire = wires(postmortems_per_month="1000")
    body = {"incidentId": resolved_without_postmortem(wire)["id"], "actorUserId": wire.users()[0]["id"]}
    assert wire.send("POST", "/v2/postmortem", body).status_code == 201
    assert wire.data("/v2/account")["plan"]["name"] == "Enterprise"
    small = wires(plan="Essentials")
    small.service.load(wire.service.dump())
    for key in list(small.service.state.postmortems)[5:]:
        small.service.state.remove_postmortem(key)
    for kept in small.service.state.postmortems.values():
        kept["createdAtTime"] = "2026-11-01T00:00:00Z"
    other = next(
        key
        for key, found in small.service.state.incidents.items()
        if small.service.state.postmortem_status(key) == "no-postmortem" and found["status"] == "closed"
    )
    assert refused(small.send("POST", "/v2/postmortem", {**body, "incidentId": other}), 402)["message"]
    next(iter(small.service.state.postmortems.values()))["createdAtTime"] = "2026-10-31T23:59:59Z"
    assert small.send("POST", "/v2/postmortem", {**body, "incidentId": other}).status_code == 201
    refused(small.send("GET", "/v1/incidents"), 402)
    refused(small.send("GET", "/v1/services"), 402)
    assert small.data("/v2/account")["plan"]["name"] == "Essentials"


# --- delete


def test_delete_needs_an_actor_and_forgets(wire: Wire) -> None:
    found = wire.postmortem_with("draft")
    path = f"/v2/postmortem/{found['postmortemId']}"
    refused(wire.send("DELETE", path), 422, "actorUserId")
    refused(wire.send("DELETE", path, {"actorUserId": UNKNOWN}), 422, "actorUserId")
    actor = wire.users()[0]["id"]
    refused(wire.send("DELETE", path, {"actorUserId": actor, "deleteExportIncidentTimelines": "no"}), 422, "deleteExportIncidentTimelines")
    answer = wire.send("DELETE", path, {"actorUserId": actor})
    assert answer.json()["data"] == {"message": f"Postmortem with id {found['postmortemId']} deleted"}
    refused(wire.send("GET", path), 404)
    refused(wire.send("DELETE", path, {"actorUserId": actor}), 404)
    assert found["rootIncident"]["id"] in {incident["id"] for incident in wire.incidents("postmortemStatus: no-postmortem")}


# --- the frame's side: state, failures, intrusions, the end


def test_a_dump_is_json_and_loads_into_the_same_answers(wires: Wires) -> None:
    wire, other = wires(), wires()
    found = wire.postmortem_with("in-review")
    path = f"/v2/postmortem/{found['postmortemId']}"
    assert wire.send("PUT", f"{path}/title", {"title": "Another title"}).status_code == 200
    dumped = wire.service.dump()
    wire.send("PUT", f"{path}/title", {"title": "Later"})
    other.service.load(json.loads(json.dumps(dumped)))
    assert other.data(path) == {**found, "title": "Another title"}
    assert other.service.dump() == dumped


def test_the_same_world_gives_the_same_state() -> None:
    assert OpsgenieService(12, NOW, {}).dump()["postmortems"].keys() == OpsgenieService(12, NOW, {}).dump()["postmortems"].keys()
    assert OpsgenieService(12, NOW, {}).dump() == OpsgenieService(12, NOW, {}).dump()


def test_another_person_edits_between(wire: Wire) -> None:
    found = wire.postmortem_with("draft")
    path = f"/v2/postmortem/{found['postmortemId']}"
    wire.sandbox.fault(f"PUT {path}/severity edit first 1")
    assert wire.send("PUT", f"{path}/severity", {"severity": "P5"}).status_code == 200
    after = wire.data(path)
    assert after["severity"] == "P5"
    assert after["title"] != found["title"]
    before, now = found["content"]["content"], after["content"]["content"]
    assert len(now) == len(before) + 1
    added = next(index for index, block in enumerate(now) if index >= len(before) or block != before[index])
    assert now[added]["type"] == "paragraph"
    assert now[added + 1]["type"] == "heading"
    assert [block["type"] for block in now[1:added]].count("heading") == 0


def test_injected_failures_speak_the_vendors_dialect(wire: Wire) -> None:
    wire.sandbox.fault("GET /v2/users 429 first 1")
    limited = wire.send("GET", "/v2/users")
    assert refused(limited, 429)["message"].startswith("You are making too many requests!")
    assert (limited.headers["X-RateLimit-State"], limited.headers["X-RateLimit-Period-In-Sec"]) == ("THROTTLED", "1")
    wire.sandbox.fault("GET /v2/teams 500 first 1")
    assert refused(wire.send("GET", "/v2/teams"), 500)["message"] == "Internal Server Error"
    wire.sandbox.fault("GET /v2/roles 403 first 1")
    assert refused(wire.send("GET", "/v2/roles"), 403)["code"] == 40301


def test_the_rate_limit_is_a_bucket_for_each_key(wires: Wires) -> None:
    wire = wires(rate="3")
    answers = [wire.send("GET", "/v1/incidents", limit=1) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    limited = answers[-1]
    assert refused(limited, 429)["message"] == "You are making too many requests! To avoid errors, we recommend you limit requests."
    headers = ("X-RateLimit-State", "X-RateLimit-Reason", "X-RateLimit-Period-In-Sec")
    assert [limited.headers[name] for name in headers] == ["THROTTLED", "ACCOUNT", "1"]
    assert "Retry-After" not in limited.headers
    assert wire.send("GET", "/v1/incidents", key=OTHER_KEY).status_code == 200
    wire.seconds += 0.34
    assert [wire.send("GET", "/v1/incidents").status_code for _ in range(2)] == [200, 429]
    eager = wires(rate="1", retry_after="1")
    assert [eager.send("GET", "/v2/users").headers.get("Retry-After") for _ in range(2)] == [None, "1"]


def test_the_service_ends(wires: Wires) -> None:
    gone = wires(ended="1").send("GET", "/v1/incidents")
    assert gone.status_code == 410
    assert gone.headers["Content-Type"].startswith("text/html")
    assert "<html>" in gone.text
    refused(wires(ended="401").send("GET", "/v1/incidents"), 401)
    refused(wires(ended="404").send("PUT", "/v2/postmortem/x/title", {}), 404)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("opsgenie.rouets", "patch"),
        ("opsgenie.routes", "delete"),
        ("opsgenie.published", "500"),
        ("opsgenie.rights", "read,everything"),
        ("opsgenie.async_ms", "soon"),
        ("opsgenie.keys", "secret"),
        ("opsgenie.team", "Kitchen"),
        ("opsgenie.postmortems_per_month", "many"),
    ],
)
def test_switches_that_are_misspelt_are_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{name}|everything|Kitchen"):
        OpsgenieService(1, NOW, {name: value})
