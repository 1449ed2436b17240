"""Fault rules: their grammar, and what each does to a request over HTTP."""

from __future__ import annotations

import json
import re
import time
import zlib
from collections.abc import Iterator

import httpx
import pytest

from pmtui.sandbox.fault_injection import Faults, parse
from pmtui.sandbox.fault_targets import no_target
from tests.patience import PATIENCE
from tests.sandbox.datadog import CHECKOUT, Wire, body, texts

USERS = "/api/v2/users"


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("", "expected METHOD PATH ACTION"),
        ("GET /x", "expected METHOD PATH ACTION"),
        ("FETCH /x 503", "'FETCH' is not a method"),
        ("GET x 503", "must start with '/'"),
        ("GET /x 200", "200 is not a failure"),
        ("GET /x explode", "unknown action 'explode'"),
        ("GET /x 503 sometimes", "'sometimes' is not one of always, first, after, every"),
        ("GET /x 503 first", "'first' needs a whole number"),
        ("GET /x 503 first 0", "'first' needs a whole number"),
        ("GET /x 503 every x", "'every' needs a whole number"),
        ("GET /x html 302", "302 is not a failure"),
        ("GET /x empty 203", "203 is not a failure"),
        ("GET /x delay", "delay needs seconds"),
        ("GET /x delay long", "'long' is not a number of seconds"),
        ("GET /x delay -1", "not between 0 and 3600"),
        ("GET /x redirect", "redirect needs a URL"),
    ],
)
def test_a_rule_that_cannot_be_understood_says_why(rule: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        parse(rule)


def test_an_unknown_action_names_those_that_there_are() -> None:
    with pytest.raises(ValueError) as refused:
        parse("GET /x explode")
    listed = str(refused.value).partition("there are STATUS (400 to 599) [applied], ")[2].split(", ")
    assert {"delay SECONDS", "html [STATUS]", "cut", "edit", "drop-after"} <= set(listed)
    for action in listed:
        words = re.sub(r" \[.*", "", action).replace("SECONDS", "1").replace("URL", "/y")
        assert parse(f"GET /x {words}").action.kind == words.split()[0]


ROUTES = (("GET", "/v2/postmortem/{id}"), ("PUT", "/v2/postmortem/{id}/content"), ("PUT", "/v2/postmortem/{id}/status"))


@pytest.mark.parametrize(
    ("rule", "acts"),
    [
        ("* *", True),
        ("PUT *", True),
        ("PUT /v2/**", True),
        ("PUT /v2/*/*/content", True),
        ("PUT /v2/postmortem/*/*", True),
        ("PUT /v2/postmortem/abc-1/status", True),
        ("PUT /v2/postmortem/abc*1/st*", True),
        ("PUT **/content", True),
        ("GET /v2/postmortem/x", True),
        ("PUT /v2/*", False),
        ("GET /v2/*", False),
        ("PUT /v2/postmortem/x", False),
        ("PUT /v2/postmortem/x/y/content", False),
        ("DELETE /v2/**", False),
        ("* /v3/**", False),
        ("GET /v2/postmortem/{id}/", False),
    ],
)
def test_a_rule_without_any_route_is_told(rule: str, acts: bool) -> None:
    method, pattern = rule.split()
    assert (no_target(method, pattern, ROUTES) == "") is acts


def test_a_rule_without_a_route_names_those_that_begin_alike() -> None:
    with Wire() as wire:
        told = wire.sandbox.without_target("PUT /v2/* delay 3")
        assert re.match(
            r"fault rule 'PUT /v2/\* delay 3': no PUT request has such a path; there are /v2/\S+, .* and \d+ more \(\* is", told
        )
        assert [wire.sandbox.without_target(f"PUT {path} 503") for path in ("/v2/**", "/api/v1/notebooks/*")] == ["", ""]


@pytest.mark.parametrize(
    ("when", "strikes"),
    [
        ("", "111111"),
        ("always", "111111"),
        ("first 2", "110000"),
        ("after 4", "000011"),
        ("every 2", "010101"),
        ("after 2 first 1", "001000"),
    ],
)
def test_when_a_rule_strikes(when: str, strikes: str) -> None:
    faults = Faults([f"GET /x 503 {when}"])
    assert "".join(str(len(faults.due("GET", "/x"))) for _ in strikes) == strikes


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*", "/api/v2/users", True),
        ("/api/*/users", "/api/v2/users", True),
        ("/api/*", "/api/v2/users", False),
        ("/api/**", "/api/v2/users", True),
        ("/api/v1/notebooks/*", "/api/v1/notebooks/12", True),
        ("/api/v1/notebooks/*", "/api/v1/notebooks", False),
        ("/a.c", "/abc", False),
    ],
)
def test_patterns(pattern: str, path: str, matches: bool) -> None:
    assert parse(f"* {pattern} 503").matches("GET", path) is matches


def test_companions_strike_together_and_of_the_others_the_first() -> None:
    faults = Faults(["* * delay 0.1", "* * 503 first 1", "* * 500", "* * edit"])
    assert [action.kind for action in faults.due("PUT", "/x")] == ["delay", "status", "edit"]
    assert [action.status for action in faults.due("PUT", "/x")] == [0, 500, 0]


def test_a_status_speaks_the_dialect_of_the_path_and_changes_nothing(wire: Wire) -> None:
    identifier = wire.find(CHECKOUT)
    wire.sandbox.fault("PATCH /api/v2/incidents/* 403 first 1")
    wire.sandbox.fault("GET /api/v2/incidents/*/attachments 403 first 1")
    wire.sandbox.fault("GET /api/v2/users 502")
    assert wire.patch(identifier, attributes={"title": "x"}).json() == {"errors": ["Forbidden"]}
    assert wire.refused(403, "GET", f"/api/v2/incidents/{identifier}/attachments") == [{"status": "403", "title": "Forbidden"}]
    gateway = wire.send("GET", USERS).json()
    assert (gateway["status"], gateway["code"], gateway["errors"]) == ("error", 502, ["Bad Gateway"])
    assert wire.incident(identifier)["attributes"]["title"] == CHECKOUT


def test_429_has_the_headers_of_the_vendor(wire: Wire) -> None:
    wire.sandbox.fault("GET /api/v2/users 429 first 1")
    answer = wire.send("GET", USERS)
    assert answer.status_code == 429
    assert answer.headers["x-ratelimit-reset"] == "1"
    assert wire.send("GET", USERS).status_code == 200


def test_a_failure_may_come_after_the_change(wire: Wire) -> None:
    identifier = wire.find(CHECKOUT)
    wire.sandbox.fault("PATCH /api/v2/incidents/* 503 applied")
    assert wire.patch(identifier, attributes={"title": "x"}).status_code == 503
    assert wire.incident(identifier)["attributes"]["title"] == "x"


@pytest.mark.parametrize(("action", "applied"), [("drop-before", False), ("drop-after", True), ("cut", True)])
def test_a_connection_that_breaks(wire: Wire, action: str, applied: bool) -> None:
    identifier = wire.find(CHECKOUT)
    wire.sandbox.fault(f"PATCH /api/v2/incidents/* {action} first 1")
    with pytest.raises(httpx.RemoteProtocolError):
        wire.patch(identifier, attributes={"title": "x"})
    assert (wire.incident(identifier)["attributes"]["title"] == "x") is applied


def test_bodies_that_are_no_json(wire: Wire) -> None:
    for action in ("truncate", "empty", "empty 503", "html", "html 503", "garbage"):
        wire.sandbox.clear_faults()
        wire.sandbox.fault(f"GET /api/v2/users {action}")
        answer = wire.send("GET", USERS)
        assert answer.status_code == (503 if "503" in action else 200)
        with pytest.raises(ValueError):
            json.loads(answer.content)
    wire.sandbox.clear_faults()
    assert wire.send("GET", USERS).json()["data"]


def test_the_login_page_of_a_proxy_is_html(wire: Wire) -> None:
    wire.sandbox.fault("GET * html first 1")
    answer = wire.send("GET", USERS)
    assert answer.headers["content-type"].startswith("text/html")
    assert "session has expired" in answer.text


def test_a_redirect_leads_elsewhere(wire: Wire) -> None:
    wire.sandbox.fault("GET /api/v2/users redirect https://evil.example.com/x")
    answer = wire.send("GET", USERS)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://evil.example.com/x")


def test_a_bomb_is_small_on_the_wire_and_huge_inside(wire: Wire) -> None:
    wire.sandbox.fault("GET /api/v2/users bomb")
    with wire.client.stream("GET", USERS) as answer:
        packed = b"".join(answer.iter_raw())
    assert len(packed) < 2_000_000
    unpacked = sum(len(part) for part in parts(packed))
    assert unpacked == 256 * 1024 * 1024 + 2


def parts(packed: bytes) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    while packed:
        yield unpacker.decompress(packed, 1 << 20)
        packed = unpacker.unconsumed_tail


def test_a_drip_is_slow_and_stops_with_the_sandbox(wire: Wire) -> None:
    wire.sandbox.fault("GET /api/v1/validate drip 0.01")
    assert wire.get("/api/v1/validate") == {"valid": True}
    wire.sandbox.clear_faults()
    wire.sandbox.fault("GET /api/v1/validate drip 60")
    with wire.client.stream("GET", "/api/v1/validate") as answer:
        first = answer.iter_raw(1)
        assert next(first) == b"{"
        wire.sandbox.stop()
        with pytest.raises(httpx.RemoteProtocolError):
            list(first)


def test_a_delay_applies_first_and_answers_late(wire: Wire) -> None:
    identifier = wire.find(CHECKOUT)
    wire.sandbox.fault("PATCH /api/v2/incidents/* delay 30 first 1")
    impatient = httpx.Timeout(PATIENCE, read=0.05)
    with pytest.raises(httpx.ReadTimeout):
        wire.client.patch(f"/api/v2/incidents/{identifier}", json=body("incidents", {"title": "x"}, id=identifier), timeout=impatient)
    end = time.monotonic() + PATIENCE
    while not any(each["method"] == "PATCH" and each["status"] for each in wire.sandbox.requests):
        assert time.monotonic() < end, "the request has not come"
        time.sleep(0.01)
    assert wire.incident(identifier)["attributes"]["title"] == "x"


def test_mismatch_gives_out_something_else_than_is_stored(wire: Wire) -> None:
    number = wire.notebook_of(wire.find(CHECKOUT))
    stored = texts(wire.notebook(number))
    wire.sandbox.fault("GET /api/v1/notebooks/* mismatch first 1")
    assert texts(wire.notebook(number)) != stored
    assert texts(wire.notebook(number)) == stored


def test_stale_is_the_answer_of_the_time_before(wire: Wire) -> None:
    number = wire.notebook_of(wire.find(CHECKOUT))
    before = wire.notebook(number)
    changed = before | {"name": "Renamed"}
    wire.put(number, changed)
    wire.sandbox.fault("GET /api/v1/notebooks/* stale first 1")
    assert wire.notebook(number) == before
    assert wire.notebook(number)["name"] == "Renamed"


def test_somebody_else_edits_just_before(wire: Wire) -> None:
    identifier = wire.find(CHECKOUT)
    number = wire.notebook_of(identifier)
    before, summary = wire.notebook(number), wire.incident(identifier)["attributes"]["fields"]["summary"]["value"]
    wire.sandbox.fault(f"GET /api/v1/notebooks/{number} edit first 1")
    wire.sandbox.fault(f"GET /api/v2/incidents/{identifier} edit first 1")
    after = wire.notebook(number)
    assert texts(after)[:-1] == texts(before)[:-1]
    assert texts(after)[-1] == texts(before)[-1] + "\n\nAdded in the browser by mara."
    assert after["modified"] > before["modified"]
    assert wire.incident(identifier)["attributes"]["fields"]["summary"]["value"] == f"{summary} Edited in the browser by mara."


def test_faults_given_at_the_start() -> None:
    with pytest.raises(ValueError, match="unknown action"):
        Faults(["GET /x boom"])
