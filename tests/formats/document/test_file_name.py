from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.formats.document.file_name import file_name
from pmtui.model.incident import Incident

AT = datetime(2026, 11, 14, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reference", "title", "name"),
    [
        ("IR-338", "Checkout 5xx after cache failover", "2026-11-14-IR-338-checkout-5xx-after-cache-failover.md"),
        ("#42", "../../etc/passwd", "2026-11-14-42-etc-passwd.md"),
        ("IR-1", "Größe überschritten", "2026-11-14-IR-1-grosse-uberschritten.md"),
        ("IR-2", "結帳失敗", "2026-11-14-IR-2-結帳失敗.md"),
        ("IR-4", "東京リージョンで注文が失敗", "2026-11-14-IR-4-東京リージョンで注文が失敗.md"),
        ("IR-5", "हिन्दी में चेकआउट", "2026-11-14-IR-5-हिन्दी-में-चेकआउट.md"),
        ("IR-3", "", "2026-11-14-IR-3.md"),
    ],
)
def test_names(reference: str, title: str, name: str) -> None:
    assert file_name(Incident("i", reference, title, created=AT)) == name


@given(st.text(), st.text())
def test_any_name_is_one_that_a_file_system_takes(reference: str, title: str) -> None:
    name = file_name(Incident("i", reference, title, created=AT))
    assert "/" not in name and "\0" not in name and not name.startswith((".", "-")) and name.isprintable()
    assert len(name.encode()) < 255
