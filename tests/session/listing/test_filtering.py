"""What a filter line may ask of a backend, in words."""

from __future__ import annotations

import pytest

from pmtui.backends.registry import VENDORS
from pmtui.model.incident import Incident
from pmtui.model.query import POSTMORTEM, SHOWN
from pmtui.session.listing.filtering import WORDS_MEAN, Filters, example, explained, hint, refusals, unknown_values, with_values_of

HAS: Filters = {"status": ("open", "closed"), "severity": ("P1", "P2"), "team": (), "postmortem": ("draft", "yes", "none"), "after": ()}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("state:finished sev:9 checkout", ""),  # a vendor may have more than is known
        ("owner:tom", "Shed cannot search incidents by owner; there are state: sev: team: pm: after:"),
        ("foo:bar", 'unknown filter "foo:"; there are state: sev: team: pm: after:; in quotes it is text'),
        ("after:lastweek", "'lastweek' is not a date: write after:2026-11-30"),
        ("after:2026-11-30 pm:any,no", ""),
        ("pm:published", "no such state of a postmortem: published; there are draft, yes, none"),
        ("owner:", "Shed cannot search incidents by owner; there are state: sev: team: pm: after:"),
        ("checkout state:", "state: what? there are open, closed"),
        *[("team:,", "team: what? a name, or a part of it"), ('after:""', "after: what? a day, such as 2026-11-30")],
    ],
)
def test_what_is_refused(line: str, said: str) -> None:
    assert "; ".join(refusals(line, HAS, "Shed")) == said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("state:finished", ("no such state: finished; there are open, closed",)),
        ("state:OPEN,closed sev:1,p2", ()),
        ("sev:3 team:x", ("no such severity: 3; there are P1, P2",)),
    ],
)
def test_values_that_are_not_known(line: str, said: tuple[str, ...]) -> None:
    assert unknown_values(line, HAS) == said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        *[("", ""), ("state", ""), ("http://x", ""), ("state:open ", ""), ("state:open", ""), ("team:", ""), ("sev:2", "")],
        *[("state:", "state: open, closed"), ("x state:open,c", "state: closed"), ("state:f", "no such state: f; there are open, closed")],
        *[("after:2026", "after: a day, such as 2026-11-30"), ("after:2026-11-30", ""), ("pm:d", "pm: draft"), ("pm:any", "")],
        *[(line, "Shed cannot search incidents by owner; there are state: sev: team: pm: after:") for line in ("owner:", "owner:t")],
    ],
)
def test_hints_while_one_types(line: str, said: str) -> None:
    assert hint(line, HAS, "Shed") == said


def test_values_in_the_rows_are_known_too() -> None:
    rows = [Incident("1", "#1", "x", "P0", "triaged"), Incident("2", "#2", "y", "P1", "open")]
    known = with_values_of(rows, HAS)
    assert (known["status"], known["severity"], known["team"]) == (("open", "closed", "triaged"), ("P1", "P2", "P0"), ())
    assert unknown_values("state:triaged", known) == ()


def test_what_is_offered_is_what_there_is() -> None:
    assert example(HAS) == "state:open sev:1,2 checkout"
    assert dict(explained(HAS)) == {
        "words": WORDS_MEAN,
        "state:": "open, closed",
        "sev:": "P1, P2",
        "pm:": "draft, yes, none",
        "team:": "a name, or a part of it",
        "after:": "a day, 2026-11-30",
    }
    assert ("tag:", "a tag, or its beginning") in explained({**HAS, "tag": ()})


@pytest.mark.parametrize("name", VENDORS)
def test_each_vendor_names_facets_and_states_that_can_be_typed(name: str) -> None:
    filters = VENDORS[name].filters
    assert filters.keys() <= SHOWN.keys() and set(filters["postmortem"]) <= set(POSTMORTEM.values())
