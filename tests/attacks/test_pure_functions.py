"""Every pure function that takes foreign text takes time in proportion to it. Those of `formats` and `tui` have their own tests of this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from pmtui.backends.datadog import errors as datadog_errors
from pmtui.backends.datadog.notebook import refusals
from pmtui.backends.datadog.query import not_understood, quoted
from pmtui.backends.http.body import is_page
from pmtui.backends.opsgenie import query as opsgenie_query
from pmtui.cli.errors import CommandError
from pmtui.cli.field_values import split as split_values
from pmtui.cli.printing.plain import markdown_of, postmortem_json
from pmtui.display import clip, display, mask, width
from pmtui.formats.document import body, front_matter, postmortem_file
from pmtui.formats.document.file_name import file_name
from pmtui.formats.document.values import from_entry
from pmtui.formats.strict_json import deep_place, parse
from pmtui.formats.words import lost_words
from pmtui.model import matching
from pmtui.model.cell_alignment import align, align_after
from pmtui.model.codec import postmortem_from_json, postmortem_to_json
from pmtui.model.diff import diff, patch
from pmtui.model.equality import same_text
from pmtui.model.fields import Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.merge import merge
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.query import misread
from pmtui.model.query import parse as parse_query
from pmtui.model.text_merge import common_text, merge_text
from pmtui.model.validation import link_problem, problems
from pmtui.model.values import Value
from pmtui.redaction import hide_keys, redact, redact_bytes, register
from pmtui.session.change_text import change_lines, change_title, diff_lines, diff_words, draft_text
from pmtui.store.records import decode, encode
from tests.growing_time import EXPONENT, cpu_seconds, exponent

SHORT = 1_500
UNNOTICED = 0.006
"""Seconds, for 6,000 characters: quadratic work on them takes a thirtieth at least."""
LONGER = {"diff_words": 4_000}
"""Where a bound on the work tells, see `matching`: below it a short edit script is looked for, however long that takes."""
PATIENCE = 20_000
"""The bound here. The program's own tells from 16,000 characters."""

SHAPES: Mapping[str, Callable[[int], str]] = {
    "blanks": lambda n: " " * n + "x",
    "one character": lambda n: "x" * n,
    "hashes": lambda n: "# " * (n // 2) + "x",
    "a heading of blanks": lambda n: "# a" + " " * n + "x",
    "empty headings": lambda n: "#\n" * (n // 2),
    "empty lines": lambda n: "\n" * n,
    "short lines": lambda n: "a\n" * (n // 2),
    "different lines": lambda n: "\n".join(map(str, range(n // 5))),
    "words": lambda n: "ab " * (n // 3),
    "different words": lambda n: " ".join(map(str, range(n // 5))),
    "brackets nested": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "brackets open": lambda n: "([{<" * (n // 4),
    "quotes": lambda n: "\"'`" * (n // 3),
    "backslashes": lambda n: "\\" * n,
    "colons": lambda n: "a:" * (n // 2),
    "commas": lambda n: "a, " * (n // 3),
    "percent": lambda n: "%41&#x41;\\u0041" * (n // 15),
    "comments": lambda n: "<!-- c -->\n" * (n // 11),
    "fences": lambda n: "```\n" * (n // 4),
    "escapes": lambda n: "a" * n + "\x1b",
    "controls": lambda n: "\x1b[31m" * (n // 5),
    "combining marks": lambda n: "e" + "\u0301" * n,
    "joiners": lambda n: "👩\u200d" * (n // 2),
    "wide characters": lambda n: "漢" * n,
    "tabs": lambda n: "\t漢" * (n // 2),
    "line ends": lambda n: "\r\n\u2028" * (n // 3),
    "dots": lambda n: "·· " * (n // 3),
}
TITLE = Field("title", Kind.TEXT, "Title")
PROSE = Field("summary", Kind.PROSE, "Summary")


def postmortem(*texts: str) -> Postmortem:
    cells = tuple(Cell(f"c{number}", text) for number, text in enumerate(texts))
    fields: dict[str, Value] = {"title": texts[0], "summary": texts[0]}
    return Postmortem(Incident("i", "IR-1", texts[0]), id="p", form=(TITLE, PROSE), fields=fields, cells=cells)


def edited(text: str) -> str:
    middle = len(text) // 2
    return f"{text[:middle]}y{text[middle:]}"


def merged(text: str) -> object:
    base = postmortem(text, "b")
    return merge(base=base, mine=postmortem(edited(text), "b"), theirs=postmortem(f"{text}\nend", "c"))


def changed(text: str) -> None:
    before, after = postmortem(text, "b"), postmortem(edited(text), "c")
    changes = diff(before, after)
    patch(before, changes)
    problems(before, after)
    draft_text(after, changes)
    for change in changes:
        change_lines(change)
        change_title(change, after)


def as_file(text: str) -> None:
    made = body.write_body(body.read_body(text))
    body.update_body(made, body.read_body(edited(text)))


def as_front_matter(text: str) -> None:
    front_matter.scalar(text)
    written = front_matter.write({"title": text, "list": [text]})
    front_matter.read(written)
    front_matter.split(f"---\n{written}---\n{text}")
    front_matter.split(f"---\n{text}")


def anything(work: Callable[[str], object]) -> Callable[[str], None]:
    """Texts that are refused are refused in time, too."""

    def tried(text: str) -> None:
        with suppress(ValueError, CommandError):
            work(text)

    return tried


def as_json(text: str) -> None:
    with suppress(RecursionError):  # as it says of itself: who asks it answers in words
        parse(text)
    deep_place(text)


USES: Mapping[str, Callable[[str], object]] = {
    "display": lambda text: (display(text), display(text, multiline=True), mask(text)),
    "width": width,
    "clip": lambda text: (clip(text, 40), clip(text, len(text) - 1)),
    "title": lambda text: Cell("c", text).title,
    "diff": changed,
    "merge": merged,
    "merge_text": lambda text: merge_text(base=text, mine=edited(text), theirs=text + "\nend"),
    "common_text": lambda text: common_text(text, edited(text)),
    "same_text": lambda text: same_text(text, edited(text)),
    "diff_lines": lambda text: (diff_lines(text, edited(text)), diff_words(text, edited(text))),
    "diff_words": lambda text: diff_words(text, text[::-1]),
    "query": lambda text: (parse_query(text), misread(text)),
    "queries of vendors": lambda text: (not_understood(parse_query(text)), quoted(text), opsgenie_query.search_text(parse_query(text))),
    "codec": lambda text: postmortem_from_json(postmortem_to_json(postmortem(text))),
    "records": lambda text: decode(encode({"a": text}) + text.encode("utf-8", "surrogatepass")),
    "body of a file": as_file,
    "front matter": anything(as_front_matter),
    "postmortem file": anything(lambda text: postmortem_file.read(f"---\ntitle: x\n---\n{text}")),
    "file name": lambda text: file_name(Incident(text, text, text, created=datetime(2026, 1, 1, tzinfo=UTC))),
    "entries": anything(lambda text: [from_entry(kind, text, {}) for kind in Kind]),
    "values of fields": anything(split_values),
    "words": lambda text: lost_words(text, edited(text)),
    "link": link_problem,
    "redaction": lambda text: (redact(text), redact_bytes(text.encode()), hide_keys(text)),
    "json": anything(as_json),
    "page": lambda text: is_page(text.encode()),
    "refusals": lambda text: (refusals.complaints(text), refusals.rejoined([text, text])),
    "errors": lambda text: datadog_errors.errors_in({"errors": [text]}),
    "printed": lambda text: (markdown_of(postmortem(text)), postmortem_json(postmortem(text))),
}


@pytest.mark.parametrize("use", USES)
def test_time_grows_with_the_text(use: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_PATIENCE", PATIENCE)
    register("hostile-0123456789")
    size, found = LONGER.get(use, SHORT), {}
    for name, shape in SHAPES.items():
        found[name] = exponent(USES[use], shape, size, unnoticed=UNNOTICED)
        if found[name] >= EXPONENT:  # or another path was taken by the longer text: that looks steep at this size only
            found[name] = min(found[name], exponent(USES[use], shape, 3 * size, unnoticed=UNNOTICED))
    assert {name: worst for name, worst in found.items() if worst >= EXPONENT} == {}


def sections(size: int) -> list[str]:
    return [f"## Section {number}\nwords {number * 7919 % 10007}" for number in range(size)]


EDITS: Mapping[str, Callable[[list[str]], list[str]]] = {
    "the same but one": lambda texts: [*texts[: len(texts) // 2], "new", *texts[len(texts) // 2 :]],
    "reordered": lambda texts: texts[::-1],
    "all edited": lambda texts: [f"{text} more" for text in texts],
    "nothing alike": lambda texts: [f"{number}" for number in range(len(texts))],
}
"""What becomes of the cells of a document."""


def documents(edit: Callable[[list[str]], list[str]], size: int) -> tuple[Postmortem, Postmortem]:
    texts = sections(size)
    return postmortem(*texts), postmortem(*edit(texts))


def equal_cells(size: int) -> tuple[Postmortem, Postmortem]:
    return postmortem(*["same"] * size), postmortem(*["same"] * (size - 1), "other")


PAIRS: Mapping[str, Callable[[int], tuple[Postmortem, Postmortem]]] = {
    **{name: partial(documents, edit) for name, edit in EDITS.items()},
    "equal cells": equal_cells,
}
"""Pairs of documents of so many cells."""


CELLS = 60
ON_DOCUMENTS: Mapping[str, Callable[[Postmortem, Postmortem], object]] = {
    "diff": lambda one, other: patch(one, diff(one, other)),
    "align": lambda one, other: align(one.cells, other.cells),
    "align_after": lambda one, other: align_after(one.cells, other.cells, other.cells),
    "merge": lambda one, other: merge(base=one, mine=other, theirs=replace(one, cells=(*one.cells, Cell("z", "theirs")))),
}


@pytest.mark.parametrize("use", ON_DOCUMENTS)
def test_time_grows_with_the_cells(use: str) -> None:
    def work(pair: tuple[Postmortem, Postmortem]) -> None:
        ON_DOCUMENTS[use](*pair)

    found = {name: exponent(work, pair, CELLS, unnoticed=0.05) for name, pair in PAIRS.items()}
    assert {name: worst for name, worst in found.items() if worst >= EXPONENT} == {}


LONG = ("\u0301" * 100_000, "e\u0301" * 50_000, "x" * 2**20, "x" * 2**20 + "\x1b", " " * 2**20)


@pytest.mark.parametrize("text", LONG, ids=lambda text: f"{text[:2]!r} {len(text)}")
def test_a_megabyte_in_a_line_is_shown_at_once(text: str) -> None:
    assert cpu_seconds(lambda: (display(text), clip(display(text), 80), Cell("c", text).title)) < 4
