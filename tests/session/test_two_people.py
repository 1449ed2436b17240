"""Two people, two machines, one postmortem: whatever they do in whatever order, no line of either is ever gone."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from pmtui.backends.base import BackendError
from pmtui.model.conflicts import take
from pmtui.model.postmortem import CellKind, Postmortem
from pmtui.session.review import Review
from pmtui.session.session import Session
from tests.session.conftest import Desk
from tests.session.fake import Server


class Person:
    """Somebody at a desk, who writes lines that nobody else writes, and never deletes a line."""

    def __init__(self, name: str, root: Path, server: Server, chance: random.Random) -> None:
        self.name = name
        self.desk = Desk(root / name, server)
        self.chance = chance
        self.session: Session
        self.review: Review | None = None
        self.written: list[str] = []

    def _line(self) -> str:
        self.written.append(f"{self.name}{len(self.written)}")
        return self.written[-1]

    async def arrive(self) -> None:
        self.session = await self.desk.open()

    async def write(self) -> None:
        """Add a line somewhere in a cell, or a word in a line."""
        cell = self.chance.choice([cell for cell in self.session.mine.cells if cell.editable])
        lines = cell.text.split("\n")
        at = self.chance.randrange(len(lines) + 1)
        if at < len(lines) and lines[at] and self.chance.random() < 0.3:
            lines[at] += " " + self._line()
        else:
            lines.insert(at, self._line())
        self.session.edit_cell(cell.key, "\n".join(lines))

    async def add(self) -> None:
        after = self.chance.choice([None, *(cell.key for cell in self.session.mine.cells)])
        self.session.add_cell(after, self._line())

    async def move(self) -> None:
        cell = self.chance.choice(self.session.mine.cells)
        self.session.move_cell(cell.key, self.chance.choice([-2, -1, 1, 2]))

    async def delete_opaque(self) -> None:
        for cell in self.session.mine.cells:
            if not cell.editable:
                self.session.delete_cell(cell.key)
                return

    async def look(self) -> None:
        """Read the review, which may take a while."""
        review = await self.session.review()
        for conflict in review.conflicts:
            whose = "both" if conflict.mine and conflict.theirs else "mine" if conflict.mine else "theirs"
            review = self.session.resolve(review, conflict, take(conflict, whose))  # type: ignore[arg-type]
        self.review = review

    async def send(self) -> None:
        if self.review is not None:
            review, self.review = self.review, None
            await self.session.save(review)

    async def restart(self) -> None:
        self.review = None
        before, changes = self.session.mine, self.session.changes
        self.session = await self.desk.reopen(self.session)
        if changes:
            assert self.session.mine.fields == before.fields
            assert [(cell.key, cell.text) for cell in self.session.mine.cells] == [(cell.key, cell.text) for cell in before.cells]

    async def reread(self) -> None:
        await self.session.reread()


def words(postmortem: Postmortem) -> set[str]:
    return {word for cell in postmortem.cells for word in cell.text.split()}


def check(people: list[Person], server: Server) -> None:
    on_server = {word for text in server.texts for word in text.split()}
    for person in people:
        known = on_server | words(person.session.mine)
        assert set(person.written) <= known, f"{person.name} lost {set(person.written) - known}"


async def act(person: Person, what: str) -> None:
    try:
        await getattr(person, what)()
    except BackendError:
        person.review = None  # somebody was quicker: review again


def scene() -> Server:
    return Server(
        cells=[(CellKind.MARKDOWN, "## A\nold line"), (CellKind.OPAQUE, '{"id": 1}'), (CellKind.MARKDOWN, "## B\nold too\nand more")]
    )


ACTIONS = ["write", "write", "write", "add", "move", "look", "send", "look", "send", "restart", "reread", "delete_opaque"]


@pytest.mark.sweep(20)
@pytest.mark.parametrize("seed", range(60))
async def test_no_line_is_ever_lost_in_any_order(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    server = scene()
    people = [Person(name, tmp_path, server, chance) for name in ("ann", "bob")]
    for person in people:
        await person.arrive()
    for _ in range(30):
        await act(chance.choice(people), chance.choice(ACTIONS))
        check(people, server)
    for _ in range(3):
        for person in people:
            await act(person, "look")
            await act(person, "send")
    on_server = {word for text in server.texts for word in text.split()}
    for person in people:
        assert set(person.written) <= on_server
        assert person.session.changes == () and person.desk.drafts.list() == []
        person.session.close()


@pytest.mark.sweep(7)
@pytest.mark.parametrize("seed", range(20))
async def test_typing_while_ones_own_save_is_under_way(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    server = scene()
    person = Person("ann", tmp_path, server, chance)
    await person.arrive()
    for _ in range(5):
        await person.write()
        await person.look()
        saving = asyncio.create_task(act(person, "send"))
        turn = 0
        while not saving.done():
            turn += 1
            if chance.random() < 0.3:
                await person.write()
            if chance.random() < 0.1:
                server.cells[0] = (server.cells[0][0], f"theirs{chance.random()} \n" + server.cells[0][1])
            check([person], server)
            await asyncio.sleep(0 if turn < 100 else 0.005)  # what takes longer waits for a thread, not for a turn of the loop
        check([person], server)
    await person.look()
    await act(person, "send")
    assert set(person.written) <= {word for text in server.texts for word in text.split()}
    person.session.close()


@pytest.mark.parametrize("more", ["", " of the primary database"])
async def test_both_split_a_cell_and_its_second_half_is_there_once(make_desk: Callable[[str], Desk], server: Server, more: str) -> None:
    sessions = [await make_desk(name).open() for name in ("jane", "mara")]
    for session, words in zip(sessions, (more, ""), strict=True):
        timeline = session.mine.cells[1]
        session.edit_cell(timeline.key, "## Timeline\n- 02:14 alert")
        session.add_cell(timeline.key, "- 02:31 failover by hand" + words)
    for session in sessions:
        review = await session.review()
        assert not review.conflicts
        assert (await session.save(review)).verified and session.changes == ()
    assert server.texts[1:3] == ["## Timeline\n- 02:14 alert", "- 02:31 failover by hand" + more]
    assert server.writes == ["document"], "what the other has sent already is not sent again"
    for session in sessions:
        session.close()


async def test_what_others_changed_while_a_save_was_sent_is_told_with_saved(desk: Desk, server: Server) -> None:
    """The screen then shows what the server has: nothing of it is old beside "saved · verified"."""
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    review = await session.review()

    def meanwhile(number: int, what: str) -> None:
        if what == "severity":
            server.fields["title"] = "She calls it now"
            server.cells[1] = (CellKind.MARKDOWN, "## Timeline\n- 02:14 alert\n- 02:40 hers")

    desk.backend.after = meanwhile
    report = await session.save(review)
    assert report.verified and report.news == ("Title  Checkout 5xx → She calls it now",)
    assert session.mine.fields["title"] == "She calls it now"
    assert session.status.words().endswith("also new there: Title  Checkout 5xx → She calls it now")
