"""With the original at hand: what the text does not show comes back, whatever else is edited."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pmtui.formats.adf import from_markdown, to_markdown
from tests.formats.adf.checks import allowed, same
from tests.formats.adf.strategies import Node, doc, mark, node, paragraph, text


def _rich() -> Node:
    """Hidden things in every block."""
    mention = node("mention", id="557058:4a47", text="@Jane Doe", accessLevel="", localId="m-1")
    cell = node("tableCell", paragraph("Paged"), colwidth=[300], localId="c-1")
    head = node("tableHeader", paragraph("Event"), colwidth=[300])
    return doc(
        node("heading", text("Timeline"), level=2, localId="h-1"),
        node("paragraph", text("We asked "), mention, text(" to look."), localId="p-1"),
        node("bulletList", node("listItem", paragraph("first"), localId="i-1"), node("listItem", paragraph("second"), localId="i-2")),
        node("table", node("tableRow", head), node("tableRow", cell), localId="t-1"),
        node("taskList", node("taskItem", text("fix pool"), localId="x-1", state="TODO"), localId="x-0"),
        {"type": "hologram", "attrs": {"depth": 3}, "content": [paragraph("inside")], "x-new": True},
        node("extension", extensionKey="toc", extensionType="t", parameters={"a": [1]}),
    )


def _edited(document: Node, old: str, new: str) -> Node:
    text_ = to_markdown(document)
    assert text_.count(old) == 1
    return from_markdown(text_.replace(old, new), document)


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, old, new) for item in value]
    return value.replace(old, new) if isinstance(value, str) else value


@pytest.mark.parametrize("word", ["Timeline", "We asked", "look", "Jane Doe", "first", "Paged", "Event", "fix pool", "inside"])
def test_a_word_anywhere(word: str) -> None:
    document = _rich()
    assert same(_edited(document, word, "Wombat"), _replaced(document, word, "Wombat"))


def test_untouched_blocks_are_the_originals_own_nodes() -> None:
    document = _rich()
    back = _edited(document, "Timeline", "Wombat")
    assert all(one is other for one, other in zip(back["content"][1:], document["content"][1:], strict=True))


def test_blocks_are_moved_copied_and_taken_out() -> None:
    document = _rich()
    chunks = to_markdown(document).split("\n\n")
    first, *rest = document["content"]
    assert same(from_markdown("\n\n".join([*chunks[1:], chunks[0]]), document), doc(*rest, first))
    assert same(from_markdown("\n\n".join(chunks[1:]), document), doc(*rest))
    twice = from_markdown("\n\n".join([chunks[0], *chunks]), document)["content"]
    assert sum("localId" in block.get("attrs", {}) and block["attrs"]["localId"] == "h-1" for block in twice) == 1


def test_a_list_item_between_two_keeps_their_ids() -> None:
    document = _rich()
    items = _edited(document, "- second", "- between\n- second")["content"][2]["content"]
    assert [item.get("attrs") for item in items] == [{"localId": "i-1"}, None, {"localId": "i-2"}]


def _editors_table() -> Node:
    """As Atlassian's editor stores tables: attributes everywhere, most of them empty."""
    cell = {"type": "tableCell", "attrs": {}, "content": [paragraph("Paged")]}
    head = {"type": "tableHeader", "attrs": {}, "content": [paragraph("Event")]}
    attrs: Node = {"isNumberColumnEnabled": False, "layout": "default", "localId": "t-1"}
    return node("table", node("tableRow", head, localId="r-0"), node("tableRow", cell, localId="r-1"), **attrs)


@pytest.mark.parametrize("at", [2, 3, 4])
def test_a_row_typed_anywhere_leaves_the_tables_attributes(at: int) -> None:
    document = doc(_editors_table(), paragraph("after"))
    lines = to_markdown(document).split("\n")
    lines.insert(at, "| new |")
    back = from_markdown("\n".join(lines), document)
    table, own = back["content"][0], document["content"][0]
    assert allowed(back) and table["attrs"] == own["attrs"]
    assert sorted(to_markdown(doc(table)).split("\n")) == sorted(lines[: lines.index("")])
    assert [row["attrs"]["localId"] for row in table["content"] if "attrs" in row] == ["r-0", "r-1"]


def test_the_attributes_of_a_table_are_read_from_any_row_below_its_heads() -> None:
    lines = to_markdown(doc(_editors_table())).split("\n")
    brace = next(line for line in lines if line.startswith("{"))
    assert lines[-1] != brace
    lines.remove(brace)
    wanted = from_markdown(to_markdown(doc(_editors_table())))
    assert all(same(from_markdown("\n".join([*lines[:at], brace, *lines[at:]])), wanted) for at in (2, 3))
    assert "{layout=wide}" in to_markdown(from_markdown("| {layout=wide} |\n| --- |\n| words |"))


def test_a_line_typed_below_the_braces_of_a_paragraph() -> None:
    centred = node("paragraph", text("words"), marks=[mark("alignment", align="center")], localId="p-1")
    back = from_markdown("words {center}\nand more", doc(centred, paragraph("after")))["content"][0]
    assert same(back, {**centred, "content": [text("words and more")]})
    assert (
        from_markdown("words\n{center}\nand more") == from_markdown("words and more\n{center}") == from_markdown("words and more {center}")
    )


@pytest.mark.parametrize("typed", ["words\n{}", "{}\nwords", "> words\n> {}", "- {}\n  words"])
def test_a_line_typed_beside_a_picture_leaves_it_one(typed: str) -> None:
    picture = node("mediaSingle", node("media", type="file", id="m", collection="c", localId="m-1"), layout="center")
    document = doc(picture, paragraph("after"))
    back = from_markdown(to_markdown(document).replace("![](media:m){collection=c}", typed.format("![](media:m){collection=c}")), document)
    assert allowed(back)
    assert "![](media:m){collection=c}" in to_markdown(back) and "words" in to_markdown(back).replace("\n", " ").split()
    if typed[0] in "w{":
        assert picture in back["content"]


def test_a_mark_of_words_on_a_whole_paragraph_stays_a_mark() -> None:
    document = doc(node("paragraph", text("the pool"), marks=[mark("em")]))
    assert same(_edited(document, "pool", "disk"), _replaced(document, "pool", "disk"))
    assert from_markdown("the pool {i}")["content"] == [paragraph("the pool {i}")]


def test_a_changed_attribute_leaves_the_hidden_ones() -> None:
    document = _rich()
    assert _edited(document, "## Timeline", "### Timeline")["content"][0]["attrs"] == {"level": 3, "localId": "h-1"}
    mention = _edited(document, "557058:4a47", "u-2")["content"][1]["content"][1]
    assert mention["attrs"] == {"id": "u-2", "text": "@Jane Doe", "accessLevel": "", "localId": "m-1"}
    done = _edited(document, "- [ ] fix", "- [x] fix")["content"][4]["content"][0]
    assert done["attrs"] == {"localId": "x-1", "state": "DONE"}


def test_the_borders_of_texts_stay_where_nothing_shows_them() -> None:
    document = doc(
        node("paragraph", text("one "), text("two"), {"type": "text", "text": " three", "marks": []}, {"type": "text", "text": ""})
    )
    assert same(_edited(document, "three", "four"), _replaced(document, "three", "four"))


def test_unknown_marks_and_keys_stay_on_their_words() -> None:
    glow = {"type": "text", "text": "bright", "marks": [{"type": "glow", "attrs": {"v": 1}}], "x-new": 2}
    document = doc(node("paragraph", text("a "), glow, text(" b")))
    assert same(_edited(document, "bright", "brighter"), _replaced(document, "bright", "brighter"))


def test_what_is_moved_to_where_it_may_not_be_is_made_to_fit() -> None:
    wide = node("codeBlock", text("x"), marks=[mark("breakout", mode="wide")])
    document = doc(wide, node("panel", paragraph("p"), panelType="info"))
    text_ = to_markdown(document)
    moved = "\n".join("> " + line for line in text_.split("\n"))
    assert allowed(from_markdown(moved, document))


def test_the_original_is_left_alone() -> None:
    document = _rich()
    before = copy.deepcopy(document)
    from_markdown("something else\n\n" + to_markdown(document)[:200], document)
    assert document == before


@pytest.mark.parametrize(
    "content", [None, "x", ["text"], [3, None], [{"type": 3}], [{"type": "paragraph", "content": "x"}], [paragraph("a"), []]]
)
def test_disorder_is_kept(content: Any) -> None:
    document = {"type": "doc", "content": content}
    assert same(from_markdown(to_markdown(document), document), document)
    if isinstance(content, list):
        edited = from_markdown(to_markdown(document) + "\n\nNew paragraph.", document)
        assert same(edited["content"], [*content, paragraph("New paragraph.")])


def test_a_document_without_content() -> None:
    assert from_markdown("", {"type": "doc"}) == {"type": "doc"}
