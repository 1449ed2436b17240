"""Many postmortems copied from one sandbox to an empty one, with faults on the way, and killed again and again.

    python -m tests.bench.copy [POSTMORTEMS] [--kills N] [--seed N]

Each run of the program is a process of its own, ended with SIGKILL at a random moment; the last ones run to their end, until
one has nothing left to do. Then the target must have every incident and every postmortem once, nobody may have been told,
and the loss report must say what a comparison by reading finds. Printed: time, runs, requests and the peak of memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pmtui.cli.launching import variables_of
from pmtui.model.postmortem import Postmortem
from pmtui.sandbox.server import Sandbox
from pmtui.session.copy.carried import beginnings
from tests.copying import SWITCHES, Machine, found_by_reading

FAULTS = (
    "POST /api/v2/incidents/import 503 applied every 41",
    "POST /api/v2/incidents/import drop-after every 67",
    "POST /api/v2/incidents/*/attachments/postmortems drop-after every 37",
    "POST /api/v2/incidents/*/attachments/postmortems 503 applied every 53",
    "PUT /api/v1/notebooks/* drop-after every 29",
    "PUT /api/v1/notebooks/* 502 every 59",
    "POST * 429 every 31",
    "GET * 503 every 211",
    "GET * truncate every 307",
    "GET * html 502 every 401",
)
MOST_RUNS = 60


def main() -> None:
    """Copy, kill, copy again; then compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("postmortems", nargs="?", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with (
        Sandbox(incidents=arguments.postmortems * 3 // 2 + 10, switches=SWITCHES) as source,
        Sandbox(incidents=0, switches=SWITCHES) as target,
    ):
        kept = _only(source, arguments.postmortems)
        with tempfile.TemporaryDirectory() as home:
            _run(arguments, Path(home), source, target, kept)


def _only(source: Sandbox, wanted: int) -> int:
    """Keep only ``wanted`` postmortems, each named by its incident, as the vendor's clients do. Returns their number."""
    state = source.opsgenie.state
    for number, (key, kept) in enumerate(list(state.postmortems.items())):
        if number < wanted:
            state.incidents[kept["incidentId"]]["extraProperties"]["postmortemId"] = key
        else:
            state.remove_postmortem(key)
    return len(state.postmortems)


def _run(arguments: argparse.Namespace, home: Path, source: Sandbox, target: Sandbox, kept: int) -> None:
    rng, began = random.Random(arguments.seed), time.monotonic()
    environ = {**os.environ, "HOME": str(home), **variables_of("opsgenie", source.url), **variables_of("datadog", target.url)}
    environ |= {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "STATE", "CACHE")}
    for rule in FAULTS:
        target.fault(rule)
    report, kills, peak, sent = home / "report.json", 0, 0, Counter[str]()
    for run in range(1, MOST_RUNS + 1):
        if kills == arguments.kills and run > kills + 3:
            target.clear_faults()  # what every 41st import meets, the last one may meet for ever
        process = subprocess.Popen(
            [sys.executable, "-m", "pmtui", "copy", "opsgenie:", "datadog:", "--all", "--json", "--report", str(report)],
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        before = len(target.datadog.state.order)
        more = max(1, (kept - before) // (arguments.kills - kills + 1)) if kills < arguments.kills else kept
        goal = before + rng.randint(1, 2 * more)
        while process.poll() is None:
            time.sleep(rng.uniform(0.01, 0.05))
            peak = max(peak, _memory(process.pid))
            sent.update(entry["method"] for entry in target.requests)
            target.requests.clear()
            if kills < arguments.kills and len(target.datadog.state.order) >= min(goal, kept):
                process.kill()
                kills += 1
                break
        code = process.wait()
        done, so_far = len(target.datadog.state.order), time.monotonic() - began
        print(f"run {run}: {'killed' if code < 0 else f'exit {code}'}, {done} incidents, {so_far:.0f} s", flush=True)
        if code == 0:
            break
    print(f"{time.monotonic() - began:.0f} s, {run} runs, {kills} kills, requests {dict(sent)}, peak {peak // 1024} MB")
    target.clear_faults()
    _check(home, source, target, kept, json.loads(report.read_text()))


def _memory(pid: int) -> int:
    """The peak memory of a process so far, in kB; 0 when unknown."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def _check(home: Path, source: Sandbox, target: Sandbox, kept: int, report: Mapping[str, Any]) -> None:
    records = list(target.datadog.state.incidents())
    attached = Counter(len(each["attachments"]) for each in records)
    told = sum(each["user"] not in (record["commander"], target.datadog.state.me) for record in records for each in record["responders"])
    print(f"{len(records)} incidents, attachments {dict(attached)}, {len(list(target.datadog.state.notebooks()))} notebooks, {told} told")
    wrong = asyncio.run(_differences(home, source, target, report))
    print(f"loss reports that say something else than a reading: {len(wrong)}")
    for line in wrong[:10]:
        print(f"  {line}")
    assert len(records) == len(report["postmortems"]) == kept
    assert attached == {1: kept} and len(list(target.datadog.state.notebooks())) == kept and not told and not wrong


async def _differences(home: Path, source: Sandbox, target: Sandbox, report: Mapping[str, Any]) -> list[str]:
    wrong: list[str] = []
    async with Machine(home / "reader", source, target).process() as reader:
        for entry in report["postmortems"]:
            here, there = [
                await _read(workspace.backend, entry[end]["id"])
                for workspace, end in ((reader.source, "source"), (reader.target, "target"))
            ]
            said = {part["part"]: part["fate"] for part in entry["losses"]["parts"]}
            found = found_by_reading(here, there)
            if said != found or datetime.fromisoformat(str(there.fields["declared"])) not in beginnings(here):
                wrong.append(f"{entry['source']['reference']}: {sorted(set(said.items()) ^ set(found.items()))}")
    return wrong


async def _read(backend: Any, incident: str) -> Postmortem:
    found: Postmortem = await backend.complete(await backend.postmortem(await backend.find(incident)))
    return found


if __name__ == "__main__":
    main()
