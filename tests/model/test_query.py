"""The filter line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.model.query import Query, parse


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("", Query()),
        ("checkout 5xx", Query("checkout 5xx")),
        ("state:active checkout", Query("checkout", {"status": ("active",)})),
        ("sev:1,2", Query("", {"severity": ("1", "2")})),
        ('owner:"Jane Doe" db', Query("db", {"owner": ("Jane Doe",)})),
        ("state:active state:stable", Query("", {"status": ("active", "stable")})),
        ("https://x.y/z foo:bar", Query("https://x.y/z foo:bar")),
        ("pm:none after:2026-11-01", Query("", {"postmortem": ("none",), "after": ("2026-11-01",)})),
        ('"cache failover"', Query("cache failover")),
        ("state:", Query()),
    ],
)
def test_reads_words_and_facets(line: str, query: Query) -> None:
    parsed = parse(line)
    assert (parsed.text, dict(parsed.facets)) == (query.text, dict(query.facets))


@given(st.text(max_size=60))
def test_is_total(line: str) -> None:
    assert isinstance(parse(line), Query)
