"""A sandbox per module, a home directory per test, and the command line between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pmtui.backends.registry import VENDORS
from pmtui.cli.launching import variables_of
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.tui.user import QUICK


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=8, switches=QUICK) as sandbox:
        yield sandbox


@pytest.fixture(params=[name for name, vendor in VENDORS.items() if vendor.url])
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def shell(home: Path) -> Shell:
    home.mkdir()
    return Shell(home)


@pytest.fixture
def online(shell: Shell, sandbox: Sandbox, vendor: str) -> Shell:
    """A shell with the variables of one vendor of the sandbox."""
    shell.environ.update(variables_of(vendor, sandbox.url))
    return shell
