"""A workspace with the real store in a temporary directory, and a server in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pmtui.model.postmortem import CellKind
from pmtui.session.session import Session
from pmtui.session.workspace import Workspace
from pmtui.store.audit import Audit
from pmtui.store.cache import Cache
from pmtui.store.drafts import Drafts
from pmtui.store.files import Files
from tests.session.fake import INCIDENT, FakeBackend, Server

GRAPH = '{"id": "g9", "type": "timeseries"}'


def document() -> Server:
    markdown = CellKind.MARKDOWN
    return Server(
        cells=[
            (markdown, "## Summary\n4 % of checkouts failed"),
            (markdown, "## Timeline\n- 02:14 alert\n- 02:31 failover"),
            (CellKind.OPAQUE, GRAPH),
            (markdown, "## Actions"),
        ]
    )


class Desk:
    """A user's machine: a disk, and workspaces on it that begin and end like processes."""

    def __init__(self, root: Path, server: Server) -> None:
        self.root = root
        self.server = server
        self.backend = FakeBackend(server)
        self.open_sessions: list[Session] = []
        self.files = Files()

    @property
    def drafts(self) -> Drafts:
        return Drafts(self.root / "state", self.files)

    @property
    def audit(self) -> Audit:
        return Audit(self.root / "state")

    def workspace(self) -> Workspace:
        return Workspace("fake", self.backend, self.drafts, Cache(self.root / "cache", "fake"), self.audit)

    async def open(self) -> Session:
        session = await self.workspace().open(INCIDENT)
        self.open_sessions.append(session)
        return session

    async def reopen(self, session: Session) -> Session:
        """Reopen as after a crash: everything appended is on disk, and nothing else is left."""
        assert session.caught_up(5)
        session._draft.journal.close()
        return await self.open()


@pytest.fixture
def server() -> Server:
    return document()


@pytest.fixture
def make_desk(tmp_path: Path, server: Server) -> Iterator[Callable[[str], Desk]]:
    made: list[Desk] = []

    def make(name: str) -> Desk:
        made.append(Desk(tmp_path / name, server))
        return made[-1]

    yield make
    for desk in made:
        for session in desk.open_sessions:
            session.close()


@pytest.fixture
def desk(make_desk: Callable[[str], Desk]) -> Desk:
    return make_desk("one")
