"""Opaque blocks: which they are, and that they come back exactly."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from pmtui.formats.adf import describe_opaque, from_markdown, is_opaque, to_markdown
from pmtui.formats.adf.opaque import decode, encode
from tests.formats.adf.checks import relaxed, same
from tests.formats.adf.strategies import doc, documents, node, paragraph, text

CHART = node("extension", extensionKey="jira-chart", extensionType="t", parameters={"jql": "```"})


def test_descriptions() -> None:
    assert describe_opaque(CHART) == "extension: jira-chart"
    assert describe_opaque({"type": "rule"}) == "rule"
    assert describe_opaque("no node") == "unknown"


@pytest.mark.parametrize(
    ("block", "opaque"),
    [
        (CHART, True),
        (node("extension", extensionKey="toc", extensionType="t"), False),
        (node("hologram", node("beam")), True),
        (node("hologram", paragraph("words")), False),
        (node("hologram"), True),
        ({"type": "paragraph", "content": "disorder"}, True),
        ("no node", True),
        (None, True),
        (node("paragraph"), False),
        (node("codeBlock", text("```adf\n{}\n```")), False),
        (node("blockquote", CHART), False),
        (node("table", node("tableRow", node("tableCell", paragraph("a"), colspan=2))), False),
        (node("mediaSingle", node("media", type="file", id="m", collection="c"), layout="center"), False),
        (text("stray words"), False),
    ],
)
def test_a_node_is_opaque_when_there_is_nothing_to_edit(block: object, opaque: bool) -> None:
    assert is_opaque(block) is opaque
    shown = to_markdown({"type": "doc", "content": [block]})
    assert opaque is bool(re.match("`{3,}adf|:{3,}adf (?!.*words)", shown, re.DOTALL))


def test_moved_and_deleted_as_a_whole() -> None:
    document = doc(CHART, paragraph("words"))
    chart, words = to_markdown(document).rsplit("\n\n", 1)
    assert same(from_markdown(f"{words}\n\n{chart}", document), doc(paragraph("words"), CHART))
    assert same(from_markdown(f"{words}\n\n{chart}"), doc(paragraph("words"), CHART))
    assert same(from_markdown(words, document), doc(paragraph("words")))


@relaxed
@given(documents)
def test_any_node_is_kept_as_json(document: dict[str, object]) -> None:
    assert same(decode("\n".join(encode(document))), document)


def test_what_is_no_node_is_not_decoded() -> None:
    for source in ("", "x", "3", '{"a":1}', '{"type":"a"}\n{"type":"b"}', '1 {"type":"a"}', '{"type":"a"}\n1 {"type":"b"}'):
        assert decode(source) is None
