"""Cells as the text of one file and back: exactly, whatever they hold, and with no more comments than needed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pmtui.formats.document.body import BEGIN, END, OPAQUE, FileCell, read_body, update_body, write_body

LINES = st.sampled_from(
    [
        *("", " ", "text", "# One", "## Two", "    # code", "```", "```yaml", "````", "~~~", "---", "<!--", "-->", "<!-- x -->"),
        *(BEGIN, END, OPAQUE, "<!-- cell \\-->", "<!-- /cell \\\\-->", "- item", "> quote", "\r", "text\r"),
        *("```pmtui-opaque abc", "#", "####### seven", "\u2028", "a\x0bb", f"{BEGIN}\r"),
    ]
)
TEXTS = st.lists(LINES, max_size=6).map("\n".join) | st.text(max_size=40)
CELLS = st.lists(st.builds(FileCell, TEXTS) | st.builds(FileCell, TEXTS, st.from_regex(r"[0-9a-f]{12}", fullmatch=True)), max_size=6)


@given(CELLS)
def test_what_is_written_is_read(cells: list[FileCell]) -> None:
    assert read_body(write_body(cells)) == tuple(cells)


@given(CELLS, CELLS)
def test_an_update_says_what_it_should(before: list[FileCell], after: list[FileCell]) -> None:
    assert read_body(update_body(write_body(before), after)) == tuple(after)


@given(st.lists(LINES, max_size=12).map("\n".join), CELLS)
def test_any_text_is_read_and_updated(text: str, cells: list[FileCell]) -> None:
    assert update_body(text, read_body(text)) == text
    assert read_body(update_body(text, cells)) == tuple(cells)


def test_sections_need_no_comments() -> None:
    text = "## Summary\n\nIt broke.\n\n## Impact\n\n```sh\n# no heading\n---\n```\n\n### Root cause\n"
    cells = read_body(text)
    assert [cell.text.split("\n")[0] for cell in cells] == ["## Summary", "## Impact", "### Root cause"]
    assert write_body(cells) == text


@pytest.mark.parametrize(
    ("cells", "marks"),
    [
        (["Only words."], 0),
        (["## A\n\na", "b"], 1),
        (["## A\n\n## B"], 2),
        (["## A\n\n## B", "words"], 2),
        (["", "## A"], 2),
    ],
)
def test_no_more_comments_than_needed(cells: list[str], marks: int) -> None:
    assert write_body([FileCell(each) for each in cells]).count("<!--") == marks


def test_an_edit_changes_its_own_lines_only() -> None:
    text = "\nIntro by hand\n\n\n\n## A  \na\n##  B\n\nb\n\n\n## C\n\nc"
    cells = list(read_body(text))
    cells[2] = FileCell("##  B\n\nbetter")
    assert update_body(text, cells) == text.replace("\n\nb\n", "\n\nbetter\n")
    cells[0] = FileCell("Intro by another hand")
    assert update_body(text, cells) == text.replace("\n\nb\n", "\n\nbetter\n").replace("by hand", "by another hand")
    without_end = update_body("## A\n## B\nb", [FileCell("## A"), FileCell("## B\nc")])
    assert without_end == "## A\n## B\nc"


def test_a_file_that_had_no_text_gets_it_as_if_it_were_new() -> None:
    cells = [FileCell("# Summary\n\nSlow."), FileCell("# Cause")]
    assert update_body("\n", cells) == "\n" + write_body(cells)


def test_a_renderer_shows_nothing_of_ours() -> None:
    cells = [FileCell("words"), FileCell("more words"), FileCell("# A\n# B\n"), FileCell("▦ graph: `p99`", "0123456789ab")]
    rendered = MarkdownIt("commonmark").render(write_body(cells))
    visible = "\n".join(line for line in rendered.splitlines() if not line.startswith("<!--"))
    assert "cell" not in visible.replace('class="language-pmtui-opaque"', "")
