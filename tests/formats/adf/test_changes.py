"""Which stretches differ: right for all sequences, and soon told for long ones."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.formats.adf import from_markdown, to_markdown
from pmtui.formats.adf.align.changes import changes
from tests.formats.adf.checks import relaxed, same
from tests.formats.adf.strategies import Node, doc, node, paragraph, text

_items = st.lists(st.sampled_from("abc "), max_size=8)


@relaxed
@given(_items, _items, st.integers(0, 3))
def test_what_is_between_is_equal(head: list[str], tail: list[str], scale: int) -> None:
    far = [str(number) for number in range(400 * scale)]
    old, new = [*head, *far, "x", *tail], [*tail, *far[: 300 * scale], "y", *far[300 * scale :], *head]
    rebuilt: list[str] = []
    at = 0
    for old_from, old_to, new_from, new_to in changes(old, new):
        assert old_from >= at and (old_from < old_to or new_from < new_to)
        rebuilt += [*old[at:old_from], *new[new_from:new_to]]
        at = old_to
    assert rebuilt + old[at:] == new


def test_far_changes_of_a_long_text_stay_two() -> None:
    old = [str(number) for number in range(5000)]
    new = ["first", *old[1:-1], "last"]
    assert list(changes(old, new)) == [(0, 1, 0, 1), (4999, 5000, 4999, 5000)]
    moved = [*old[1000:], *old[:1000]]
    assert list(changes(old, moved)) == [(0, 1000, 0, 0), (5000, 5000, 4000, 5000)]


def _log(lines: int) -> Node:
    return node("codeBlock", text("\n".join(f"10:{at % 60:02}:00 ERROR pool {at} of connections refused" for at in range(lines))))


@pytest.mark.parametrize("block", [_log(4000), paragraph("lorem ipsum dolor " * 12000 + "end")], ids=["code", "words"])
def test_both_ends_of_a_long_block_are_edited_at_once(block: Node) -> None:
    document = doc({**block, "attrs": {"localId": "b-1"}})
    lines = to_markdown(document).split("\n")
    first, last = (1, -2) if len(lines) > 1 else (0, 0)
    lines[first] = "new " + lines[first]
    lines[last] += " new"
    started = time.process_time()
    back = from_markdown("\n".join(lines), document)
    assert time.process_time() - started < 3
    own: str = block["content"][0]["text"]
    assert same(back, doc({**block, "attrs": {"localId": "b-1"}, "content": [text(f"new {own} new")]}))


def test_a_node_amid_a_long_text_stays_when_both_ends_are_edited() -> None:
    words = [" ".join(f"w{at}" for at in range(start, start + 3000)) for start in (0, 3000)]
    mention = node("mention", id="a", text="@Jane", localId="m-1")
    document = doc(node("paragraph", text(words[0] + " "), mention, text(" " + words[1])))
    back = from_markdown("New " + to_markdown(document) + " new", document)
    assert back["content"][0]["content"][1] is mention
