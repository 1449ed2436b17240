"""Two exports are the same when only ids and addresses differ, and not otherwise."""

from __future__ import annotations

from pmtui.session.export.compare import differences, said

ONE = """---
title: Checkout 5xx
severity: P1
linked_issues:
  - OPS-1 <https://a.atlassian.net/browse/OPS-1>
created_time: 2026-11-22T19:25:57Z
pmtui:
  schema: "1"
  incident: 160828e5-6755-4b35-80e7-e679b4e2b6d6
  reference: "#56"
---

## Summary

See #56 at https://one.example.com/x and 160828e5-6755-4b35-80e7-e679b4e2b6d6.
"""
OTHER = (
    ONE.replace("160828e5", "260828e5").replace("#56", "#7").replace("one.example.com", "two.example.com").replace("19:25:57", "20:00:00")
)


def test_ids_and_addresses_are_no_difference() -> None:
    assert differences([ONE], [OTHER], ["created_time"]) == ((), ())


def test_words_are() -> None:
    changed = OTHER.replace("## Summary", "## Summery")
    assert differences([ONE, ONE], [OTHER, changed], ["created_time"]) == (
        (said(ONE, ["created_time"]),),
        (said(changed, ["created_time"]),),
    )
    assert differences([ONE], [ONE.replace("P1", "P2")]) != ((), ())
    assert differences([ONE], []) == ((said(ONE),), ())
