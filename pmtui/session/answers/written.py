"""Texts written by hand as answers to conflicts, also unfinished ones. Pure."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

from pmtui.model.conflicts import Conflict, Side
from pmtui.model.postmortem import Cell
from pmtui.model.text_merge import resolve_text
from pmtui.session.edits import splice_between

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """A text being written as the answer to a conflict.

    ``mine`` and ``theirs`` are the texts that it combines; both may change meanwhile. None for no text, or when an older
    pmtui did not record them.
    """

    text: str = ""
    _: KW_ONLY
    mine: str | None = None
    theirs: str | None = None


def written_for(conflict: Conflict, text: str) -> Written:
    """This text as the answer to the present state of the conflict."""
    return Written(text, mine=_text(conflict.mine), theirs=_text(conflict.theirs))


def up_to_date(kept: Written, conflict: Conflict) -> str:
    """The answer, merged with what both sides wrote since. Where that clashes, it has both texts."""
    text, theirs = kept.text, _text(conflict.theirs)
    if theirs is not None and theirs != kept.theirs:
        text = resolve_text(base=kept.theirs or "", mine=text, theirs=theirs, whose="both")
    return with_my_edits(replace(kept, text=text), conflict)


def with_my_edits(kept: Written, conflict: Conflict) -> str:
    """The answer, merged with what I wrote since. Where that clashes, it has both texts."""
    mine = _text(conflict.mine)
    if mine is None or kept.mine is None or mine == kept.mine:
        return kept.text
    return resolve_text(base=kept.mine, mine=kept.text, theirs=mine, whose="both")


def written_to_json(conflict: str, before: Written, after: Written) -> Record:
    """The record that turns ``before`` into ``after``."""
    splice = splice_between("", before=before.text, after=after.text)
    sides = {name: getattr(after, name) for name in ("mine", "theirs") if getattr(after, name) != getattr(before, name)}
    return {"answer": conflict, "at": splice.at, "cut": splice.cut, "put": splice.put, **sides}


def written_from_json(record: Record, before: Written) -> Written:
    """The inverse of ``written_to_json``. Raises KeyError or TypeError for anything else."""
    at, end = record["at"], record["at"] + record["cut"]
    text = before.text[:at] + record["put"] + before.text[end:]
    return Written(text, mine=record.get("mine", before.mine), theirs=record.get("theirs", before.theirs))


def _text(side: Side) -> str | None:
    if isinstance(side, Cell):
        return side.text
    return side if isinstance(side, str) else None
