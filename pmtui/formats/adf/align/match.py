"""Matches nodes of two sequences: equal ones, and changed versions of each other."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

from pmtui.formats.adf.values import Node, children, dump, kind, text_of, walk
from pmtui.model.matching import Matching, likeness

_WORDS = re.compile(r"\w+")
#: Above this number of unmatched nodes only neighbours are compared: comparing all pairs would be quadratic.
_MANY = 60
#: The share of common words at which a block in another place counts as a changed version.
_ALIKE = 0.5


class Keys:
    """Gives equal nodes the same number. It works bottom-up, so that depth costs nothing."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._of: dict[int, int] = {}
        self._alive: list[Node] = []  # an id() is only valid while the node lives

    def of(self, root: Node) -> int:
        """The number of a node: the same for nodes with the same JSON."""
        if id(root) not in self._of:
            order = list(walk(root))
            self._alive.append(root)
            for node in reversed(order):
                own = dump({name: value for name, value in node.items() if name != "content"})
                below = tuple(self._of.get(id(child), -1) for child in children(node))
                key = (own, "content" in node, below)
                self._of[id(node)] = self._numbers.setdefault(key, len(self._numbers))
        return self._of[id(root)]


def match_equal(old: Sequence[Hashable], new: Sequence[Hashable]) -> dict[int, int]:
    """Pairs (new index → old index) of equal items: first those in the same order, then those that were moved."""
    matching = Matching(old, new, form=lambda item: None)
    matching.in_order(lambda item: item)
    matching.anywhere(lambda item: item)
    return matching.of


def match_changed(old: Sequence[Node | None], new: Sequence[Node], pairs: dict[int, int]) -> dict[int, int]:
    """Further pairs (new → old): first nodes between the same neighbours, then those with the most common words.

    None in `old` stands for a node that cannot be compared.
    """
    taken = set(pairs.values())
    free_old = [i for i, node in enumerate(old) if node is not None and i not in taken]
    free_new = [i for i in range(len(new)) if i not in pairs]
    found: dict[int, int] = {}
    for gap_new, gap_old in _gaps(free_new, free_old, pairs, len(old)):
        if [kind(new[n]) for n in gap_new] == [kind(old[o]) for o in gap_old]:
            found |= dict(zip(gap_new, gap_old, strict=True))
        else:
            found |= _most_alike(old, new, gap_old, gap_new, 0.0)
    taken = set(found.values())
    free_old = [i for i in free_old if i not in taken]
    free_new = [i for i in free_new if i not in found]
    return found | _most_alike(old, new, free_old, free_new, _ALIKE)


def _gaps(free_new: list[int], free_old: list[int], pairs: dict[int, int], old_size: int) -> list[tuple[list[int], list[int]]]:
    """Runs of unpaired new indexes, each with the unpaired old indexes between the partners of its neighbours."""
    gaps: list[tuple[list[int], list[int]]] = []
    runs: list[list[int]] = []
    for index in free_new:
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    end = 0
    for run in runs:
        start = bisect_right(free_old, pairs.get(run[0] - 1, -1), end)
        end = bisect_left(free_old, pairs.get(run[-1] + 1, old_size), start)
        if end > start:
            gaps.append((run, free_old[start:end]))
    return gaps


def _most_alike(old: Sequence[Node | None], new: Sequence[Node], free_old: list[int], free_new: list[int], least: float) -> dict[int, int]:
    found: dict[int, int] = {}
    left = free_old[:_MANY]
    words = {index: _words(old[index]) for index in left}
    for index in free_new[:_MANY]:
        own = _words(new[index])
        scores = {o: likeness(own, words[o]) + 0.1 * (kind(old[o]) == kind(new[index])) for o in left}
        best = max(left, key=scores.__getitem__, default=-1)
        if left and (scores[best] > least + 0.05 or (len(free_old) == len(free_new) == 1 and least == 0.0)):
            found[index] = best
            left.remove(best)
    return found


def _words(node: Any) -> Counter[str]:
    return Counter(word for part in walk(node) for word in _WORDS.findall(text_of(part)))
