"""An export of many postmortems with faults at every kind of request and kills on the way: seconds, requests, peak memory.

    python -m tests.bench.export [POSTMORTEMS] [KILLS]

The sandbox runs in this process, each export in one of its own. In the end the folder is compared with the sandbox.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pmtui.cli.launching import variables_of
from pmtui.sandbox.http import Request, Response
from pmtui.sandbox.opsgenie.postmortems.rendering import read_postmortem
from pmtui.sandbox.server import Sandbox
from tests.cli.test_export_killed import FAULTS, check

SHARE = 0.66  # of the sandbox's incidents that have a postmortem


def run(environ: dict[str, str], words: list[str], folder: Path, landed: int) -> tuple[int, float, int]:
    """Run an export, killed after ``landed`` documents (0: never). Returns exit code, seconds, and peak memory in kB."""
    started, peak = time.monotonic(), 0
    process = subprocess.Popen([sys.executable, "-m", "pmtui", *words], env=environ, stdout=subprocess.DEVNULL)
    while True:
        # wait4 would include this process, of which the child was a copy before exec.
        peak = max(peak, memory_of(process.pid))
        if (code := process.poll()) is not None:
            return code, time.monotonic() - started, peak
        raw = folder / ".pmtui/raw"
        if landed and raw.is_dir() and sum(1 for _ in os.scandir(raw)) >= landed:
            os.kill(process.pid, signal.SIGKILL)
            landed = 0
        time.sleep(0.1)


def memory_of(pid: int) -> int:
    """The peak memory of a process, in kB; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def main() -> None:
    postmortems = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    asked = [0]
    with tempfile.TemporaryDirectory() as home, Sandbox(incidents=round(postmortems / SHARE)) as sandbox:
        state, respond = sandbox.opsgenie.state, sandbox.opsgenie.respond

        def counted(request: Request) -> Response:
            asked[0] += 1
            return respond(request)

        sandbox.opsgenie.respond = counted  # type: ignore[method-assign]
        for fault in FAULTS if kills else ():
            sandbox.fault(fault)
        folder, saved = Path(home, "out"), Path(home, "saved.txt")
        saved.write_text("\n".join(f"/reports/post-mortem/{each}/detail" for each in state.postmortem_ids.values()))
        environ = {**os.environ, **variables_of("opsgenie", sandbox.url), "HOME": home}
        words = ["export", "--all", str(folder), "--look-in", str(saved)]
        count = len(state.postmortem_ids)
        total, peak = 0.0, 0
        for landed in [round(count * turn / (kills + 1)) for turn in range(1, kills + 1)] + [0]:
            before = asked[0]
            code, seconds, memory = run(environ, words, folder, landed)
            total, peak = total + seconds, max(peak, memory)
            print(f"exit {code:>3} after {seconds:6.1f} s, {asked[0] - before:>6} requests, {memory / 1024:5.0f} MB", flush=True)
        print(f"{count} postmortems: {total:.0f} s, {asked[0]} requests, at most {peak / 1024:.0f} MB, {kills} kills")
        check(folder, {key: read_postmortem(state.postmortems[key], state) for key in state.postmortem_ids.values()})
        print("every postmortem is there once, its JSON is the server's, and no other file")
        code, seconds, memory = run(environ, words, folder, 0)
        print(f"again, when nothing changed: exit {code}, {seconds:.0f} s, {memory / 1024:.0f} MB")


if __name__ == "__main__":
    main()
