"""Measures the list with 10,000 incidents: seconds to fill it, then milliseconds per key.

    python -m tests.bench.fill [INCIDENTS]

The screens run headless on the sandbox in another process; all pages are read, a hundred incidents each.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time

from tests.bench.sandbox import served


async def measure() -> None:
    from pmtui.cli.context import Context
    from pmtui.cli.launching import Launcher
    from pmtui.tui.app import PmtuiApp
    from pmtui.tui.widgets.listing.incident_list import IncidentList

    environ = dict(os.environ)  # the program takes the keys out of its own
    for vendor in ("datadog", "opsgenie"):
        with Launcher(Context(environ.copy(), vendor)) as launcher:
            app = PmtuiApp(launcher.configured())
            started = time.perf_counter()
            async with app.run_test(size=(80, 24)) as pilot:
                rows = app.screen.query_one(IncidentList)
                while rows.row_count == 0:
                    await pilot.pause(0.005)
                first = time.perf_counter() - started
                await pilot.press("a")
                while any(worker.group == "incidents" and worker.is_running for worker in app.workers):
                    await pilot.pause(0.02)
                filled = time.perf_counter() - started
                keys = []
                for name in ("down",) * 50 + ("pagedown",) * 20:
                    pressed = time.perf_counter()
                    await pilot.press(name)
                    keys.append((time.perf_counter() - pressed) * 1000)
                keyed = f"key {statistics.median(keys):.1f} ms"
                print(f"{vendor:<10} {rows.row_count:>6} rows: first page {first:.2f} s, all {filled:.1f} s, {keyed}")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with served(count) as env:
        os.environ.update(env)
        asyncio.run(measure())


if __name__ == "__main__":
    main()
