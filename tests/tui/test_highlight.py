"""How lines are read and coloured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.tui.markdown.highlight import FENCED_ITEM, STYLES, LineKind, code_lines, line_spans, read_line


def coloured(line: str, code: str = "") -> dict[str, list[str]]:
    """The pieces of `line` under each style."""
    pieces: dict[str, list[str]] = {}
    for start, end, style in line_spans(line, code):
        pieces.setdefault(style, []).append(line[start:end])
    return pieces


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("## Timeline", LineKind.HEADING),
        ("#no heading", LineKind.TEXT),
        ("---", LineKind.RULE),
        ("* * *", LineKind.RULE),
        ("- item", LineKind.ITEM),
        ("  12. item", LineKind.ITEM),
        ("- [ ] task", LineKind.ITEM),
        ("-no item", LineKind.TEXT),
        ("> quoted", LineKind.QUOTE),
        ("> [!WARNING] beware", LineKind.PANEL),
        ("| a | b |", LineKind.TABLE),
        (":::expand Full log", LineKind.OPEN),
        (":::", LineKind.CLOSE),
        ("::card https://x.y", LineKind.LEAF),
        ("plain", LineKind.TEXT),
        ("", LineKind.TEXT),
    ],
)
def test_what_a_line_is(line: str, kind: LineKind) -> None:
    assert read_line(line).kind is kind


@pytest.mark.parametrize(
    ("line", "style", "pieces"),
    [
        ("## Timeline", "heading-2", ["Timeline"]),
        ("#### deep", "heading-3", ["deep"]),
        ("a **bold** b", "bold", ["bold"]),
        ("a __bold__ b", "bold", ["bold"]),
        ("a *it* and _it_", "italic", ["it", "it"]),
        ("snake_case_name", "italic", None),
        ("2 * 3 * 4", "italic", None),
        ("~~gone~~", "strike", ["gone"]),
        ("`code` and ``a`b``", "code", ["code", "a`b"]),
        ("`**not bold**`", "bold", None),
        ("**bold `code`**", "code", ["code"]),
        ("[title](http://a.b/c)", "link", ["title"]),
        ("see https://a.b/c.", "link", ["https://a.b/c"]),
        ("<https://a.b>{card}", "link", ["https://a.b"]),
        ("@[Jane Doe](557058:4a47) did", "mention", ["Jane Doe"]),
        (":status[IN REVIEW]{yellow}", "status", ["IN REVIEW"]),
        (":date[2021-02-26]", "date", ["2021-02-26"]),
        ("> [!WARNING] beware", "warning", ["> [!WARNING] "]),
        ("> [!TIP]", "success", ["> [!TIP]"]),
        ("> said", "quote", ["said"]),
        ("- [x] done", "marker", ["- [x] "]),
        ("| a | b |", "marker", ["|", "|", "|"]),
        (":::expand Full log", "bold", ["Full log"]),
        (r"\*not\*", "italic", None),
    ],
)
def test_colours(line: str, style: str, pieces: list[str] | None) -> None:
    assert coloured(line).get(style) == pieces


def test_code_reaches_to_its_fence() -> None:
    lines = ["a", "```python", "**x**", "~~~", "```", "b", "~~~~", "```", "~~~~", "```", "open"]
    assert code_lines(lines) == ["", "fence", "code", "code", "fence", "", "fence", "code", "fence", "fence", "code"]


def test_nothing_is_read_in_code() -> None:
    assert coloured("# **x**", "code") == {"code": ["# **x**"]}


@given(st.text(st.sampled_from("*_~`[](){}<>@:!|#->. \\ab1x\u0301漢\x1b")))
def test_spans_lie_in_the_line_and_have_a_look(line: str) -> None:
    for start, end, style in line_spans(line):
        assert 0 <= start < end <= len(line)
        assert style in STYLES


def test_a_hostile_line_is_read_at_once() -> None:
    for line in ("**" * 4000, "[" * 8000, "_a" * 4000, "`" * 8000, "@[" * 4000, "*_" * 2000 + "x" + "_*" * 2000):
        line_spans(line)


def test_code_in_an_item_ends_with_the_item() -> None:
    assert code_lines(["- ```yaml", "  a", "", "  ```", "b"]) == [FENCED_ITEM, "code", "code", "fence", ""]
    assert code_lines(["- ```yaml", "  a", "- b", "```", "c"]) == [FENCED_ITEM, "code", "", "fence", "code"]
    assert read_line("- ```yaml", FENCED_ITEM).kind is LineKind.ITEM
