"""The notation, example by example: what is written reads as anyone would write it, and comes back alone."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from pmtui.formats.adf import from_markdown, lost_words, to_markdown
from tests.formats.adf.checks import allowed, same
from tests.formats.adf.strategies import Node, doc, mark, node, paragraph, text


def _item(*content: Node) -> Node:
    return node("listItem", *content)


def _cell(kind: str, *content: Node, **attrs: Any) -> Node:
    return node(kind, *content, **attrs)


def _row(kind: str, *cells: str) -> Node:
    return node("tableRow", *[_cell(kind, paragraph(cell)) for cell in cells])


def _marked(value: str, *marks: Node) -> Node:
    return {"type": "text", "text": value, "marks": list(marks)}


GREY = mark("textColor", color="#7a869a")
EXAMPLES: list[tuple[str, list[Node]]] = [
    ("Checkout was down.", [paragraph("Checkout was down.")]),
    ("## Root cause", [node("heading", text("Root cause"), level=2)]),
    (
        "a **bold** _it_ ~~old~~",
        [node("paragraph", text("a "), text("bold", "strong"), text(" "), text("it", "em"), text(" "), text("old", "strike"))],
    ),
    ("`kubectl get`", [node("paragraph", text("kubectl get", "code"))]),
    ("set max_pool_size to 5 * 3 at 10:02:33", [paragraph("set max_pool_size to 5 * 3 at 10:02:33")]),
    ("in[tra]{i}word", [node("paragraph", text("in"), text("tra", "em"), text("word"))]),
    ("- outer\n  - inner", [node("bulletList", _item(paragraph("outer"), node("bulletList", _item(paragraph("inner")))))]),
    ("3. three\n4. four", [node("orderedList", _item(paragraph("three")), _item(paragraph("four")), order=3)]),
    ("- a\n\n* b", [node("bulletList", _item(paragraph("a"))), node("bulletList", _item(paragraph("b")))]),
    ("> words", [node("blockquote", paragraph("words"))]),
    ("```python\nprint(1)\n```", [node("codeBlock", text("print(1)"), language="python")]),
    ("````\n```\n````", [node("codeBlock", text("```"))]),
    ("---", [node("rule")]),
    (
        "| Time | Event |\n| --- | --- |\n| 10:02 | a \\| b |",
        [node("table", _row("tableHeader", "Time", "Event"), _row("tableCell", "10:02", "a | b"))],
    ),
    ("| | |\n| --- | --- |\n| a | b |", [node("table", _row("tableCell", "a", "b"))]),
    (
        ":::table\n:::row\n:::cell {colspan=2}\n- a\n:::",
        [node("table", node("tableRow", _cell("tableCell", node("bulletList", _item(paragraph("a"))), colspan=2)))],
    ),
    ("> [!WARNING]\n> Do not fail over.", [node("panel", paragraph("Do not fail over."), panelType="warning")]),
    (
        "> [!CUSTOM] {panelIcon=:rocket: panelColor=#E6FCFF}\n> x",
        [node("panel", paragraph("x"), panelType="custom", panelIcon=":rocket:", panelColor="#E6FCFF")],
    ),
    (":::expand Full log\nMore here.\n:::", [node("expand", paragraph("More here."), title="Full log")]),
    (
        ":::columns\n:::column 50\na\n:::column 50\nb\n:::",
        [node("layoutSection", node("layoutColumn", paragraph("a"), width=50), node("layoutColumn", paragraph("b"), width=50))],
    ),
    ("::card https://example.com/a", [node("blockCard", url="https://example.com/a")]),
    ("::embed https://example.com/v {width=80}", [node("embedCard", url="https://example.com/v", layout="center", width=80)]),
    (
        "![graph](media:3f2a){collection=c w=800}",
        [node("mediaSingle", node("media", type="file", id="3f2a", collection="c", alt="graph", width=800), layout="center")],
    ),
    ("ask @[Jane Doe](557058:ab)", [node("paragraph", text("ask "), node("mention", id="557058:ab", text="@Jane Doe"))]),
    (":status[IN PROGRESS]{blue}", [node("paragraph", node("status", text="IN PROGRESS", color="blue"))]),
    (":date[2021-02-26]", [node("paragraph", node("date", timestamp="1614297600000"))]),
    (":date[2021-02-26T04:13:21.075Z]", [node("paragraph", node("date", timestamp="1614312801075"))]),
    (
        "done:emoji[tada]{id=1f389 text=🎉}",
        [node("paragraph", text("done"), node("emoji", shortName=":tada:", id="1f389", text="🎉"))],
    ),
    (":tada:", [node("paragraph", node("emoji", shortName=":tada:", id="1f389", text="🎉"))]),
    ("<https://example.com/x>{card}", [node("paragraph", node("inlineCard", url="https://example.com/x"))]),
    (
        "<https://example.com/x>",
        [node("paragraph", _marked("https://example.com/x", mark("link", href="https://example.com/x")))],
    ),
    ("[hint]{#7a869a}\\", [node("paragraph", _marked("hint", GREY), node("hardBreak"))]),
    ("H[2]{sub}O", [node("paragraph", text("H"), _marked("2", mark("subsup", type="sub")), text("O"))]),
    ("one\\\ntwo", [node("paragraph", text("one"), node("hardBreak"), text("two"))]),
    ("<!-- -->", [node("paragraph")]),
    ("&#32;a&#10;b&nbsp;", [paragraph(" a\nb\u00a0")]),
    ("centred {center}", [node("paragraph", text("centred"), marks=[mark("alignment", align="center")])]),
    (
        '[words]{link=#a title="to \\u007b" occurrence=o sub}',
        [node("paragraph", _marked("words", mark("link", href="#a", title="to {", occurrenceKey="o"), mark("subsup", type="sub")))],
    ),
    ("\\# no heading", [paragraph("# no heading")]),
    ("1\\. no list", [paragraph("1. no list")]),
    ("\\::: no fence", [paragraph("::: no fence")]),
    ("words \\{center}", [paragraph("words {center}")]),
    ("\\:tada: :nope:", [paragraph(":tada: :nope:")]),
]


@pytest.mark.parametrize(("markdown", "content"), EXAMPLES)
def test_written_and_read(markdown: str, content: list[Node]) -> None:
    document = doc(*content)
    assert to_markdown(document) == markdown
    assert same(from_markdown(markdown), document)


@pytest.mark.parametrize(
    ("markdown", "item"),
    [("- [ ] fix pool", ("taskItem", "TODO")), ("- [x] fix pool", ("taskItem", "DONE")), ("- <> fix pool", ("decisionItem", "DECIDED"))],
)
def test_items_with_a_box_get_the_same_id_each_time(markdown: str, item: tuple[str, str]) -> None:
    document = from_markdown(markdown)
    found = document["content"][0]["content"][0]
    assert (found["type"], found["attrs"]["state"]) == item
    assert found["attrs"]["localId"] and found["attrs"]["localId"] != document["content"][0]["attrs"]["localId"]
    assert from_markdown(markdown) == document
    assert to_markdown(document) == markdown


@pytest.mark.parametrize(
    ("markdown", "becomes"),
    [
        ("- # heading in an item", "- heading in an item"),
        ("> # heading in a quote", "> heading in a quote"),
        ("> | a |\n> | - |", "> a"),
        ("- > quote in an item", "- quote in an item"),
        ("> [!IMPORTANT]\n> x", "> [!NOTE]\n> x"),
        ("> [!TIP] Words behind it\n> x", "> [!TIP]\n> Words behind it x"),
        (":::columns\n:::column 50\nalone\n:::", "alone"),
        ("::card", "\\::card"),
        ("a\n\n::embed\n\nb", "a\n\n\\::embed\n\nb"),
        ("> ::extension", "> \\::extension"),
        ("- ::sync {localId=a}", "- \\::sync \\{localId=a}"),
        ("::extension a {parameters=NaN}", '::extension "a {parameters=NaN}"'),
        (":::extension a {parameters=-Infinity}\nb\n:::", ':::extension "a {parameters=-Infinity}"\nb\n:::'),
        (":card[a]{data=Infinity}", ":card\\[a\\]{data=Infinity}"),
        ("::card {data=[1e999]}", '::card "{data=[1e999]}"'),
        ('```adf\n{"type":"rule","attrs":{"a":NaN}}\n```', '```{language=adf}\n{"type":"rule","attrs":{"a":NaN}}\n```'),
        (":::adf foo {inline}\na[x]{small}b\n:::", "axb"),
        (":::expand Open\nto the end", ":::expand Open\nto the end\n:::"),
        ("stray\n\n:::", "stray"),
        ("[a](javascript:x) and `code` **`bold code`**", "[a](javascript:x) and `code` `bold code`"),
        ("- [ ] task\n- plain", "- [ ] task\n\n* plain"),
        ("[text][ref]\n\n[ref]: https://example.com", "[text](https://example.com)"),
        ("Heading\n=======", "# Heading"),
        ("    code", "```\ncode\n```"),
        ("```adf\nno node\n```", "```{language=adf}\nno node\n```"),
    ],
)
def test_what_adf_cannot_say_is_repaired(markdown: str, becomes: str) -> None:
    document = from_markdown(markdown)
    assert allowed(document)
    assert to_markdown(document) == becomes


def test_the_page_for_users_is_a_part_of_the_package() -> None:
    """What it shows in blocks is read as it says, and it is Markdown itself."""
    page = (files("pmtui.formats.adf") / "notation.md").read_text("utf8")
    assert lost_words(page, from_markdown(page)) == ()
    shown = [block["content"][0]["text"] for block in from_markdown(page)["content"] if block["type"] == "codeBlock"]
    assert [from_markdown(markdown)["content"][0]["type"] for markdown in shown] == ["table", "mediaSingle"]
    assert [to_markdown(from_markdown(markdown)) for markdown in shown] == shown
