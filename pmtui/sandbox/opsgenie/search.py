"""The search syntax of incidents, users and services: text in, predicate out.

Source: support.atlassian.com "Search syntax for incidents" (recorded 2026-02): ``field: value``, ``< <= > >=``, AND, OR,
NOT, parentheses (``message: (lorem OR ipsum)``), quotes and ``*``. Terms side by side are joined by AND.

Text fields match whole words in order, without case; other fields match the whole value; comparisons are for numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

Row = Mapping[str, Any]
Predicate = Callable[[Row], bool]

DEPTH = 50  # how many parentheses and NOTs may stand within each other
_OPERATORS = ("<=", ">=", "<", ">", ":")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_WORD = re.compile(r"[\w*?]+")
_BARE = re.compile(r'[^\s()"]+')
_NAME = re.compile(r"([A-Za-z][\w.]*)\s*(<=|>=|<|>|:)")


class BadQuery(ValueError):
    """The text is not a query; the message says why."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field that can be asked for. `read` gives its values; `kind` is text, value or number."""

    kind: str
    read: Callable[[Row], Iterable[Any]]


def compile_query(text: str, fields: Mapping[str, Field], free: tuple[str, ...]) -> Predicate:
    """The predicate that a query says; an empty query is true of everything. Words without a field look in `free`.

    Raises:
        BadQuery: an unknown field, a missing value or operator, an open quote or parenthesis, or a comparison that cannot be.
    """
    parser = _Parser(text, fields, free)
    if parser.done():
        return lambda row: True
    predicate = parser.alternatives(parser.term)
    if not parser.done():
        raise BadQuery(f"unexpected {parser.rest()!r}")
    return predicate


class _Parser:
    """Recursive descent over the text; `at` is the next character to read."""

    def __init__(self, text: str, fields: Mapping[str, Field], free: tuple[str, ...]) -> None:
        self.text = text
        self.fields = fields
        self.free = free
        self.at = 0
        self.depth = 0

    def done(self) -> bool:
        """Whether nothing but blanks is left; reads over the blanks."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at == len(self.text)

    def rest(self) -> str:
        """The beginning of what is left, for messages."""
        return self.text[self.at : self.at + 20]

    def take(self, token: str) -> bool:
        """Read over `token` when it comes next; a word must end there."""
        if self.done() or not self.text.startswith(token, self.at):
            return False
        after = self.text[self.at + len(token) : self.at + len(token) + 1]
        if token.isalpha() and after and not (after.isspace() or after in "()"):
            return False
        self.at += len(token)
        return True

    def alternatives(self, term: Callable[[], Predicate]) -> Predicate:
        """Terms joined by OR; AND, or nothing, binds closer."""
        parts = [self.together(term)]
        while self.take("OR"):
            parts.append(self.together(term))
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def together(self, term: Callable[[], Predicate]) -> Predicate:
        """Terms joined by AND or by nothing."""
        parts = [self.negatable(term)]
        while True:
            if self.take("AND"):
                parts.append(self.negatable(term))
            elif self.done() or self.text[self.at] == ")" or self.ahead("OR"):
                break
            else:
                parts.append(self.negatable(term))
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def ahead(self, token: str) -> bool:
        """Whether `token` comes next."""
        start = self.at
        found = self.take(token)
        self.at = start
        return found

    def negatable(self, term: Callable[[], Predicate]) -> Predicate:
        """A term, a NOT before one, or alternatives in parentheses."""
        self.depth += 1
        if self.depth > DEPTH:
            raise BadQuery("it is nested too deep")
        made = self.nested(term)
        self.depth -= 1
        return made

    def nested(self, term: Callable[[], Predicate]) -> Predicate:
        """What stands one level deeper."""
        if self.take("NOT"):
            inner = self.negatable(term)
            return lambda row: not inner(row)
        if not self.take("("):
            return term()
        inner = self.alternatives(term)
        if not self.take(")"):
            raise BadQuery("a parenthesis is not closed")
        return inner

    def term(self) -> Predicate:
        """`field: value`, `field >= number`, or free text."""
        if self.done():
            raise BadQuery("a term is missing at the end")
        named = _NAME.match(self.text, self.at)
        if named is None:
            word = self.value()
            matchers = [self.fields[name] for name in self.free]
            return lambda row: any(_matches(field, row, word) for field in matchers)
        name, operator = named.groups()
        if name not in self.fields:
            raise BadQuery(f"unknown field {name!r}; fields are {', '.join(sorted(self.fields))}")
        self.at = named.end()
        field = self.fields[name]
        if operator != ":":
            return self.comparison(name, field, operator)
        if self.ahead("("):
            return self.negatable(lambda: self.equality(field))
        return self.equality(field)

    def equality(self, field: Field) -> Predicate:
        """A value, of a field that was named before."""
        word = self.value()
        return lambda row: _matches(field, row, word)

    def comparison(self, name: str, field: Field, operator: str) -> Predicate:
        """A number after one of `< <= > >=`."""
        word = self.value()
        if field.kind != "number":
            raise BadQuery(f"{name!r} cannot be compared with {operator}")
        if not re.fullmatch(r"-?\d+", word):
            raise BadQuery(f"{name!r} is compared with a whole number, not {word!r}")
        number = int(word)
        compare = _COMPARE[operator]
        return lambda row: any(compare(value, number) for value in field.read(row))

    def value(self) -> str:
        """A quoted text or a bare word."""
        if self.done():
            raise BadQuery("a value is missing at the end")
        if self.text[self.at] == '"':
            return self.quoted()
        bare = _BARE.match(self.text, self.at)
        if bare is None or bare.group() in ("AND", "OR", "NOT") or bare.group().startswith(_OPERATORS):
            raise BadQuery(f"a value is missing before {self.rest()!r}")
        self.at = bare.end()
        return bare.group()

    def quoted(self) -> str:
        """A text in quotes; a backslash takes the next character as it is."""
        match = _QUOTED.match(self.text, self.at)
        if match is None:
            raise BadQuery("a quote is not closed")
        self.at = match.end()
        return re.sub(r"\\(.)", r"\1", match.group(1), flags=re.DOTALL)


_COMPARE: dict[str, Callable[[Any, int], bool]] = {
    "<": lambda value, number: value < number,
    "<=": lambda value, number: value <= number,
    ">": lambda value, number: value > number,
    ">=": lambda value, number: value >= number,
}


def _matches(field: Field, row: Row, wanted: str) -> bool:
    if field.kind == "text":
        return any(_holds_words(str(value), wanted) for value in field.read(row))
    pattern = wanted.casefold().replace("[", "[[]")
    return any(fnmatchcase(str(value).casefold(), pattern) for value in field.read(row))


def _holds_words(text: str, wanted: str) -> bool:
    """Whether the words of `wanted` stand in `text`, side by side."""
    patterns = _WORD.findall(wanted.casefold())
    words = _WORD.findall(text.casefold())
    return bool(patterns) and any(
        all(fnmatchcase(word, pattern) for word, pattern in zip(words[start : start + len(patterns)], patterns, strict=True))
        for start in range(len(words) - len(patterns) + 1)
    )
