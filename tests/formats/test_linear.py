"""Texts that anyone may write, however long or nested: the time to read and write them grows as they do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pmtui.formats.adf import from_markdown, lost_words, to_markdown
from pmtui.formats.incoming import plain_lines
from pmtui.formats.joined_lines import joined_lines
from pmtui.formats.sections import join, split
from tests.formats.adf.strategies import Node, doc, node, paragraph, text
from tests.growing_time import EXPONENT, Input, cpu_seconds, exponent

_SOON = 0.025
"""Seconds that the longer text may take whatever the shorter one took."""

PIECES = (
    *" a\\*_~`<>&!#|:-={}[](@\n\u0301",
    *("* ", "**a ", "~~a", "`a``", "<a", "&a", "![", "![a](", "[a](", '[a](x "', "[a](<", "[a][", "[a]{", "[a]{b} ", '{"\\"', "{a "),
    *(":a[", ":status[", ":::cell\n", ":::expand\n", "::card ", "@[", "@[a](", "> ", "- ", "- a\n", "> a\n", "a\n\n", "# a\n"),
    *("| a ", "[a]: b\n", "[a]:\n", "```\n", "```a\n", "- [ ] a\n", "10:02 a\n", "&amp;", "\ta"),
)
PLACES: dict[str, Callable[[str], str]] = {
    "inside a line": "x{}x".format,
    "behind a directive": ":::expand {}x\na\n:::".format,
    "behind a panel": "> [!NOTE] {}x".format,
    "behind a fence": "```a {}x\n```".format,
    "behind a leaf": "::card {}x".format,
    "in a heading": "# a {}x #".format,
    "in a table": "| a |\n| - |\n| {}x |".format,
    "in brackets": "[{}](x)".format,
    "in a picture": "![{}](x)".format,
}


def _growth(work: Callable[[Input], object], make: Callable[[int], Input], size: int) -> float:
    return exponent(work, make, size, unnoticed=_SOON)


def _read(markdown: str) -> None:
    lost_words(markdown, from_markdown(markdown))
    joined_lines(plain_lines(markdown))


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_one_thing_repeated(piece: str) -> None:
    assert _growth(_read, lambda size: piece * (size // len(piece)), 1500) < EXPONENT


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("piece", [" ", "\t", " {", "# ", "a{", '{"', "!["])
def test_blanks_and_braces_in_each_place(place: str, piece: str) -> None:
    assert _growth(_read, lambda size: PLACES[place](piece * (size // len(piece))), 3000) < EXPONENT


def test_a_line_of_a_megabyte_and_many_combining_marks() -> None:
    assert cpu_seconds(lambda: _read("words and " * 100_000)) < 10
    assert cpu_seconds(lambda: _read("e" + "\u0301" * 100_000)) < 10


DOCUMENTS: dict[str, Callable[[int], Node]] = {
    "blanks": lambda size: doc(paragraph("x" + " " * size + "x")),
    "markers": lambda size: doc(paragraph("* _ ` [ # " * (size // 10))),
    "marks": lambda size: doc(node("paragraph", *[text("a ", "strong") if at % 2 else text("b") for at in range(size // 10)])),
    "equal blocks": lambda size: doc(*[paragraph("the same words")] * (size // 20)),
    "blocks": lambda size: doc(*[paragraph(f"the words {at}") for at in range(size // 20)]),
    "sections": lambda size: doc(*[node("heading", text("Fault"), level=2), paragraph("the same")] * (size // 40)),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_are_written_and_edited(name: str) -> None:
    def work(document: Node) -> None:
        markdown = to_markdown(document)
        from_markdown("first\n\n" + markdown.replace("words", "other words") + " last", document)

    assert _growth(work, DOCUMENTS[name], 2_500) < EXPONENT


@pytest.mark.parametrize("name", DOCUMENTS)
def test_sections_of_long_documents(name: str) -> None:
    def work(document: Node) -> None:
        cells = split(document)
        other = doc(*document["content"], paragraph("more"))
        join(split(other, cells), other, cells)

    assert _growth(work, DOCUMENTS[name], 2_500) < EXPONENT
