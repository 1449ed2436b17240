"""Text from outside cannot freeze the screen: what is drawn of it takes time in proportion to its length."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from rich.style import Style
from textual.widgets.text_area import WrappedDocument

from pmtui.tui.editor.graphemes import next_border, previous_border, snap
from pmtui.tui.editor.line_painting import column_styles, expand_tabs
from pmtui.tui.editor.list_keys import indent, next_item, outdent
from pmtui.tui.editor.source_document import SourceDocument, differing_span
from pmtui.tui.markdown.highlight import code_lines, is_table_rule, line_spans, read_line
from pmtui.tui.markdown.render import render_markdown
from tests.growing_time import EXPONENT, cpu_seconds, exponent
from tests.tui.test_graphemes import clusters

SHORT = 6_000
UNNOTICED = 0.05
"""Seconds below which it does not matter how the time grows: noise of a busy machine is of this size."""

SHAPES: Mapping[str, Callable[[int], str]] = {
    "blanks before a table": lambda n: " " * n + "|x|",
    "blanks in a table": lambda n: "|" * (n // 2) + " " * (n // 2) + "x",
    "a heading of blanks": lambda n: "# a" + " " * n + "x",
    "a heading of marks": lambda n: "# " * (n // 2) + "x",
    "a fence of blanks": lambda n: "```" + " " * n + "`",
    "a fence behind blanks": lambda n: " " * n + "```",
    "one character": lambda n: "x" * n,
    "pipes": lambda n: "|" * n,
    "a rule that is none": lambda n: "|" + "-" * n + "x",
    "dashes and blanks": lambda n: "- " * (n // 2) + "x",
    "stars": lambda n: "*" * n,
    "underscores": lambda n: "_a" * (n // 2),
    "backticks": lambda n: "`" * n,
    "backticks and letters": lambda n: "`a" * (n // 2),
    "nested brackets": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "pictures": lambda n: "![a](" * (n // 5),
    "quotes": lambda n: "> " * (n // 2) + "x",
    "colons": lambda n: ":::" + " " * n + "x",
    "an item of blanks": lambda n: " " * (n // 2) + "-" + " " * (n // 2) + "[",
    "combining marks": lambda n: "e" + "\u0301" * n,
    "flags": lambda n: "\U0001f1e9" * n,
    "joiners": lambda n: "👩\u200d" * (n // 2),
    "wide characters": lambda n: "漢" * n,
    "tabs": lambda n: "\t" * n,
    "short lines": lambda n: "- a\n" * (n // 4),
    "fences": lambda n: "```\n" * (n // 4),
    "rows of a table": lambda n: "|a|b|\n" * (n // 6),
}


def painted(text: str) -> None:
    line = text[:4096]
    column_styles(0, len(line), line_spans.__wrapped__(line), Style(), lambda _: Style())
    expand_tabs(line, 0, [1] * line.count("\t"))


USES: Mapping[str, Callable[[str], object]] = {
    "read_line": read_line,
    "line_spans": lambda text: line_spans.__wrapped__(text),
    "code_lines": lambda text: code_lines(text.split("\n")),
    "is_table_rule": is_table_rule,
    "render_markdown": lambda text: render_markdown(text, 80),
    "wrapped": lambda text: WrappedDocument(SourceDocument(text), 70, 4),
    "clusters": clusters,
    "borders": lambda text: (next_border(text, 0), previous_border(text, len(text)), snap(text, len(text) // 2)),
    "list keys": lambda text: (indent(text), outdent(text), next_item(text, len(text))),
    "differing_span": lambda text: differing_span(text, text[: len(text) // 2] + "y" + text[len(text) // 2 :]),
    "painted": painted,
}


@pytest.mark.long
@pytest.mark.parametrize("use", USES)
def test_time_grows_with_the_text(use: str) -> None:
    found = {name: exponent(USES[use], shape, SHORT, unnoticed=UNNOTICED) for name, shape in SHAPES.items()}
    assert {name: worst for name, worst in found.items() if worst >= EXPONENT} == {}


def test_twenty_thousand_marks_on_one_letter_are_cut_and_wrapped_at_once() -> None:
    """It took 66 seconds to open such a cell."""
    text = "e" + "\u0301" * 20_000
    assert cpu_seconds(lambda: SourceDocument(text)) < 2
    assert SourceDocument(text).text == text
    assert len(SourceDocument(text).lines) < 20
