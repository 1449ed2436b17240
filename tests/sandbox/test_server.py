"""The sandbox's frame: HTTP on loopback, the log, the state on disk."""

from __future__ import annotations

import json
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from pmtui.sandbox.http import Request
from pmtui.sandbox.server import Sandbox
from tests.patience import PATIENCE
from tests.sandbox.datadog import CHECKOUT, KEYS, NOW, Wire, notebook

OPSGENIE = {"Authorization": "GenieKey 3f2c1a4e-9f4b-4a53-8c6a-0d1e2f3a4b5c"}


def wait_until_kept(state: Path) -> None:
    """The new world is on disk."""
    end = time.monotonic() + PATIENCE
    while len(list(state.glob("*.json"))) < 2:
        assert time.monotonic() < end
        time.sleep(0.01)


def client_of(sandbox: Sandbox) -> httpx.Client:
    return httpx.Client(base_url=sandbox.url, headers=KEYS, trust_env=False, verify=False)


def test_both_vendors_answer_at_one_address() -> None:
    with Sandbox(incidents=3) as sandbox, client_of(sandbox) as client:
        assert sandbox.url.startswith("http://127.0.0.1:")
        datadog = client.get("/api/v2/incidents", headers=KEYS).json()["data"]
        opsgenie = client.get("/v1/incidents", headers=OPSGENIE).json()["data"]
        assert {one["attributes"]["title"] for one in datadog} == {one["message"] for one in opsgenie}
        assert client.get("/nothing/here").status_code == 404


def test_the_log_has_every_request_in_order() -> None:
    with Wire() as wire:
        wire.send("GET", "/api/v2/users", filter="a b", empty="")
        wire.send("POST", "/api/v1/notebooks", {"a": "ü"})
        first, second = wire.sandbox.requests
        assert (first["method"], first["path"], first["query"], first["status"]) == (
            "GET",
            "/api/v2/users",
            {"filter": ["a b"], "empty": [""]},
            200,
        )
        assert (second["method"], json.loads(second["body"]), second["status"]) == ("POST", {"a": "ü"}, 400)
        assert 0 < first["started"] <= second["started"]
        assert first["seconds"] > 0
        assert first["headers"]["dd-api-key"] == "api"


def test_a_request_is_decoded_once() -> None:
    request = Request("GET", "/a b", {"x": ["1", "2"]}, {}, b'{"a": 1}', "")
    assert (request.param("x"), request.param("y"), request.param("y", "z"), request.json()) == ("1", "", "z", {"a": 1})
    with pytest.raises(ValueError):
        Request("GET", "/", {}, {}, b"\xff", "").json()


def test_one_connection_carries_many_requests_and_large_answers_are_packed() -> None:
    with Wire() as wire:
        ports = set()
        for _ in range(3):
            answer = wire.send("GET", "/api/v2/incidents", **{"page[size]": 100})
            ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
            assert answer.headers["content-encoding"] == "gzip"
        assert len(ports) == 1
        plain = wire.client.get("/api/v2/incidents", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.json() == wire.get("/api/v2/incidents")


def test_many_clients_at_once() -> None:
    with Wire() as wire, ThreadPoolExecutor(8) as pool:
        number = wire.notebook_of(wire.find(CHECKOUT))
        attributes = wire.notebook(number)
        answers = list(pool.map(lambda _: wire.put(number, attributes).status_code, range(40)))
        assert answers == [200] * 40
        assert len(wire.sandbox.requests) == 42


def test_a_stopped_sandbox_answers_nobody_not_even_on_open_connections() -> None:
    wire = Wire()
    with wire:
        assert wire.send("GET", "/api/v2/users").status_code == 200
        wire.sandbox.stop()
        with pytest.raises(httpx.TransportError):
            wire.send("GET", "/api/v2/users")


def test_the_state_outlives_the_sandbox(tmp_path: Path) -> None:
    cell = {"type": "notebook_cells", "attributes": {"definition": {"type": "markdown", "text": "kept \x1b"}}}
    mine = notebook({"name": "Mine", "cells": [cell], "time": {"live_span": "1h"}})
    with Sandbox(state=tmp_path / "state", incidents=5, now=NOW) as sandbox, client_of(sandbox) as client:
        made = client.post("/api/v1/notebooks", json=mine).json()
    files = sorted(path.name for path in (tmp_path / "state").iterdir())
    assert files == ["datadog.json", "opsgenie.json"]
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "state" / "datadog.json").stat().st_mode) == 0o600
    with Sandbox(state=tmp_path / "state", incidents=30) as sandbox, client_of(sandbox) as client:
        read = client.get(f"/api/v1/notebooks/{made['data']['id']}").json()["data"]["attributes"]
        assert read["cells"][0]["attributes"]["definition"]["text"] == "kept \x1b"
        assert len(client.get("/api/v2/incidents", params={"page[size]": 100}).json()["data"]) == 5


def test_an_answer_to_a_write_comes_when_the_disk_has_it(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path / "state", incidents=2, now=NOW) as sandbox, client_of(sandbox) as client:
        for number in range(20):
            made = client.post("/api/v1/notebooks", json=notebook({"name": f"n{number}", "cells": [], "time": {"live_span": "1h"}}))
            assert str(made.json()["data"]["id"]) in json.loads((tmp_path / "state/datadog.json").read_text())["notebooks"]
        known = sandbox.opsgenie.dump()["postmortems"]
        sent = client.put(f"/v2/postmortem/{next(iter(known))}/title", headers=OPSGENIE, json={"title": "Written at once"})
        assert "Written at once" in (tmp_path / "state/opsgenie.json").read_text(), sent.text


def test_writes_at_once_are_each_on_disk_when_they_are_answered(tmp_path: Path) -> None:
    path = tmp_path / "state/datadog.json"

    def write(number: int) -> bool:
        made = client.post("/api/v1/notebooks", json=notebook({"name": f"n{number}", "cells": [], "time": {"live_span": "1h"}}))
        return str(made.json()["data"]["id"]) in json.loads(path.read_text())["notebooks"]

    with Sandbox(state=path.parent, incidents=2, now=NOW) as sandbox, client_of(sandbox) as client, ThreadPoolExecutor(8) as pool:
        assert all(pool.map(write, range(40)))


def test_a_new_world_is_kept_without_any_write(tmp_path: Path) -> None:
    made: list[list[str]] = []
    for began in (NOW, NOW + timedelta(hours=1)):
        with Sandbox(state=tmp_path / "state", incidents=3, now=began) as sandbox, client_of(sandbox) as client:
            datadog, opsgenie = client.get("/api/v2/incidents"), client.get("/v1/incidents", headers=OPSGENIE)
            made.append([each["attributes"]["created"] for each in datadog.json()["data"]])
            made.append([each["createdAt"] for each in opsgenie.json()["data"]])
            wait_until_kept(tmp_path / "state")
    assert made[:2] == made[2:] and all(made)


def test_a_disk_that_refuses_ends_nothing_and_has_the_change_later(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with Sandbox(state=state, incidents=2, now=NOW) as sandbox, client_of(sandbox) as client:
        wait_until_kept(state)
        state.rename(tmp_path / "away")
        made = client.post("/api/v1/notebooks", json=notebook({"name": "mine", "cells": [], "time": {"live_span": "1h"}}))
        assert made.status_code == 200
        (tmp_path / "away").rename(state)
    assert str(made.json()["data"]["id"]) in json.loads((state / "datadog.json").read_text())["notebooks"]


def test_a_state_that_is_broken_says_where_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "datadog.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match=r"datadog\.json is not a sandbox's state .* delete it to begin anew"):
        Sandbox(state=tmp_path, incidents=1).start()


def test_switches_go_to_their_vendor() -> None:
    with pytest.raises(ValueError, match=r"switches begin with datadog\. or opsgenie\."):
        Sandbox(incidents=1, switches={"deny": "x"})
    with Sandbox(incidents=1, switches={"datadog.deny": "incident_read"}) as sandbox, client_of(sandbox) as client:
        assert client.get("/api/v2/incidents").status_code == 403


@pytest.mark.parametrize("kind", ["link", "dangling link", "fifo", "directory", "hard link", "too large", "deep"])
def test_a_planted_state_is_neither_read_nor_followed(tmp_path: Path, kind: str) -> None:
    outside, planted = tmp_path / "outside", tmp_path / "state" / "datadog.json"
    planted.parent.mkdir(mode=0o700)
    outside.write_text("{}", encoding="utf-8")
    match kind:
        case "link":
            planted.symlink_to(outside)
        case "dangling link":
            planted.symlink_to(tmp_path / "made by the victim")
        case "fifo":
            os.mkfifo(planted)
        case "directory":
            planted.mkdir()
        case "hard link":
            planted.hardlink_to(outside)
        case "too large":
            with planted.open("wb") as file:
                file.truncate(10 * 1024**3)
        case "deep":
            planted.write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(ValueError, match=r"datadog\.json .*; delete it to begin anew"):
        Sandbox(state=planted.parent, incidents=1).start()
    assert outside.read_text(encoding="utf-8") == "{}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside", "state"]


def test_a_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "state").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match=r"cannot be kept in .*choose another directory"):
        Sandbox(state=tmp_path / "state", incidents=1).start()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_is_planted_while_it_runs_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    outside, state = tmp_path / "outside", tmp_path / "state"
    outside.write_text("mine", encoding="utf-8")
    with Sandbox(state=state, incidents=2, now=NOW) as sandbox, client_of(sandbox) as client:
        wait_until_kept(state)
        (state / "datadog.json").unlink()
        (state / "datadog.json").symlink_to(outside)
        assert client.post("/api/v1/notebooks", json={}).status_code == 400
    assert outside.read_text(encoding="utf-8") == "mine"
    assert not (state / "datadog.json").is_symlink()


def test_the_state_is_private_whatever_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Sandbox(state=tmp_path / "a" / "state", incidents=1) as sandbox, client_of(sandbox) as client:
            client.post("/api/v1/notebooks", json={})
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a").rglob("*")}
    assert modes == {"state": 0o700, "datadog.json": 0o600, "opsgenie.json": 0o600}
