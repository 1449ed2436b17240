"""A backend in memory: one postmortem, edits by others, and faults on chosen requests.

It behaves like both vendors at their worst: cells get new keys on every read, the document is written whole, and a
published postmortem must be set back before anything else is written.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pmtui.backends.base import Backend, BackendError, Check, Creation, Identity, RequestRecord, Step, Template, Trouble, Waiting
from pmtui.backends.page import Page
from pmtui.model.changes import Change, FieldChanged
from pmtui.model.fields import Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import TEXT, Cell, CellKind, Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Item, Person, Value

INCIDENT = Incident("i1", "IR-1", "Checkout 5xx")
FORM = (
    Field("title", Kind.TEXT, "Title"),
    Field("severity", Kind.CHOICE, "Severity"),
    Field("status", Kind.CHOICE, "Status"),
    Field("owner", Kind.PERSON, "Owner"),
    Field("responders", Kind.PEOPLE, "Responders"),
    Field("created", Kind.TIME, "Created", locked="set by the server"),
)
DOCUMENT = "document"
UNDONE = "is set back and must be published again"
READ_AT = datetime(2026, 11, 22, 2, 20, tzinfo=UTC)


@dataclass
class Server:
    """The server's data. ``cells`` are (kind, text or source)."""

    fields: dict[str, Value] = field(default_factory=lambda: {"title": "Checkout 5xx", "severity": "SEV-2", "status": "draft"})
    cells: list[tuple[CellKind, str]] = field(default_factory=list)
    gone: bool = False
    mails: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [text for kind, text in self.cells if kind is CellKind.MARKDOWN]


Fault = Callable[[str], None]
"""Called with a request before it is carried out; raises, or returns a fault for afterwards."""


def error(trouble: Trouble, said: str = "no", *, unknown: bool = False, fields: dict[str, str] | None = None) -> BackendError:
    return BackendError(trouble, "do it", said, unknown=unknown, fields=fields, request_id="r-1")


class FakeBackend(Backend):
    identity = Identity("Fake", "here", "jane@corp.com")

    def __init__(self, server: Server) -> None:
        self.server = server
        self.asked: list[str] = []
        self.before: Callable[[int, str], BackendError | None] = lambda number, what: None
        self.after: Callable[[int, str], BackendError | None] = lambda number, what: None
        self.refuse: Callable[[Step], BackendError | None] = lambda step: None
        self.store: Callable[[str], str] = lambda text: text
        self._keys = itertools.count()

    async def _request(self, what: str, act: Callable[[], None]) -> None:
        await asyncio.sleep(0)
        number = len(self.asked)
        self.asked.append(what)
        if failed := self.before(number, what):
            raise failed
        if self.server.gone:
            raise error(Trouble.MISSING, "no such postmortem")
        act()
        if failed := self.after(number, what):
            raise failed
        await asyncio.sleep(0)

    def _read_cells(self) -> tuple[Cell, ...]:
        found = []
        for kind, text in self.server.cells:
            key = f"k{next(self._keys)}"
            markdown = kind is CellKind.MARKDOWN
            found.append(Cell(key, text if markdown else "▦ graph", kind, f'{{"id": "{key}"}}' if markdown else text))
        return tuple(found)

    def _read(self) -> Postmortem:
        fields = dict(self.server.fields)
        guard = "it is set back first" if fields.get("status") == "published" else ""
        return Postmortem(INCIDENT, "p1", "", FORM, fields, self._read_cells(), guard=guard, read_at=READ_AT)

    async def postmortem(self, incident: Incident, document: str = "") -> Postmortem:
        read: list[Postmortem] = []
        await self._request("read", lambda: read.append(self._read()))
        return read[0]

    async def complete(self, postmortem: Postmortem) -> Postmortem:
        return postmortem

    async def reread(self, base: Postmortem, changes: Sequence[Change]) -> Postmortem:
        read: list[Postmortem] = []
        await self._request("read", lambda: read.append(self._read()))
        (now,) = read
        if all(isinstance(change, FieldChanged) for change in changes):
            now = replace(now, cells=base.cells, unread=(*now.unread, *(each for each in base.unread if each.part == TEXT)))
        return now

    def plan(self, server: Postmortem, target: Postmortem, changes: Sequence[Change]) -> tuple[Step, ...]:
        steps = [Step(change.name, change.name, f"PUT {change.name}", (change,)) for change in changes if isinstance(change, FieldChanged)]
        document = tuple(change for change in changes if not isinstance(change, FieldChanged))
        if document:
            steps.append(Step(DOCUMENT, "Text", "PUT document", document))
        if steps and server.guard and not any(step.id == "status" for step in steps):
            back, again = (
                Step("set-back", "Set back to draft", "PUT status"),
                Step("publish-again", "Publish again", "PUT status", undone=UNDONE),
            )
            return (back, *steps, again)
        return tuple(steps)

    async def send(self, server: Postmortem, target: Postmortem, step: Step) -> None:
        if refused := self.refuse(step):
            self.asked.append(step.id)
            raise refused
        await self._request(step.id, lambda: self._write(target, step))

    def _write(self, target: Postmortem, step: Step) -> None:
        state = self.server
        setting = step.id in ("set-back", "publish-again", "status")
        if state.fields.get("status") == "published" and not setting:
            raise error(Trouble.INVALID, "published postmortems cannot be updated")
        state.writes.append(step.id)
        if step.id == DOCUMENT:
            state.cells = [(cell.kind, self.store(cell.text) if cell.editable else cell.source) for cell in target.cells]
        elif step.id == "set-back":
            state.fields["status"] = "draft"
        elif step.id == "publish-again":
            state.fields["status"] = "published"
        else:
            state.fields[step.id] = target.fields[step.id]
            if step.id == "responders":
                state.mails.append("responders")

    async def incidents(self, query: Query, cursor: str | None = None) -> Page:
        await self._request("list", lambda: None)
        return Page((INCIDENT,))

    async def find(self, ref: str) -> Incident:
        return INCIDENT

    async def creation(self, incident: Incident) -> Creation:
        return Creation()

    async def create(self, incident: Incident, template: Template | None = None) -> Postmortem:
        return await self.postmortem(incident)

    def removal(self, postmortem: Postmortem) -> str:
        return "it is deleted"

    async def remove(self, postmortem: Postmortem) -> None:
        self.server.gone = True

    async def suggest(self, kind: Kind, text: str, postmortem: Postmortem) -> Sequence[Item]:
        return ()

    def mention(self, person: Person) -> str:
        return person.label

    async def adopt(self, incident: Incident, reference: str) -> Incident:
        return incident

    async def checks(self) -> Sequence[Check]:
        return ()

    def requests(self) -> Sequence[RequestRecord]:
        return ()

    def on_waiting(self, listener: Callable[[Waiting], None]) -> None:
        raise NotImplementedError

    async def aclose(self) -> None:
        return None
