"""Which numbers of lists come back as other ones."""

from __future__ import annotations

import pytest

from pmtui.formats.adf import from_markdown, to_markdown
from pmtui.formats.list_numbers import recounted


@pytest.mark.parametrize(
    ("markdown", "wanted"),
    [
        ("1. a\n2. b\n3. c", ()),
        ("1. a\n1. b\n1. c", ()),
        ("5. a\n6. b", ()),
        ("5. a\n7. b", (7,)),
        ("1. a\n1. b\n9. c", (1, 9)),
        ("5) a\n7) b\n\ntext\n\n3. c", (7,)),
        ("1. a\n   1. b\n   4. c\n2. d", (4,)),
        ("```\n1. a\n5. b\n```", ()),
        ("text 3. not a list\n5.no item", ()),
        ("", ()),
    ],
)
def test_numbers_that_do_not_count_on(markdown: str, wanted: tuple[int, ...]) -> None:
    assert recounted(markdown) == wanted


@pytest.mark.parametrize("markdown", ["5. a\n7. b", "1. a\n1. b\n9. c"])
def test_rich_text_does_count_on(markdown: str) -> None:
    assert to_markdown(from_markdown(markdown)) != markdown
