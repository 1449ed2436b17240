"""A server that changes more than it was sent: never "saved", and what was there before is not lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pmtui.model.changes import CellAdded, CellEdited, CellMoved, FieldChanged
from pmtui.model.postmortem import Postmortem
from pmtui.sandbox.server import Sandbox
from pmtui.session.report import Report, Result
from pmtui.session.session import Session, State
from tests.session.test_vendors import Client, markdown


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=10, switches={"datadog.search_lag": "0"}) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox, tmp_path: Path) -> Client:
    return Client("datadog", sandbox.url, tmp_path)


@pytest.fixture
def lose(sandbox: Sandbox) -> Callable[..., None]:
    """Switches what the sandbox loses."""

    def switch(**switches: str) -> None:
        store: Any = sandbox.datadog.state
        store.switches = replace(store.switches, **switches)

    return switch


async def saved(session: Session, key: str, text: str) -> Report:
    session.edit_cell(key, text)
    return await session.save(await session.review())


def says(postmortem: Postmortem) -> list[str]:
    return [cell.text if cell.editable else cell.source for cell in postmortem.cells]


@pytest.mark.parametrize(
    ("lossy", "kind", "named"),
    [
        ("widgets", CellAdded, "timeseries: p99 of checkout.request, last 4 h · deleted"),
        ("texts", CellEdited, "1 Summary · what was there before"),
        ("order", CellMoved, "moved here"),
        ("name", FieldChanged, "→ Untitled"),
    ],
)
async def test_what_a_put_destroyed_is_named_and_can_be_put_back(
    client: Client, lose: Callable[..., None], lossy: str, kind: type, named: str
) -> None:
    session = await client.workspace.open(await client.incident())
    whole = says(session.base)
    lose(lossy=lossy)
    key = markdown(session, 1)
    report = await saved(session, key, "## Mine")
    assert not report.verified
    (altered,) = report.of(Result.ALTERED)
    assert named in altered.detail
    assert session.status.state is State.NOT_SAVED
    assert "kept in the draft" in report.words(session.mine)
    assert [outcome.id for outcome in report.of(Result.DONE)] == [f"edited:{key}"]
    assert {type(change) for change in session.changes} == {kind}
    session.close()
    lose(lossy="off")
    session = await client.workspace.open(await client.incident())
    assert session.recovered
    assert (await session.save(await session.review())).verified
    wanted = [text if cell.key != key else "## Mine" for text, cell in zip(whole, session.mine.cells, strict=True)]
    fresh = await client.fresh(await client.incident())
    assert says(fresh) == wanted
    assert fresh.fields["document_title"] == session.base.fields["document_title"] != "Untitled"


async def test_an_answer_that_says_nothing_leaves_it_to_the_reading(client: Client, sandbox: Sandbox) -> None:
    sandbox.fault("PUT /api/v1/notebooks/* empty")
    session = await client.workspace.open(await client.incident())
    assert (await saved(session, markdown(session, 1), "## Mine")).verified


async def test_blanks_that_the_server_takes_away_are_no_difference(client: Client, lose: Callable[..., None], sandbox: Sandbox) -> None:
    lose(normalise="on")
    session = await client.workspace.open(await client.incident())
    key = markdown(session, 1)
    assert (await saved(session, key, "a  \nb\t\r\n\r\nc \n")).verified
    assert session.changes == () and session.mine.cell(key).text == "a\nb\n\nc"
    sandbox.fault("PUT /api/v1/notebooks/* drop-after first 1")
    assert (await saved(session, key, "d  \ne\n")).verified
    assert session.changes == () and client.drafts.list() == []
