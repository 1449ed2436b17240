"""The switches of the Datadog service: quirks, previews and permissions of the real service.

Each is given as `datadog.NAME=VALUE`; the names are the fields of `Switches`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pmtui.sandbox.switches import read

PREFIX = "datadog."
SCOPES = frozenset(
    (
        "incident_read",
        "incident_write",
        "incident_settings_read",
        "incident_settings_write",
        "notebooks_read",
        "notebooks_write",
        "user_access_read",
        "teams_read",
        "apm_service_catalog_read",
    )
)
CHOICES: Mapping[str, tuple[str, ...]] = {
    "credentials": ("any", "none"),
    "unauthorized": ("403", "401"),
    "cell_ids": ("renew", "keep"),
    "stale_cell_ids": ("insert", "refuse"),
    "stale_commander": ("on", "off"),
    "auto_responder": ("on", "off"),
    "first_values": ("on", "off"),
    "status_override": ("on", "off"),
    "notebook_conflict": ("off", "changed", "always"),
    "rich_text": ("on", "off", "refuse"),
    "normalise": ("off", "on"),
    "lossy": ("off", "widgets", "texts", "order", "name", "silent"),
    "postmortem_cells": ("cells", "content", "none"),
    "exploded_errors": ("off", "on"),
    "list_next_offset": ("on", "off"),
}


@dataclass(frozen=True, slots=True)
class Switches:
    """The defaults are recorded or reported behaviour of the real service."""

    site: str = "datadoghq.com"  # in the URLs of documents
    credentials: str = "any"  # "none": every key is refused
    unauthorized: str = "403"  # the status for bad credentials
    deny: str = ""  # scopes the key lacks, with commas: "notebooks_write,user_access_read"
    postmortems: str = "on"  # or the status with which the preview endpoint answers: 403, 404, 405, 500 …
    templates: str = "on"  # likewise
    responders: str = "on"  # likewise
    timeline: str = "on"  # likewise; not a published endpoint
    cell_ids: str = "renew"  # Markdown cells get new ids on every GET
    stale_cell_ids: str = "insert"  # a PUT names a cell that is not there (any more): it becomes a new one, or 400
    stale_commander: str = "on"  # the answer to a PATCH shows no commander relationship
    first_values: str = "on"  # a number or time field can be set that has no value yet (not documented)
    auto_responder: str = "on"  # an import or a PATCH makes the caller and the commander responders
    status_override: str = "on"  # integrations: POST gives status 3, PATCH 4
    search_lag: str = "3"  # seconds until search sees a change
    list_next_offset: str = "on"  # lists say next_offset on the last page, too
    notebook_conflict: str = "off"  # PUT answers 409: always, or when somebody changed the notebook since the last GET
    rich_text: str = "on"  # notebooks from the web UI: readable, like the others (off), or 400 (refuse)
    normalise: str = "off"  # a PUT trims trailing white space in Markdown cells
    lossy: str = "off"  # what a PUT changes besides, as it may of rich text; "silent": drops widgets and answers nothing
    postmortem_cells: str = "cells"  # what a created postmortem is made from
    exploded_errors: str = "off"  # a validation detail comes as one entry a character
    rate_limit: str = ""  # "20/10": 20 requests in 10 seconds for each bucket

    @property
    def denied(self) -> frozenset[str]:
        """The scopes that the key lacks."""
        return frozenset(scope.strip() for scope in self.deny.split(",") if scope.strip())

    @property
    def lag(self) -> float:
        """Seconds until search sees a change."""
        return float(self.search_lag)

    @property
    def limit(self) -> tuple[int, int]:
        """Requests and seconds; (0, 1) without a limit."""
        count, _, seconds = self.rate_limit.partition("/")
        return (int(count), int(seconds or "10")) if count else (0, 1)


def parse(given: Mapping[str, str]) -> Switches:
    """Read `{"datadog.deny": "notebooks_write"}`. Raises ValueError for an unknown switch or value."""
    switches = Switches(**read(PREFIX, Switches, CHOICES, given))
    _check(switches)
    return switches


def _check(switches: Switches) -> None:
    for name in ("postmortems", "templates", "responders", "timeline"):
        value = getattr(switches, name)
        if value != "on" and not (value.isdigit() and 400 <= int(value) <= 599):
            raise ValueError(f"switch {PREFIX}{name} takes on or a status from 400 to 599, not {value!r}")
    if unknown := switches.denied - SCOPES:
        raise ValueError(f"switch {PREFIX}deny: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(SCOPES))}")
    try:
        lag, (count, seconds) = switches.lag, switches.limit
    except ValueError:
        raise ValueError(f"switch {PREFIX}search_lag takes seconds and {PREFIX}rate_limit COUNT/SECONDS") from None
    if lag < 0 or count < 0 or seconds < 1:
        raise ValueError(f"switch {PREFIX}search_lag or {PREFIX}rate_limit is out of range")
