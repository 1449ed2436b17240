"""Which elements of two sequences are the same, in order: the ground of every comparison and merge here.

Patience matching (Bram Cohen): elements that occur once on both sides are anchors; what lies between two anchors is
matched the same way, and by a shortest edit script (Myers) where no anchor is left. Unlike difflib it stays near linear
for a megabyte of text, and it does not pair blank lines of one paragraph with those of another.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise

Block = tuple[int, int, int]
"""``a[i:i+n] == b[j:j+n]`` as (i, j, n)."""

_PATIENCE = 600_000
"""Steps after which a stretch without anchors counts as wholly different: some tenths of a second."""


class Matcher:
    """What ``merge3.Merge3`` asks of a sequence matcher. ``isjunk`` and ``autojunk`` have no meaning here."""

    def __init__(
        self,
        isjunk: Callable[[Hashable], bool] | None = None,
        a: Sequence[Hashable] = (),
        b: Sequence[Hashable] = (),
        autojunk: bool = True,
    ) -> None:
        self._a = a
        self._b = b

    def get_matching_blocks(self) -> list[Block]:
        return matching_blocks(self._a, self._b)


def matching_blocks(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Block]:
    """Blocks in ascending order on both sides, as long as they can be, and at the end ``(len(a), len(b), 0)``."""
    blocks: list[Block] = []
    for i, j in sorted(_pairs(a, b)):
        if blocks and blocks[-1][0] + blocks[-1][2] == i and blocks[-1][1] + blocks[-1][2] == j:
            blocks[-1] = (blocks[-1][0], blocks[-1][1], blocks[-1][2] + 1)
        else:
            blocks.append((i, j, 1))
    return [*blocks, (len(a), len(b), 0)]


def opcodes(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[str, int, int, int, int]]:
    """As ``difflib.SequenceMatcher.get_opcodes``: (equal|replace|delete|insert, a from, a to, b from, b to)."""
    codes: list[tuple[str, int, int, int, int]] = []
    at_a = at_b = 0
    for i, j, n in matching_blocks(a, b):
        if i > at_a or j > at_b:
            tag = "insert" if i == at_a else "delete" if j == at_b else "replace"
            codes.append((tag, at_a, i, at_b, j))
        if n:
            codes.append(("equal", i, i + n, j, j + n))
        at_a, at_b = i + n, j + n
    return codes


def _pairs(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    waiting = [(0, len(a), 0, len(b))]
    while waiting:
        a_from, a_to, b_from, b_to = waiting.pop()
        while a_from < a_to and b_from < b_to and a[a_from] == b[b_from]:
            pairs.append((a_from, b_from))
            a_from, b_from = a_from + 1, b_from + 1
        while a_from < a_to and b_from < b_to and a[a_to - 1] == b[b_to - 1]:
            a_to, b_to = a_to - 1, b_to - 1
            pairs.append((a_to, b_to))
        if a_from == a_to or b_from == b_to:
            continue
        anchors = _anchors(a, a_from, a_to, b, b_from, b_to)
        if not anchors:
            pairs.extend(_by_edits(a, a_from, a_to, b, b_from, b_to))
            continue
        pairs.extend(anchors)
        ends = [(a_from - 1, b_from - 1), *anchors, (a_to, b_to)]
        for (i, j), (next_i, next_j) in pairwise(ends):
            waiting.append((i + 1, next_i, j + 1, next_j))
    return pairs


def _anchors(a: Sequence[Hashable], a_from: int, a_to: int, b: Sequence[Hashable], b_from: int, b_to: int) -> list[tuple[int, int]]:
    """The longest run of elements that are unique on both sides and come in the same order on both."""
    in_a, in_b = Counter(a[a_from:a_to]), Counter(b[b_from:b_to])
    at_b = {b[j]: j for j in range(b_from, b_to) if in_b[b[j]] == 1}
    unique = [(i, at_b[a[i]]) for i in range(a_from, a_to) if in_a[a[i]] == 1 and a[i] in at_b]
    return [unique[n] for n in longest_increasing([j for _, j in unique])]


def longest_increasing(numbers: Sequence[int]) -> list[int]:
    """The places of a longest strictly increasing subsequence."""
    tails: list[int] = []  # the smallest last number of an increasing run of each length
    places: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(tails, number)
        before.append(places[length - 1] if length else -1)
        if length == len(tails):
            tails.append(number)
            places.append(place)
        else:
            tails[length] = number
            places[length] = place
    run: list[int] = []
    place = places[-1] if places else -1
    while place >= 0:
        run.append(place)
        place = before[place]
    return run[::-1]


def _by_edits(a: Sequence[Hashable], a_from: int, a_to: int, b: Sequence[Hashable], b_from: int, b_to: int) -> list[tuple[int, int]]:
    """A longest common subsequence of a stretch, found without what only one side has; nothing when it takes too long."""
    both = set(a[a_from:a_to]) & set(b[b_from:b_to])
    in_a = [i for i in range(a_from, a_to) if a[i] in both]
    in_b = [j for j in range(b_from, b_to) if b[j] in both]
    return [(in_a[x], in_b[y]) for x, y in _shortest_edits([a[i] for i in in_a], [b[j] for j in in_b])]


def _shortest_edits(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Myers' greedy algorithm: furthest[k] is how far in ``a`` the diagonal ``k = x - y`` is reached with d edits."""
    furthest = {1: 0}
    trace: list[dict[int, int]] = []
    steps = 0
    for d in range(len(a) + len(b) + 1):
        trace.append(dict(furthest))
        for k in range(-d, d + 1, 2):
            down = k == -d or (k != d and furthest[k - 1] < furthest[k + 1])
            start = x = furthest[k + 1] if down else furthest[k - 1] + 1
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            furthest[k] = x
            steps += 1 + x - start
            if x >= len(a) and x - k >= len(b):
                return _walk_back(trace, x, k)
        if steps > _PATIENCE:
            break
    return []


def _walk_back(trace: list[dict[int, int]], x: int, k: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for d in range(len(trace) - 1, -1, -1):
        before = trace[d]
        down = k == -d or (k != d and before[k - 1] < before[k + 1])
        start = before[k + 1] if down else before[k - 1] + 1
        pairs += [(at, at - k) for at in range(start, x)]
        k, x = (k + 1, before[k + 1]) if down else (k - 1, before[k - 1])
    return pairs
