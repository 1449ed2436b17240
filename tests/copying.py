"""Copies between two sandboxes, as processes on one machine make them; and a comparison made by reading both sides."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from pmtui.backends.base import Backend
from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.backends.http.client import Client
from pmtui.backends.opsgenie.backend import OpsgenieBackend
from pmtui.config import Profile
from pmtui.credentials import KnownCredential
from pmtui.model.equality import same_text
from pmtui.model.fields import Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.text_merge import Whose
from pmtui.model.values import Person, Value, label_of
from pmtui.sandbox.server import Sandbox
from pmtui.session.copy.copier import Choice, Copier, Goal, Outcome, Prepared
from pmtui.session.copy.exported import Exports
from pmtui.session.copy.mapping import FieldMap
from pmtui.session.copy.places import Telling
from pmtui.session.workspace import Workspace
from pmtui.store.audit import Audit
from pmtui.store.cache import Cache
from pmtui.store.copies import Copies
from pmtui.store.drafts import Drafts
from tests.backends.opsgenie.memory_index import MemoryIndex

SWITCHES = {"datadog.search_lag": "0", "opsgenie.async_ms": "0"}
KEY = "eb243592-faa2-4ba2-a551-1afdf565c889"


class Killed(BaseException):
    """The process was killed."""


def datadog(sandbox: Sandbox) -> Backend:
    """A backend as a new process has it."""
    keys = {name: KnownCredential("test", f"{name}-value") for name in ("api_key", "app_key")}
    return DatadogBackend(Profile("dd", "datadog", base_url=sandbox.url, credentials=keys))


def opsgenie(sandbox: Sandbox) -> Backend:
    """A backend as a new process on a new computer has it."""
    actor = next(iter(sandbox.opsgenie.state.users.values()))["username"]
    key = {"api_key": KnownCredential("test", KEY)}
    return OpsgenieBackend(Profile("og", "opsgenie", base_url=sandbox.url, actor=actor, credentials=key), MemoryIndex())


VENDORS = {"datadog": datadog, "opsgenie": opsgenie}


@dataclass
class Process:
    """One run of the program, which copies."""

    source: Workspace
    target: Workspace
    copier: Copier

    async def prepared(self, ref: str, into: str = "") -> Prepared:
        """A planned copy."""
        incident = await self.source.backend.find(ref)
        read = await self.copier.read(await self.source.backend.complete(await self.source.backend.postmortem(incident)))
        goal = await self.copier.goal(read, into)
        one = goal.alike[0] if goal.incident is None and goal.alike else goal.incident
        return await self.copier.prepare(read, Goal(goal.way, one))

    async def copy(self, ref: str, into: str = "") -> tuple[Prepared, Outcome]:
        """Carry out a copy."""
        prepared = await self.prepared(ref, into)
        return prepared, await self.copier.carry_out(prepared)


@dataclass
class Machine:
    """A disk, and the source and target of its processes."""

    root: Path
    source: Sandbox
    target: Sandbox
    from_vendor: str = "opsgenie"
    to_vendor: str = "datadog"

    @asynccontextmanager
    async def process(
        self,
        *,
        telling: Telling = Telling.NOBODY,
        whose: Whose | None = None,
        mapping: FieldMap | None = None,
        source_of: Backend | None = None,
    ) -> AsyncIterator[Process]:
        """A process, which ends with the block. ``source_of`` is its source, if that is not the machine's."""
        ends = (source_of or VENDORS[self.from_vendor](self.source), VENDORS[self.to_vendor](self.target))
        source, target = (self._workspace(name, backend) for name, backend in zip(("source", "target"), ends, strict=True))
        state = self.root / "state"
        copier = Copier(source, target, Copies(state), Exports(state), mapping or FieldMap(), telling, Choice(whose))
        try:
            yield Process(source, target, copier)
        finally:
            for each in ends:
                await each.aclose()

    def _workspace(self, name: str, backend: Backend) -> Workspace:
        state = self.root / "state"
        return Workspace(name, backend, Drafts(state), Cache(self.root / "cache", name), Audit(state))


@contextmanager
def killed_at(number: int, *, answered: bool) -> Iterator[None]:
    """Kill the process at its n-th request, before it is sent or after it is ``answered``."""
    call, numbers = Client.call, count()

    async def fatal(self: Client, *words: Any, **more: Any) -> Any:
        mine = next(numbers)
        if mine >= number and not (answered and mine == number):
            raise Killed
        answer = await call(self, *words, **more)
        if mine == number:
            raise Killed
        return answer

    Client.call = fatal  # type: ignore[method-assign]
    try:
        yield
    finally:
        Client.call = call  # type: ignore[method-assign]


def references(source: Sandbox) -> list[str]:
    """The ids of all postmortems of the source, simple ones first: the first stories have everything."""
    found = [str(each["postmortemId"]) for each in source.opsgenie.state.postmortems.values()]
    return found[1:] + found[:1]


def made(target: Sandbox, title: str) -> dict[str, int]:
    """How often the target has what copying an incident with this title makes, and how many people were notified."""
    state = target.datadog.state
    records = [each for each in state.incidents() if each["title"] == title]
    notebooks = {
        str(each["documentUrl"]) for record in records for each in record["attachments"] if each["attachment_type"] == "postmortem"
    }
    return {
        "incidents": len(records),
        "postmortems": len(notebooks),
        "attachments": sum(each["attachment_type"] == "postmortem" for record in records for each in record["attachments"]),
        "told": sum(each["user"] not in (record["commander"], state.me) for record in records for each in record["responders"]),
    }


def found_by_reading(source: Postmortem, target: Postmortem) -> Mapping[str, str]:
    """What became of each part of the source, found by comparing the two postmortems only."""
    carried = next((cell.text for cell in target.cells if cell.text.startswith("## Carried over")), "")
    fates = {"title": _exact(target.fields.get("title") == source.incident.title)}
    if "document_title" in target.fields:
        fates["document_title"] = _exact(target.fields["document_title"] == source.fields.get("title"))
    values = [_said(value) for name, value in target.fields.items() if name not in ("title", "document_title")]
    for field in source.form:
        value = source.fields.get(field.name)
        if not value or field.name in ("title", "document_title"):
            continue
        in_words, in_place = f"- {field.label}: " in carried, _said(value) in values
        if in_words:
            fates[field.name] = (
                "changed" if in_place and field.kind is Kind.PEOPLE else "in text"
            )  # people are there, their roles are in the text
        else:
            fates[field.name] = _exact(in_place)
    for cell in source.cells:
        if cell.text.strip() or not cell.editable:
            there = any(same_text(cell.text, other.text) for other in target.cells)
            fates[f"cell:{cell.key}"] = "exact" if there else "in text" if not cell.editable else "changed"
    return fates


def _exact(same: bool) -> str:
    return "exact" if same else "changed"


def _said(value: Value) -> frozenset[str]:
    """A value for comparing: names without case, times parsed."""
    items = value if isinstance(value, tuple) else (value,)
    return frozenset(_moment(each.label if isinstance(each, Person) else label_of(each)) for each in items)


def _moment(words: str) -> str:
    try:
        return str(datetime.fromisoformat(words).timestamp())
    except ValueError:
        return words.casefold()
