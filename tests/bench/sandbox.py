"""The sandbox in a process of its own, so that it does not share the measured program's interpreter."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEY = "11111111-2222-4333-8444-555555555555"


@contextmanager
def served(incidents: int) -> Iterator[dict[str, str]]:
    """The environment of a program with a new sandbox: addresses, keys, and its own directories."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "pmtui", "sandbox", "--incidents", str(incidents)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            url = next(found[0] for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
            directories = {f"XDG_{name}_HOME": str(Path(home, name.lower())) for name in ("CONFIG", "STATE", "CACHE")}
            keys = {"DD_API_KEY": "a", "DD_APP_KEY": "b", "OPSGENIE_API_KEY": KEY, "PMTUI_ACTOR": "jane.doe@example.com"}
            yield {**os.environ, **directories, **keys, "HOME": home, "PMTUI_DATADOG_URL": url, "PMTUI_OPSGENIE_URL": url}
        finally:
            process.terminate()
            process.wait()
