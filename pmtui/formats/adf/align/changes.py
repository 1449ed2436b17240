"""Which stretches of two long sequences differ, in time that grows with their length.

Comparing all with all is exact and quadratic: it is done for short stretches. Long ones are first cut where something
stands that is once in either sequence (a number, a name, a time of day), as people's edits leave most of those alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher

Stretch = tuple[int, int, int, int]

#: The product of the lengths up to which two stretches are compared item by item.
_COMPARABLE = 250_000
#: The sum of those products that one comparison may reach: beyond it a stretch is one change.
_BUDGET = 4 * _COMPARABLE


def changes(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[Stretch]:
    """Stretches (old from, old to, new from, new to) that differ, in order; what is between them is equal."""
    budget = _BUDGET
    for old_from, old_to, new_from, new_to in _cut(old, new):
        price = (old_to - old_from) * (new_to - new_from)
        if price == 0 or price > min(budget, _COMPARABLE):
            yield old_from, old_to, new_from, new_to
            continue
        budget -= price
        matcher = SequenceMatcher(None, old[old_from:old_to], new[new_from:new_to], autojunk=False)
        for tag, i, j, k, m in matcher.get_opcodes():
            if tag != "equal":
                yield old_from + i, old_from + j, new_from + k, new_from + m


def common_ends(old: Sequence[Hashable], new: Sequence[Hashable], at: Stretch) -> Stretch:
    """The stretch without what is equal at its ends."""
    old_from, old_to, new_from, new_to = at
    while old_from < old_to and new_from < new_to and old[old_from] == new[new_from]:
        old_from, new_from = old_from + 1, new_from + 1
    while old_from < old_to and new_from < new_to and old[old_to - 1] == new[new_to - 1]:
        old_to, new_to = old_to - 1, new_to - 1
    return old_from, old_to, new_from, new_to


def _cut(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[Stretch]:
    """The stretches between what surely is the same."""
    stretch = common_ends(old, new, (0, len(old), 0, len(new)))
    if (stretch[1] - stretch[0]) * (stretch[3] - stretch[2]) <= _COMPARABLE:
        if stretch[0] < stretch[1] or stretch[2] < stretch[3]:
            yield stretch
        return
    old_at, new_at = stretch[0], stretch[2]
    for place, other in [*_anchors(old, new, stretch), (stretch[1], stretch[3])]:
        gap = common_ends(old, new, (old_at, place, new_at, other))
        if gap[0] < gap[1] or gap[2] < gap[3]:
            yield gap
        old_at, new_at = place, other


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable], at: Stretch) -> list[tuple[int, int]]:
    """Places in both of items that each has once, as many as stand in the same order in both."""
    places, others = _once(old, at[0], at[1]), _once(new, at[2], at[3])
    pairs = [(place, others[item]) for item, place in places.items() if item in others]
    ends: list[int] = []  # the lowest end of a rising row of each length so far, and the pair that has it
    holders: list[int] = []
    before: list[int] = []
    for index, (_, other) in enumerate(pairs):
        length = bisect_left(ends, other)
        before.append(holders[length - 1] if length else -1)
        ends[length : length + 1], holders[length : length + 1] = [other], [index]
    rising: list[tuple[int, int]] = []
    index = holders[-1] if holders else -1
    while index >= 0:
        rising.append(pairs[index])
        index = before[index]
    return rising[::-1]


def _once(items: Sequence[Hashable], start: int, end: int) -> dict[Hashable, int]:
    """Where the items stand that are there once, in order."""
    found: dict[Hashable, int] = {}
    for index in range(start, end):
        item = items[index]
        found[item] = -1 if item in found else index
    return {item: index for item, index in found.items() if index >= 0}
