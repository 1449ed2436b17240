"""The search language: `state:(active OR stable) AND -severity:SEV-5 AND team* "exact words"`.

    query = part [[AND | OR] part …]      AND binds closer; two parts side by side mean AND
    part  = [NOT | -] ( "(" query ")" | [facet ":"] value | facet ":" "(" value [OR value …] ")" )
    value = word or "quoted", `*` stands for anything

A facet is matched as a whole, words anywhere in the text. What is not a facet matches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any

Record = dict[str, Any]
Test = Callable[[Record], bool]
Values = Callable[[Record, str], list[str]]  # the values of a facet; facet "" gives the searchable text

TOKEN = re.compile(
    r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<name>[\w.@-]+):|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[^\s()":]+(?::[^\s()"]*)?))'
)
TIME_RANGE = re.compile(r"(^|[?&])(from_ts|to_ts)(=|$)")  # in the browser's address, but not in the language


class QueryError(ValueError):
    """The query cannot be understood."""


def parse(query: str, values: Values) -> Test:
    """A test for records.

    Raises:
        QueryError: says what is wrong, in words for the one who typed it.
    """
    tokens = list(_tokens(query))
    if not tokens:
        raise QueryError("query cannot be empty")
    parser = _Parser(tokens, values)
    test = parser.either()
    if parser.rest():
        raise QueryError(f"unexpected {parser.rest()[0][1] or ')'!r} in query")
    return test


def _tokens(query: str) -> Iterator[tuple[str, str]]:
    place = 0
    query = query.strip()
    while place < len(query):
        match = TOKEN.match(query, place)
        if match is None or match.end() == place:
            raise QueryError(f"unexpected {query[place]!r} in query")
        kind = match.lastgroup or "word"
        text = match[kind]
        if TIME_RANGE.search(text):
            raise QueryError(f"invalid query: {text} is not supported")
        yield kind, re.sub(r"\\(.)", r"\1", text) if kind == "quoted" else text
        place = match.end()


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], values: Values) -> None:
        self._tokens = tokens
        self._values = values
        self._place = 0

    def rest(self) -> list[tuple[str, str]]:
        return self._tokens[self._place :]

    def _take(self, *wanted: tuple[str, str]) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place] in wanted:
            self._place += 1
            return True
        return False

    def either(self) -> Test:
        tests = [self._all()]
        while self._take(("word", "OR")):
            tests.append(self._all())
        return lambda record: any(test(record) for test in tests)

    def _all(self) -> Test:
        tests = [self._part()]
        while self.rest() and self.rest()[0] not in (("word", "OR"), ("close", ")")):
            self._take(("word", "AND"))
            tests.append(self._part())
        return lambda record: all(test(record) for test in tests)

    def _part(self) -> Test:
        if not self.rest():
            raise QueryError("query ends too early")
        if self._take(("word", "NOT"), ("word", "-")):
            test = self._part()
            return lambda record: not test(record)
        kind, text = self.rest()[0]
        self._place += 1
        if kind == "open":
            return self._closed(self.either())
        if kind == "name":
            return self._facet(text)
        if kind == "close" or (kind == "word" and text in ("AND", "OR")):
            raise QueryError(f"unexpected {text!r} in query")
        if kind == "word" and text.startswith("-"):
            test = self._value("", text[1:])
            return lambda record: not test(record)
        return self._value("", text)

    def _closed(self, test: Test) -> Test:
        if not self._take(("close", ")")):
            raise QueryError("missing ) in query")
        return test

    def _facet(self, name: str) -> Test:
        negated, name = name.startswith("-"), name.lstrip("-")
        if self._take(("open", "(")):
            tests = [self._value(name, self._word())]
            while self._take(("word", "OR")):
                tests.append(self._value(name, self._word()))
            test = self._closed(lambda record: any(one(record) for one in tests))
        else:
            test = self._value(name, self._word())
        return (lambda record: not test(record)) if negated else test

    def _word(self) -> str:
        if not self.rest() or self.rest()[0][0] not in ("word", "quoted"):
            raise QueryError("missing value in query")
        self._place += 1
        return self._tokens[self._place - 1][1]

    def _value(self, facet: str, wanted: str) -> Test:
        pattern = wanted.casefold()
        values = self._values
        if "*" in pattern:
            glob = f"*{pattern}*" if not facet else pattern
            return lambda record: any(fnmatchcase(value.casefold(), glob.replace("[", "[[]")) for value in values(record, facet))
        if not facet:
            return lambda record: any(pattern in value.casefold() for value in values(record, ""))
        return lambda record: any(pattern == value.casefold() for value in values(record, facet))
