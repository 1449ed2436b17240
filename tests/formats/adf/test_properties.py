"""What holds for every document and every text."""

from __future__ import annotations

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from pmtui.formats.adf import from_markdown, lost_words, to_markdown
from pmtui.formats.adf.fit.valid import is_valid
from tests.examples import examples
from tests.formats.adf.checks import allowed, official_verdict, relaxed, same, same_but_blanks
from tests.formats.adf.strategies import Node, doc, documents, markdowns, paragraph, wild_documents

EVERY = st.one_of(documents, wild_documents)


@relaxed
@given(EVERY, st.data())
def test_what_was_not_edited_comes_back_as_it_was(document: Node, data: st.DataObject) -> None:
    before = copy.deepcopy(document)
    text = to_markdown(document)
    # Unedited.
    back = from_markdown(text, document)
    assert same(back, before)
    assert document == before
    # Saving twice changes nothing.
    assert to_markdown(back) == text
    # One edited word changes that word alone.
    place = data.draw(st.integers(0, len(document["content"])))
    marked = {**document, "content": [*document["content"][:place], paragraph("before Quokka after"), *document["content"][place:]]}
    with_word = to_markdown(marked)
    assert with_word.count("Quokka") == 1
    wanted = json.loads(json.dumps(marked).replace("Quokka", "Wombat"))
    assert same(from_markdown(with_word.replace("Quokka", "Wombat"), marked), wanted)
    # A paragraph above or below leaves the rest alone.
    new = paragraph("New paragraph.")
    below = from_markdown(text.rstrip("\n") + "\n\nNew paragraph.\n", document)
    above = from_markdown("New paragraph.\n\n" + text, document)
    assert same(below, {**document, "content": [*document["content"], new]})
    assert same(above, {**document, "content": [new, *document["content"]]})


@relaxed
@given(documents, st.data())
def test_what_is_written_is_valid_and_has_every_word(document: Node, data: st.DataObject) -> None:
    # The strategy's documents themselves are.
    assert all(is_valid(node, "doc") for node in document["content"])
    assert official_verdict(document) is not False
    # The text alone, without the original.
    text = to_markdown(document)
    alone = from_markdown(text)
    assert allowed(alone)
    again = to_markdown(alone)
    assert again == to_markdown(from_markdown(again))
    assert lost_words(text, alone) == ()
    # After a slip of the hand.
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    broken = text[:start] + data.draw(st.sampled_from(["", "`", "[", "]", "{", ":::\n", "\n\n", "> ", "- ", "|", "\\"])) + text[end:]
    assert allowed(from_markdown(broken, document))


@settings(relaxed, max_examples=examples(250))
@given(markdowns)
def test_any_text_gives_a_valid_document_that_stays(markdown: str) -> None:
    document = from_markdown(markdown)
    assert allowed(document)
    json.dumps(document, allow_nan=False)
    assert from_markdown(markdown) == document
    assert same_but_blanks(from_markdown(to_markdown(document)), document)


@relaxed
@given(markdowns, EVERY)
def test_any_text_over_any_original_is_read(markdown: str, original: Node) -> None:
    before = copy.deepcopy(original)
    document = from_markdown(markdown, original)
    assert isinstance(document["content"], list)
    assert original == before


@relaxed
@given(documents, documents)
def test_a_text_over_another_original_is_still_valid(document: Node, original: Node) -> None:
    assert allowed(from_markdown(to_markdown(document), doc(*original["content"])))
