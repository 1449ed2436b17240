"""What is written by hand to settle a conflict, and the sides that it was written for: they may change meanwhile. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pmtui.model.conflicts import Conflict, Side
from pmtui.model.postmortem import Cell
from pmtui.model.text_merge import settle_text
from pmtui.session.edits import splice_between


@dataclass(frozen=True, slots=True)
class Written:
    """``mine`` and ``theirs`` are the texts that it takes in, None for no text, or when a pmtui that did not say so wrote it."""

    text: str = ""
    mine: str | None = None
    theirs: str | None = None


def written_for(conflict: Conflict, text: str) -> Written:
    return Written(text, _text(conflict.mine), _text(conflict.theirs))


def as_it_is_now(kept: Written, conflict: Conflict) -> str:
    """The answer with what both sides wrote since: merged, and where it does not join both are there."""
    text, mine, theirs = kept.text, _text(conflict.mine), _text(conflict.theirs)
    if theirs is not None and theirs != kept.theirs:
        text = settle_text(kept.theirs or "", text, theirs, "both")
    if mine is not None and kept.mine is not None and mine != kept.mine:
        text = settle_text(kept.mine, text, mine, "both")
    return text


def to_json(conflict: str, before: Written, after: Written) -> dict[str, Any]:
    """The record of a draft that makes ``after`` of ``before``."""
    splice = splice_between("", before=before.text, after=after.text)
    sides = {name: getattr(after, name) for name in ("mine", "theirs") if getattr(after, name) != getattr(before, name)}
    return {"answer": conflict, "at": splice.at, "cut": splice.cut, "put": splice.put, **sides}


def from_json(record: dict[str, Any], before: Written) -> Written:
    """The inverse of ``to_json``. Raises KeyError or TypeError for what it never wrote."""
    at, end = record["at"], record["at"] + record["cut"]
    text = before.text[:at] + record["put"] + before.text[end:]
    return Written(text, record.get("mine", before.mine), record.get("theirs", before.theirs))


def _text(side: Side) -> str | None:
    if isinstance(side, Cell):
        return side.text
    return side if isinstance(side, str) else None
