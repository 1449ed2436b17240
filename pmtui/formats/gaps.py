"""Finds what is left to write in a text: an empty section, a prompt of the template, a placeholder. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

_UNDERLINED = re.compile(r" {0,3}(?![-*+>] )\S[^\r\n]*\r?\n {0,3}(?:=+|-+)[ \t]*(?:\r|\n|$)")
"""The other way to write a heading in Markdown: a line of ``===`` or ``---`` below it."""
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]|$)")
_LINE_END = re.compile(r"\r\n|\r|\n")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_PLACEHOLDER = re.compile(r"\{\{[^{}\n]{1,200}\}\}|:placeholder\[[^\]\n]{0,200}\](?:\{[^}\n]{0,100}\})?|<!--(?:(?!-->)[^\n]){0,500}-->")
_PROMPT = re.compile(r"([*_])(?![*_\s])[^*_\n]{1,500}\1|(?:TODO|TBD|FIXME)\b[^\n]{0,200}|\.{3}|…|\?", re.IGNORECASE)
"""A line that is only a prompt: in italics, or a common placeholder."""
_MARK = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+\[[ xX]\])?(?:[ \t]+|$)")


@dataclass(frozen=True, slots=True)
class Gap:
    """Characters ``start`` to ``end`` of a text, equal when nothing is there. ``words`` is the text there."""

    start: int
    end: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str
    level: int  # of a heading, 0 for other lines
    code: bool

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def gaps(text: str) -> tuple[Gap, ...]:
    """The gaps in the text of a cell, in order."""
    lines = list(_lines(text))
    found, unwritten = list(_placeholders(lines)), _unwritten(lines)
    for heading, body, deeper in _sections(lines):
        if not deeper and not any(line.text.strip() for line in body):
            found.append(_under(heading, body, text))
            continue
        asked = [line for line in body if line.text.strip()]
        if len(asked) == 1 or unwritten:  # among other words a sentence in italics is no prompt
            found += filter(None, map(_prompt, asked))
    apart: list[Gap] = []
    for gap in sorted(set(found), key=lambda gap: (gap.start, -gap.end)):
        if not apart or gap.start >= apart[-1].end:
            apart.append(gap)
    return tuple(apart)


def has_title(texts: Sequence[str]) -> bool:
    """Whether the first of these sections is only the document's title, under which nothing is to be written.

    A title is a lone heading of a higher level than the next section's heading.
    """
    first, second = (*texts, "", "")[:2]
    first_lines = list(islice((line for line in _lines(first) if line.text.strip()), 2))  # no more is read of a long section
    if len(first_lines) != 1 or not first_lines[0].level:
        return False
    return first_lines[0].level < next((line.level for line in _lines(second) if line.level), 0)


def open_gaps(texts: Sequence[str]) -> Iterator[tuple[int, Gap]]:
    """The gaps in these sections of a document, each with its section's number, from 0."""
    titled = has_title(texts)
    for number, text in enumerate(texts):
        if number or not titled:
            yield from ((number, gap) for gap in gaps(text))


def is_unwritten(text: str) -> bool:
    """Whether a text has only headings, prompts and placeholders. Such a text always has a gap."""
    return _unwritten(_lines(text))


def heading_of(text: str) -> str:
    """The heading that a text begins with, "" for none."""
    first = next(_lines(text))
    return first.text if first.level else ""


def begins_with_heading(text: str) -> bool:
    """Whether the first words of a text are a heading, with marks before it or a line below it."""
    words = text.lstrip("\r\n")
    return bool(heading_of(words) or _UNDERLINED.match(words))


def is_heading_alone(lines: Sequence[str]) -> bool:
    """Whether a text has only a heading and empty lines below it."""
    return 1 < len(lines) < 9 and not any(lines[1:]) and ends_in_heading(lines[0])


def ends_in_heading(text: str) -> bool:
    """Whether the last line is a heading, so that typing at the end would change the title."""
    if not _HEADING.match(text, max(text.rfind("\n"), text.rfind("\r")) + 1):
        return False
    return bool(list(_lines(text))[-1].level)


def left_words(titled: Sequence[tuple[str, str]]) -> str:
    """A notice about gaps for the review, "" for none. ``titled`` are titles of sections and their texts; foreign text."""
    titled = titled[1:] if has_title([text for _, text in titled]) else titled
    empty = [title for title, text in titled if is_unwritten(text)]
    filled = [(title, gaps(text)) for title, text in titled if not is_unwritten(text)]
    asked = list(dict.fromkeys(gap.words for _, found in filled for gap in found if gap.words))
    bare = [title for title, found in filled if any(not gap.words for gap in found)]
    parts = [
        f"still empty: {', '.join(empty)}" if empty else "",
        f"with an empty part: {', '.join(bare)}" if bare else "",
        f"not filled in: {', '.join(asked)}" if asked else "",
    ]
    return " · ".join(filter(None, parts))


def _lines(text: str) -> Iterator[_Line]:
    at, fence = 0, ""
    for end in chain((found.span() for found in _LINE_END.finditer(text)), ((len(text), len(text)),)):
        line = text[at : end[0]]
        mark = _FENCE.match(line)
        heading = None if fence else _HEADING.match(line)
        yield _Line(at, line, len(heading[1]) if heading else 0, bool(fence or mark))
        if mark:
            fence = ("" if mark[1].startswith(fence) and not line.strip(" `~") else fence) if fence else mark[1]
        at = end[1]


def _unwritten(lines: Iterable[_Line]) -> bool:
    return all(not line.code and (line.level or not _words(line) or _prompt(line)) for line in lines)


def _sections(lines: Sequence[_Line]) -> Iterator[tuple[_Line | None, list[_Line], bool]]:
    """Each heading, None for the text before the first, the lines below it, and whether a smaller heading follows."""
    heading: _Line | None = None
    body: list[_Line] = []
    for line in lines:
        if not line.level:
            body.append(line)
            continue
        if heading is not None or any(each.text.strip() for each in body):
            yield heading, body, heading is not None and line.level > heading.level
        heading, body = line, []
    yield heading, body, False


def _under(heading: _Line | None, body: Sequence[_Line], text: str) -> Gap:
    """The place to write below a heading, after its blank line if there is one."""
    if heading is None:
        return Gap(len(text), len(text))
    if not body:
        return Gap(heading.end, heading.end)
    place = body[min(1, len(body) - 1)] if body[-1].end == len(text) or len(body) > 2 else body[0]
    return Gap(place.start, place.start)


def _placeholders(lines: Sequence[_Line]) -> Iterator[Gap]:
    for line in lines:
        for found in () if line.code else _PLACEHOLDER.finditer(line.text):
            yield Gap(line.start + found.start(), line.start + found.end(), found[0])


def _words(line: _Line) -> str:
    """The text of a line without its list marker and placeholders."""
    mark = _MARK.match(line.text)
    return _PLACEHOLDER.sub("", line.text[mark.end() if mark else 0 :]).strip()


def _prompt(line: _Line) -> Gap | None:
    """The line as a gap if it is only a prompt or an empty list item, else None."""
    mark = _MARK.match(line.text)
    start = mark.end() if mark else len(line.text) - len(line.text.lstrip())
    words = line.text[start:].rstrip()
    if line.code or (words and not _PROMPT.fullmatch(words)) or (not words and not mark):
        return None
    return Gap(line.start + start, line.start + start + len(words), words)
