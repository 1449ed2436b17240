"""Our tables against the official schema, and the collected documents, where those are at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from pmtui.formats.adf import from_markdown, to_markdown
from pmtui.formats.adf.fit.valid import is_valid
from pmtui.formats.adf.schema import MARKS, NESTING, NODES
from tests.examples import examples
from tests.formats.adf.checks import SHARED, allowed, official_verdict, relaxed, same
from tests.formats.adf.strategies import Node, doc, node, paragraph, text, wild_documents

needs_schema = pytest.mark.skipif(not (SHARED / "schema" / "full.json").exists(), reason="the official schema is not at hand")


def test_every_name_in_the_nesting_table_is_a_node() -> None:
    named = {token.split("+")[0] for source in NESTING.values() for token in source.split()} | NESTING.keys()
    assert named - {"doc"} <= NODES.keys()
    assert {extra for source in NESTING.values() for token in source.split() for extra in token.split("+")[1:]} <= MARKS.keys()


@needs_schema
@settings(relaxed, max_examples=examples(100))
@given(wild_documents)
def test_what_our_tables_allow_the_schema_allows(document: Node) -> None:
    plain = doc(*document["content"])
    if all(is_valid(block, "doc") for block in plain["content"]):
        assert official_verdict(plain) is True


@needs_schema
@pytest.mark.parametrize("parent", sorted(NESTING.keys() - {"doc"}))
def test_each_parent_and_child(parent: str) -> None:
    """Whether a child may stand in a parent: both say the same, for every pair of types."""
    for child in sorted(NODES):
        inner = _sample(child)
        outer = {**_sample(parent), "content": [inner]}
        document = doc(_in_place(outer))
        ours = all(is_valid(block, "doc") for block in document["content"])
        assert ours is official_verdict(document), (parent, child)


_ATTRIBUTES: dict[str, dict[str, Any]] = {
    "heading": {"level": 1},
    "panel": {"panelType": "info"},
    "taskList": {"localId": "a"},
    "taskItem": {"localId": "a", "state": "TODO"},
    "blockTaskItem": {"localId": "a", "state": "TODO"},
    "decisionList": {"localId": "a"},
    "decisionItem": {"localId": "a", "state": "DECIDED"},
    "layoutColumn": {"width": 50},
    "nestedExpand": {},
    "bodiedExtension": {"extensionKey": "a", "extensionType": "b"},
    "extension": {"extensionKey": "a", "extensionType": "b"},
    "inlineExtension": {"extensionKey": "a", "extensionType": "b"},
    "bodiedSyncBlock": {"resourceId": "a", "localId": "b"},
    "syncBlock": {"resourceId": "a", "localId": "b"},
    "blockCard": {"url": "a"},
    "inlineCard": {"url": "a"},
    "embedCard": {"url": "a", "layout": "center"},
    "media": {"type": "external", "url": "a"},
    "mediaInline": {"id": "a", "collection": "b"},
    "mention": {"id": "a"},
    "emoji": {"shortName": ":a:"},
    "date": {"timestamp": "0"},
    "status": {"text": "a", "color": "red"},
    "placeholder": {"text": "a"},
}
_FILL = {
    "bulletList": "listItem",
    "orderedList": "listItem",
    "taskList": "taskItem",
    "decisionList": "decisionItem",
    "table": "tableRow",
    "mediaGroup": "media",
    "mediaSingle": "media",
}
_HOLDERS = {
    "listItem": "bulletList",
    "taskItem": "taskList",
    "blockTaskItem": "taskList",
    "decisionItem": "decisionList",
    "tableRow": "table",
    "tableCell": "tableRow",
    "tableHeader": "tableRow",
    "layoutColumn": "layoutSection",
    "nestedExpand": "expand",
}


def _sample(node_type: str) -> Node:
    if node_type == "text":
        return text("a")
    made: Node = {"type": node_type}
    if node_type in _ATTRIBUTES:
        made["attrs"] = _ATTRIBUTES[node_type]
    if node_type == "layoutSection":
        return {**made, "content": [_sample("layoutColumn"), _sample("layoutColumn")]}
    if node_type in ("tableRow", "paragraph", "heading", "caption", "taskItem", "decisionItem", "codeBlock"):
        return {**made, "content": []}
    if node_type in NESTING:
        made["content"] = [_sample(_FILL[node_type]) if node_type in _FILL else paragraph("a")]
    return made


def _in_place(inner: Node) -> Node:
    """The node in a parent that may hold it, up to the document."""
    if inner["type"] == "layoutColumn":
        return node("layoutSection", inner, _sample("layoutColumn"))
    if inner["type"] == "caption":
        return node("mediaSingle", _sample("media"), inner)
    while inner["type"] in _HOLDERS:
        holder = {**_sample(_HOLDERS[inner["type"]]), "content": [inner]}
        inner = holder
    return inner


def _collected() -> Iterator[Path]:
    for folder in ("documents", "collected", "collected-nonconforming"):
        yield from sorted((SHARED / folder).glob("*.json"))


@pytest.mark.long
@pytest.mark.skipif(not SHARED.exists(), reason="the collected documents are not at hand")
def test_collected_documents() -> None:
    for path in _collected():
        document = json.loads(path.read_text("utf8"))
        markdown = to_markdown(document)
        assert same(from_markdown(markdown + "\n\nNew paragraph.", document)["content"][:-1], document["content"]), path.name
        assert allowed(from_markdown(markdown)), path.name
