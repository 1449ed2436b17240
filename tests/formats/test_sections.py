"""Documents as cells and back: lossless where nothing was touched, and only there changed where something was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmtui.formats.adf.write import words
from pmtui.formats.adf.write.inline import write_inline
from pmtui.formats.sections import PROMPT_COLOR, canonical, dumps, join, lost_words, split, whole
from pmtui.model.postmortem import Cell, CellKind

Node = dict[str, Any]
SHARED = Path(__file__).parents[3] / "shared"


def text(words: str, *marks: Node) -> Node:
    return {"type": "text", "text": words, **({"marks": list(marks)} if marks else {})}


def paragraph(*inlines: Node | str) -> Node:
    return {"type": "paragraph", "content": [text(each) if isinstance(each, str) else each for each in inlines]}


def heading(words: str, level: int = 4) -> Node:
    return {"type": "heading", "attrs": {"level": level}, "content": [text(words)]}


def prompt(words: str, *, hard_break: bool = True) -> Node:
    grey = text(words, {"type": "textColor", "attrs": {"color": PROMPT_COLOR}})
    return paragraph(grey, *([{"type": "hardBreak"}] if hard_break else []))


def bullets(*items: str) -> Node:
    return {"type": "bulletList", "content": [{"type": "listItem", "content": [paragraph(item)]} for item in items]}


def extension(key: str) -> Node:
    return {"type": "extension", "attrs": {"extensionKey": key, "extensionType": "com.example", "parameters": {"z": 1, "a": [None, 2.5]}}}


def unknown(name: str = "whiteboard") -> Node:
    return {"type": name, "attrs": {"title": "Sketch", "b": 1, "a": 2}, "content": [{"type": "stroke", "attrs": {"x": 1.0}}]}


def doc(*nodes: Any) -> Node:
    return {"version": 1, "type": "doc", "content": list(nodes)}


TEMPLATE = doc(
    heading("Leadup"),
    prompt("What led to it"),
    heading("Fault"),
    prompt("What failed"),
    heading("Detection"),
    prompt("Who saw it", hard_break=False),
)


def edit(cells: tuple[Cell, ...], index: int, words: str) -> tuple[Cell, ...]:
    return tuple(replace(cell, text=words) if number == index else cell for number, cell in enumerate(cells))


def same(one: Any, other: Any) -> bool:
    """Equal down to the order of keys."""
    return json.dumps(one) == json.dumps(other)


def test_a_section_is_a_cell() -> None:
    cells = split(doc(paragraph("Before."), heading("One", 2), paragraph("a"), bullets("b", "c"), heading("Two", 5), heading("Three", 1)))
    assert [cell.text for cell in cells] == ["Before.", "## One\n\na\n\n- b\n- c", "##### Two\n\n", "# Three\n\n"]
    assert len({cell.key for cell in cells}) == 4
    assert not any(cell.pinned for cell in cells)


def test_each_block_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []

    def write(nodes: list[Any]) -> list[str]:
        written.append(len(nodes))
        return write_inline(nodes)

    monkeypatch.setattr(words, "write_inline", write)
    cells = split(doc(*(node for number in range(50) for node in (heading(f"Part {number}"), paragraph("words")))))
    assert len(cells) == 50
    assert len(written) == 100


def test_prompts_are_no_text() -> None:
    cells = split(TEMPLATE)
    assert [cell.text for cell in cells] == ["#### Leadup\n\n", "#### Fault\n\n", "#### Detection\n\n"]
    assert [cell.prompt for cell in cells] == ["What led to it", "What failed", "Who saw it"]


def test_a_prompt_goes_when_its_section_gets_text_and_the_others_stay() -> None:
    cells = edit(split(TEMPLATE), 1, "#### Fault\n\nThe pool was empty.")
    assert same(join(cells, TEMPLATE), doc(*TEMPLATE["content"][:3], paragraph("The pool was empty."), *TEMPLATE["content"][4:]))


def test_a_prompt_stays_when_only_the_heading_is_renamed() -> None:
    cells = edit(split(TEMPLATE), 0, "#### Before it began\n\n")
    assert same(join(cells, TEMPLATE), doc(heading("Before it began"), *TEMPLATE["content"][1:]))


def test_a_section_that_is_emptied_is_gone() -> None:
    assert same(join(edit(split(TEMPLATE), 0, "  \n"), TEMPLATE), doc(*TEMPLATE["content"][2:]))


def test_a_break_at_the_end_of_a_paragraph_does_not_show_and_stays_until_it_is_edited() -> None:
    broken = paragraph("Said.", {"type": "hardBreak"}, {"type": "hardBreak", "attrs": {"localId": "b"}})
    document = doc(heading("A"), broken, heading("B"))
    cells = split(document)
    assert cells[0].text == "#### A\n\nSaid."
    assert same(join(cells, document), document)
    more = edit(cells, 0, "#### A\n\nSaid.\n\nMore.")
    assert same(join(more, document), doc(heading("A"), broken, paragraph("More."), heading("B")))
    assert split(join(more, document), more)[0].text == more[0].text
    other = edit(cells, 0, "#### A\n\nSaid and done.")
    assert same(join(other, document), doc(heading("A"), paragraph("Said and done."), heading("B")))


def test_grey_words_among_others_are_text() -> None:
    cells = split(doc(heading("A"), prompt("Say more"), paragraph("Said.")))
    assert cells[0].prompt == ""
    assert "Say more" in cells[0].text
    assert "Said." in cells[0].text


def test_what_markdown_cannot_say_is_a_cell_of_its_own() -> None:
    document = doc(
        heading("Graphs"), paragraph("see"), unknown(), paragraph("and then"), unknown("board"), unknown("board"), heading("End")
    )
    cells = split(document)
    assert [cell.kind is CellKind.OPAQUE for cell in cells] == [False, True, False, True, True, False]
    assert cells[1].text == "whiteboard: Sketch"
    assert cells[2].text == "and then"
    moved = (*cells[:1], *cells[2:], cells[1])
    assert same(join(moved, document)["content"][-1], unknown())


@pytest.mark.parametrize(
    "content", [[], [None], ["words"], [7, {"no": "type"}], [{"type": "paragraph"}], [{"type": "paragraph", "content": []}]]
)
def test_strange_content_is_kept(content: list[Any]) -> None:
    document = {"version": 1, "type": "doc", "content": content}
    assert same(join(split(document), document), document)


def test_the_envelope_is_the_servers() -> None:
    document = {"type": "doc", "content": [paragraph("a")], "version": 1, "x-more": {"b": 1, "a": 2}}
    assert same(join(split(document), document), document)


def test_half_a_surrogate_pair_can_be_written() -> None:
    document = doc(paragraph("\ud83d"), paragraph("\U0001f600"))
    assert json.loads(dumps(document).encode()) == document
    assert dumps(paragraph("ü")).count("ü") == 1


def test_what_is_no_number_is_not_written() -> None:
    for number in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="JSON"):
            dumps({"type": "extension", "attrs": {"parameters": [number]}})


def test_an_empty_summary_has_a_prompt_and_no_text() -> None:
    for empty in (doc(), doc({"type": "paragraph"}), doc(paragraph(" "))):
        cell = whole(empty, "s", "Executive summary", "What happened")
        assert (cell.text, cell.prompt, cell.pinned, cell.name) == ("", "What happened", True, "Executive summary")
        assert same(join([cell], empty), empty)
        assert same(join([replace(cell, text="Words.")], empty), doc(paragraph("Words.")))


def test_a_summary_with_headings_is_one_cell() -> None:
    document = doc(heading("A"), paragraph("b"), heading("C"), paragraph("d"))
    cell = whole(document, "s", "Executive summary", "")
    assert cell.text.count("####") == 2
    assert same(join([cell], document), document)


def with_ids(node: Any) -> Any:
    """What a server may do to a document that it stores."""
    if isinstance(node, dict):
        made = {key: with_ids(value) for key, value in node.items()}
        return (
            {**made, "attrs": {**made.get("attrs", {}), "localId": "x"}} if "type" in node and node["type"] not in ("text", "doc") else made
        )
    return [with_ids(each) for each in node] if isinstance(node, list) else node


def test_ids_that_the_server_adds_are_kept_and_no_change() -> None:
    cells = edit(split(TEMPLATE), 1, "#### Fault\n\n* one\n* two")
    stored = with_ids(join(cells, TEMPLATE))
    read = split(stored, cells)
    assert [(cell.key, cell.text) for cell in read] == [(cell.key, cell.text) for cell in cells]
    again = join(edit(read, 0, "#### Leadup\n\nMore."), stored, read)
    assert same(again["content"][2:], stored["content"][2:])


def test_words_that_the_document_lacks_are_named_whatever_the_spelling_is() -> None:
    cells = edit(split(TEMPLATE), 1, "#### Fault\n\n* one\n* two")
    document = join(cells, TEMPLATE)
    assert lost_words(cells, document) == ()
    assert lost_words(edit(cells, 0, "#### Leadup\n\nOne more."), document) == ("One", "more.")
    opaque = split(doc(unknown()))
    assert lost_words(opaque, doc()) == ()


def test_a_cell_with_several_headings_reads_back_as_one() -> None:
    cells = edit(split(TEMPLATE), 1, "#### Fault\n\na\n\n#### Aside\n\nb")
    read = split(join(cells, TEMPLATE), cells)
    assert [(cell.key, cell.text) for cell in read] == [(cell.key, cell.text) for cell in cells]
    assert len(split(join(cells, TEMPLATE))) == 4


def test_a_section_that_somebody_else_went_on_with_is_another_text() -> None:
    cells = edit(split(TEMPLATE), 0, "#### Leadup\n\nOurs.")
    stored = join(cells, TEMPLATE)
    theirs = doc(*stored["content"][:2], paragraph("Theirs."), *stored["content"][2:])
    read = split(theirs, cells)
    assert [cell.text for cell in read] == ["#### Leadup\n\nOurs.\n\nTheirs.", "#### Fault\n\n", "#### Detection\n\n"]
    assert read[0].key not in {cell.key for cell in cells}
    assert [cell.key for cell in read[1:]] == [cell.key for cell in cells[1:]]


def test_a_section_that_somebody_else_moved_is_known_again() -> None:
    cells = split(TEMPLATE)
    moved = doc(*TEMPLATE["content"][4:], *TEMPLATE["content"][:4])
    assert sorted(cell.key for cell in split(moved, cells)) == sorted(cell.key for cell in cells)


def test_an_added_cell_without_a_heading_stays_a_cell_while_it_is_edited() -> None:
    first, *rest = split(TEMPLATE)
    cells = (first, Cell("n1", "Just words."), *rest)
    read = split(join(cells, TEMPLATE), cells)
    assert [(cell.key, cell.text) for cell in read] == [(cell.key, cell.text) for cell in cells]


blocks = st.lists(
    st.one_of(
        st.builds(heading, st.sampled_from(["A", "Root cause", "Über"]), st.integers(1, 6)),
        st.builds(paragraph, st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)),
        st.builds(prompt, st.sampled_from(["Say what", "Say why"])),
        st.builds(bullets, st.sampled_from(["x", "y z"]), st.sampled_from(["x", "1. y"])),
        st.builds(extension, st.sampled_from(["toc", "jira"])),
        st.builds(unknown, st.sampled_from(["whiteboard", "poll"])),
        st.just({"type": "rule"}),
        st.just({"type": "paragraph"}),
        st.just({"type": "panel", "attrs": {"panelType": "info", "localId": "p"}, "content": [paragraph("in")]}),
    ),
    max_size=9,
)


@settings(deadline=None)
@given(blocks)
def test_an_untouched_document_goes_back_byte_for_byte(content: list[Node]) -> None:
    document = doc(*content)
    cells = split(document)
    assert same(join(cells, document), document)
    assert same(join(cells, document, cells), document)
    assert split(document, cells) == cells


@settings(deadline=None)
@given(blocks, st.data())
def test_an_edit_changes_its_own_section_only_and_reads_back_as_typed(content: list[Node], data: st.DataObject) -> None:
    document = doc(*content)
    cells = split(document)
    editable = [number for number, cell in enumerate(cells) if cell.editable]
    if not editable:
        return
    chosen = data.draw(st.sampled_from(editable))
    mine = edit(cells, chosen, "### Changed\n\n* by hand")
    written = join(mine, document, cells)
    before = [node for cell in cells[:chosen] for node in json.loads(cell.source)]
    after = [node for cell in cells[chosen + 1 :] for node in json.loads(cell.source)]
    assert same(written["content"][: len(before)], before)
    assert same(written["content"][len(written["content"]) - len(after) :], after)
    read = split(written, mine)
    assert [(cell.key, cell.text, cell.kind) for cell in read] == [(cell.key, cell.text, cell.kind) for cell in mine]


@given(blocks)
def test_what_is_compared_knows_no_order_of_keys(content: list[Node]) -> None:
    def turned(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: turned(node[key]) for key in reversed(node)}
        return [turned(each) for each in node] if isinstance(node, list) else node

    for node in content:
        assert canonical(turned(node)) == canonical(node) == canonical(with_ids(node))


def collected() -> Iterator[Path]:
    yield from sorted((SHARED / "vendors/opsgenie/examples").glob("*.adf.json"))
    yield from sorted((SHARED / "adf/documents").glob("*.json"))[:80]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the collected documents are not at hand")
def test_collected_documents_go_back_byte_for_byte() -> None:
    for path in collected():
        document = json.loads(path.read_text())
        if isinstance(document, dict) and document.get("type") == "doc":
            cells = split(document)
            assert same(join(cells, document), document), path.name
            assert split(document, cells) == cells, path.name
