"""Opaque blocks: what they are, where they are, and that they come back exactly."""

from __future__ import annotations

from hypothesis import given

from pmtui.formats.adf import OpaqueBlock, describe_opaque, from_markdown, opaque_blocks, to_markdown
from pmtui.formats.adf.opaque import decode, encode
from tests.formats.adf.checks import relaxed, same
from tests.formats.adf.strategies import doc, documents, node, paragraph, text

CHART = node("extension", extensionKey="jira-chart", extensionType="t", parameters={"jql": "```"})


def test_descriptions() -> None:
    assert describe_opaque(CHART) == "extension: jira-chart"
    assert describe_opaque({"type": "rule"}) == "rule"
    assert describe_opaque("no node") == "unknown"


def test_blocks_are_told_apart() -> None:
    code = node("codeBlock", text("```adf\nno node\n```"))
    document = doc(paragraph("above"), CHART, code, node("blockquote", CHART), node("blockCard", url="https://example.com"))
    lines = to_markdown(document).split("\n")
    found = opaque_blocks("\n".join(lines))
    assert [block.description for block in found] == ["extension: jira-chart", "extension: jira-chart", "blockCard: https://example.com"]
    assert lines[found[0].first].startswith("```adf") and lines[found[0].last - 1] == "```"
    assert opaque_blocks("```adf\nnever closed") == [OpaqueBlock(0, 2, "unknown")]


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
