"""Attacks on the sandbox's port: by other users of the machine, by pages in a browser, by endless bodies."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from pmtui.sandbox import request_log
from pmtui.sandbox.access import MAX_BODY, AccessControl, Head, new_token
from pmtui.sandbox.server import Sandbox
from tests.patience import PATIENCE
from tests.sandbox.datadog import KEYS

OPSGENIE = {"Authorization": "GenieKey 3f2c1a4e-9f4b-4a53-8c6a-0d1e2f3a4b5c"}
JSON = {"Content-Type": "application/json"}
EVIL = "https://evil.example"
WRITES = [
    ("datadog", "POST", "/api/v1/notebooks", KEYS),
    ("opsgenie", "POST", "/v2/postmortem", OPSGENIE),
]


class Attacker:
    """Somebody who can open a connection to the port, and writes what they like on it."""

    def __init__(self, sandbox: Sandbox) -> None:
        address, _, self.path = sandbox.url.removeprefix("http://").partition("/")
        self.host, _, port = address.partition(":")
        self.authority, self.port = address, int(port)

    def raw(self, *parts: bytes) -> bytes:
        """All that comes back until the server closes the connection, or says nothing for a while."""
        with socket.create_connection((self.host, self.port), timeout=PATIENCE) as line:
            for part in parts:
                line.sendall(part)
            line.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: line.recv(65_536), b""))

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes = b"", **more: str) -> int:
        """The status of the answer. `more` headers: underscores stand for hyphens; a value "" leaves one out."""
        own = {"Host": self.authority, **headers, **({"Content-Length": str(len(body))} if body else {})}
        own |= {name.replace("_", "-"): value for name, value in more.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in own.items() if value)
        answer = self.raw(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
        return int(answer.split(b" ", 2)[1])


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=3) as sandbox:
        yield sandbox


@pytest.fixture
def attacker(sandbox: Sandbox) -> Attacker:
    return Attacker(sandbox)


def inside(attacker: Attacker, path: str) -> str:
    """A path as those know it who have the address."""
    return f"/{attacker.path}{path}"


def test_every_run_has_another_token() -> None:
    tokens = {new_token() for _ in range(50)} | {Sandbox(incidents=1).url.rpartition("/")[2] for _ in range(2)}
    assert len(tokens) == 52
    assert all(re.fullmatch(r"[0-9a-f]{32}", token) for token in tokens)


@pytest.mark.parametrize(("vendor", "method", "path", "keys"), WRITES)
def test_without_the_token_nothing_is_served_nor_remembered(
    sandbox: Sandbox, attacker: Attacker, vendor: str, method: str, path: str, keys: dict[str, str]
) -> None:
    before = sandbox.datadog.dump() if vendor == "datadog" else sandbox.opsgenie.dump()
    token = attacker.path
    guesses = [
        path,
        f"/{token[:-1]}{path}",
        f"/{token}x{path}",
        f"/{token.upper() if token.upper() != token else 'x'}{path}",
        f"/x/../{token}{path}",
        f"/%{ord(token[0]):02x}{token[1:]}{path}",
        f"/{token}",
        f"http://{attacker.authority}/{token}{path}",
        "*",
        "/" + "\u00e9" * 33,
    ]
    for guess in guesses:
        assert attacker.send(method, guess, {**keys, **JSON}, b'{"a": 1}') == 403, guess
        assert attacker.send("GET", guess, keys) == 403, guess
    assert sandbox.requests == []
    assert (sandbox.datadog.dump() if vendor == "datadog" else sandbox.opsgenie.dump()) == before
    assert attacker.send("GET", inside(attacker, "/v1/incidents"), OPSGENIE) == 200


def test_without_a_token_only_when_that_is_said() -> None:
    with Sandbox(incidents=1, token="") as sandbox:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", sandbox.url)
        attacker = Attacker(sandbox)
        assert attacker.send("GET", "/v1/incidents", OPSGENIE) == 200
        assert attacker.send("GET", "/v1/incidents", OPSGENIE, Host="evil.example") == 421
        assert attacker.send("GET", "/v1/incidents", OPSGENIE, Origin=EVIL) == 403


NAMES = [
    "",
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:80",
    "evil.example#127.0.0.1",
    "127.0.0.1@evil.example",
    "127.0.0.1, evil.example",
    "127.0.0.1:80:80",
    "127.0.0.1:123456",
    "127.0.0.1\u0661",
    "[::1]evil",
    "0.0.0.0",
    "2130706433",
    "localhost.",
]


@pytest.mark.parametrize("host", NAMES)
def test_a_name_that_was_rebound_to_this_machine_is_refused(attacker: Attacker, host: str) -> None:
    assert AccessControl("").refusal(Head("GET", "/x", {"host": host})) is not None
    if host.isascii():
        assert attacker.send("GET", inside(attacker, "/v1/incidents"), OPSGENIE, Host=host) == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8080", "LOCALHOST", "[::1]:80"])
def test_the_names_of_loopback_are_taken_also_behind_a_proxy(attacker: Attacker, host: str) -> None:
    assert attacker.send("GET", inside(attacker, "/v1/incidents"), OPSGENIE, Host=host) == 200


def test_two_hosts_or_two_lengths_are_refused(attacker: Attacker) -> None:
    line = f"GET {inside(attacker, '/v1/incidents')} HTTP/1.1\r\n"
    for twice in ("Host: 127.0.0.1\r\nHost: evil.example\r\n", "Host: localhost\r\nContent-Length: 0\r\ncontent-length: 4\r\n"):
        assert attacker.raw(f"{line}{twice}\r\n".encode()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("origin", [EVIL, "null", "http://127.0.0.1:1", "http://localhost", "https://{own}", "file://"])
@pytest.mark.parametrize(("vendor", "method", "path", "keys"), WRITES)
def test_pages_of_other_sites_cannot_write(
    sandbox: Sandbox, attacker: Attacker, vendor: str, method: str, path: str, keys: dict[str, str], origin: str
) -> None:
    foreign = origin.format(own=attacker.authority)
    assert attacker.send(method, inside(attacker, path), {**keys, **JSON}, b"{}", Origin=foreign) == 403
    assert attacker.send("OPTIONS", inside(attacker, path), {}, Origin=foreign, Access_Control_Request_Method=method) == 403
    assert sandbox.requests == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_browser_marks_as_another_sites_is_refused(attacker: Attacker, site: str) -> None:
    assert attacker.send("GET", inside(attacker, "/v1/incidents"), OPSGENIE, Sec_Fetch_Site=site) == 403
    assert attacker.send("GET", inside(attacker, "/v1/incidents"), OPSGENIE, Sec_Fetch_Site="none") == 200


def test_no_answer_invites_other_sites(sandbox: Sandbox, attacker: Attacker) -> None:
    head = f"GET {inside(attacker, '/v1/incidents')} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    keys = "".join(f"{name}: {value}\r\n" for name, value in OPSGENIE.items())
    assert b"access-control" not in attacker.raw(f"{head}{keys}\r\n".encode()).lower()


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"])
@pytest.mark.parametrize(("vendor", "method", "path", "keys"), WRITES)
def test_a_form_of_another_site_is_no_json(
    sandbox: Sandbox, attacker: Attacker, vendor: str, method: str, path: str, keys: dict[str, str], kind: str
) -> None:
    assert attacker.send(method, inside(attacker, path), keys, b"{}", Content_Type=kind) == 415
    assert sandbox.requests == []


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"])
def test_json_is_taken(attacker: Attacker, kind: str) -> None:
    assert attacker.send("POST", inside(attacker, "/api/v1/notebooks"), KEYS, b"{}", Content_Type=kind) == 400


@pytest.mark.parametrize(("path", "keys"), [("/api/v1/notebooks", {}), ("/v2/postmortem", {"Authorization": "GenieKey x"})])
def test_who_has_no_key_is_refused_before_the_body(sandbox: Sandbox, attacker: Attacker, path: str, keys: dict[str, str]) -> None:
    """The body never comes: the answer does not wait for it, and an endless one is not read."""
    head = f"POST {inside(attacker, path)} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {MAX_BODY}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in keys.items())
    answer = attacker.raw(f"{head}\r\n".encode())
    assert answer.split(b" ", 2)[1] in (b"401", b"403", b"422")
    assert b"connection: close" in answer.lower()
    (entry,) = sandbox.requests
    assert entry["body"] == ""
    assert attacker.send("POST", inside(attacker, path), {**keys, **JSON}, b"secret words") in (401, 403, 422)
    assert "secret words" not in json.dumps(sandbox.requests)


def test_a_refused_short_body_is_not_taken_for_the_next_request(sandbox: Sandbox, attacker: Attacker) -> None:
    smuggled = f"GET {inside(attacker, '/v1/incidents')} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    head = f"POST {inside(attacker, '/api/v1/notebooks')} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    answer = attacker.raw(f"{head}Content-Length: {len(smuggled)}\r\n\r\n".encode() + smuggled)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert [entry["path"] for entry in sandbox.requests] == ["/api/v1/notebooks"]


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Content-Length: {MAX_BODY + 1}", b"413"),
        ("Content-Length: 999999999999", b"413"),
        ("Content-Length: " + "9" * 5_000, b"411"),
        ("Content-Length: -1", b"411"),
        ("Content-Length: +1", b"411"),
        ("Content-Length: \u00b2", b"411"),
        ("Content-Length: 1_0", b"411"),
        ("Transfer-Encoding: chunked", b"411"),
    ],
)
def test_a_body_has_a_length_and_a_bound(attacker: Attacker, header: str, status: bytes) -> None:
    head = f"POST {inside(attacker, '/api/v1/notebooks')} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{header}\r\n\r\n"
    answer = attacker.raw(head.encode("latin-1"), b"2\r\n{}\r\n0\r\n\r\n")
    assert answer.split(b" ", 2)[1] == status
    assert b"connection: close" in answer.lower()


def test_the_log_is_bounded_in_number_and_weight(sandbox: Sandbox, attacker: Attacker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "LIMIT", 5)
    monkeypatch.setattr(request_log, "BYTES", 10_000)
    path = inside(attacker, "/api/v1/notebooks")
    for _ in range(8):
        attacker.send("GET", inside(attacker, "/v1/incidents"), OPSGENIE)
    assert len(sandbox.requests) == 5
    for number in range(6):
        assert attacker.send("POST", path, {**KEYS, **JSON}, json.dumps(f"{number}" * 4_000).encode()) == 400
    assert [entry["body"][1] for entry in sandbox.requests] == ["4", "5"]
    attacker.send("POST", path, {**KEYS, **JSON}, json.dumps("x" * 20_000).encode())
    assert len(sandbox.requests) == 1


def test_a_request_costs_the_same_when_the_log_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "LIMIT", 100)
    weighed: list[int] = []

    class Headers(dict[str, str]):
        def values(self) -> Any:
            weighed.append(1)
            return super().values()

    log = request_log.RequestLog()
    for _ in range(300):
        log.add({"path": "/", "body": "", "headers": Headers()})
    assert len(log) == 100
    assert len(weighed) <= 2 * 300


def test_it_listens_on_loopback_only(attacker: Attacker) -> None:
    assert attacker.host == "127.0.0.1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing; tells which address this machine has besides
        own = probe.getsockname()[0]
    with pytest.raises(OSError), socket.create_connection((own, attacker.port), timeout=2):
        pass
