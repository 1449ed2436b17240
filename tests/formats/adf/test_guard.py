"""No word vanishes: what is typed is in the document, or is named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from pmtui.formats.adf import from_markdown, to_markdown
from pmtui.formats.adf.guard import lost_words
from tests.examples import examples
from tests.formats.adf.checks import relaxed
from tests.formats.adf.strategies import Node, doc, documents, node, paragraph, text
from tests.formats.adf.test_notation import EXAMPLES


@pytest.mark.parametrize(
    ("markdown", "document", "lost"),
    [
        ("alpha beta 17", doc(paragraph("alpha 17")), ("beta",)),
        ("see [a](https://example.com/b)", doc(paragraph("see a")), ("[a](https://example.com/b)",)),
        ("one **word**s", doc(node("paragraph", text("one word"), text("s"))), ()),
        ("&amp;copy; and `&amp;`", doc(node("paragraph", text("&copy; and "), text("&amp;", "code"))), ()),
        ("10. ten\n2. two", doc(node("orderedList", node("listItem", paragraph("ten")), node("listItem", paragraph("two")))), ()),
        ("[text][ref]\n\n[Ref]: https://example.com", from_markdown("[text](https://example.com)"), ()),
        (":date[2021-02-26]", doc(node("paragraph", node("date", timestamp="1614297600000"))), ()),
        (":date[2021-02-26T00:00:00.000Z]", doc(node("paragraph", node("date", timestamp="1614297600000"))), ()),
        ('```adf\n{"type":"extension","attrs":{"extensionKey":"toc"}}\n```', doc(node("extension", extensionKey="toc")), ()),
        ('```adf\n{"type":"extension","attrs":{"extensionKey":"toc"}}\n```', doc(node("rule")), ("toc",)),
        ("[0]{b}**0 0**", doc(paragraph("00 0")), ()),
        ("[0]{b}**0 0**", doc(paragraph("00")), ("0**",)),
        ("00 [0]{b}**0 0**", doc(paragraph("00 0")), ("[0]**0", "0**")),
        ("half**way** half**way**", doc(paragraph("halfway")), ("half**way**",)),
        ("half**way**-half**way**", doc(paragraph("halfway-half")), ("half**way**-half**way**",)),
        ("words", paragraph("words"), ()),
        ("words", "no node", ("words",)),
    ],
)
def test_what_a_document_lacks(markdown: str, document: object, lost: tuple[str, ...]) -> None:
    assert lost_words(markdown, document) == lost


@pytest.mark.parametrize("markdown", [markdown for markdown, _ in EXAMPLES])
def test_the_notations_own_words_are_not_missed(markdown: str) -> None:
    assert lost_words(markdown, from_markdown(markdown)) == ()


@settings(relaxed, max_examples=examples(100))
@given(documents)
def test_a_document_has_the_words_of_its_own_markdown_and_misses_one_more(document: Node) -> None:
    markdown = to_markdown(document)
    assert lost_words(markdown, document) == ()
    assert lost_words(f"{markdown}\n\nquokka", document) == ("quokka",)
