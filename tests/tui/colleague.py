"""Another person, who edits the same account in a browser; and the server's real data."""

from __future__ import annotations

import json
from typing import Any

import httpx

from pmtui.cli.launching import SANDBOX_KEY
from pmtui.sandbox.server import Sandbox
from tests.patience import PATIENCE

Json = Any


class Colleague:
    """A colleague. Incidents are named by the beginning of their title."""

    def __init__(self, sandbox: Sandbox, vendor: str) -> None:
        self._sandbox, self._datadog = sandbox, vendor == "datadog"
        keys = {"DD-API-KEY": "theirs", "DD-APPLICATION-KEY": "theirs", "Authorization": f"GenieKey {SANDBOX_KEY}"}
        self._client = httpx.Client(base_url=sandbox.url, headers=keys, timeout=PATIENCE, trust_env=False, verify=False)

    def _call(self, method: str, path: str, body: Json = None, **params: str) -> Json:
        answer = self._client.request(method, path, json=body, params=params)
        assert answer.status_code < 300, answer.text
        del self._sandbox.requests[-1:]  # this request is not the program's
        return answer.json() if answer.content else None

    # ---- finding ------------------------------------------------------------------------------------------------
    def incident(self, title: str) -> str:
        """The id of the incident."""
        if self._datadog:
            found = [str(each["id"]) for each in self._sandbox.datadog.state.incidents() if each["title"].startswith(title)]
        else:
            found = [str(key) for key, each in self._sandbox.opsgenie.state.incidents.items() if each["message"].startswith(title)]
        assert len(found) == 1, f"{title}: {found}"
        return found[0]

    def postmortem(self, title: str) -> str:
        """The id of its postmortem (with Datadog, of the notebook), "" for none."""
        identifier = self.incident(title)
        if not self._datadog:
            return str(self._sandbox.opsgenie.state.postmortem_ids.get(identifier, ""))
        attached = self._call("GET", f"/api/v2/incidents/{identifier}/attachments")["data"]
        kinds = [each["attributes"] for each in attached]
        urls = [kind["attachment"]["documentUrl"] for kind in kinds if kind["attachment_type"] == "postmortem"]
        return urls[0].partition("/notebook/")[2].partition("/")[0].partition("?")[0] if urls else ""

    def _notebook(self, title: str) -> tuple[str, Json]:
        path = f"/api/v1/notebooks/{self.postmortem(title)}"
        return path, self._call("GET", path)["data"]["attributes"]

    def _document(self, title: str) -> tuple[str, Json]:
        path = f"/v2/postmortem/{self.postmortem(title)}"
        return path, self._call("GET", path)["data"]

    # ---- what the server has ------------------------------------------------------------------------------------
    def text(self, title: str) -> str:
        """All text of the postmortem, as JSON."""
        if self._datadog:
            return json.dumps(self._notebook(title)[1]["cells"], ensure_ascii=False)
        kept = self._document(title)[1]
        return json.dumps([kept["executiveSummary"], kept["content"]], ensure_ascii=False)

    def severity(self, title: str) -> str:
        if self._datadog:
            return str(self._call("GET", f"/api/v2/incidents/{self.incident(title)}")["data"]["attributes"]["fields"]["severity"]["value"])
        return str(self._document(title)[1]["severity"])

    # ---- what the colleague does --------------------------------------------------------------------------------
    def rename_incident(self, title: str, new: str) -> None:
        identifier = self.incident(title)
        if self._datadog:
            self._patch(identifier, {"title": new})
        else:
            self._sandbox.opsgenie.state.incidents[identifier]["message"] = new

    def change(self, incident: str, **attributes: str) -> None:
        """Change an incident of Datadog."""
        self._patch(self.incident(incident), attributes)

    def set_severity(self, title: str, value: str) -> None:
        if self._datadog:
            self._patch(self.incident(title), {"fields": {"severity": {"type": "dropdown", "value": value}}})
        else:
            self._call("PUT", f"/v2/postmortem/{self.postmortem(title)}/severity", {"severity": value})

    def rewrite(self, title: str, old: str, new: str) -> None:
        """Replace words in the postmortem's text."""
        if self._datadog:
            path, attributes = self._notebook(title)
            cells = self._replaced(attributes["cells"], old, new)
            body = {"name": attributes["name"], "cells": cells, "time": attributes["time"], "metadata": attributes["metadata"]}
            self._call("PUT", path, {"data": {"type": "notebooks", "attributes": body}})
        else:
            path, kept = self._document(title)
            content = json.dumps(self._replaced(kept["content"], old, new))
            self._call("PUT", f"{path}/content", {"type": "adf", "content": content})

    def _patch(self, identifier: str, attributes: Json) -> None:
        self._call("PATCH", f"/api/v2/incidents/{identifier}", {"data": {"type": "incidents", "id": identifier, "attributes": attributes}})

    @staticmethod
    def _replaced(value: Json, old: str, new: str) -> Json:
        text = json.dumps(value, ensure_ascii=False)
        assert old in text, text
        return json.loads(text.replace(old, new))
