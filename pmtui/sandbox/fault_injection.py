"""Faults by rule: what goes wrong, on which request, and when.

    RULE   = METHOD PATH ACTION [WHEN …]
    METHOD = GET | POST | PUT | PATCH | DELETE | *
    PATH   = * (any path), or a pattern: `*` stands for anything within one segment, `**` for anything at all
    WHEN   = always | first N | after N | every N          (they combine: `after 2 first 1` is the third only)

    ACTION, not applied (the vendor never sees the request):
      STATUS            400 … 599 in the vendor's own error dialect; 429 with the vendor's rate limit headers
      html [STATUS]     a proxy's login page, 200 unless a status is given
      empty STATUS      that status (204 is one, too) and no body
      redirect URL      302 to another place
      drop-before       the connection is closed without an answer
    ACTION, applied (the vendor does what was asked, the answer suffers):
      STATUS applied    the failure comes after the change was made
      drop-after        the connection is closed without an answer
      truncate          a complete HTTP answer whose JSON stops in the middle
      cut               fewer bytes than Content-Length promised
      empty             the right status without a body
      garbage           bytes that are not UTF-8
      bomb              gzip that unpacks to 256 MiB
      drip [SECONDS]    one byte every SECONDS (0.2)
      mismatch          the longest text in the answer differs from what is stored
      stale             the answer that the same GET gave the time before
    ACTION, together with others:
      delay SECONDS     the request is applied, the answer comes late
      edit              another person edits the same resource just before the request is looked at

`PUT /api/v1/notebooks/* 503 first 2` — the first two notebook writes fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "*"})
PLAIN = frozenset({"drop-before", "drop-after", "truncate", "cut", "empty", "garbage", "bomb", "mismatch", "stale", "edit"})
WITH_WORDS = ("html [STATUS]", "redirect URL", "delay SECONDS", "drip [SECONDS]")
COMPANIONS = frozenset({"delay", "edit"})


@dataclass(frozen=True, slots=True)
class Action:
    """An action. `applied`: the vendor makes the change all the same."""

    kind: str
    status: int = 0
    seconds: float = 0.0
    url: str = ""
    applied: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule. `first` 0 means no end."""

    method: str
    path: re.Pattern[str]
    action: Action
    after: int = 0
    first: int = 0
    every: int = 1

    def matches(self, method: str, path: str) -> bool:
        """Whether the rule applies to this request."""
        return self.method in ("*", method) and self.path.fullmatch(path) is not None

    def due(self, count: int) -> bool:
        """Whether it acts on the `count`-th match, counted from 1."""
        turn = count - self.after
        return turn >= 1 and (not self.first or turn <= self.first) and turn % self.every == 0


def parse(text: str) -> Rule:
    """Parse a rule. Raises ValueError, which names the word that was not understood."""
    words = text.split()
    if len(words) < 3:
        raise ValueError(f"fault rule {text!r}: expected METHOD PATH ACTION [WHEN], for example 'PUT /api/v1/notebooks/* 503 first 2'")
    method = words[0].upper()
    if method not in METHODS:
        raise ValueError(f"fault rule {text!r}: {words[0]!r} is not a method ({', '.join(sorted(METHODS))})")
    if words[1] != "*" and not words[1].startswith("/"):
        raise ValueError(f"fault rule {text!r}: the path {words[1]!r} must start with '/' or be '*'")
    try:
        action, rest = _action(words[2], words[3:])
        return _when(Rule(method, _pattern(words[1]), action), rest)
    except ValueError as error:
        raise ValueError(f"fault rule {text!r}: {error}") from None


def _pattern(glob: str) -> re.Pattern[str]:
    if glob == "*":
        return re.compile(".*", re.DOTALL)
    parts = re.split(r"(\*\*|\*)", glob)
    return re.compile("".join({"**": ".*", "*": "[^/]*"}.get(part) or re.escape(part) for part in parts), re.DOTALL)


def _action(word: str, rest: list[str]) -> tuple[Action, list[str]]:
    if word.isdigit():
        return _status(word, rest)
    numbered = bool(rest) and rest[0].replace(".", "", 1).isdigit()
    if word == "empty" and numbered:
        return Action("empty", 204 if rest[0] == "204" else _failing(rest[0]), applied=False), rest[1:]
    if word == "html":
        return Action("html", _page_status(rest[0]) if numbered else 200, applied=False), rest[numbered:]
    if word in PLAIN:
        return Action(word, applied=word != "drop-before"), rest
    if word == "redirect":
        if not rest:
            raise ValueError("redirect needs a URL")
        return Action("redirect", 302, url=rest[0], applied=False), rest[1:]
    if word == "delay":
        if not rest:
            raise ValueError("delay needs seconds")
        return Action("delay", seconds=_seconds(rest[0])), rest[1:]
    if word == "drip":
        return Action("drip", seconds=_seconds(rest[0]) if numbered else 0.2), rest[numbered:]
    raise ValueError(f"unknown action {word!r}; there are STATUS (400 to 599) [applied], {', '.join(sorted(PLAIN | set(WITH_WORDS)))}")


def _status(word: str, rest: list[str]) -> tuple[Action, list[str]]:
    applied = rest[:1] == ["applied"]
    return Action("status", _failing(word), applied=applied), rest[1:] if applied else rest


def _failing(word: str) -> int:
    if not word.isdigit() or not 400 <= int(word) <= 599:
        raise ValueError(f"{word} is not a failure (400 to 599)")
    return int(word)


def _page_status(word: str) -> int:
    return 200 if word == "200" else _failing(word)


def _seconds(word: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        raise ValueError(f"{word!r} is not a number of seconds") from None
    if not 0 <= seconds <= 3600:
        raise ValueError(f"{word!r} is not between 0 and 3600 seconds")
    return seconds


def _when(rule: Rule, words: list[str]) -> Rule:
    while words:
        word, *words = words
        if word == "always":
            continue
        if word not in ("first", "after", "every"):
            raise ValueError(f"{word!r} is not one of always, first, after, every")
        if not words or not words[0].isdigit() or int(words[0]) < 1:
            raise ValueError(f"{word!r} needs a whole number from 1")
        number = int(words[0])
        match word:
            case "first":
                rule = replace(rule, first=number)
            case "after":
                rule = replace(rule, after=number)
            case "every":
                rule = replace(rule, every=number)
        words = words[1:]
    return rule


class Faults:
    """The active rules, and how often each has matched. Not thread-safe: the server's lock guards it."""

    def __init__(self, rules: Iterable[str] = ()) -> None:
        self._rules: list[Rule] = []
        self._counts: list[int] = []
        for text in rules:
            self.add(text)

    def add(self, text: str) -> None:
        """Add a rule. Raises ValueError when it cannot be parsed."""
        self._rules.append(parse(text))
        self._counts.append(0)

    def clear(self) -> None:
        """Forget every rule and how often it has matched."""
        self._rules.clear()
        self._counts.clear()

    def due(self, method: str, path: str) -> list[Action]:
        """The actions for this request: all due companions (`delay`, `edit`), and the first of the other due actions."""
        actions: list[Action] = []
        for index, rule in enumerate(self._rules):
            if not rule.matches(method, path):
                continue
            self._counts[index] += 1
            taken = any(action.kind not in COMPANIONS for action in actions)
            if rule.due(self._counts[index]) and (rule.action.kind in COMPANIONS or not taken):
                actions.append(rule.action)
        return actions
