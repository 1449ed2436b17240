"""Three-way merging of one text: by line, and by word where both sides changed the same lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pmtui.model.matching import Matcher, matching_blocks

Whose: TypeAlias = Literal["mine", "theirs", "both"]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A stretch without a clash: unchanged, changed by one side, or changed equally by both."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Whole lines that both sides changed differently."""

    base: str
    mine: str
    theirs: str


Stretch: TypeAlias = Agreed | Clash

_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_APART = 3
"""How many unchanged words must separate the two sides' changes in a line. Closer changes may be about one number or one fact."""
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_QUOTE = re.compile(r" {0,3}>")
_ROW = re.compile(r"[ \t]*\|")
_WORDS = re.compile(r"\n|[^\S\n]+|\S+")


def lines_of(text: str) -> list[str]:
    """The lines with their ends; joined they give the text. Only ``\\n`` ends a line."""
    return _LINES.findall(text)


def words_of(text: str) -> list[str]:
    """Words, runs of blanks, and line ends; joined they give the text."""
    return _WORDS.findall(text)


def stretches(*, base: str, mine: str, theirs: str) -> tuple[Stretch, ...]:
    """The merged text in order, as agreed and clashing stretches.

    Line ends are not compared: text added below the last line does not change that line.
    """
    if mine == theirs or theirs == base:
        return (Agreed(mine),)
    if mine == base:
        return (Agreed(theirs),)
    found: list[Stretch] = []
    agreed: list[str] = []  # joined at the end: joining each time would be quadratic
    for part in _regions(base=lines_of(_ended(base)), mine=lines_of(_ended(mine)), theirs=lines_of(_ended(theirs))):
        if isinstance(part, Clash):
            words = _by_words(part)
            part = part if words is None else Agreed(words)
        if isinstance(part, Agreed):
            agreed.append(part.text)
            continue
        found += [Agreed("".join(agreed)), part] if agreed else [part]
        agreed = []
    if agreed:
        changed = theirs if mine.endswith("\n") == base.endswith("\n") else mine
        return (*found, Agreed(_ended_as(changed, "".join(agreed))))
    last = found.pop()
    assert isinstance(last, Clash)
    return (*found, Clash(base=_ended_as(base, last.base), mine=_ended_as(mine, last.mine), theirs=_ended_as(theirs, last.theirs)))


def _ended(text: str) -> str:
    """The text with a line end after its last line."""
    return text if not text or text.endswith("\n") else text + "\n"


def _ended_as(model: str, text: str) -> str:
    """The end of a text, with a line end after its last line only if ``model`` has one."""
    return text if model.endswith("\n") else text.removesuffix("\n")


def merge_text(*, base: str, mine: str, theirs: str) -> str | None:
    """The merged text, None when both sides changed the same words."""
    found = stretches(base=base, mine=mine, theirs=theirs)
    if any(isinstance(part, Clash) for part in found):
        return None
    return "".join(part.text for part in found if isinstance(part, Agreed))


def common_text(one: str, other: str) -> str:
    """The words that both texts have in the same order: a base for merging two texts without one."""
    first, second = (words_of(text) for text in sorted((one, other)))
    return "".join("".join(first[i : i + n]) for i, _, n in matching_blocks(first, second))


def resolve_text(*, base: str, mine: str, theirs: str, whose: Whose) -> str:
    """The merged text, with the lines of one side, or of both, where they clash."""
    parts = stretches(base=base, mine=mine, theirs=theirs)
    text = "".join(part.text if isinstance(part, Agreed) else _take(part, whose) for part in parts)
    side = {"mine": mine, "theirs": theirs}.get(whose)
    ends_in_nothing = side and isinstance(parts[-1], Clash) and not _take(parts[-1], whose)  # this side has deleted the last lines
    return _ended_as(side, text) if side and ends_in_nothing else text


def _take(clash: Clash, whose: Whose) -> str:
    if whose == "mine":
        return clash.mine
    if whose == "theirs":
        return clash.theirs
    return _both(mine=clash.mine, theirs=clash.theirs)


def _both(*, mine: str, theirs: str) -> str:
    """Mine, then theirs. Common first and last lines appear once."""
    one, other = lines_of(_ended(mine)), lines_of(_ended(theirs))
    start = _alike(one, other)
    end = _alike(one[start:][::-1], other[start:][::-1])
    cut_one, cut_other = len(one) - end, len(other) - end
    middle = _joined("".join(one[start:cut_one]), "".join(other[start:cut_other]))
    return _ended_as(theirs or mine, "".join((*one[:start], middle, *one[cut_one:])))


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """The number of equal lines at the start."""
    return next((n for n, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), min(len(one), len(other)))


def _joined(one: str, other: str) -> str:
    """Both texts, one after the other, separated so that neither joins the other's last paragraph or quote.

    Items of one list and rows of one table stay together: a blank line would end the table.
    """
    if not one.strip() or not other.strip():
        return one + other
    end = one if one.endswith("\n") else one + "\n"
    last, first = end.rstrip("\n").rpartition("\n")[2], other.partition("\n")[0]
    together = any(pattern.match(last) and pattern.match(first) for pattern in (_ITEM, _ROW))
    if _QUOTE.match(last) and _QUOTE.match(first):  # two paragraphs of one quote
        return f"{end}>\n{other}"
    parted = together or end.endswith("\n\n") or not first.strip()
    return end + ("" if parted else "\n") + other


def _by_words(clash: Clash) -> str | None:
    """The line with the words of both, None when they changed the same words, or words too near each other."""
    joined, side, apart = "", "", ""
    for kind, *words in _groups(base=words_of(clash.base), mine=words_of(clash.mine), theirs=words_of(clash.theirs)):
        text = "".join(words[0])
        ones = kind in ("a", "b")
        if kind == "conflict" or (ones and side not in ("", kind) and _near(apart + _blanks_before(text))):
            return None
        side, apart = (kind, text[len(text.rstrip()) :]) if ones else (side, apart + text)
        joined += text
    return joined


def _blanks_before(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _near(between: str) -> bool:
    """Whether changes on either side of this text belong together: in "5 of 10" they do, in two lines they do not."""
    return "\n" not in between and len(between.split()) < _APART


def _regions(*, base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[Stretch]:
    parts: list[Stretch] = []
    for group in _groups(base=base, mine=mine, theirs=theirs):
        if group[0] == "conflict":
            parts.append(Clash(base="".join(group[1]), mine="".join(group[2]), theirs="".join(group[3])))
        else:
            parts.append(Agreed("".join(group[1])))
    return parts


def _groups(*, base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    """("unchanged", words), ("a", words) of mine, ("b", words) of theirs, ("same", words) of both, ("conflict", base, mine, theirs)."""
    from merge3 import Merge3  # where texts are merged, which most commands do not do

    return Merge3(base, mine, theirs, sequence_matcher=Matcher).merge_groups()
