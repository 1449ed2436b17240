"""What a rule of Markdown would drop is kept: as a node that says it, or as literal text that reads back the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import distributions

import pytest
from hypothesis import given, settings

from pmtui.formats.adf import from_markdown, lost_words, to_markdown
from tests.examples import examples
from tests.formats.adf.checks import allowed, relaxed, same_but_blanks
from tests.formats.adf.strategies import markdowns

KEPT = [
    ("[runbook]: https://example.com/runbook/till", "\\[runbook\\]: https://example.com/runbook/till"),
    ("[a]: https://example.com/a\n[b]: <b> 'title'\nwords", "\\[a\\]: https://example.com/a\n\n\\[b\\]: \\<b> 'title'\n\nwords"),
    ("> - [a]:\n>   /url", "> - \\[a\\]: /url"),
    ("[a]: /1\n[a]: /2\n\n[x][a]", "\\[a\\]: /2\n\n[x](/1)"),
    ("[x](/u) [y][a]\n\n[a]: /url 'see'", '[x](/u) [y](/url "see")'),
    ("[^1]: note", "\\[^1\\]: note"),
    ("[](https://example.com/only)", "<https://example.com/only>"),
    ("a []() b", "a \\[\\]() b"),
    ("[<https://example.com/in>](https://example.com/out)", "<https://example.com/in><https://example.com/out>"),
    ("[:tada:](https://example.com/a) b", ":tada:<https://example.com/a> b"),
    ("[a [b](/in) c](/out)", "\\[a [b](/in) c\\](/out)"),
    ("[![E](https://example.com/e.png)](https://example.com/d)", "[![E](https://example.com/e.png)](https://example.com/d)"),
    ("see [![E](/e.png)](/d) here", "see [!\\[E\\](/e.png)](/d) here"),
    ("see [![E][e]][d]\n\n[e]: /e.png\n[d]: /d", "see [!\\[E\\](/e.png)](/d)"),
    ("see ![E](/e.png 'all of it')", 'see [E](/e.png "all of it")'),
    ('![E](/e.png "all *of* it")', ":::media\n![E](/e.png)\n\nall \\*of\\* it\n:::"),
    ("```yaml {linenos=table}\na: 1\n```", "```yaml {linenos=table}\na: 1\n```"),
    ("```{toctree}\na\n```", "```{toctree}\na\n```"),
    ("```python title={a}b{c d}\n```", "```python title={a}b{c d}\n```"),
    ("| a | b |\n| - | - |\n| 1 | 2 | 3 |", "| a | b |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |"),
    (":::cell of a kind\nx\n:::", ":::table\n:::row\n:::cell\nof a kind\n\nx\n:::"),
    (":::columns both\n:::column wide\na\n:::column 30\nb\n:::", None),
    (":::expand Log {of=today}\nx\n:::", ':::expand "Log {of=today}"\nx\n:::'),
    ("> :::expand Log\n> x", "> Log\n>\n> x"),
    ("> [!NOTE] {of=today}\n> x", "> [!NOTE]\n> {of=today} x"),
    ("- > [!WARNING]\n  > Mind", "- \\[!WARNING\\]\n\n  Mind"),
    (":status[x]{teal}", ":status\\[x\\]{teal}"),
    ("@[Jane](1){of=x}", "\\@[Jane](1)\\{of=x}"),
    ("![a](/b){of=x}", "[a](/b)\\{of=x}"),
    ("# a {level=high}", "# a \\{level=high}"),
    ("<!-- remember: ask Jane -->", "\\<!-- remember: ask Jane -->"),
    ("<details open>words</details>", "\\<details open>words\\</details>"),
]


@pytest.mark.parametrize(("markdown", "becomes"), KEPT)
def test_kept(markdown: str, becomes: str | None) -> None:
    document = from_markdown(markdown)
    assert lost_words(markdown, document) == ()
    assert allowed(document)
    again = to_markdown(document)
    assert becomes is None or again == becomes
    assert same_but_blanks(from_markdown(again), document)


@settings(relaxed, max_examples=examples(150))
@given(markdowns)
def test_no_text_loses_a_word_unnamed(markdown: str) -> None:
    """What is lost are names of nodes that the text has no more of, `:::adf hologram`, and the width of a column that stands alone."""
    lost = lost_words(markdown, from_markdown(markdown))
    assert all(re.search(r"hologram|taskItem|adf|mark|^\d+$", word) for word in lost), lost


def _long_descriptions() -> Iterator[tuple[str, str]]:
    """The READMEs of what is installed here."""
    for each in distributions():
        head, _, text = (each.read_text("METADATA") or "").partition("\n\n")
        if "Description-Content-Type: text/markdown" in head:
            yield each.name, text[:8_000]


def test_no_readme_of_what_is_installed_loses_a_word() -> None:
    read = dict(_long_descriptions())
    assert read
    for name, text in read.items():
        document = from_markdown(text)
        assert lost_words(text, document) == (), name
        assert same_but_blanks(from_markdown(to_markdown(document)), document), name
