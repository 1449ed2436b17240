"""An issue by its key alone."""

from __future__ import annotations

import pytest

from pmtui.formats.typed_link import has_site, in_full, issue_key, key_alone, link_to, links_in
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Link

OPS = Link("https://corp.atlassian.net/browse/OPS-7", "OPS-7")
WEB = Link("https://jira.corp.example/jira/browse/WEB-1")
PULL = Link("https://github.com/corp/shop/pull/88", "corp/shop#88")


@pytest.mark.parametrize(
    ("text", "known", "site", "wanted"),
    [
        ("OPS-1412", [OPS, PULL], "", "https://corp.atlassian.net/browse/OPS-1412"),
        (" ops-1412 ", [OPS], "", "https://corp.atlassian.net/browse/OPS-1412"),
        ("PAY-3", [OPS], "", "https://corp.atlassian.net/browse/PAY-3"),
        ("WEB-2", [OPS, WEB], "", "https://jira.corp.example/jira/browse/WEB-2"),
        ("OPS-2", [OPS, Link("https://corp.atlassian.net/browse/PAY-1"), WEB], "", "https://corp.atlassian.net/browse/OPS-2"),
        ("PAY-3", [OPS, WEB], "https://other.example", "PAY-3"),  # it could be on either
        ("PAY-3", [PULL], "https://corp.atlassian.net", "https://corp.atlassian.net/browse/PAY-3"),
        ("PAY-3", [], "https://corp.atlassian.net/browse/", "https://corp.atlassian.net/browse/PAY-3"),
        ("PAY-3", [PULL], "", "PAY-3"),
        ("OPS-0", [OPS], "", "OPS-0"),
        ("https://x.example/OPS-1", [OPS], "", "https://x.example/OPS-1"),
        ("", [OPS], "", ""),
    ],
)
def test_the_site_of_a_key(text: str, known: list[Link], site: str, wanted: str) -> None:
    assert in_full(text, known, site) == wanted


def test_what_an_issue_is_called() -> None:
    assert link_to(f" {OPS.url}") == OPS
    assert issue_key("https://corp.atlassian.net/browse/OPS-7?focused=1") == "OPS-7"
    assert issue_key(PULL.url) == ""
    assert links_in(Postmortem(Incident("1", "IR-1", "t"), fields={"linked_issues": (OPS, PULL), "title": "x"})) == [OPS, PULL]


def test_an_address_without_its_scheme() -> None:
    assert in_full("corp.atlassian.net/browse/OPS-7", []) == "https://corp.atlassian.net/browse/OPS-7"
    assert in_full("corp/shop#88", []) == "corp/shop#88"


def test_a_key_is_promised_only_where_the_site_is_known() -> None:
    assert has_site([OPS], "") and has_site([], "https://corp.atlassian.net") and not has_site([PULL], "")
    assert "OPS-7" in key_alone("ops-7") and key_alone(OPS.url) == ""
