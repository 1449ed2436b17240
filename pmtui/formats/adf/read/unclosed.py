"""Finds notation that is begun and not closed, `:date[2026-02-26`: it would be sent as the plain text that it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from markdown_it.token import Token

from pmtui.formats.adf.notation import WORDS
from pmtui.formats.adf.read.parser import parse

_LONGEST = 40
"""How many characters of it are quoted."""
_BEGUN = re.compile(rf"(?P<begun>:(?:{'|'.join(WORDS)})\[[^\[\]]*)(?:\[|$)|(?P<mention>@\[[^\[\]]*)(?:\[|$|\]\([^\s()<>]*+(?!\)))")
_BRACE = re.compile(r"\{[^{}]*$")


def unclosed(markdown: str) -> tuple[str, ...]:
    """The beginnings of notation in a text that lack their end, each once, in order. What is escaped or in code does not count."""
    parsed = parse(markdown, {})
    found: dict[str, None] = {}
    for token in parsed.tokens:
        if token.type == "inline" and token.content:
            found.update(dict.fromkeys(map(_quoted, _begun(parsed.words(token.content)))))
    return tuple(found)


def _begun(tokens: Iterable[Token]) -> Iterator[str]:
    before = None
    for token in tokens:  # a text token ends where another token begins, also with its line
        if token.type == "text":
            if before is not None and before.type in ("word", "mention") and (brace := _BRACE.match(token.content)):
                yield brace[0]
            yield from (match["begun"] or match[0].removesuffix("[") for match in _BEGUN.finditer(token.content))
        before = token


def _quoted(begun: str) -> str:
    return begun if len(begun) <= _LONGEST else f"{begun[:_LONGEST]}…"
