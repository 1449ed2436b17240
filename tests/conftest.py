"""Settings for all tests: the same examples each time, and an even share of the long sweeps.

``pytest --sweep`` runs every case of them, ``pytest --hypothesis-profile=explore`` looks for new examples; ``few`` is for
a run that measures coverage, which a few examples tell as well.
"""

from __future__ import annotations

import gc
import gzip
import importlib
import json
import os
import signal
import sys
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import pytest
from _pytest.python import CallSpec
from hypothesis import settings
from hypothesis.internal.charmap import charmap_file
from hypothesis.internal.conjecture import providers

from tests.examples import WHOLE

settings.register_profile("same", deadline=None, derandomize=True, max_examples=20)
settings.register_profile("sweep", deadline=None, derandomize=True, max_examples=WHOLE)
settings.register_profile("few", deadline=None, derandomize=True, max_examples=5)
settings.register_profile("explore", deadline=None, max_examples=200)
settings.load_profile("same")

# Hypothesis also tries the constants of every module that is loaded, which are others when another test ran before: its
# examples would not be the same each time. Finding them takes each process three seconds.
_local = vars(providers)["is_local_module_file"]
vars(providers)["is_local_module_file"] = lambda file: settings.get_current_profile_name() == "explore" and _local(file)

# The suite starts hundreds of programs: collecting garbage every 700 objects would take a fifth of its time.
gc.set_threshold(100_000, 50, 100)

# The tests start hundreds of programs: without compiled files each would compile all of pmtui again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A suite run in the background of a shell ignores ctrl+c, and so would the programs that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sweep", action="store_true", help="run every case of the long sweeps, not an even share of them")


LISTED = pytest.StashKey[frozenset[str]]()


def _listed(config: pytest.Config) -> frozenset[str]:
    """What lies at the top of the checkout, but for the files of tools."""
    return frozenset(path.name for path in config.rootpath.iterdir() if not path.name.startswith("."))


@pytest.hookimpl(trylast=True)  # Hypothesis warns of using its files before
def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.stash[LISTED] = _listed(session.config)
    _tell_what_utf8_encodes()
    worker: dict[str, str | int] | None = getattr(session.config, "workerinput", None)
    if worker is not None and session.config.args_source is not pytest.Config.ArgsSource.ARGS:
        _compile_share(int(str(worker["workerid"]).removeprefix("gw")), int(worker["workercount"]))


def _compile_share(number: int, workers: int) -> None:
    """Load this process's share of the tests first, so that pytest compiles each file once, and not once in each process."""
    root = Path(__file__).parents[1]
    for path in sorted(root.glob("tests/**/test_*.py"))[number::workers]:
        with suppress(Exception, pytest.skip.Exception):  # pytest meets it again while it collects, and reports it
            importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts))


def _tell_what_utf8_encodes() -> None:
    """Hypothesis keeps this in a file. In a fresh clone each process would try a million characters for it, for 3 s."""
    file = charmap_file("codec-v2-utf-8")
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        made = file.with_suffix(f".{os.getpid()}")
        made.write_bytes(gzip.compress(json.dumps([[[0, 0xD7FF], [0xE000, 0x10FFFF]], []]).encode()))
        made.replace(file)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """No test leaves anything in the checkout: a file that a key or a command writes goes where the test is told to work."""
    before: frozenset[str] = session.config.stash[LISTED]
    left = _listed(session.config) - before
    if left and not hasattr(session.config, "workerinput"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print(f"\nsome test has left this in {session.config.rootpath}: {', '.join(sorted(left))}")


def pytest_collection_finish() -> None:
    """What is loaded stays: a test that looks for what is left over need not search it, nor the collector for garbage."""
    gc.collect()
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sweep(cases): of the cases of this test only so many are run, evenly spread; --sweep runs all")
    config.addinivalue_line(
        "markers", "long: takes seconds; left out where the whole suite is run, see CONTRIBUTING.md; -m long, --sweep and a path run it"
    )
    config.addinivalue_line("markers", "in_turn: a vendor that has its turn in some of the tests; --sweep runs all with each")
    if config.getoption("--sweep"):
        settings.load_profile("sweep")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long tests where nobody asked for them."""
    asked = config.getoption("--sweep") or "long" in config.getoption("markexpr") or config.args_source is pytest.Config.ArgsSource.ARGS
    if not asked:
        left_out = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Leave out what is not run before it is made: each process of the suite would make it, and throw it away."""
    if metafunc.config.getoption("--sweep"):
        return
    marker = metafunc.definition.get_closest_marker("sweep")
    if marker is not None:
        metafunc._calls = _share(metafunc._calls, marker.args[0])
        return
    turns: dict[str, list[CallSpec]] = defaultdict(list)
    for call in metafunc._calls:
        given = {name: value for name, value in call.params.items() if name != "vendor"}
        turns[f"{metafunc.definition.originalname} {given}"].append(call)
    left_out = {
        call.id
        for name, calls in turns.items()
        if any(mark.name == "in_turn" for call in calls for mark in call.marks)
        for number, call in enumerate(calls)
        if number != crc32(name.encode()) % len(calls)
    }
    metafunc._calls = [call for call in metafunc._calls if call.id not in left_out]


def _share(cases: list[CallSpec], wanted: int) -> list[CallSpec]:
    """So many of these cases, evenly spread, including the first and the last."""
    if wanted >= len(cases):
        return cases
    return [cases[round(index * (len(cases) - 1) / max(1, wanted - 1))] for index in range(wanted)]
