"""Text from outside: byte-order marks, line ends, and lines that Markdown joins."""

from __future__ import annotations

import pytest

from pmtui.formats.adf import from_markdown
from pmtui.formats.incoming import plain_lines
from pmtui.formats.joined_lines import JoinedLines, as_list, joined_lines


def test_a_byte_order_mark_is_no_text() -> None:
    assert plain_lines("\ufeff# Fault\r\n\r\nwords\rmore\n") == "# Fault\n\nwords\nmore\n"
    assert plain_lines("\ufeff\ufeffa") == "\ufeffa"
    assert from_markdown("\ufeff# Fault\r\nwords")["content"][0]["type"] == "heading"


TIMELINE = "10:02 paged\n10:05 answered\n10:17 rolled back"


@pytest.mark.parametrize(
    ("markdown", "runs"),
    [
        (TIMELINE, [(0, 3, 3)]),
        (f"## Timeline\n{TIMELINE}\n\nwords", [(1, 4, 3)]),
        ("What happened:\n10:02 paged\n10:05 answered", [(1, 3, 2)]),
        ("10:02 paged\nthe one on call\n10:05 answered\nby phone", [(0, 4, 2)]),
        ("2026-11-27 10:02 paged\n2026-11-27 10:05 answered", [(0, 2, 2)]),
        ("**10:02** paged\n`10:05` answered", [(0, 2, 2)]),
        ("10:02 paged\\\n10:05 answered\n\n10:07 a  \n10:08 b", []),
        ("10:02 paged\\\n10:05 answered\n10:06 gone", [(1, 3, 2)]),
        ("10:02 paged\n\n10:05 answered", []),
        ("- 10:02 paged\n- 10:05 answered", []),
        ("```\n10:02 paged\n10:05 answered\n```\n10:02 a", []),
        ("```\n10:02 paged\n10:05 answered", []),
        ("    10:02 paged\n    10:05 answered", []),
        ("> 10:02 paged\n> 10:05 answered", []),
        ("words that go on\nin the next line at\n10:05 and end", []),
        ("The pool held 20 connections\n5.2 of them were free", []),
    ],
)
def test_lines_that_become_one_are_found(markdown: str, runs: list[tuple[int, int, int]]) -> None:
    assert joined_lines(markdown) == tuple(JoinedLines(*run) for run in runs)


def test_they_are_made_a_list() -> None:
    markdown = "What happened:\n10:02 paged\nthe one on call\n10:05 answered\n\nwords"
    (run,) = joined_lines(markdown)
    made = as_list(markdown, run)
    assert made == "What happened:\n- 10:02 paged\n  the one on call\n- 10:05 answered\n\nwords"
    assert joined_lines(made) == ()
    items = from_markdown(made)["content"][1]["content"]
    assert [item["content"][0]["content"][0]["text"] for item in items] == ["10:02 paged the one on call", "10:05 answered"]
