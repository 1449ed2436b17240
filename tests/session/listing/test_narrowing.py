"""What a filter line leaves of the rows that are here, while it is typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pmtui.model.incident import Existence, Incident
from pmtui.model.query import parse
from pmtui.session.listing.narrowing import narrowed

JUNE = datetime(2026, 6, 1, 12, tzinfo=UTC)
ROWS = [
    Incident("1", "IR-1", "Checkout 5xx after failover", "SEV-1", "active", "Mara López", JUNE, Existence.YES),
    Incident("2", "IR-2", "Search is slow", "SEV-2", "resolved", "Wei Zhang", datetime(2026, 5, 1, tzinfo=UTC), Existence.NONE),
    Incident("3", "IR-3", "Checks of the redis-7 cache", "SEV-10", "stable", "", None, Existence.DRAFT),
    Incident("4", "IR-4", "Straße closed", "P1", "completed", "Wei Zhang", JUNE, Existence.UNKNOWN),
]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        *[("", "1234"), ("state:active", "1"), ("state:res", "2"), ("state:active,STABLE", "13"), ("state:", "1234"), ("state:zz", "")],
        *[("sev:1", "14"), ("sev:SEV-1", "14"), ("sev:sev-", "123"), ("sev:10", "3"), ("sev:1,2", "124"), ("sev:01", "14")],
        *[("owner:lopez", "1"), ("owner:wei", "24"), ("owner:me", "1234"), ("owner:wei@corp.com", "1234"), ("owner:nobody", "")],
        *[("pm:none", "24"), ("pm:dra", "134"), ("pm:published", "14"), ("pm:yes", "134"), ("pm:what", "1234")],
        *[("after:2026-05-15", "134"), ("before:2026-06-01", "23"), ("after:2026-0", "1234")],
        *[("service:checkout", "1234"), ("tag:x team:y", "1234"), ("state:active wei", ""), ("sev:1 checkout", "1")],
        *[("check", "13"), ("checkout failover", "1"), ("5xx", "1"), ("IR-3", "3"), ("strasse", "4"), ('"is slow"', "2")],
    ],
)
def test_what_rows_tell_decides(line: str, found: str) -> None:
    assert "".join(row.id for row in narrowed(ROWS, parse(line))) == found


@pytest.mark.parametrize("typed", ["chekout", "checkotu", "chckout", "cjeckout", "chekcout", "ckout", "checkoutt", "failovr", "mara lopz"])
def test_a_word_may_have_gaps_and_a_slip(typed: str) -> None:
    assert [row.id for row in narrowed(ROWS, parse(typed))] == ["1"]


@pytest.mark.parametrize("typed", ["xheckout", "ct", "zzz", "ckuot", "chexkouf"])
def test_a_word_may_not_have_more(typed: str) -> None:
    assert narrowed(ROWS, parse(typed)) == []


def test_what_stands_there_as_typed_hides_what_is_only_alike() -> None:
    rows = [*ROWS, replace(ROWS[0], id="5", title="Chrome outage")]
    assert [row.id for row in narrowed(rows, parse("chro"))] == ["5"]


def test_a_list_without_owners_is_not_narrowed_by_owner() -> None:
    rows = [replace(row, owner="") for row in ROWS]
    assert narrowed(rows, parse("owner:wei")) == rows
