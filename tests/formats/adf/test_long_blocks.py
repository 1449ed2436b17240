"""Long blocks that are edited at both ends: what is between stays, and that is soon told."""

from __future__ import annotations

import time

import pytest

from pmtui.formats.adf import from_markdown, to_markdown
from tests.formats.adf.checks import same
from tests.formats.adf.strategies import Node, doc, node, paragraph, text


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
