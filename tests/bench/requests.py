"""Counts the requests of opening and saving, by vendor, as the sandbox sees them.

python -m tests.bench.requests
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from pmtui.backends.registry import VENDORS
from pmtui.cli.context import open_workspace
from pmtui.config import load
from pmtui.model.query import Query
from pmtui.sandbox.server import Sandbox

KEY = "11111111-2222-4333-8444-555555555555"


async def measure(sandbox: Sandbox, vendor: str, home: Path) -> None:
    workspace = open_workspace(load(os.environ, VENDORS).profile(vendor), home / "state", home / "cache")

    def since(mark: int) -> str:
        calls = sandbox.requests[mark:]
        return f"{len(calls)}: " + ", ".join(
            f"{c['method']} {c['path'].rsplit('/', 2)[-2]}/{c['path'].rsplit('/', 1)[-1][:12]}" for c in calls
        )

    page = await workspace.incidents(Query())
    incident = next(each for each in page.incidents if each.postmortem in ("yes", "draft"))
    for what in ("first open", "second open"):
        mark = len(sandbox.requests)
        session = await workspace.open(incident)
        print(f"{vendor:<9} {what:<16} {since(mark)}")
        cell = next(each for each in session.mine.cells if each.editable and each.text)
        session.edit_cell(cell.key, cell.text + f" Seen at the {what}.")
        mark = len(sandbox.requests)
        report = await session.save(await session.review())
        print(f"{vendor:<9} save of one cell  {since(mark)} · verified: {report.verified}")
        session.close()
    await workspace.backend.aclose()


def main() -> None:
    with tempfile.TemporaryDirectory() as home, Sandbox() as sandbox:
        os.environ.update(DD_API_KEY="a", DD_APP_KEY="b", OPSGENIE_API_KEY=KEY, PMTUI_ACTOR="jane.doe@example.com")
        os.environ.update(PMTUI_DATADOG_URL=sandbox.url, PMTUI_OPSGENIE_URL=sandbox.url)
        for vendor in ("datadog", "opsgenie"):
            asyncio.run(measure(sandbox, vendor, Path(home)))


if __name__ == "__main__":
    main()
