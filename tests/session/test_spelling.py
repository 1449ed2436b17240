"""Rich text that can be spelt in several ways: my own spelling is not somebody else's change."""

from __future__ import annotations

from dataclasses import replace

from pmtui.model.diff import diff
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.session.review import with_keys_of

SAVED = Postmortem(
    Incident("i", "#1", "Checkout"), "p", cells=(Cell("a", "_Graph_zz", source='[{"type":"paragraph"}]'), Cell("b", "B", source="[1]"))
)


def test_the_same_document_in_other_words_is_no_change() -> None:
    read = replace(SAVED, cells=(Cell("x", "\\_Graph\\_zz", source='[{"type":"paragraph"}]'), Cell("y", "B", source="[1]")))
    assert diff(SAVED, with_keys_of(base=SAVED, server=read)) == ()


def test_another_document_is_a_change() -> None:
    read = replace(SAVED, cells=(Cell("x", "_Graph_zz!", source='[{"type":"rule"}]'), Cell("y", "B", source="[1]")))
    assert len(diff(SAVED, with_keys_of(base=SAVED, server=read))) == 1
