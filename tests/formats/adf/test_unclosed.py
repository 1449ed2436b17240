"""Notation that is begun and not closed is named, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.formats.adf import to_markdown
from pmtui.formats.adf.notation import WORDS
from pmtui.formats.adf.read.parser import parse
from pmtui.formats.adf.read.unclosed import unclosed
from pmtui.formats.adf.values import Node
from tests.formats.adf.strategies import documents


@pytest.mark.parametrize(
    ("text", "begun"),
    [
        ("by :date[2026-11-17T17:58", ":date[2026-11-17T17:58"),
        ("- a\n  > :status[IN REVIEW\n\n]", ":status[IN REVIEW"),
        ("**:placeholder[Type** here", ":placeholder[Type"),
        ("| a |\n| - |\n| :emoji[x |", ":emoji[x"),
        (":status[a [b] c]", ":status[a "),
        (":status[OPEN]{red", "{red"),
        ("@[Jane Doe", "@[Jane Doe"),
        ("@[Jane Doe](557058:4a47 told us", "@[Jane Doe](557058:4a47"),
        (f":date[{'x' * 100}", f":date[{'x' * 34}…"),
    ],
)
def test_what_is_begun_and_not_closed_is_named(text: str, begun: str) -> None:
    assert unclosed(f"before\n\n{text}\n\nafter") == (begun,)


@pytest.mark.parametrize(
    "text",
    [
        ":date[2026-11-17]",
        "\\:date[2026",
        ":date\\[2026",
        "`:date[2026`",
        "```\n:date[2026\n```",
        "    :date[2026",
        ":dates[x",
        "at 10:30 [x",
        "@[Jane Doe](557058:4a47)",
        "@[Jane Doe] told us",
        "jane@[x]",
        "[words]{u}",
        ":status[OPEN]{red} {x",
        "{red",
        "a[1:status]",
    ],
)
def test_what_is_closed_or_escaped_or_code_or_prose_is_not(text: str) -> None:
    assert unclosed(text) == ()


@given(documents)
def test_no_document_that_the_server_has_is_begun_and_not_closed(document: Node) -> None:
    assert unclosed(to_markdown(document)) == ()


@given(st.sampled_from(sorted(set(WORDS) - {"adf"})), st.text("abc 12-:T", max_size=20), st.sampled_from(["", "so ", "**x** "]))
def test_what_is_named_would_be_notation_if_it_were_closed(word: str, words: str, before: str) -> None:
    text = f"{before}:{word}[{words}"
    parsed = parse(f"{text}]", {})
    closed = [each.meta for token in parsed.tokens if token.type == "inline" for each in parsed.words(token.content) if each.type == "word"]
    assert [each["word"] for each in closed] == [word] and unclosed(f"{text}]") == () and len(unclosed(text)) == 1
