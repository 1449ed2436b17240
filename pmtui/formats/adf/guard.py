"""Checks that a document has every word of the Markdown that it was made from, or that is on the screen.

The words come from the characters of the Markdown, not from its parsed form, which would lack what the parser drops. Words
that only name a construct (the ``expand`` of ``:::expand``, the number of a list item, the label of a link reference) do
not count.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from pmtui.formats.adf import brace, notation, opaque
from pmtui.formats.adf.schema import INLINE, MARKS, NODES
from pmtui.formats.adf.values import attributes, children, dump, kind, marks, text_of, walk
from pmtui.formats.words import missing, words_of

#: What may precede the words of a line: quotes, list markers, indentation.
_PREFIX = re.compile(r"(?:[ \t>]|(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$))*+")
_BOX = re.compile(r"\[[xX]\](?=[ \t]|$)")
_PANEL = re.compile(rf"\[!(?:{'|'.join([*notation.PANEL_TYPES, *notation.PANEL_ALIASES])})\]", re.IGNORECASE)
_DIRECTIVES = "|".join(sorted({*notation.CONTAINERS, *notation.LEAVES}))
_DIRECTIVE = re.compile(rf":{{2,}}+[ \t]*+(?:adf[ \t]++(?:{'|'.join(NODES)})|{_DIRECTIVES})\b")
_FENCE = re.compile(rf"(`{{3,}}+|~{{3,}}+)[ \t]*+{notation.OPAQUE}[ \t]*+$")
_DEFINITION = re.compile(r"^ ++\[((?:[^\[\]\\]|\\.)++)\]:", re.MULTILINE | re.DOTALL)
_LABEL = re.compile(r"(?<=\])\[((?:[^\[\]\\]|\\.)++)\]", re.DOTALL)
#: A character of a label that is a JSON string.
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")
_INLINE = re.compile(rf":(?:{'|'.join(notation.WORDS)})(?=\[)|<br ?/?>|(?<=\]\()media:")
#: Words in braces that name attributes and marks.
_NAMES = {*notation.SHORT.values(), *notation.MEDIA_SHORT.values(), *notation.VALUE_MARKS, *(word for _, word in notation.MARK_DETAILS)}
_NAMES |= {name for rule in (*NODES.values(), *MARKS.values()) for form in rule.forms for name in form.checks}
_LONE_NAMES = {*notation.WORD_MARKS, *notation.STATUS_COLORS, "header", "cell", "cells", "card", "inline"}


def lost_words(markdown: str, document: Any) -> tuple[str, ...]:
    """The words, numbers and addresses of the Markdown that the document does not have, or has less often.

    Each item is the text between two blanks of the Markdown, in order; empty when nothing is lost. ``document`` is a document
    or any node: the one to be sent, or the one on the server. Additional words in it (of others, of prompts) are ignored.
    """
    return missing(_without_notation(markdown), words_in(document))


def words_in(document: Any) -> Counter[str]:
    """Count all words of a document: in its texts, addresses, titles and other attributes."""
    found: Counter[str] = Counter()
    for node in walk(document):
        found.update(_words_of_attributes(node))
        if any(kind(child) in INLINE for child in children(node)):
            found.update(_words_of_texts(children(node)))
        elif kind(node) == "text" and node is document:
            found.update(words_of(text_of(node)))
    return found


def _words_of_texts(content: list[Any]) -> Counter[str]:
    """Count the words of texts, both per node and joined, because a server may split texts elsewhere."""
    texts = [text_of(node) if kind(node) == "text" else " " for node in content]
    alone: Counter[str] = Counter()
    for text in texts:
        alone.update(_literal(text))
    return alone | _literal("".join(texts))


def _literal(text: str) -> Counter[str]:
    """Count the words of a text that is not Markdown: ``&amp;`` in it may be code, or ``&`` escaped twice."""
    return words_of(text) | words_of(text.replace("&", " ")) if "&" in text else words_of(text)


def _words_of_attributes(node: dict[str, Any]) -> Counter[str]:
    shown = [kind(node)] if kind(node) not in NODES and kind(node) != "doc" else []
    for mark in marks(node):
        shown += [kind(mark)] if kind(mark) not in MARKS else []
        shown += _scalars(attributes(mark))
    shown += _scalars(attributes(node))
    found: Counter[str] = Counter()
    for text in shown:
        found.update(_literal(text))
    if kind(node) == "date":
        found.update(words_of(_moment(attributes(node).get("timestamp"))))
    return found


def _scalars(root: dict[str, Any]) -> Iterator[str]:
    """The strings, numbers and booleans in a JSON object, and the keys of nested objects."""
    stack: list[Any] = [value for name, value in root.items() if name != "localId"]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            stack += [*value, *value.values()]
        elif isinstance(value, list):
            stack += value
        elif isinstance(value, str):
            yield value
        else:
            yield dump(value)


def _moment(timestamp: Any) -> str:
    """A date as it may have been typed: the day, and the full time."""
    try:
        moment = datetime.fromtimestamp(int(timestamp) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z {moment:%Y-%m-%d}"


# ---- notation in a text -----------------------------------------------------------------------------------


def _without_notation(markdown: str) -> str:
    """The Markdown with blanks in place of words that name constructs."""
    text = "\n".join(_lines(markdown.split("\n")))
    if labels := {_folded(match[1]) for match in _DEFINITION.finditer(text)}:
        text = _LABEL.sub(lambda match: " " if _folded(match[1]) in labels else match[0], _DEFINITION.sub(" ", text))
    return brace.BRACE.sub(_values, _INLINE.sub(" ", text))


def _lines(lines: Iterable[str]) -> Iterator[str]:
    """The lines without leading markers; a fence of JSON becomes the words of its node."""
    ticks, around, body = "", "", list[str]()
    for line in [*lines, None]:
        prefix, rest = _parted(line or "")
        closes = rest.startswith(ticks) and not rest.rstrip().strip("`~")
        if ticks and line is not None and not closes and _goes_on(line, prefix, around):
            body.append(line.lstrip(" \t>"))
            continue
        if ticks:
            yield _fenced(body)
        if match := None if ticks and closes else _FENCE.match(rest):
            ticks, around, body = match[1], prefix, []
        else:
            yield "" if ticks and closes else " " + _without_marker(rest)
            ticks = ""


def _goes_on(line: str, prefix: str, around: str) -> bool:
    """Whether a line is still in the quotes and lists in which a fence was opened."""
    if around.lstrip()[:1] == ">":
        return line.lstrip()[:1] == ">" and prefix.count(">") >= around.count(">")
    return not around or line[:1] in ("", " ", "\t")


def _parted(line: str) -> tuple[str, str]:
    """Split a line into its leading markers and the rest."""
    match = _PREFIX.match(line)
    return (match[0], line[match.end() :]) if match else ("", line)


def _without_marker(rest: str) -> str:
    for pattern in (_BOX, _PANEL, _DIRECTIVE):
        if match := pattern.match(rest):
            behind = rest[match.end() :]
            return " " + (_ESCAPE.sub(lambda code: chr(int(code[1], 16)), behind) if pattern is _DIRECTIVE else behind)
    return rest


def _fenced(body: list[str]) -> str:
    node = opaque.decode("\n".join(body))
    return "\n".join(body) if node is None else " ".join(words_in(node).elements())


def _folded(label: str) -> str:
    return " ".join(label.casefold().split())


def _values(match: re.Match[str]) -> str:
    """Replace a brace of the notation by its values; leave any other brace."""
    items = brace.read(match[0])
    if not items:
        return match[0]
    shown = [key if value is None else value if key in _NAMES else f"{key}={value}" for key, value in items]
    values = [value for value in shown if value not in _LONE_NAMES and value != notation.NONE]
    return f" {' '.join(values)} " if values else ""
