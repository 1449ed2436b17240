"""Titles of cells, also of hostile ones."""

from __future__ import annotations

import time

import pytest

from pmtui.model.postmortem import Cell


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("## Timeline\n- 02:14", "Timeline"),
        ("text\n\n   ### Deep ##  \nmore", "Deep"),
        ("#\tTabs\t#", "Tabs"),
        ("# #", "#"),
        ("#   \n## Next", "Next"),
        ("#no heading\n    # code", "#no heading"),
        ("\n\n  first words\nmore", "first words"),
        ("## Windows\r\nx", "Windows"),
        ("", ""),
    ],
)
def test_the_title_is_the_first_heading_or_the_first_words(text: str, title: str) -> None:
    assert Cell("a", text).title == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\n" * 50_000 + "## Far down\ntext", "Far down"),
        (" " * 50_000 + "words", "words"),
        (" " * 50_000 + "# words", "# words"),
        ("words\n" * 10_000 + "## Heading", "words"),
        (" \t\n" * 10_000, ""),
    ],
    ids=["below blank lines", "behind blanks", "no heading", "a heading far below", "nothing"],
)
def test_the_title_of_a_long_text_is_near_its_first_words(text: str, title: str) -> None:
    assert Cell("a", text).title == title


@pytest.mark.parametrize("text", ["# a{}x", "# a{}", "#{}", "{}", "# a # {}#"])
@pytest.mark.parametrize("filling", [" ", "#", "# ", "\t", "\n# ", "\n   #\t"])
def test_a_hostile_text_has_its_title_at_once(text: str, filling: str) -> None:
    began = time.process_time()
    assert isinstance(Cell("a", text.format(filling * 100_000)).title, str)
    assert time.process_time() - began < 2.0, "linear: the pattern before took minutes"
