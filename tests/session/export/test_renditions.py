"""The forms for other places: every word, in constructs that they know, and nothing of a stranger's that does something."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pmtui.formats.adf.values import kind, walk
from pmtui.formats.sections import split
from pmtui.formats.words import lost_words
from pmtui.model.fields import Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Cell, CellKind, Postmortem
from pmtui.session.export.manifest import ManifestEntry
from pmtui.session.export.renditions import INDEX_MARK, Rendition, index, rendered
from tests.examples import examples
from tests.formats.adf.strategies import documents, wild_documents


def words(*texts: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": each} if isinstance(each, str) else each for each in texts]


def paragraph(*texts: Any) -> dict[str, Any]:
    return {"type": "paragraph", "content": words(*texts)}


MENTION = {"type": "mention", "attrs": {"id": "5", "text": "@Jane"}}
TASK = {"type": "taskItem", "attrs": {"localId": "b", "state": "DONE"}, "content": words("alarm")}
PICTURE = {"type": "media", "attrs": {"type": "external", "url": "https://e.com/p.png", "alt": "graph"}}
RICH: dict[str, Any] = {
    "version": 1,
    "type": "doc",
    "content": [
        {"type": "heading", "attrs": {"level": 4}, "content": words("Fault")},
        {"type": "panel", "attrs": {"panelType": "warning"}, "content": [paragraph("Do not restart ", "both")]},
        paragraph(MENTION, " fixed it ", {"type": "status", "attrs": {"text": "DONE", "color": "green"}}),
        paragraph({"type": "text", "text": "grey", "marks": [{"type": "textColor", "attrs": {"color": "#7a869a"}}]}, {"type": "hardBreak"}),
        {"type": "expand", "attrs": {"title": "Log"}, "content": [paragraph("line")]},
        {"type": "taskList", "attrs": {"localId": "a"}, "content": [TASK]},
        {"type": "mediaSingle", "content": [PICTURE]},
        {"type": "layoutSection", "content": [{"type": "layoutColumn", "attrs": {"width": 50}, "content": [paragraph("left")]}]},
    ],
}


def body(document: dict[str, Any], rendition: Rendition = Rendition.PLAIN) -> str:
    """The text of a document in this form, without title and fields."""
    return rendered(postmortem(*split(document)), rendition).decode().partition("Severity:** P1")[2].strip()


def test_what_only_one_format_has_becomes_what_all_have() -> None:
    assert body(RICH).split("\n\n") == [
        *("#### Fault", "> **Warning:** Do not restart both", "@Jane fixed it **DONE**", "grey"),
        *("**Log**", "line", "- [x] alarm", "![graph](https://e.com/p.png)", "left"),
    ]


@settings(max_examples=examples(40))
@given(st.one_of(documents, wild_documents))
def test_no_document_is_too_strange(document: dict[str, Any]) -> None:
    made = body(document)
    assert not [line for line in made.split("\n") if line.startswith((":::", "| {", "```adf"))]


@settings(max_examples=examples(40))
@given(documents)
def test_no_word_is_lost(document: dict[str, Any]) -> None:
    told = " ".join(each["text"] for each in walk(document) if kind(each) == "text")
    assert lost_words(told, body(document)) == ()


def postmortem(*cells: Cell, title: str = "Checkout <b>5xx</b>") -> Postmortem:
    form = (Field("title", Kind.TEXT, "Title"), Field("severity", Kind.CHOICE, "Severity"))
    return Postmortem(Incident("i", "IR-1", "x"), id="p", form=form, fields={"title": title, "severity": "P1"}, cells=cells)


def test_adf_is_the_vendors_own() -> None:
    made = json.loads(rendered(postmortem(*split(RICH)), Rendition.ADF))
    assert made["content"] == RICH["content"]


def test_html_shows_what_is_there_and_runs_nothing() -> None:
    hostile = Cell("a", "<script>alert(1)</script> [x](javascript:alert(1)) **bold**\n\n| a | b |\n| - | - |\n| 1 | 2 |")
    page = rendered(postmortem(hostile), Rendition.HTML).decode()
    assert "<h1>Checkout &lt;b&gt;5xx&lt;/b&gt;</h1>" in page and "<strong>bold</strong>" in page and "<td>1</td>" in page
    assert "<script" not in page and 'href="javascript' not in page


def test_plain_markdown_has_title_fields_and_text() -> None:
    graph = Cell("g", "timeseries: p99", CellKind.OPAQUE, '{"id": "g9"}')
    text = rendered(postmortem(Cell("a", "## Summary\n\nIt broke."), graph, title="5xx"), Rendition.PLAIN).decode()
    assert text == "# 5xx\n\n- **Incident:** IR-1\n- **Severity:** P1\n\n## Summary\n\nIt broke.\n\n▦ timeseries: p99\n"


def test_the_index_is_a_table_in_which_no_title_breaks_out() -> None:
    entries = [
        ManifestEntry(str(n), "i", f"IR-{n}", title, "draft", f"2026-11-0{n}T00:00:00Z", "", "", f"{n}.md")
        for n, title in ((1, "a | b"), (2, "[x](y)"))
    ]
    page = index(entries).decode()
    assert page.startswith(INDEX_MARK)
    assert page.splitlines()[-2:] == [
        "| 2026-11-02 | IR-2 | [\\[x\\](y)](2.md) | draft |",
        "| 2026-11-01 | IR-1 | [a \\| b](1.md) | draft |",
    ]
