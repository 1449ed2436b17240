"""A few runs of the torture script (``tests.bench.torture``), and that it would notice a loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.bench.sandbox import served
from tests.bench.torture import ENDINGS, kept_of, run, script_of, shown_of
from tests.patience import PATIENCE

RUNS = 2 * len(ENDINGS)


@pytest.fixture(scope="module")
def env() -> Iterator[Mapping[str, str]]:
    with served(30) as env:
        yield env


@pytest.mark.sweep(4)
@pytest.mark.parametrize("seed", range(RUNS))
def test_what_was_on_the_screen_is_in_the_draft_or_on_the_server(seed: int, env: Mapping[str, str]) -> None:
    found = run(seed, "pmtui", env)
    assert found.missing == 0, found
    assert found.restored, found
    assert found.seconds < PATIENCE, found


def test_the_sample_has_every_ending_and_is_shown_something() -> None:
    scripts = [script_of(seed) for seed in range(RUNS)]
    assert {script.ending for script in scripts} == set(ENDINGS)
    assert any(script.after in script.saves for script in scripts), "one ends within a save"
    assert all(script == script_of(seed) for seed, script in enumerate(scripts))


def test_what_counts_as_shown() -> None:
    lines = ("abcdefgh", "ijkl")
    assert shown_of(["other", "abcdefgh", "ijkl", "rest"], lines) == "abcdefghijkl"
    assert shown_of(["abcdefgh", "ij"], lines) == "abcdefghij"
    assert shown_of(["abcdef", "ijkl"], lines) == "abcdef", "a line counts only when the one before is whole"
    assert shown_of(["abc"], lines) == "", "too little to be told from other text"


def test_what_counts_as_kept() -> None:
    assert kept_of("abcdef", ["x ab\ncdef y", "abc"]) == "abcdef"
    assert kept_of("abcdef", ["abcd of an earlier run, and abcdef"]) == "abcdef"
    assert kept_of("abcdef", ["abcd"]) == "abcd"
    assert kept_of("abcdef", []) == ""
