"""Edits of files that people keep by hand: the edited lines only, and every other byte as it was."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.formats.document.body import FileCell
from pmtui.formats.document.edit import FileEdits, edited
from pmtui.formats.document.front_matter import Entry, FrontMatterError
from pmtui.formats.document.postmortem_file import read

HEAD_LINES = st.sampled_from(
    [
        *("# a comment", "", "title: One", "title:", "severity: SEV-1   # for now", "tags: [a, 'b c']", "tags:\n- a\n- b", "tags: []"),
        *(
            "x-team: payments",
            "layout: post",
            "owner: Jane Doe <jane@corp.com>",
            "date: 2026-11-14",
            'quoted: "no\\u2028"',
            "deep:\n  er: yes",
        ),
        *('pmtui:\n  schema: "9"\n  later: thing\n  known:\n    owner:\n      Jane: {id: u-1}', "text: |\n  ---\n  # no heading"),
    ]
)
BODY_LINES = st.sampled_from(
    ["", "text", "# One", "## Two", "```", "---", "...", "<!-- cell -->", "<!-- /cell -->", "<!-- x", "- a", "\u2028", "   "]
)
ENDS = st.sampled_from(["---\n", "---", "...\n", "---  \n", "---\n\n", "---\n\n\n"])
HEADS = st.lists(HEAD_LINES, max_size=5).map("\n".join)
BODIES = st.lists(BODY_LINES, max_size=8).map("\n".join)
PLAIN = st.builds("---\n{}\n{}{}".format, HEADS, ENDS, BODIES) | BODIES
ENTRIES = st.dictionaries(
    st.sampled_from(["title", "severity", "tags", "owner", "x-team", "new", "resolved"]),
    st.none() | st.sampled_from(["no", "a: b", "SEV-2", "# x", "", " y "]) | st.lists(st.sampled_from(["a", "- b", "c: d"]), max_size=2),
    max_size=4,
)
CELLS = st.lists(st.builds(FileCell, st.lists(BODY_LINES, max_size=4).map("\n".join)), max_size=4)


Entries = dict[str, Entry]


def well(text: str) -> bool:
    """Whether the file can be read at all."""
    try:
        read(text)
    except FrontMatterError:
        return False
    return True


FILES = PLAIN.filter(well)


@given(FILES, st.booleans(), st.booleans())
def test_what_was_read_is_written_with_the_same_bytes(text: str, mark: bool, windows: bool) -> None:
    text = ("\ufeff" if mark else "") + (text.replace("\n", "\r\n") if windows else text)
    file = read(text)
    assert edited(text, FileEdits()) == text
    assert edited(text, FileEdits(cells=file.cells)) == text
    assert edited(text, FileEdits(entries=file.entries, known=file.known)) == text


@given(FILES, ENTRIES, st.none() | CELLS)
def test_an_edit_says_what_it_should_and_nothing_else_changes(text: str, entries: Entries, cells: list[FileCell] | None) -> None:
    before = read(text)
    after = read(edited(text, FileEdits(entries, cells=cells)))
    for name in {*before.entries, *after.entries, *entries}:
        assert (after.entries.get(name) or None) == (entries.get(name, before.entries.get(name)) or None), name
    assert after.cells == (before.cells if cells is None else tuple(cells))
    assert after.source == before.source


@given(FILES, ENTRIES, st.none() | CELLS)
def test_line_ends_and_mark_are_those_of_the_file(text: str, entries: Entries, cells: list[FileCell] | None) -> None:
    edits = FileEdits(entries, cells=cells)
    windows = "\ufeff" + text.replace("\n", "\r\n")
    if "\n" in text:
        assert edited(windows, edits) == "\ufeff" + edited(text, edits).replace("\n", "\r\n")


BY_HAND = """\
---
# written by hand
title: Checkout 5xx
severity: SEV-1   # for now

owner: Jane Doe <jane@corp.com>
...

Intro.


## Summary
It broke.
## Impact

Many.
"""


@pytest.mark.parametrize(
    ("edits", "changed"),
    [
        (FileEdits({"severity": "SEV-2"}), ["-severity: SEV-1   # for now", "+severity: SEV-2"]),
        (FileEdits({"owner": None}), ["-owner: Jane Doe <jane@corp.com>"]),
        (FileEdits({"resolved": None}), []),
        (FileEdits({"tags": ["a", "b"]}), ["+tags:", "+  - a", "+  - b"]),
        (FileEdits(ours={"reference": "IR-1"}), ["+pmtui:", '+  schema: "1"', "+  reference: IR-1"]),
        (
            FileEdits(cells=[FileCell("Intro."), FileCell("## Summary\nIt burnt."), FileCell("## Impact\n\nMany.")]),
            ["-It broke.", "+It burnt."],
        ),
    ],
)
def test_a_difference_shows_the_edited_lines_only(edits: FileEdits, changed: list[str]) -> None:
    made = edited(BY_HAND, edits)
    shown = list(difflib.unified_diff(BY_HAND.splitlines(), made.splitlines(), n=0, lineterm=""))[2:]
    assert [line for line in shown if not line.startswith("@@")] == changed


def test_a_file_without_front_matter_gets_one_for_its_first_field_only() -> None:
    text = "## Summary\n\nIt broke.\n"
    assert edited(text, FileEdits(cells=[FileCell("## Summary\n\nIt burnt.")])) == "## Summary\n\nIt burnt.\n"
    assert edited(text, FileEdits({"title": "Fire"})) == f"---\ntitle: Fire\n---\n\n{text}"


def test_a_text_that_begins_with_a_rule_is_not_taken_for_front_matter() -> None:
    made = edited("text\n", FileEdits(cells=[FileCell("---\n\nmore")]))
    assert read(made).cells == (FileCell("---\n\nmore"),)


def test_what_items_do_not_tell_goes_with_its_field() -> None:
    text = edited("text\n", FileEdits({"owner": "Jane"}, known={"owner": {"Jane": {"id": "u-1"}}}))
    assert read(text).known == {"owner": {"Jane": {"id": "u-1"}}}
    without = edited(text, FileEdits({"owner": "Bo"}))
    assert read(without).known == {} and "pmtui" not in without
