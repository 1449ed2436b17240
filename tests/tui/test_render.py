"""How a cell looks while it is not edited."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.widgets import Static

from pmtui.tui.markdown.highlight import LINE_END
from pmtui.tui.markdown.render import render_markdown
from pmtui.tui.theme import load_themes

SAMPLE = """## Timeline
- 02:14 Alert `checkout-5xx` fires
  - [x] look at it
- [ ] fix **pool**
> [!WARNING] beware
> of the *dog*
@[Jane Doe](557058:4a47) :status[in progress]{blue} :date[2021-02-26] [run book](https://a.b/c)
| Name | Time |
| --- | ---: |
| **Jane** | 3 |
:::expand Full log
:::
---
```sh
make it
```"""


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("## Timeline", "Timeline"),
        ("- a", "• a"),
        ("  - a", "  ◦ a"),
        ("2. a", "2. a"),
        ("- [ ] a", "☐ a"),
        ("- [x] a", "☑ a"),
        ("> a", "▌ a"),
        ("> [!WARNING] a", "▌⚠ WARNING a"),
        ("**a** *b* ~~c~~ `d`", "a b c d"),
        ("[a](https://b.c)", "a (https://b.c)"),
        ("<https://b.c>", "https://b.c"),
        ("@[Jane](1:2)", "@Jane"),
        (":status[in progress]{blue}", "[IN PROGRESS]"),
        (':status[open]{red style=""}', "[OPEN]"),
        (":date[2021-02-26]", "2021-02-26"),
        (":date[2026-12-12T01:39:00.000Z]", "2026-12-12 01:39 UTC"),
        ("a\\\nb\\", "a\nb\\"),
        (":::expand Full log", "▸ Full log"),
        ("[red]x[/red] [@click=app.quit]y[/]", "[red]x[/red] [@click=app.quit]y[/]"),
        ("a\x1b[2Jb\u202e", "a␛[2Jb‹U+202E›"),
        (r"\*a\*", "*a*"),
        ("---", "─" * 20),
    ],
)
def test_lines(line: str, shown: str) -> None:
    assert render_markdown(line, 20).plain == shown


def test_tables_are_aligned() -> None:
    assert render_markdown("| Name | T |\n| --- | --- |\n| **漢** | 3 |\n| long | 4 |").plain.split("\n") == [
        "Name │ T",
        "─────┼──",
        "漢   │ 3",
        "long │ 4",
    ]


def test_a_column_stands_where_the_rule_says() -> None:
    assert render_markdown("| Name | Lost | Left |\n| --- | ---: | :-: |\n| till | 1,900 | a |\n| web | 3 | b |").plain.split("\n") == [
        "Name │  Lost │ Left",
        "─────┼───────┼─────",
        "till │ 1,900 │  a",
        "web  │     3 │  b",
    ]


@given(st.text(st.sampled_from("#-*_`~[](){}<>@:!|>1.x \n\r\t\x0b\x85\u2028\x1b\u200b漢\u0301")))
def test_a_line_for_each_line_and_nothing_harmful(text: str) -> None:
    content = render_markdown(text, 40)
    assert len(content.plain.split("\n")) == len(LINE_END.split(text))
    assert all(char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp") for char in content.plain)
    assert all(0 <= span.start <= span.end <= len(content.plain) for span in content.spans)


@pytest.mark.parametrize("theme", ["dark", "light", "contrast", "ansi"])
async def test_every_style_is_in_every_theme(theme: str) -> None:
    class Shown(App[None]):
        def compose(self) -> ComposeResult:
            yield Static(render_markdown(SAMPLE), markup=False)

    app = Shown()
    app.register_theme(load_themes()[0][theme])
    app.theme = theme
    async with app.run_test() as pilot:
        await pilot.pause()
        widget = app.query_one(Static)
        heading = next(iter(widget.render_line(0)))
        assert heading.text == "Timeline"
        assert heading.style is not None
        assert heading.style.bold
        assert heading.style.color is not None
        assert widget.size.height == len(SAMPLE.split("\n"))


def test_a_status_keeps_its_colour_beside_other_attributes() -> None:
    assert render_markdown(':status[open]{red style=""}', 20).spans == render_markdown(":status[open]{red}", 20).spans


def test_what_a_table_is_like_is_no_row_of_it() -> None:
    shown = render_markdown("| a | b |\n| --- | --- |\n{numbered=false layout=default}\n| 12 | 3 |\n\n{not of a table}").plain
    assert shown.splitlines() == ["a  │ b", "───┼──", "", "12 │ 3", "", "{not of a table}"]
