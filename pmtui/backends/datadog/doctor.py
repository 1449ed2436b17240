"""The checks of ``pmtui doctor`` for Datadog: is it reachable, who am I, what may the keys do. GET requests only.

A right counts as granted only when the answer is what the endpoint documents.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from pmtui.backends.answer import Plain
from pmtui.backends.base import BackendError, Check, Trouble
from pmtui.backends.datadog.account.catalogue import Catalogue
from pmtui.backends.datadog.account.site import Site
from pmtui.backends.datadog.api import FIELDS, INCIDENTS, NOTEBOOKS, SERVICES, TEAMS, TEMPLATES, USERS, Api
from pmtui.backends.datadog.wire.account import FieldDefinition, PostmortemTemplate, Service, Team
from pmtui.backends.datadog.wire.incidents import Incident, SearchAnswer, SearchRow, User
from pmtui.backends.datadog.wire.notebooks import NotebookName
from pmtui.backends.datadog.wire.values import Collection, every

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True, slots=True)
class Probe:
    """A harmless request that needs a scope or a preview. ``row`` is the model of its list; ``without`` what is missing without it."""

    name: str
    row: type[Plain]
    path: str
    without: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    granted: str = "granted"
    missing: str = WARN


_ONE: Mapping[str, str | int] = {"page[size]": 1}
_PROBES = (
    Probe("incident_read", Incident, INCIDENTS, "no incidents", _ONE, missing=FAIL),
    Probe("incident_settings_read", FieldDefinition, FIELDS, "no labels and allowed values of fields", _ONE),
    Probe("notebooks_read", NotebookName, NOTEBOOKS, "no text of postmortems", {"count": 1, "include_cells": "false"}, missing=FAIL),
    Probe("user_access_read", User, USERS, "only people already seen are offered", _ONE),
    Probe("teams_read", Team, TEAMS, "only teams already seen are offered", _ONE),
    Probe("apm_service_catalog_read", Service, SERVICES, "only services already seen are offered", _ONE),
)
_SEARCH: Mapping[str, str | int] = {"query": "state:active", **_ONE}
_PREVIEWS = (
    Probe("search", SearchRow, f"{INCIDENTS}/search", "the list is read whole and filtered here", _SEARCH, "offered"),
    Probe("postmortem templates", PostmortemTemplate, TEMPLATES, "new postmortems begin with a plain outline", granted="offered"),
)


class Checker:
    """Runs the checks of one profile. ``has_api_key``: whether there is an API key to validate."""

    def __init__(self, api: Api, site: Site, catalogue: Catalogue, *, has_api_key: bool) -> None:
        self._api = api
        self._site = site
        self._catalogue = catalogue
        self._has_api_key = has_api_key

    async def checks(self) -> list[Check]:
        """Run all checks. Refusals become failed checks, not exceptions."""
        first = [await self._key(), await self._who()] if self._has_api_key else [await self._who()]
        if any(each.state == FAIL and each.name == "network" for each in first):
            return first
        scopes = await asyncio.gather(*map(self._probe, _PROBES))
        previews = await asyncio.gather(*map(self._probe, _PREVIEWS))
        written = Check("incident_write, notebooks_write", WARN, "cannot be checked without writing; the first save shows it")
        return [*first, *scopes, written, *previews]

    async def _key(self) -> Check:
        try:
            valid = await self._api.is_valid()
        except BackendError as error:
            return _failed("API key", error)
        if valid:
            return Check("API key", OK, f"valid on {self._site.name} ({self._site.api})")
        return Check("API key", FAIL, f"not valid on {self._site.name}")

    async def _who(self) -> Check:
        try:
            me = await self._catalogue.me()
        except BackendError as error:
            return _failed("user", error)
        return Check("user", OK, f"{me.label} <{me.email}>" if me.name else me.label)

    async def _probe(self, probe: Probe) -> Check:
        tried = f"check {probe.name}"
        try:
            if probe.row is SearchRow:
                found = await self._api.get(SearchAnswer, probe.path, tried, probe.params)
                every(probe.row, found.data.attributes.incidents, tried, "data.attributes.incidents")
            else:
                every(probe.row, (await self._api.get(Collection, probe.path, tried, probe.params)).data, tried)
        except BackendError as error:
            if error.trouble in (Trouble.OFFLINE, Trouble.TIMEOUT):
                return _failed(probe.name, error)
            return Check(probe.name, probe.missing, f"{probe.without}: {error.message}")
        return Check(probe.name, OK, probe.granted)


def _failed(name: str, error: BackendError) -> Check:
    offline = error.trouble in (Trouble.OFFLINE, Trouble.TIMEOUT)
    return Check("network" if offline else name, FAIL, error.message)
