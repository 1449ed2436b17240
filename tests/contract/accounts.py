"""The vendors of the sandbox as accounts that backends work against."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pmtui.backends.base import Backend
from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.backends.opsgenie.account.index import link
from pmtui.backends.opsgenie.backend import OpsgenieBackend
from pmtui.config import Profile
from pmtui.credentials import KnownCredential
from pmtui.model.incident import Existence, Incident
from pmtui.model.values import Link, Person
from pmtui.sandbox.server import Sandbox
from tests.backends.opsgenie.memory_index import MemoryIndex
from tests.contract.account import Account, HttpAccount
from tests.contract.folder_account import FolderAccount
from tests.patience import PATIENCE

PLAIN_LINK = Link("https://wiki.example.com/runbook/7", "")
JIRA_LINK = Link("https://example.atlassian.net/browse/NEW-7", "")


class DatadogAccount(HttpAccount):
    name = "datadog"
    open_budget = 4
    saving = (True, False, True, True)  # what else people see is read back, too: the notebook, and at once the incident
    side_effects = frozenset({"responders", "resolved"})  # a PATCH makes its caller a responder, a state sets a time

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        store = sandbox.datadog.state
        record = self._newest(lambda each: len(_notebooks(each)) == 1 and len(self._texts(each)) >= 3)
        self.documented = _datadog_incident(record)
        self.bare = _datadog_incident(self._newest(_is_bare))
        present = {each["user"] for each in record["responders"]} | {store.me}
        users = {key: user["attributes"] for key, user in store.users.items() if key not in present}
        key, user = next((key, user) for key, user in users.items() if user["name"] and user["status"] == "Active")
        self.newcomer = Person(key, user["name"], user["email"])

    def connect(self, *, read_only: bool = False, deadline: float = PATIENCE) -> Backend:
        keys = {name: KnownCredential("test", f"{name}-value") for name in ("api_key", "app_key")}
        profile = Profile("dd", "datadog", base_url=self.sandbox.url, credentials=keys, read_only=read_only)
        return DatadogBackend(profile, deadline=deadline)

    @property
    def _record(self) -> dict[str, Any]:
        found = self.sandbox.datadog.state.incident(self.documented.id)
        assert found is not None
        return found

    def _newest(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        return next(record for record in reversed(list(self.sandbox.datadog.state.incidents())) if wanted(record))

    def _notebook(self, record: Mapping[str, Any]) -> dict[str, Any]:
        found = self.sandbox.datadog.state.notebook(_notebooks(record)[0])
        assert found is not None
        return found

    def _texts(self, record: Mapping[str, Any]) -> list[str]:
        definitions = [cell["attributes"]["definition"] for cell in self._notebook(record)["cells"]]
        return [each["text"] for each in definitions if each["type"] == "markdown"]

    def references(self) -> Mapping[str, str]:
        record = self._record
        number = record["public_id"]
        return {
            "id": record["id"],
            "reference": f"IR-{number}",
            "reference in small letters": f"ir-{number}",
            "number": str(number),
            "number with a hash": f"#{number}",
            "address": f"https://app.datadoghq.com/incidents/{number}",
            "address on a vanity host": f"https://acme.datadoghq.com/incidents/{number}?tab=timeline",
            "address of the postmortem": f"https://app.datadoghq.com/notebook/{_notebooks(record)[0]}/Postmortem",
        }

    def kept(self) -> dict[str, Any]:
        record = self._record
        moving = {"modified", "last_modified_by", "responders", "times"}
        cells = [cell["attributes"] for cell in self._notebook(record)["cells"]]
        facts = {key: value for key, value in record.items() if key not in moving}
        copied: dict[str, Any] = json.loads(json.dumps({**facts, "cells": cells, "name": self._notebook(record)["name"]}))
        return copied

    def count(self, what: str) -> int:
        kind, _, wanted = what.partition(" ")
        record = self._record
        issues = [issue for each in record["integrations"] for issue in each["metadata"].get("issues", ())]
        found: dict[str, list[str]] = {
            "title": [record["title"]],
            "responders": [each["user"] for each in record["responders"]],
            "links": [each["documentUrl"] for each in record["attachments"]] + [each.get("redirect_url", "") for each in issues],
            "tasks": [each["content"] for each in record["todos"]],
        }
        return "\n".join(self._texts(record)).count(wanted) if kind == "text" else found[kind].count(wanted)

    def postmortems(self, incident: Incident) -> int:
        record = self.sandbox.datadog.state.incident(incident.id)
        assert record is not None
        return sum(each["attachment_type"] == "postmortem" for each in record["attachments"])

    def written(self, entry: Mapping[str, Any]) -> set[str]:
        data = json.loads(entry["body"])["data"] if entry["body"] else {}
        if entry["method"] != "PATCH" or data["type"] != "incidents":
            return {data.get("type", entry["path"])}
        attributes = data.get("attributes", {})
        return {*attributes.keys() - {"fields"}, *attributes.get("fields", {}), *data.get("relationships", {})}


def _notebooks(record: Mapping[str, Any]) -> list[int]:
    """The ids of the notebooks that are postmortems of an incident; none when one of its postmortems is elsewhere."""
    urls = [each["documentUrl"] for each in record["attachments"] if each["attachment_type"] == "postmortem"]
    ids = [url.partition("/notebook/")[2].partition("/")[0] for url in urls]
    return [int(each) for each in ids] if all(each.isdigit() for each in ids) else []


def _is_bare(record: Mapping[str, Any]) -> bool:
    finished = record["fields"]["state"]["value"] in ("resolved", "completed")
    return finished and not record["is_test"] and all(each["attachment_type"] != "postmortem" for each in record["attachments"])


def _datadog_incident(record: Mapping[str, Any]) -> Incident:
    return Incident(record["id"], f"IR-{record['public_id']}", record["title"])


class OpsgenieAccount(HttpAccount):
    name = "opsgenie"
    open_budget = 3

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        state = self._state
        kept = next(each for each in state.postmortems.values() if each["status"] == "draft" and _headings(each["content"]) >= 3)
        self._postmortem: str = kept["postmortemId"]
        self.documented = self._incident(kept["incidentId"])
        finished = (key for key, each in state.incidents.items() if each["status"] in ("resolved", "closed"))
        self.bare = self._incident(next(key for key in finished if state.postmortem_status(key) == "no-postmortem"))
        present = {each["id"] for each in kept["responderUsers"]}
        user = next(each for each in state.users.values() if each["id"] not in present and each["fullName"])
        self.newcomer = Person(user["id"], user["fullName"], user["username"], "Scribe")

    def connect(self, *, read_only: bool = False, deadline: float = PATIENCE) -> Backend:
        key = {"api_key": KnownCredential("test", "eb243592-faa2-4ba2-a551-1afdf565c889")}
        actor = next(iter(self._state.users.values()))["username"]
        profile = Profile("og", "opsgenie", base_url=self.sandbox.url, actor=actor, credentials=key, read_only=read_only)
        index = MemoryIndex()
        link(index, self._kept["incidentId"], self._kept["postmortemId"])
        return OpsgenieBackend(profile, index, deadline=deadline)

    @property
    def _state(self) -> Any:
        return self.sandbox.opsgenie.state

    @property
    def _kept(self) -> dict[str, Any]:
        found: dict[str, Any] = self._state.postmortems[self._postmortem]
        return found

    def _incident(self, key: str) -> Incident:
        told = self._state.incidents[key]
        known = self._state.postmortem_status(key) != "no-postmortem"
        return Incident(key, f"#{told['tinyId']}", told["message"], postmortem=Existence.YES if known else Existence.NONE)

    def references(self) -> Mapping[str, str]:
        kept = self._kept
        tiny = self._state.incidents[kept["incidentId"]]["tinyId"]
        host = "https://acme.app.opsgenie.com"
        return {
            "id": kept["incidentId"],
            "reference": f"#{tiny}",
            "number": tiny,
            "address": f"{host}/incident/detail/{kept['incidentId']}",
            "id of the postmortem": kept["postmortemId"],
            "address of the postmortem": f"{host}/reports/post-mortem/{kept['postmortemId']}/detail",
        }

    def kept(self) -> dict[str, Any]:
        copied: dict[str, Any] = json.loads(json.dumps(self._kept))
        return copied

    def count(self, what: str) -> int:
        kind, _, wanted = what.partition(" ")
        kept = self._kept
        found: dict[str, list[str]] = {
            "title": [kept["title"]],
            "responders": [each["id"] for each in kept["responderUsers"]],
            "links": kept["jiraIssues"],
            "tasks": [],
        }
        return json.dumps(kept["content"], ensure_ascii=False).count(wanted) if kind == "text" else found[kind].count(wanted)

    def postmortems(self, incident: Incident) -> int:
        return sum(each["incidentId"] == incident.id for each in self._state.postmortems.values())

    def written(self, entry: Mapping[str, Any]) -> set[str]:
        return set(json.loads(entry["body"])) - {"type", "actorUserId"}


def _headings(document: Mapping[str, Any]) -> int:
    return sum(node["type"] == "heading" for node in document["content"])


HTTP_ACCOUNTS: Mapping[str, type[HttpAccount]] = {account.name: account for account in (DatadogAccount, OpsgenieAccount)}
ACCOUNTS: Mapping[str, type[Account]] = {**HTTP_ACCOUNTS, FolderAccount.name: FolderAccount}
