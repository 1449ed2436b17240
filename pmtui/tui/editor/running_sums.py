"""A list of numbers with quick partial sums: how many rows, or characters, are before a line.

Adding up all lines at each key would cost more in a longer text, so blocks of numbers keep their sums.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

BLOCK = 512


class RunningSums:
    """A list of non-negative numbers."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers = list(numbers)
        self._blocks: list[int] = []
        self._until: list[int] = []  # the sum up to the end of each block
        self._add_up(0, len(self._numbers))

    @property
    def total(self) -> int:
        return self._until[-1] if self._until else 0

    def __getitem__(self, index: int) -> int:
        return self._numbers[index]

    def before(self, index: int) -> int:
        """The sum of the numbers before this one."""
        block = min(index // BLOCK, len(self._blocks))
        return (self._until[block - 1] if block else 0) + sum(self._numbers[block * BLOCK : index])

    def find(self, amount: int) -> int:
        """The index of the first number at which the running sum exceeds this; the last index when none does."""
        block = bisect_right(self._until, amount)
        if block == len(self._blocks):
            return len(self._numbers) - 1
        start = block * BLOCK
        rest = amount - (self._until[block - 1] if block else 0)
        return start + bisect_right(list(accumulate(self._numbers[start : start + BLOCK])), rest)

    def splice(self, first: int, last: int, numbers: Sequence[int]) -> None:
        """Replace the numbers from ``first`` to ``last`` (exclusive) by these."""
        as_many = last - first == len(numbers)
        self._numbers[first:last] = numbers
        self._add_up(first, last if as_many else len(self._numbers))

    def _add_up(self, first: int, last: int) -> None:
        """Compute the sums of the blocks with these numbers."""
        begin, end = first // BLOCK, -(-last // BLOCK)
        starts = range(begin * BLOCK, last, BLOCK)
        self._blocks[begin:end] = [sum(self._numbers[start : start + BLOCK]) for start in starts]
        del self._blocks[-(-len(self._numbers) // BLOCK) :]
        self._until = list(accumulate(self._blocks))
