"""What is left to write: found where it is, and nothing that somebody wrote is taken for it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.formats import gaps as gaps_module
from pmtui.formats.gaps import ends_in_heading, gaps, has_placeholder, has_title, is_unwritten, left_words, open_gaps
from tests.growing_time import EXPONENT, exponent


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [""]),
        ("## Summary", [""]),
        ("## Summary\n\nIt broke.", []),
        ("## Timeline\n\n### Detection\n\n### Repair\n\nRolled back", [""]),
        ("# A\n\n## B\n\nText", []),
        ("{{incident.summary}} and {{incident.impact}}", ["{{incident.summary}}", "{{incident.impact}}"]),
        ("## Cause\n\n_What broke, and why?_", ["_What broke, and why?_"]),
        ("## Cause\n\n_Quickly_ said\n\nMore", []),
        ("## Cause\n\nTODO", ["TODO"]),
        ("## Items\n\n- [ ] ", [""]),
        ("## Items\n\n- one\n- ", []),
        ("```\n{{not.here}}\n# no heading\n```", []),
        ("Say :placeholder[who was hit] here", [":placeholder[who was hit]"]),
        ("<!-- say who -->\n", ["<!-- say who -->"]),
    ],
)
def test_gaps(text: str, found: list[str]) -> None:
    assert [text[gap.start : gap.end] for gap in gaps(text)] == found
    assert [gap.words for gap in gaps(text)] == found


@pytest.mark.parametrize(
    ("text", "place"),
    [("## A", "## A|"), ("## A\n", "## A\n|"), ("## A\n\n", "## A\n\n|"), ("## A\n\n## B\n\nx", "## A\n|\n## B\n\nx")],
)
def test_what_is_typed_in_an_empty_section_is_below_its_heading(text: str, place: str) -> None:
    (gap,) = gaps(text)
    assert text[: gap.start] + "|" + text[gap.end :] == place


def test_unwritten_is_what_only_a_template_wrote() -> None:
    assert all(map(is_unwritten, ["", "## A", "## A\n\n{{incident.cause}}", "## A\n\n_Why?_\n\n### B\n\n- "]))
    assert not any(map(is_unwritten, ["## A\n\nx", "```\n\n```", "{{a}} was down", "- [ ] fix it"]))


def test_a_placeholder_among_what_is_written_is_found() -> None:
    assert has_placeholder("## Who\n\nCommander: {{incident.commander}}, on call.")
    assert not has_placeholder("## Who\n\nJane\n\n- ")
    assert not has_placeholder("```\n{{ template }}\n```")


def test_a_heading_in_code_is_no_heading() -> None:
    assert ends_in_heading("x\n## A")
    assert not ends_in_heading("```\n## A")
    assert not ends_in_heading("## A\n")


def test_the_words_name_what_was_left() -> None:
    titled = [("Summary", "## Summary\n\nIt broke at {{incident.created}}."), ("Cause", "## Cause"), ("Impact", "## Impact\n\nNone")]
    assert left_words(titled) == "still empty: Cause · not filled in: {{incident.created}}"
    assert left_words(titled[2:]) == ""


@given(st.text("#-*_{}<!>T \n\rx", max_size=60))
def test_a_gap_lies_in_the_text_whatever_it_is(text: str) -> None:
    found = gaps(text)
    assert all(0 <= gap.start <= gap.end <= len(text) for gap in found)
    assert list(found) == sorted(found, key=lambda gap: gap.start)
    assert not is_unwritten(text + "\n\nx")


@pytest.mark.parametrize("piece", ["<!-- ", "{{", "_a", "# \n", "- ", "```\n"])
def test_the_time_is_in_proportion(piece: str) -> None:
    assert exponent(gaps, lambda size: piece * size, 1000, unnoticed=0.02) < EXPONENT


# ---- one meaning of "still empty" ---------------------------------------------------------------------------------------
@given(st.lists(st.sampled_from(["## A", "### B", "- ", "- *Who?*", "*Why?*", "TODO", "{{x}}", "", "words", "1. ", "```"]), max_size=8))
def test_what_counts_as_unwritten_has_a_gap_to_go_to(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert gaps(text) or not is_unwritten(text)


@pytest.mark.parametrize(
    ("texts", "titled"),
    [
        (["# Postmortem IR-330", "## Summary\n\nx"], True),
        (["# Postmortem IR-330\n", "### Summary"], True),
        (["# Postmortem IR-330\n\n{{incident.card}}", "## Summary"], False),
        (["## Summary", "## Impact"], False),
        (["## Summary", "no heading"], False),
        (["## Summary"], False),
        ([], False),
    ],
)
def test_a_title_alone_is_nothing_that_is_left_to_write(texts: list[str], titled: bool) -> None:
    assert has_title(texts) is titled
    assert (0 in {number for number, _ in open_gaps(texts)}) is not (titled or not texts)
    assert ("still empty: 0" in left_words([(str(number), text) for number, text in enumerate(texts)])) is bool(
        texts and not titled and is_unwritten(texts[0])
    )


def test_whether_there_is_a_title_is_known_from_the_first_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked at each key, also of a section of megabytes."""
    looked_at = []

    def line(*given: Any) -> Any:
        looked_at.append(given)
        return real(*given)

    real = gaps_module._Line
    monkeypatch.setattr(gaps_module, "_Line", line)
    long = "## Impact\n" + "words\n" * 10_000
    assert has_title(["# Checkout\n", long])
    assert not has_title([long, long])
    assert len(looked_at) < 10
