"""What is left to write in a section: nothing under a heading, a prompt of the template, a placeholder. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]|$)")
_LINE_END = re.compile(r"\r\n|\r|\n")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_PLACEHOLDER = re.compile(r"\{\{[^{}\n]{1,200}\}\}|:placeholder\[[^\]\n]{0,200}\](?:\{[^}\n]{0,100}\})?|<!--(?:(?!-->)[^\n]){0,500}-->")
_PROMPT = re.compile(r"([*_])(?![*_\s])[^*_\n]{1,500}\1|(?:TODO|TBD|FIXME)\b[^\n]{0,200}|\.{3}|…|\?", re.IGNORECASE)
"""A line that only asks: in italics, or a word that everybody knows."""
_MARK = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+\[[ xX]\])?(?:[ \t]+|$)")


@dataclass(frozen=True, slots=True)
class Gap:
    """Characters ``start`` to ``end`` of a text, the same place twice where nothing stands. ``words`` are what stands there."""

    start: int
    end: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str
    level: int  # of a heading, else 0
    code: bool

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def gaps(text: str) -> tuple[Gap, ...]:
    """What is left to write in the text of a cell, in order."""
    lines = list(_lines(text))
    found = list(_placeholders(lines))
    for heading, body, deeper in _sections(lines):
        if not deeper and not any(line.text.strip() for line in body):
            found.append(_under(heading, body, text))
        elif len(asked := [line for line in body if line.text.strip()]) == 1 and (gap := _prompt(asked[0])):
            found.append(gap)
    return tuple(sorted(found, key=lambda gap: gap.start))


def is_unwritten(text: str) -> bool:
    """Whether nobody has written anything yet: there are only headings, prompts and placeholders."""
    return all(not line.code and (line.level or not _words(line) or _prompt(line)) for line in _lines(text))


def ends_in_heading(text: str) -> bool:
    """Whether the last line is a heading: what is typed behind it goes into the title."""
    if not _HEADING.match(text, max(text.rfind("\n"), text.rfind("\r")) + 1):
        return False
    return bool(list(_lines(text))[-1].level)


def left_words(titled: Sequence[tuple[str, str]]) -> str:
    """What was left, for whoever sends it, "" for nothing. ``titled`` are titles of sections and their texts; foreign text."""
    empty = [title for title, text in titled if is_unwritten(text)]
    filled = [(title, text) for title, text in titled if not is_unwritten(text)]
    asked = list(dict.fromkeys(gap.words for _, text in filled for gap in gaps(text) if gap.words))
    bare = [title for title, text in filled if any(not gap.words for gap in gaps(text))]
    parts = [
        f"still empty: {', '.join(empty)}" if empty else "",
        f"with an empty part: {', '.join(bare)}" if bare else "",
        f"not filled in: {', '.join(asked)}" if asked else "",
    ]
    return " · ".join(filter(None, parts))


def _lines(text: str) -> Iterator[_Line]:
    at, fence = 0, ""
    for end in (*(found.span() for found in _LINE_END.finditer(text)), (len(text), len(text))):
        line = text[at : end[0]]
        mark = _FENCE.match(line)
        heading = None if fence else _HEADING.match(line)
        yield _Line(at, line, len(heading[1]) if heading else 0, bool(fence or mark))
        if mark:
            fence = ("" if mark[1].startswith(fence) and not line.strip(" `~") else fence) if fence else mark[1]
        at = end[1]


def _sections(lines: Sequence[_Line]) -> Iterator[tuple[_Line | None, list[_Line], bool]]:
    """Each heading, the lines below it, and whether a smaller heading follows. What stands before the first one has None."""
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
    """The place to write below a heading: with a line between, where there is one."""
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
    """What a line says without its list mark and its placeholders."""
    mark = _MARK.match(line.text)
    return _PLACEHOLDER.sub("", line.text[mark.end() if mark else 0 :]).strip()


def _prompt(line: _Line) -> Gap | None:
    """The line as a gap where it only asks, or is the mark of an item that has no words."""
    mark = _MARK.match(line.text)
    start = mark.end() if mark else len(line.text) - len(line.text.lstrip())
    words = line.text[start:].rstrip()
    if line.code or (words and not _PROMPT.fullmatch(words)) or (not words and not mark):
        return None
    return Gap(line.start + start, line.start + start + len(words), words)
