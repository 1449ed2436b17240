"""The lock file has every dependency, in a version that ``pyproject.toml`` allows, with hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]


def test_the_lock_file_fits_the_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)}
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) >= len(pinned)
    for line in (*project["dependencies"], *project["optional-dependencies"]["socks"]):
        wanted = Requirement(line)
        if canonicalize_name(wanted.name) == "httpx" and wanted.extras:
            continue  # the extra brings socksio, the package itself is among the others
        assert wanted.specifier.contains(pinned[canonicalize_name(wanted.name)]), line
