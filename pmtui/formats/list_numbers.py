"""Finds list numbers that are not consecutive: rich text keeps only the first number and counts from there.

    5. restart the cache
    7. warm it up

becomes 5 and 6. Lists that repeat one number (``1.`` ``1.`` ``1.``) are meant to be counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ITEM = re.compile(r"([ \t]*)(\d{1,9})[.)](?:[ \t]|$)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def recounted(markdown: str) -> tuple[int, ...]:
    """The numbers of items that would come back as other numbers, in order."""
    found: list[int] = []
    for numbers in _lists(markdown.split("\n")):
        if len(set(numbers)) > 1:
            found += [number for index, number in enumerate(numbers) if number != numbers[0] + index]
    return tuple(found)


def _lists(lines: list[str]) -> Iterator[list[int]]:
    """The numbers of each list, by indentation. A text line without indentation ends a list, a blank line does not."""
    open_lists: dict[int, list[int]] = {}
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        item = None if fence else _ITEM.match(line)
        indent = len(line) - len(line.lstrip(" \t"))
        if item is not None:
            for deeper in [each for each in open_lists if each > indent]:
                yield open_lists.pop(deeper)
            open_lists.setdefault(indent, []).append(int(item[2]))
        elif line.strip() and not indent and not fence:
            yield from open_lists.values()
            open_lists = {}
    yield from open_lists.values()
