"""Times the list of a folder with many postmortems: the first time, with an index, and after a few edits.

python -m tests.bench.folder [FILES]
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from pmtui.backends.folder.backend import FolderBackend
from pmtui.model.query import parse

LONG_AGO = 1_700_000_000

TEXT = """\
---
title: Checkout 5xx after cache failover {number}
date: 2026-{month:02}-{day:02}
severity: SEV-{severity}
status: published
started: 2026-{month:02}-{day:02}T02:10:00Z
owner: Jane Doe <jane@corp.com>
responders:
  - Mara López <mara@corp.com> (Scribe)
  - Person {person} <person{person}@corp.com>
responder_teams:
  - Payments
affected_services:
  - checkout
  - cache-{cache}
tags:
  - cache
---

## Summary

The checkout answered with errors for {minutes} minutes.

## Impact

{impact}
"""


def fill(root: Path, count: int) -> None:
    """Create ``count`` files, in one folder per month, with old times."""
    for number in range(count):
        month, day = number % 12 + 1, number % 28 + 1
        folder = root / f"2026-{month:02}"
        folder.mkdir(exist_ok=True)
        path = folder / f"2026-{month:02}-{day:02}-IR-{number}-checkout-5xx.md"
        facts = {"number": number, "month": month, "day": day, "severity": number % 4 + 1, "person": number % 200, "cache": number % 30}
        path.write_text(TEXT.format(**facts, minutes=number % 90, impact="Many words. " * 200), "utf-8")
        os.utime(path, (LONG_AGO, LONG_AGO))


async def listed(root: Path, index: Path, line: str = "") -> float:
    """Seconds until the first page, as in a new process whose code is loaded."""
    started = time.perf_counter()
    page = await FolderBackend(root, str(root), index).incidents(parse(line))
    assert page.incidents and not page.unreadable
    return time.perf_counter() - started


def main() -> None:
    """Print the times."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name:
        root, index = Path(name).resolve() / "postmortems", Path(name) / "cache" / "folder.json"
        root.mkdir()
        fill(root, count)
        time.sleep(2.5)  # until the files' times are old enough to identify their states
        print(f"{count:,} files")
        print(f"the first time       {asyncio.run(listed(root, index)):6.2f} s")
        print(f"with an index        {min(asyncio.run(listed(root, index)) for _ in range(3)):6.2f} s")
        for path in list(root.rglob("*.md"))[:20]:
            path.write_text(path.read_text("utf-8").replace("published", "draft"), "utf-8")
        print(f"20 files changed     {asyncio.run(listed(root, index)):6.2f} s")
        print(f"filtered             {asyncio.run(listed(root, index, 'sev:1 owner:jane tag:cache checkout')):6.2f} s")
        print(f"the index            {index.stat().st_size / 1e6:6.1f} MB")


if __name__ == "__main__":
    main()
