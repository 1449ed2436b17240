"""An export that is killed again and again while every kind of request fails now and then: in the end everything is there, once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pmtui.cli.launching import variables_of
from pmtui.sandbox.opsgenie.postmortems.rendering import read_postmortem
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.gate import gate
from tests.patience import PATIENCE

INCIDENTS = 30  # of which twenty have a postmortem
FAULTS = (
    "GET /v1/incidents 503 every 7",
    "GET /v1/incidents/*/notes truncate every 11",
    "GET /v1/incidents/*/logs drop-before every 13",
    "GET /v1/incidents/*/associated-alert-ids 500 every 9",
    "GET /v1/incidents/*/responder-alert-ids cut every 10",
    "GET /v1/incidents/* drop-after every 17",
    "GET /v2/incident-timelines/*/entries garbage every 12",
    "GET /v2/postmortem/* 502 every 8",
    "GET /v2/users 500 first 1",
    "GET /v2/teams truncate first 1",
    "GET /v1/services drop-before first 2",
    "GET /v2/roles 503 every 3",
)


def killed(environ: Mapping[str, str], words: list[str], sandbox: Sandbox, folder: Path, landed: int) -> int:
    """Run until so many documents have landed, then kill; how the process ended. It cannot end before: no answer comes any more."""
    with gate(sandbox, when=lambda: len(list((folder / ".pmtui/raw").glob("[0-9]*.json"))) >= landed) as answers:
        argv = [sys.executable, "-m", "pmtui", *words]
        process = subprocess.Popen(argv, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        begun = time.monotonic()
        while process.poll() is None and not answers.held:
            assert time.monotonic() - begun < PATIENCE
            time.sleep(0.02)
        process.kill()
        return process.wait()


@pytest.mark.long
def test_everything_is_there_after_kills_and_faults(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with Sandbox(incidents=INCIDENTS) as sandbox:
        state = sandbox.opsgenie.state
        shell.environ.update(variables_of("opsgenie", sandbox.url))
        words = ["export", "--all", str(folder)]
        saved = tmp_path / "saved.txt"
        saved.write_text(
            "\n".join(f"https://a.app.opsgenie.com/reports/post-mortem/{each}/detail" for each in state.postmortem_ids.values())
        )
        for fault in FAULTS:
            sandbox.fault(fault)
        ends = [killed(shell.full, words, sandbox, folder, landed) for landed in (3, 8, 13)]
        assert ends == [-signal.SIGKILL] * 3
        done = shell.run(*words, "--look-in", str(saved), "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told["resumed"] >= 11 and told["complete"]
        check(folder, {key: read_postmortem(state.postmortems[key], state) for key in state.postmortem_ids.values()})
        # What was written before the last kill was not asked for again.
        assert told["resumed"] + len(told["new"]) + len(told["changed"]) + told["unchanged"] == len(state.postmortem_ids) >= 18


def check(folder: Path, there: Mapping[str, Any]) -> None:
    """Every document once, its JSON that of the server, its files those of the manifest, and no other file."""
    documents = json.loads((folder / ".pmtui/manifest.json").read_text())["documents"]
    assert sorted(each["id"] for each in documents) == sorted(there)
    for each in documents:
        raw = json.loads((folder / ".pmtui/raw" / each["file"].replace(".md", ".json")).read_text())
        assert raw["postmortem"] == json.loads(json.dumps(there[each["id"]]))
        assert raw.keys() >= {"incident", "notes", "logs", "timeline", "associated-alert-ids", "responder-alert-ids"}
    stems = {each["file"].removesuffix(".md") for each in documents}
    assert {path.name for path in folder.iterdir()} == {each["file"] for each in documents} | {".pmtui"}
    for name, extra in (("raw", {"account"}), ("incident", set[str]())):
        assert {path.stem for path in (folder / ".pmtui" / name).iterdir()} == stems | extra
    assert {path.stem for path in (folder / ".pmtui/base").iterdir()} == {each["base"] for each in documents}
    assert {path.name for path in (folder / ".pmtui").iterdir()} == {"manifest.json", "raw", "incident", "base"}
