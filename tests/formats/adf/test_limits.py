"""Deep, long and hostile texts, at Python's default recursion limit."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from pmtui.formats.adf import from_markdown, to_markdown
from pmtui.formats.adf.values import loads
from tests.formats.adf.checks import same, same_but_blanks
from tests.formats.adf.strategies import Node, doc, node, paragraph

DEPTH = 1000
_NESTINGS: dict[str, Callable[[Node], Node]] = {
    "blockquote": lambda inner: node("blockquote", inner),
    "bulletList": lambda inner: node("bulletList", node("listItem", paragraph("w"), inner)),
    "orderedList": lambda inner: node("orderedList", node("listItem", inner), order=2),
    "panel": lambda inner: node("panel", inner, panelType="info"),
    "expand": lambda inner: node("expand", inner, title="t"),
    "table": lambda inner: node("table", node("tableRow", node("tableCell", inner))),
    "hologram": lambda inner: node("hologram", inner, depth=1),
    "paragraph": lambda inner: node("paragraph", inner),
}


@pytest.mark.parametrize("name", _NESTINGS)
def test_a_thousand_levels(name: str) -> None:
    assert sys.getrecursionlimit() <= 1000
    inner = paragraph("deepest")
    for _ in range(DEPTH):
        inner = _NESTINGS[name](inner)
    document = doc(inner, paragraph("after"))
    text = to_markdown(document)
    assert same(from_markdown(text, document), document)
    edited = from_markdown(text.replace("after", "below"), document)
    assert edited["content"][0] is inner and same(edited["content"][1], paragraph("below"))
    assert "deepest" in to_markdown(from_markdown(text))


def test_a_thousand_levels_of_parameters() -> None:
    parameters: object = 1
    for _ in range(3 * DEPTH):
        parameters = [parameters]
    document = doc(node("extension", extensionKey="k", extensionType="t", parameters=parameters), paragraph("after"))
    text = to_markdown(document)
    edited = from_markdown(text.replace("after", "below"), document)
    assert edited["content"][0] is document["content"][0]
    assert from_markdown(text)["content"][-1] == paragraph("after")


def test_a_thousand_marks() -> None:
    marks = [{"type": "strong"}, {"type": "em"}, {"type": "glow"}] * 400
    document = doc(node("paragraph", {"type": "text", "text": "bright", "marks": marks}))
    assert same(from_markdown(to_markdown(document).replace("bright", "dim"), document)["content"][0]["content"][0]["marks"], marks)


def test_words_beside_a_node_under_many_marks() -> None:
    marks = [{"type": "annotation", "attrs": {"id": f"c-{number}", "annotationType": "inlineComment"}} for number in range(12)]
    pieces: list[Node] = [{"type": "date", "attrs": {"timestamp": "0"}, "marks": marks}, {"type": "text", "text": "words", "marks": marks}]
    document = doc(node("paragraph", *pieces))
    assert ":date[1970-01-01]words" in to_markdown(document)
    assert same(
        from_markdown(to_markdown(document).replace("words", "other"), document)["content"][0]["content"][1], {**pieces[1], "text": "other"}
    )


def test_a_megabyte() -> None:
    words = "The pool of connections was exhausted after the failover. " * 18
    document = doc(*[node("paragraph", *paragraph(f"{number} {words}")["content"], localId=str(number)) for number in range(1000)])
    text = to_markdown(document)
    assert len(text) > 10**6
    edited = from_markdown(text.replace("500 The", "500 A"), document)
    assert edited["content"][500]["attrs"] == {"localId": "500"}
    assert edited["content"][0] is document["content"][0]


@pytest.mark.parametrize(
    "text",
    [
        ">" * 1500 + " x",
        "- " * 1500 + "x",
        "\n".join("  " * level + "- a" for level in range(300)),
        "[" * 5000,
        "[" * 2000 + "a" + "]" * 2000,
        ":a[" * 2500,
        "@[" * 2500,
        "![a](" * 1500,
        "[a]{" * 2500,
        '[a]{b="' * 2000,
        "{" * 5000,
        "&" * 5000,
        "<" * 5000,
        "*a " * 2500,
        ":::expand\n" * 1500,
        ":::cell\n" * 1200,
        ":::row\n" * 2500,
        "**a " * 1500 + "b**" * 1500,
        "**a _b " * 1200 + "b_ c**" * 1200,
        ":::table\n:::cell\n" * 1000,
        "> [!INFO]\n" * 1200,
        "[x]{b}" * 2500,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_texts_end(text: str) -> None:
    document = from_markdown(text)
    assert same_but_blanks(from_markdown(to_markdown(document)), document)


def test_no_words_are_lost_below_the_deepest_level() -> None:
    text = "\n".join("  " * level + f"- word{level}" for level in range(120)) + "\n\nlast"
    again = to_markdown(from_markdown(text))
    assert all(f"word{level}" in again for level in range(120))
    assert again.endswith("last")


@pytest.mark.parametrize(
    "source", ["NaN", "-Infinity", "1e999", "9" * 5000, '{"a":1,"a":2}', '[{"b":{"a":1,"a":1}}]', "[" * 5000 + "]" * 5000]
)
def test_json_that_would_be_written_back_as_something_else_is_not_read(source: str) -> None:
    assert loads(source) is None
    node_of_json = f'```adf\n{{"type":"extension","attrs":{{"extensionKey":"k","extensionType":"t","parameters":{source}}}}}\n```'
    document = from_markdown(node_of_json)
    assert document["content"][0]["type"] == "codeBlock"
    assert source in document["content"][0]["content"][0]["text"]
    assert same(from_markdown(to_markdown(document)), document)


def test_half_a_surrogate_pair_and_long_digits_are_text() -> None:
    for value in ("\ud83d", "9" * 5000, "\x00\ufeff"):
        document = doc(paragraph(f"a {value} b"))
        assert same(from_markdown(to_markdown(document)), document)
