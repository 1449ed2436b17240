"""Makes strings that attack a regular expression, from its literals, classes and repetitions.

A repetition is slow when it can match a text in several ways, or from several places. So for each repetition there is a text
that leads to it, then the same few characters repeated, then something that does not match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from re import _constants as sre, _parser as parser  # type: ignore[attr-defined]  # isort: skip

_CATEGORY = {
    sre.CATEGORY_DIGIT: "0",
    sre.CATEGORY_NOT_DIGIT: "x",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_SPACE: "x",
    sre.CATEGORY_WORD: "a",
    sre.CATEGORY_NOT_WORD: "-",
}
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
_MANY = 8
"""The greatest factor by which a failing repetition may cost more for each place at which it is tried."""
ALWAYS = (" ", "\t", "\n", "a", "0", "é")
BREAKERS = ("", "\x01", "\n!")


def attacks(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """The text before, the repeated text, and the text after."""
    parsed = list(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags))
    leads = list(dict.fromkeys(["", *_leads(parsed, "")]))[:10]
    pumps = list(dict.fromkeys([*ALWAYS, *_alphabet(parsed), *_samples_of_repeats(parsed), *leads[1:], *_pairs(parsed)]))
    for lead in leads:
        for pump in pumps:
            for breaker in BREAKERS:
                yield lead, pump, breaker


def _sample(nodes: Iterable[Any], times: int) -> str:
    """A short text that the nodes match, with each repetition ``times`` times, or as often as required."""
    return "".join(_one(node, times) for node in nodes)


def _one(node: Any, times: int) -> str:
    kind, value = node
    if kind is sre.LITERAL:
        return chr(value)
    if kind is sre.NOT_LITERAL:
        return "x" if chr(value) != "x" else "y"
    if kind is sre.ANY:
        return "x"
    if kind is sre.IN:
        return _member(value)
    if kind is sre.BRANCH:
        return _sample(value[1][0], times)
    if kind is sre.SUBPATTERN:
        return _sample(value[3], times)
    if kind is sre.ATOMIC_GROUP:
        return _sample(value, times)
    if kind in _REPEATS:
        low, high, body = value
        return _sample(body, times) * int(min(max(low, times), _limit(high), 64))
    return ""


def _limit(high: Any) -> int:
    return 64 if high is sre.MAXREPEAT else int(high)


def _members(items: list[Any]) -> list[str]:
    """A character of each part of a class; for a negated class, some that it does not name."""
    found: list[str] = []
    for kind, value in items:
        if kind is sre.LITERAL:
            found.append(chr(value))
        elif kind is sre.RANGE:
            found.append(chr(value[0]))
        elif kind is sre.CATEGORY:
            found.append(_CATEGORY[value])
    return found


def _member(items: list[Any]) -> str:
    if items[0][0] is not sre.NEGATE:
        return _members(items)[0]
    outside = re.compile("[^" + "".join(map(_in_class, items[1:])) + "]")
    return str(next(char for char in "xa0 -.!é\x01\u0301" if outside.match(char)))


def _in_class(item: Any) -> str:
    kind, value = item
    if kind is sre.LITERAL:
        return re.escape(chr(value))
    if kind is sre.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    names = {sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_SPACE: r"\s", sre.CATEGORY_WORD: r"\w"}
    names |= {sre.CATEGORY_NOT_DIGIT: r"\D", sre.CATEGORY_NOT_SPACE: r"\S", sre.CATEGORY_NOT_WORD: r"\W"}
    return str(names[value])


def _inner(node: Any) -> list[list[Any]]:
    """The lists of nodes within a node."""
    kind, value = node
    if kind is sre.BRANCH:
        return [list(each) for each in value[1]]
    if kind is sre.SUBPATTERN:
        return [list(value[3])]
    if kind is sre.ATOMIC_GROUP:
        return [list(value)]
    if kind in _REPEATS:
        return [list(value[2])]
    if kind in (sre.ASSERT, sre.ASSERT_NOT):
        return [list(value[1])]
    return []


def _all(nodes: list[Any]) -> Iterator[Any]:
    for node in nodes:
        yield node
        for inner in _inner(node):
            yield from _all(inner)


def _alphabet(nodes: list[Any]) -> list[str]:
    """The characters that the expression names, first those of its literals; and its literal words."""
    words: list[str] = []
    word = ""
    classes: list[str] = []
    for node in _all(nodes):
        if node[0] is sre.LITERAL:
            word += chr(node[1])
            continue
        words, word = [*words, word], ""
        if node[0] is sre.IN:
            classes += [_member(node[1]), *_members(node[1])]
    words = [each for each in [*words, word] if each]
    letters = list(dict.fromkeys("".join(words)))[:12]
    return list(dict.fromkeys([*letters, *(each for each in words if 1 < len(each) < 12), *classes]))[:24]


def _pairs(nodes: list[Any]) -> list[str]:
    """Two alternating characters, and brackets that are nested or left open."""
    letters = [each for each in _alphabet(nodes) if len(each) == 1 and not each.isalnum()][:5]
    return [one + other for one in letters for other in ("a", " ", *letters) if one != other]


def _samples_of_repeats(nodes: list[Any]) -> list[str]:
    found = []
    for node in _all(nodes):
        if node[0] in _REPEATS and _limit(node[1][1]) > _MANY:
            found += [_sample(node[1][2], 0), _sample(node[1][2], 1)]
    return [each for each in dict.fromkeys(found) if each][:10]


def _leads(nodes: list[Any], before: str) -> Iterator[str]:
    """The text before each unbounded repetition."""
    for place, node in enumerate(nodes):
        lead = before + _sample(nodes[:place], 1)
        if node[0] in _REPEATS and _limit(node[1][1]) > _MANY:
            yield lead
        for inner in _inner(node):
            yield from _leads(inner, lead)
