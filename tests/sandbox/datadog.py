"""A client of the sandbox's Datadog service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from pmtui.sandbox.datadog import DatadogService
from pmtui.sandbox.server import Sandbox
from tests.patience import PATIENCE

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = {"DD-API-KEY": "api", "DD-APPLICATION-KEY": "app"}
ALL = "state:(active OR stable OR resolved OR completed OR monitoring)"
NIL = "00000000-0000-0000-0000-000000000000"
NOBODY = "00000000-0000-0000-0000-000000000001"
CHECKOUT = "Checkout 5xx after cache failover"
Json = Any


class Wire:
    """A running sandbox and a client with keys. The service's clock stays at `moment` until it is moved."""

    def __init__(self, incidents: int = 30, **switches: str) -> None:
        self.moment = NOW
        given: Mapping[str, str] = {f"datadog.{name}": value for name, value in switches.items()}
        self.service = DatadogService(incidents, NOW, given, clock=lambda: self.moment)
        self.sandbox = Sandbox(datadog=self.service, incidents=0, now=NOW)
        self.client = httpx.Client(
            base_url=self.sandbox.url, headers=KEYS, timeout=PATIENCE, trust_env=False, verify=False
        )  # plain HTTP: no certificates to load

    def __enter__(self) -> Wire:
        self.sandbox.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()
        self.sandbox.stop()

    def wait(self, seconds: float) -> None:
        """Move the service's clock."""
        self.moment += timedelta(seconds=seconds)

    def send(self, method: str, path: str, body: Json = None, **params: Any) -> httpx.Response:
        return self.client.request(method, path, json=body, params=params)

    def get(self, path: str, **params: Any) -> Json:
        answer = self.send("GET", path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, status: int, method: str, path: str, body: Json = None, **params: Any) -> Json:
        """Make a request that must be refused. Returns its errors."""
        answer = self.send(method, path, body, **params)
        assert answer.status_code == status, answer.text
        return answer.json()["errors"]

    def search(self, query: str = ALL, **params: Any) -> Json:
        return self.get("/api/v2/incidents/search", query=query, **params)["data"]["attributes"]

    def find(self, title: str) -> str:
        """The id of the incident with that title."""
        records = [record for record in self.service.state.incidents() if record["title"] == title]
        assert len(records) == 1, title
        return str(records[0]["id"])

    def incident(self, identifier: str) -> Json:
        return self.get(f"/api/v2/incidents/{identifier}")["data"]

    def patch(self, identifier: str, **data: Any) -> httpx.Response:
        """PATCH with `attributes=` and `relationships=`."""
        return self.send("PATCH", f"/api/v2/incidents/{identifier}", {"data": {"type": "incidents", "id": identifier, **data}})

    def notebook_of(self, identifier: str) -> int:
        """The number of the notebook of an incident's first postmortem."""
        attachments = self.get(f"/api/v2/incidents/{identifier}/attachments")["data"]
        urls = [
            one["attributes"]["attachment"]["documentUrl"] for one in attachments if one["attributes"]["attachment_type"] == "postmortem"
        ]
        return int(urls[0].split("/")[4])

    def notebook(self, number: int) -> Json:
        return self.get(f"/api/v1/notebooks/{number}")["data"]["attributes"]

    def put(self, number: int, attributes: Json) -> httpx.Response:
        return self.send("PUT", f"/api/v1/notebooks/{number}", notebook(attributes))


def notebook(attributes: Json) -> Json:
    """A body for POST and PUT from the attributes of a GET: those that can be written."""
    names = ("name", "cells", "time", "metadata", "template_variables", "status")
    return {"data": {"type": "notebooks", "attributes": {name: attributes[name] for name in names if name in attributes}}}


def body(kind: str, attributes: Json, **data: Any) -> Json:
    return {"data": {"type": kind, "attributes": attributes, **data}}


def texts(attributes: Json) -> list[str]:
    """The texts of a notebook's Markdown cells."""
    definitions = [cell["attributes"]["definition"] for cell in attributes["cells"]]
    return [one["text"] for one in definitions if one["type"] == "markdown"]
