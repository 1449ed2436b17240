"""The search language of both vendors: text in, predicate out. What a term means is for the vendor to say (`Language`).

    query = part [[AND | OR] part …]      AND binds closer; two parts side by side mean AND
    part  = [NOT] ( "(" query ")" | term )
    term  = [field operator] value | field ":" "(" query of values ")"
    value = word or "quoted"; in quotes a backslash takes the next character as it is

Sources: the vendors' pages on searching incidents (support.atlassian.com, recorded 2026-02; docs.datadoghq.com).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

Row = Mapping[str, Any]
Predicate = Callable[[Row], bool]

DEPTH = 50  # how deeply parentheses and NOTs may be nested
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BARE = re.compile(r'[^\s()"]+')
_CONNECTIVES = ("AND", "OR", "NOT")


class QueryError(ValueError):
    """The text is not a query; the message says why."""


class Language(Protocol):
    """The terms of one vendor's language."""

    field: re.Pattern[str]
    """Matches a field and its operator, as two groups, at the beginning of a term."""
    negations: tuple[str, ...]
    """The words and signs that negate what follows."""
    operators: tuple[str, ...]
    """What no value begins with."""

    def check(self, name: str, operator: str) -> None:
        """Raise QueryError for an unknown field, or an operator that it does not have."""
        ...

    def term(self, name: str, operator: str, value: str) -> Predicate:
        """The meaning of a term; `name` is "" for a value without a field. Raises QueryError for a term without one."""
        ...


def parse(text: str, language: Language) -> Predicate:
    """Parse a query into a predicate. Raises QueryError."""
    parser = _Parser(text, language)
    predicate = parser.alternatives(parser.term)
    if not parser.at_end():
        raise QueryError(f"unexpected {parser.rest()!r}")
    return predicate


class _Parser:
    """A recursive descent parser; `at` is the index of the next character."""

    def __init__(self, text: str, language: Language) -> None:
        self.text = text
        self.language = language
        self.at = 0
        self.depth = 0

    def at_end(self) -> bool:
        """Whether only blanks are left; skips them."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at == len(self.text)

    def rest(self) -> str:
        """The start of the remaining text, for messages."""
        return self.text[self.at : self.at + 20]

    def take(self, token: str) -> bool:
        """Skip `token` if it is next; a word must end there. Returns whether it was."""
        if self.at_end() or not self.text.startswith(token, self.at):
            return False
        after = self.text[self.at + len(token) : self.at + len(token) + 1]
        if token.isalpha() and after and not (after.isspace() or after in "()"):
            return False
        self.at += len(token)
        return True

    def ahead(self, token: str) -> bool:
        """Whether `token` is next."""
        start = self.at
        found = self.take(token)
        self.at = start
        return found

    def alternatives(self, term: Callable[[], Predicate]) -> Predicate:
        """Terms joined by OR; AND, or nothing, binds closer."""
        parts = [self.together(term)]
        while self.take("OR"):
            parts.append(self.together(term))
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def together(self, term: Callable[[], Predicate]) -> Predicate:
        """Terms joined by AND or by nothing."""
        parts = [self.negatable(term)]
        while self.take("AND") or not (self.at_end() or self.text[self.at] == ")" or self.ahead("OR")):
            parts.append(self.negatable(term))
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def negatable(self, term: Callable[[], Predicate]) -> Predicate:
        """A term, a negation before one, or alternatives in parentheses."""
        self.depth += 1
        if self.depth > DEPTH:
            raise QueryError("it is nested too deep")
        made = self.nested(term)
        self.depth -= 1
        return made

    def nested(self, term: Callable[[], Predicate]) -> Predicate:
        """Parse one level deeper."""
        if any(self.take(sign) for sign in self.language.negations):
            inner = self.negatable(term)
            return lambda row: not inner(row)
        if not self.take("("):
            return term()
        inner = self.alternatives(term)
        if not self.take(")"):
            raise QueryError("a parenthesis is not closed")
        return inner

    def term(self) -> Predicate:
        """`field: value`, `field >= number`, `field: (value OR value)`, or a value alone."""
        if self.at_end():
            raise QueryError("a term is missing at the end")
        named = self.language.field.match(self.text, self.at)
        if named is None:
            return self.language.term("", "", self.value())
        name, operator = named.groups()
        self.language.check(name, operator)
        self.at = named.end()

        def of_field() -> Predicate:
            return self.language.term(name, operator, self.value())

        return self.negatable(of_field) if operator == ":" and self.ahead("(") else of_field()

    def value(self) -> str:
        """A quoted text or a bare word."""
        if self.at_end():
            raise QueryError("a value is missing at the end")
        if self.text[self.at] == '"':
            return self.quoted()
        bare = _BARE.match(self.text, self.at)
        if bare is None or bare.group() in _CONNECTIVES or bare.group().startswith(self.language.operators):
            raise QueryError(f"a value is missing before {self.rest()!r}")
        self.at = bare.end()
        return bare.group()

    def quoted(self) -> str:
        """A text in quotes."""
        match = _QUOTED.match(self.text, self.at)
        if match is None:
            raise QueryError("a quote is not closed")
        self.at = match.end()
        return re.sub(r"\\(.)", r"\1", match.group(1), flags=re.DOTALL)
