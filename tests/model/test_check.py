"""What is wrong with a value is said before a server says it."""

from __future__ import annotations

import pytest

from pmtui.model.fields import Choice, Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.validation import link_problem, problem, problems
from pmtui.model.values import Link, Value

TITLE = Field("title", Kind.TEXT, "Title", max_length=80, required=True)

SEVERITY = Field("severity", Kind.CHOICE, "Severity", choices=(Choice("SEV-1"), Choice("SEV-2")))
REGIONS = Field("regions", Kind.CHOICES, "Regions", choices=(Choice("eu"), Choice("us")))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (TITLE, "x" * 81, "Title has 81 characters, 80 are allowed"),
        (TITLE, "", "must not be empty"),
        (TITLE, None, "must not be empty"),
        (TITLE, " \t", "must not be empty"),
        (SEVERITY, "SEV-9", "Severity cannot be 'SEV-9'; it can be SEV-1, SEV-2"),
        (REGIONS, ("eu", "mars"), "Regions cannot be 'mars'"),
        (Field("n", Kind.NUMBER, "Cost"), "1 200", "not a number"),
        (Field("t", Kind.TIME, "Detected"), "yesterday", "not a time"),
        (Field("l", Kind.LINKS, "Issues"), (Link("OPS-1"),), "enter a full address"),
    ],
)
def test_names_what_is_wrong(field: Field, value: Value, words: str) -> None:
    assert words in problem(field, value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (TITLE, "x" * 80),
        (Field("s", Kind.CHOICE, "Severity", choices=(Choice("SEV-1"),), verbatim=True), "SEV-9"),
        (Field("s", Kind.CHOICE, "Severity"), "SEV-9"),
        (SEVERITY, "SEV-1"),
        (SEVERITY, None),
        (REGIONS, ("eu", "us")),
        (Field("n", Kind.NUMBER, "Cost"), "1200.5"),
        (Field("t", Kind.TIME, "Detected"), "2026-11-22T02:10:00Z"),
        (Field("l", Kind.LINKS, "Issues"), (Link("https://corp.atlassian.net/browse/OPS-1"),)),
        (Field("o", Kind.PERSON, "Owner"), None),
    ],
)
def test_accepts_what_a_server_may_accept(field: Field, value: Value) -> None:
    assert problem(field, value) == ""


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "https://", "https://a b", "http://[", "ftp://x/y"])
def test_a_link_is_an_address(url: str) -> None:
    assert link_problem(url)


def test_only_what_changed_is_checked() -> None:
    incident = Incident("1", "IR-1", "t")
    other = Field("old", Kind.NUMBER, "Old")
    before = Postmortem(incident, form=(TITLE, other), fields={"title": "t", "old": "was never a number"})
    assert problems(before, before.with_field("title", "")) == {"title": "Title must not be empty"}


def test_an_unknown_choice_that_was_there_may_stay() -> None:
    before = Postmortem(Incident("1", "IR-1", "t"), form=(REGIONS,), fields={"regions": ("moon",)})
    assert problems(before, before.with_field("regions", ("moon", "eu"))) == {}
    assert "regions" in problems(before, before.with_field("regions", ("moon", "mars")))
