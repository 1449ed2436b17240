"""Rich text's notation as plain Markdown: every construct of the notation, what becomes of it, and that no word is lost."""

from __future__ import annotations

import pytest

from pmtui.formats.adf.plain import plain
from pmtui.formats.words import lost_words

CASES = {
    "> [!WARNING]\n> Do not restart": ("> **Warning:** Do not restart", "panel → quote"),
    ":::expand Full log\nlines\n:::": ("**Full log**\n\nlines", "folding section → its text"),
    "- <> We keep it": ("- **Decision:** We keep it", "decision → list item"),
    ":::columns\n:::column 50\nleft\n:::column 50\nright\n:::": ("left\n\nright", "columns → one below the other"),
    "::card https://example.com/x": ("<https://example.com/x>", "card → link"),
    "::extension toc": ("_macro: toc_", "macro → its name"),
    "told @[Jane Doe](557058:4a47) so": ("told @Jane Doe so", "mention → name"),
    ":status[IN REVIEW]{yellow} now": ("**IN REVIEW** now", "status → bold words"),
    "on :date[2026-02-26]": ("on 2026-02-26", "date → words"),
    "fine :tada:": ("fine 🎉", "emoji → character"),
    "see <https://example.com>{card}": ("see <https://example.com>", "card → link"),
    "[grey]{#7a869a} words": ("grey words", "colour → none"),
    "[under]{u} it": ("under it", "underline → none"),
    "CO[2]{sub}": ("CO2", "raised or lowered words → none"),
    "centred {center}": ("centred", "alignment → none"),
    "![log](media:abc-1)": ("_Uploaded file: log_", "uploaded file → its name"),
    ":placeholder[Type here]": ("_Type here_", "prompt → words"),
    '```adf\n{"type":"hologram","attrs":{"title":"Map"},"content":[{"type":"text","text":"here"}]}\n```': (
        *("_hologram: Map_\n\nhere", "rich block → its words"),
    ),
}


@pytest.mark.parametrize("rich", CASES)
def test_what_plain_markdown_cannot_say(rich: str) -> None:
    expected, how = CASES[rich]
    made = plain(rich)
    assert made.text == expected
    assert how in dict(made.changed)


@pytest.mark.parametrize(
    "text",
    [
        "* a\n* b",
        "## Summary\n\n**bold** _it_ ~~gone~~ `code` [x](https://example.com)",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "- [ ] task\n- [x] done",
        "",
    ],
)
def test_plain_markdown_stays_as_it_is(text: str) -> None:
    assert plain(text).text == text
    assert plain(text).changed == ()


def test_a_table_that_pipes_cannot_hold() -> None:
    rich = ":::table\n:::row\n:::header\nTime\n:::header\nWhat\n:::row\n:::cell {colspan=2}\n- paged\n- answered\n:::"
    made = plain(rich)
    assert made.text == "| Time | What |\n| --- | --- |\n| • paged<br>• answered |  |"
    assert {"spanned cell → one cell", "blocks in a table's cell → lines"} <= dict(made.changed).keys()


def test_words_behind_spanned_cells_stay_in_their_columns() -> None:
    rows = (
        ":::row\n:::header {colspan=2}\nWho\n:::header\nWhen",
        ":::row\n:::cell {rowspan=2}\nJane\n:::cell\nlead\n:::cell\n09:00",
        ":::row\n:::cell\nscribe\n:::cell\n10:00",
        ":::row\n:::cell\nMara\n:::cell {rowspan=900}\nlead\n:::cell\n11:00",
    )
    assert plain(":::table\n" + "\n".join(rows) + "\n:::").text.split("\n") == [
        "| Who |  | When |",
        "| --- | --- | --- |",
        "| Jane | lead | 09:00 |",
        "|  | scribe | 10:00 |",
        "| Mara | lead | 11:00 |",
    ]


def test_every_word_of_a_deep_and_mixed_document_is_still_there() -> None:
    rich = "> [!NOTE]\n> outer\n>\n> - item one\n>   - inner\n>\n> :::expand Title\n> hidden **words**\n> :::\n\nlast [words]{u} @[Ann](1)"
    made = plain(rich)
    assert lost_words("outer item one inner Title hidden words last words Ann", made.text) == ()
    assert ":::" not in made.text and "]{" not in made.text


def test_bold_within_a_word_needs_no_brace() -> None:
    made = plain("[a]{b}b [c.]{b}d\n\n`x[0]{` [under]{u}")
    assert made.text == "ab c.d\n\n`x[0]{` under"
    assert made.changed == (("bold or italics within a word → none", 2), ("underline → none", 1))


def test_what_was_not_changed_is_not_counted() -> None:
    assert plain("`x[0]{` [under]{u}").changed == (("underline → none", 1),)


def test_the_notation_is_gone_at_any_depth() -> None:
    rich = ""
    for _ in range(200):
        rich = ":::expand x\n" + (rich or "core") + "\n:::"
    made = plain(rich)
    assert "core" in made.text and ":::" not in made.text
