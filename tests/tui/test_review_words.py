"""The words of a review about what others changed, and about a cell that they deleted."""

from __future__ import annotations

from collections.abc import Sequence

from pmtui.backends.base import Step
from pmtui.model.changes import Change
from pmtui.model.conflicts import Decision
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.session.review import Review, replaced, resolved, review
from pmtui.tui.dialogs.review_words import Asked, ReviewWords, fates

HEAD = "## Timeline\n"


def planned(server: Postmortem, target: Postmortem, changes: Sequence[Change]) -> tuple[Step, ...]:
    return (Step("document", "Text", "PUT", tuple(changes)),) if changes else ()


def with_timeline(text: str | None) -> Postmortem:
    cells = (Cell("a", "## Summary\nwords"), *((Cell("t", HEAD + text),) if text is not None else ()))
    return Postmortem(Incident("i", "IR-1", "x"), id="p", cells=cells)


def settled(theirs: str | None, decision: Decision) -> tuple[Review, Asked]:
    found = review(base=with_timeline("old"), mine=with_timeline("mine"), server=with_timeline(theirs), plan=planned)
    (conflict,) = found.conflicts
    asked = Asked(1, {conflict.part: decision.whose or "written"})
    return resolved(found, conflict, decision.answer(conflict), planned), asked


def told(theirs: str | None, decision: Decision) -> list[str]:
    found, asked = settled(theirs, decision)
    return fates(found, replaced(found), asked, "on the server", "10:00")


def test_what_was_written_by_hand_is_called_that_whatever_it_has_of_both() -> None:
    assert told("theirs", Decision(written=HEAD + "by hand")) == ["You wrote “2 Timeline” anew."]
    assert told("theirs", Decision(written=HEAD + "theirs\nmine\nby hand")) == ["You wrote “2 Timeline” anew."]
    assert told("theirs", Decision("both")) == ["Both versions are kept: “2 Timeline”."]
    assert told("theirs", Decision("mine")) == ["Your version replaces theirs: “2 Timeline”."]
    assert told("theirs", Decision("theirs")) == ["Their version is taken: “2 Timeline”."]


def test_a_cell_that_others_deleted_and_that_is_kept_is_not_new() -> None:
    found, _ = settled(None, Decision("mine"))
    assert ReviewWords.of(found).titles == ["2 Timeline · kept, though others deleted it"]
    assert told(None, Decision("mine")) == ["You keep what was deleted on the server: “Timeline”."]
