"""The filter line in the vendor's search grammar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.opsgenie.query import EVERYTHING, ignored, search_text, value
from pmtui.model.query import parse
from pmtui.sandbox.opsgenie.search import Field, compile_query
from pmtui.sandbox.search_query import QueryError

FIELDS = {name: Field("text", lambda row: []) for name in ("message", "description", "tag", "teams", "services", "status", "priority")} | {
    name: Field("number", lambda row: []) for name in ("createdAt", "tinyId")
}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", EVERYTHING),
        ("checkout", "(message:checkout OR message:checkout* OR description:checkout OR description:checkout*)"),
        ("check*", "(message:check* OR description:check*)"),
        ("tag:urgent", "(tag:urgent OR tag:urgent*)"),
        ("#42", "tinyId:42"),
        ("sev:1,P2", "(priority:P1 OR priority:P2)"),
        ("state:Resolved", "status:resolved"),
        ('tag:"two words"', 'tag:"two words"'),
        ("pm:none", "postmortemStatus:no-postmortem"),
        ("pm:in-review", "postmortemStatus:in-review"),
        ("pm:yes", "(postmortemStatus:draft OR postmortemStatus:in-review OR postmortemStatus:published)"),
        ("after:2026-11-01 before:2026-11-02", "createdAt>=1793491200000 AND createdAt<1793577600000"),
        ("OR", '(message:"OR" OR description:"OR")'),
        ("a) OR (b", '(message:"a)" OR description:"a)") AND (message:"OR" OR description:"OR") AND (message:"(b" OR description:"(b")'),
    ],
)
def test_lines(line: str, expected: str) -> None:
    assert search_text(parse(line)) == expected


def test_what_cannot_be_asked_is_said() -> None:
    query = parse("owner:jane checkout")
    assert ignored(query) == ("Opsgenie cannot search incidents by owner",)
    assert "jane" not in search_text(query)


@pytest.mark.parametrize("line", ["after:yesterday", "before:2026-13-01", "pm:lost"])
def test_what_means_nothing_is_refused_before_it_is_sent(line: str) -> None:
    with pytest.raises(BackendError) as caught:
        search_text(parse(line))
    assert caught.value.trouble is Trouble.LOCAL
    assert line.partition(":")[2] in caught.value.message


@given(st.text(max_size=40))
def test_no_words_become_syntax(words: str) -> None:
    try:
        compile_query(search_text(parse(words)), FIELDS, ("message",))
    except BackendError as error:
        assert error.trouble is Trouble.LOCAL
    except QueryError as error:
        pytest.fail(f"{words!r} → {search_text(parse(words))!r}: {error}")


@given(st.text(min_size=1, max_size=20))
def test_a_value_is_one_token(text: str) -> None:
    found = value(text)
    assert found == text or (found[0] == found[-1] == '"' and '"' not in found[1:-1] and "\\" not in found)
