"""Colours and attributes of a terminal cell (SGR codes), and the shortest change from one to another. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29", "21": "24", "53": "55"}
"""What switches an attribute off; bold and dim share one, and so do the underlines."""
_DRAWS_ON_BLANKS = frozenset({"4", "7", "9", "21", "51", "52", "53"})


class Pen(NamedTuple):
    attributes: frozenset[str]
    foreground: str  # as in SGR: "38;2;1;2;3", "31", or "" for the default
    background: str


@lru_cache(maxsize=4096)
def parse(codes: str) -> Pen:
    """The pen after the SGR codes `codes` (without `ESC [` and `m`), from a plain one."""
    attributes: set[str] = set()
    colors = {"3": "", "4": ""}
    parts = iter(codes.split(";") if codes else ())
    for part in parts:
        if part in ("38", "48"):
            kind = next(parts, "5")
            values = [next(parts, "0") for _ in range(3 if kind == "2" else 1)]
            colors[part[0]] = ";".join((part, kind, *values))
        elif len(part) >= 2 and part[:-1] in ("3", "9", "4", "10"):
            colors["3" if part[:-1] in ("3", "9") else "4"] = "" if part in ("39", "49") else part
        else:
            attributes.add(part)
    return Pen(frozenset(attributes), colors["3"], colors["4"])


@lru_cache(maxsize=4096)
def without_colours(codes: str) -> str:
    """The pen with only weight and reverse; a coloured background becomes reverse."""
    pen = parse(codes)
    return ";".join(sorted(pen.attributes | {"7"} if pen.background else pen.attributes))


@lru_cache(maxsize=4096)
def change(before: str | None, after: str) -> str:
    """The escape sequence that changes the pen from `before` (None: unknown) to `after`; both are SGR codes."""
    if before == after:
        return ""
    fresh = f"\x1b[;{after}m" if after else "\x1b[m"
    if before is None:
        return fresh
    steps = _steps(parse(before), parse(after))
    return fresh if steps is None or len(steps) + 3 > len(fresh) else f"\x1b[{steps}m" if steps else ""


def _steps(old: Pen, new: Pen) -> str | None:
    """The codes that differ; None when attributes share their off code and a reset is needed."""
    off = {_OFF.get(attribute, "0") for attribute in old.attributes - new.attributes}
    if "0" in off or off & {_OFF.get(attribute) for attribute in new.attributes}:
        return None
    steps = [*sorted(off), *sorted(new.attributes - old.attributes)]
    if old.foreground != new.foreground:
        steps.append(new.foreground or "39")
    if old.background != new.background:
        steps.append(new.background or "49")
    return ";".join(steps)


@lru_cache(maxsize=4096)
def on_blank(codes: str) -> str:
    """The part of a pen that is visible on a blank: its background, and attributes such as underline."""
    pen = parse(codes)
    return codes if pen.attributes & _DRAWS_ON_BLANKS else pen.background


@lru_cache(maxsize=4096)
def erases(codes: str, *, keeps_background: bool) -> bool:
    """Whether a blank in this pen looks like an erased cell. `keeps_background`: the terminal erases in its pen."""
    pen = parse(codes)
    return not pen.attributes & _DRAWS_ON_BLANKS and (keeps_background or not pen.background)
