"""What ``pmtui doctor`` says of Datadog: is it reached, who am I, what may the keys do. GET requests only."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from pmtui.backends.base import BackendError, Check, Trouble
from pmtui.backends.datadog.account.catalogue import Catalogue
from pmtui.backends.datadog.account.site import Site
from pmtui.backends.datadog.api import INCIDENTS, NOTEBOOKS, Api

OK, WARN, FAIL = "ok", "warn", "fail"

_PROBES: Mapping[str, tuple[str, Mapping[str, str | int], str]] = {
    "incident_read": (INCIDENTS, {"page[size]": 1}, "no incidents"),
    "incident_settings_read": (f"{INCIDENTS}/config/user-defined-fields", {"page[size]": 1}, "no labels and allowed values of fields"),
    "notebooks_read": (NOTEBOOKS, {"count": 1, "include_cells": "false"}, "no text of postmortems"),
    "user_access_read": ("/api/v2/users", {"page[size]": 1}, "only people already seen are offered"),
    "teams_read": ("/api/v2/team", {"page[size]": 1}, "only teams already seen are offered"),
    "apm_service_catalog_read": ("/api/v2/services/definitions", {"page[size]": 1}, "only services already seen are offered"),
}
"""Scope → a harmless request that needs it, and what is missing without it."""

_NEEDED = frozenset({"incident_read", "notebooks_read"})
_PREVIEWS: Mapping[str, tuple[str, str]] = {
    "search": (f"{INCIDENTS}/search", "the list is read whole and filtered here"),
    "postmortem templates": (f"{INCIDENTS}/config/postmortem-templates", "new postmortems begin with a plain outline"),
}


class Checker:
    def __init__(self, api: Api, site: Site, catalogue: Catalogue, *, has_api_key: bool) -> None:
        self._api = api
        self._site = site
        self._catalogue = catalogue
        self._has_api_key = has_api_key

    async def checks(self) -> list[Check]:
        """Never raises for what the service refuses: that is what is told."""
        first = [await self._key(), await self._who()] if self._has_api_key else [await self._who()]
        if any(each.state == FAIL and each.name == "network" for each in first):
            return first
        scopes = await asyncio.gather(*(self._scope(name) for name in _PROBES))
        previews = await asyncio.gather(*(self._preview(name) for name in _PREVIEWS))
        written = Check("incident_write, notebooks_write", WARN, "cannot be asked without writing; the first save tells")
        return [*first, *scopes, written, *previews]

    async def _key(self) -> Check:
        try:
            answer = await self._api.get("/api/v1/validate", "validate the API key")
        except BackendError as error:
            return _failed("API key", error)
        if answer.get("valid") is True:
            return Check("API key", OK, f"valid on {self._site.name} ({self._site.api})")
        return Check("API key", FAIL, f"not valid on {self._site.name}")

    async def _who(self) -> Check:
        try:
            me = await self._catalogue.me()
        except BackendError as error:
            return _failed("user", error)
        return Check("user", OK, f"{me.label} <{me.email}>" if me.name else me.label)

    async def _scope(self, name: str) -> Check:
        path, params, without = _PROBES[name]
        try:
            await self._api.get(path, f"check {name}", params)
        except BackendError as error:
            if error.trouble in (Trouble.OFFLINE, Trouble.TIMEOUT):
                return _failed(name, error)
            return Check(name, FAIL if name in _NEEDED else WARN, f"{without}: {error.message}")
        return Check(name, OK, "granted")

    async def _preview(self, name: str) -> Check:
        path, without = _PREVIEWS[name]
        params: Mapping[str, str | int] = {"query": "state:active", "page[size]": 1} if name == "search" else {}
        try:
            await self._api.get(path, f"check {name}", params)
        except BackendError as error:
            return Check(name, WARN, f"{without}: {error.message}")
        return Check(name, OK, "offered")


def _failed(name: str, error: BackendError) -> Check:
    offline = error.trouble in (Trouble.OFFLINE, Trouble.TIMEOUT)
    return Check("network" if offline else name, FAIL, error.message)
