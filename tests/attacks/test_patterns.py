"""Every regular expression of the program takes time in proportion to the text: no title, note or answer can freeze it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import pytest

from pmtui.redaction import _pattern
from tests.attacks.patterns import Found, compiled, unseen, written
from tests.attacks.strings import attacks
from tests.growing_time import EXPONENT, cpu_seconds, exponent
from tests.test_rooms import room

TIMES = (12, 20)
"""How often something is repeated at first: what is exponential would not end at more."""
SIZES = (250, 2000)
"""Characters."""
UNNOTICED = 0.0008
"""Seconds. Linear matching of 2,000 characters takes a twentieth of it, quadratic matching ten times as much."""

UNNOTICED_OF_BOUNDED = 0.01
LARGER = 8000
"""Where a pattern's own bounds ({0,2000}) tell, so that it grows no faster any more."""

KEY = "&#x0\\u0a"


@cache
def patterns() -> dict[str, Found]:
    """Every pattern by its place. Found when the first test asks: whoever only collects the tests does not wait for it."""
    held = {found.pattern: found for found in compiled()}
    return {
        **{found.place: found for found in held.values()},
        **{found.place: found for found in written() if found.pattern not in held},
        "pmtui.redaction._pattern(…)": Found("pmtui.redaction._pattern(…)", _pattern(frozenset({KEY})), frozenset({"sub"})),
    }


def slow_attacks(found: Found) -> Iterator[str]:
    bounded = re.search(r",\d{3,}\}", str(found.pattern.pattern)) is not None
    for use in found.uses:
        method = getattr(found.pattern, use)
        for lead, pump, breaker in attacks(found.pattern):
            worst = _exponent(method, partial(_text, found.pattern, lead, pump, breaker), len(pump), is_bounded=bounded)
            if worst >= EXPONENT:
                yield f"{use} of {lead!r}, many {pump!r}, {breaker!r}: exponent {worst:.2f}"
                break


def _text(pattern: re.Pattern[Any], lead: str, pump: str, breaker: str, times: int) -> Any:
    made = lead + pump * times + breaker
    return made.encode("utf-8", "surrogatepass") if isinstance(pattern.pattern, bytes) else made


def _exponent(method: Callable[[Any], object], text: Callable[[int], Any], length: int, *, is_bounded: bool) -> float:
    """0 as long as each size is done at once."""
    unnoticed = UNNOTICED_OF_BOUNDED if is_bounded else UNNOTICED
    for times in (*TIMES, *(size // length for size in SIZES)):
        if cpu_seconds(partial(method, text(times))) < unnoticed:
            continue
        found = _between(method, text, max(1, times // 4))
        if found >= EXPONENT and is_bounded and times * length > SIZES[0] // 2:
            return _between(method, text, max(1, LARGER // length))
        if found >= EXPONENT:
            return found
    return 0


def _between(method: Callable[[Any], object], text: Callable[[int], Any], times: int) -> float:
    return exponent(method, text, times, unnoticed=UNNOTICED)


def test_all_patterns_are_seen_and_take_time_in_proportion_to_the_text() -> None:
    """One test, so that one worker looks for the patterns."""
    assert len(patterns()) > 150
    assert {room(place.partition(":")[0]) for place in patterns()} >= {"model", "formats", "store", "backends", "tui", "cli", "sandbox"}
    assert list(unseen()) == []
    assert {place: slow for place, found in patterns().items() if (slow := list(slow_attacks(found)))} == {}


@pytest.mark.parametrize(
    ("bad", "use"),
    [
        (r"(?:a|a)*b", "match"),  # exponential
        (r"^(<!--.*?-->\s*)*<html", "match"),  # exponential, as `is_page` had it
        (r"#[ \t]+(.*?)[ \t]*#*$", "match"),  # as titles were read
        (r"\s*>\s*\[!", "search"),  # each blank begins a match
        (r"!\[[^\]]*\]\(", "search"),  # each picture looks for the end of its words
        (r"\w+:", "sub"),
        (rb"[ -/]*[@-~]\x00", "search"),
    ],
)
def test_the_test_bites(bad: str | bytes, use: str) -> None:
    assert list(slow_attacks(Found("here", re.compile(bad), frozenset({use}))))
