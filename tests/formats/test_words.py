"""Which words one text has and another lacks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pmtui.formats.words import count_words, lost_words, words_of
from tests.formats.adf.checks import relaxed


def test_words_are_letters_digits_and_symbols() -> None:
    assert words_of("max_pool_size = 20 → 🚨") == {"max": 1, "pool": 1, "size": 1, "20": 1, "→": 1, "🚨": 1}
    assert words_of("**fail**over, &auml; &#228;") == {"fail": 1, "over": 1, "ä": 2}


def test_an_address_is_named_as_it_was_typed() -> None:
    typed = "See https://example.com/a and https://example.com/b."
    assert lost_words(typed, "See https://example.com/a and more") == ("https://example.com/b.",)
    assert lost_words(typed, typed) == ()


def test_the_second_of_two_is_missed() -> None:
    assert lost_words("twice twice", "twice") == ("twice",)


@relaxed
@given(st.lists(st.sampled_from(["pool", "20", "ümlaut", "https://example.com/x?a=1&b=2", "→", "twice"]), max_size=12), st.data())
def test_what_is_taken_out_is_named_and_nothing_else(words: list[str], data: st.DataObject) -> None:
    assert lost_words(" ".join(words), "\n".join(reversed(words))) == ()
    if words:
        gone = data.draw(st.sampled_from(words))
        left = list(words)
        left.remove(gone)
        assert gone in lost_words(" ".join(words), " ".join(left))


def test_marks_are_no_words() -> None:
    assert count_words("## Impact\n\n- [ ] Tell them\n1. two\n> * quoted\n\n| a | b |\n| - | - |\n- 23:47 Paged") == 9
    assert count_words("") == 0
