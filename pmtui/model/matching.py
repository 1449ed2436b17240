"""Matches the elements of two sequences: the basis of every diff, alignment and merge.

Patience matching (Bram Cohen): elements that occur once on both sides are anchors; what lies between two anchors is
matched the same way, and by a shortest edit script (Myers) where no anchor is left. Unlike difflib it stays near linear
for a megabyte of text, and it does not pair blank lines of one paragraph with those of another.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Generic, TypeAlias, TypeVar

Block = tuple[int, int, int]
"""``a[i:i+n] == b[j:j+n]`` as (i, j, n)."""

_PATIENCE = 200_000
"""A stretch without anchors counts as wholly different after this many steps, about a tenth of a second."""


class Matcher:
    """A sequence matcher for ``merge3.Merge3``. ``isjunk`` and ``autojunk`` are ignored."""

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
        """As ``difflib.SequenceMatcher.get_matching_blocks``."""
        return matching_blocks(self._a, self._b)


def matching_blocks(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Block]:
    """Matching blocks of maximal length, ascending on both sides, ended by ``(len(a), len(b), 0)``."""
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


T = TypeVar("T")
Trait: TypeAlias = Callable[[T], Hashable]
"""A property in which two items must agree to match; None matches nothing."""

_MANY_PAIRS = 100_000
"""Above this number of pairs words are not compared; only the place decides."""


class Matching(Generic[T]):
    """Pairs the items of a later sequence with those of an earlier one, step by step, the surest first.

    ``of`` maps indexes in ``new`` to indexes in ``old``. ``form`` is a trait that never changes: only items of equal form are
    paired. It matches the cells, blocks and sections of a document.
    """

    def __init__(self, old: Sequence[T], new: Sequence[T], form: Trait[T]) -> None:
        self.old = old
        self.new = new
        self.of: dict[int, int] = {}
        self._form = form

    def in_order(self, trait: Trait[T]) -> None:
        """Pair items with equal traits that are in the same order on both sides."""
        for i, j, n in matching_blocks(
            [(self._form(item), trait(item)) for item in self.old], [(self._form(item), trait(item)) for item in self.new]
        ):
            for step in range(n):
                self.of[j + step] = i + step

    def anywhere(self, trait: Trait[T]) -> None:
        """Pair items with equal traits anywhere, the first with the first."""
        waiting: dict[Hashable, list[int]] = {}
        for i in reversed(self.free_old()):
            waiting.setdefault((self._form(self.old[i]), trait(self.old[i])), []).append(i)
        for j in self.free_new():
            value = trait(self.new[j])
            found = waiting.get((self._form(self.new[j]), value))
            if value is not None and found:
                self.of[j] = found.pop()

    def by_words(self, words: Callable[[T], Counter[str]], least: float) -> None:
        """Pair items with at least this share of common words (0.0 to 1.0), the most similar first."""
        old = {i: words(self.old[i]) for i in self.free_old()}
        new = {j: words(self.new[j]) for j in self.free_new()}
        if len(old) * len(new) > _MANY_PAIRS:
            return
        scored = [(-score, abs(i - j), i, j) for i, j, score in _likenesses(old, new) if self._form(self.old[i]) == self._form(self.new[j])]
        paired: set[int] = set()
        for score, _, i, j in sorted(scored):
            if -score >= least and i not in paired and j not in self.of:
                self.of[j] = i
                paired.add(i)

    def by_place(self) -> None:
        """Pair the remaining items between two matched neighbours, if both sides have the same number of each form there."""
        free = set(self.free_old())
        groups: dict[int, list[int]] = {}
        before = -1
        for j in range(len(self.new)):
            before = self.of.get(j, before)
            if j not in self.of:
                groups.setdefault(before, []).append(j)
        for before, group in groups.items():
            gap: list[int] = []
            while before + 1 + len(gap) in free:
                gap.append(before + 1 + len(gap))
            if [self._form(self.old[i]) for i in gap] == [self._form(self.new[j]) for j in group]:
                self.of.update(zip(group, gap, strict=True))

    def free_old(self) -> list[int]:
        """The indexes in ``old`` that are not paired."""
        used = set(self.of.values())
        return [i for i in range(len(self.old)) if i not in used]

    def free_new(self) -> list[int]:
        """The indexes in ``new`` that are not paired."""
        return [j for j in range(len(self.new)) if j not in self.of]


def _likenesses(old: Mapping[int, Counter[str]], new: Mapping[int, Counter[str]]) -> Iterator[tuple[int, int, float]]:
    """The `likeness` of each pair with a common word. Other pairs cost nothing."""
    with_word: dict[str, list[tuple[int, int]]] = {}
    for j, words in new.items():
        for word, times in words.items():
            with_word.setdefault(word, []).append((j, times))
    totals = {j: words.total() for j, words in new.items()}
    for i, words in old.items():
        shared: dict[int, int] = {}
        for word, times in words.items():
            for j, there in with_word.get(word, ()):
                shared[j] = shared.get(j, 0) + min(times, there)
        total = words.total()
        yield from ((i, j, 2 * common / (total + totals[j])) for j, common in shared.items())


def likeness(one: Counter[str], other: Counter[str]) -> float:
    """Dice's coefficient of two bags of words, 0.0 to 1.0; 0.0 when one is empty."""
    return 2 * (one & other).total() / (one.total() + other.total()) if one and other else 0.0


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
    """The longest sequence of elements that are unique on both sides and in the same order on both."""
    in_a, in_b = Counter(a[a_from:a_to]), Counter(b[b_from:b_to])
    at_b = {b[j]: j for j in range(b_from, b_to) if in_b[b[j]] == 1}
    unique = [(i, at_b[a[i]]) for i in range(a_from, a_to) if in_a[a[i]] == 1 and a[i] in at_b]
    return [unique[n] for n in longest_increasing([j for _, j in unique])]


def longest_increasing(numbers: Sequence[int]) -> list[int]:
    """The indexes of a longest strictly increasing subsequence."""
    tails: list[int] = []  # the smallest last number of an increasing subsequence of each length
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
    """A longest common subsequence of a stretch, ignoring elements of one side only; empty when it takes too long."""
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


def common_start(one: str, other: str) -> int:
    """The length of the common prefix. Binary search, because comparing slices is faster than comparing characters."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one.startswith(other[low:middle], low) else (low, middle - 1)
    return low


def common_end(one: str, other: str, start: int = 0) -> int:
    """The length of the common suffix, of what stands behind ``start`` in both."""
    low, high = 0, min(len(one), len(other)) - start
    while low < high:
        middle = (low + high + 1) // 2
        same = one.endswith(other[len(other) - middle : len(other) - low], 0, len(one) - low)
        low, high = (middle, high) if same else (low, middle - 1)
    return low
