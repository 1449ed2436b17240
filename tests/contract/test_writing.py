"""What every backend writes: exactly what was changed, by the narrowest call, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pmtui.backends.base import Backend, BackendError, Trouble
from pmtui.model.cell_alignment import align
from pmtui.model.changes import Change, FieldChanged, change_id
from pmtui.model.diff import diff
from pmtui.model.fields import Field, Kind
from pmtui.model.incident import Existence
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Link, Task, Value
from pmtui.session import save as saving
from pmtui.session.workspace import Workspace
from pmtui.store.audit import Audit
from pmtui.store.cache import Cache
from pmtui.store.drafts import Drafts
from tests.contract.account import Account
from tests.contract.accounts import ACCOUNTS, PLAIN_LINK
from tests.contract.conftest import Connect


async def save(backend: Backend, base: Postmortem, target: Postmortem) -> Postmortem:
    """Plan, send, read back under the target's keys."""
    changes = diff(base, target)
    for step in backend.plan(base, target, changes):
        await backend.send(base, target, step)
    after = await backend.reread(target, changes)
    return after.with_cells(align(target.cells, after.cells))


async def another(backend: Backend, account: Account, postmortem: Postmortem, field: Field) -> Value:
    """Another value for a field, as a person would choose it."""
    value = postmortem.fields[field.name]
    present: tuple[Any, ...] = value if isinstance(value, tuple) else ()
    match field.kind:
        case Kind.TEXT | Kind.PROSE:
            return "Another text, „with“ <b>signs</b> & 注文"
        case Kind.NUMBER:
            return "12"
        case Kind.TIME:
            return "2026-11-20T03:10:00Z"
        case Kind.CHOICE:
            return next(each.value for each in field.choices if each.value not in (value, "published"))
        case Kind.CHOICES:
            return tuple(each.value for each in field.choices if each.value not in present)[:1]
        case Kind.WORDS:
            return (*present, "one more")
        case Kind.PERSON:
            return replace(account.newcomer, role="")
        case Kind.LINKS:
            return (*present, Link("https://example.atlassian.net/browse/NEW-7", "NEW-7"))
        case Kind.TASKS:
            return (*present, Task("", "Rehearse it"))
        case _:
            items: list[Any] = list(await backend.suggest(field.kind, "", postmortem))
            new = next(each for each in items if each.key not in {one.key for one in present})
            return (*present, replace(new, role="Scribe") if field.roles else new)


async def fully_read(backend: Backend, account: Account) -> Postmortem:
    """After the list, which form definitions are read beside; a second reading has what the first one left for later."""
    await backend.incidents(Query())
    await backend.postmortem(account.documented)
    postmortem = await backend.postmortem(account.documented)
    account.requests.clear()
    return postmortem


async def test_each_editable_field_alone(account: Account, connect: Connect) -> None:
    backend, reader = connect(), connect()
    await fully_read(reader, account)
    base = await fully_read(backend, account)
    editable = [field for field in base.form if not field.locked]
    assert len(editable) >= 9
    for field in editable:
        target = base.with_field(field.name, await another(backend, account, base, field))
        assert [change_id(change) for change in diff(base, target)] == [field.name]
        (step,) = backend.plan(base, target, diff(base, target))
        account.requests.clear()
        after = await save(backend, base, target)
        assert {change_id(change) for change in diff(target, after)} <= account.side_effects, field.name
        (write,) = account.writes
        method, path = step.request.split(" ", 1)
        assert (write["method"], write["path"].rpartition("/")[2]) == (method, path.rpartition("/")[2])
        assert len(account.written(write)) == 1, f"{field.name}: {write['body']}"
        assert len(account.requests) <= 3, field.name
        fresh = await reader.complete(await reader.postmortem(account.documented))
        others = {change_id(change) for change in diff(base, fresh.with_cells(align(base.cells, fresh.cells)))}
        assert others - account.side_effects == {field.name} - account.side_effects, field.name
        base = fresh


async def test_an_unchanged_postmortem_has_no_step(backend: Backend, opened: Postmortem) -> None:
    assert backend.plan(opened, opened, ()) == ()
    copied = opened.with_cells(tuple(replace(cell) for cell in opened.cells))
    assert backend.plan(opened, copied, diff(opened, copied)) == ()


async def test_one_cell_is_one_write_and_all_else_stays_byte_for_byte(account: Account, backend: Backend, opened: Postmortem) -> None:
    cell = [cell for cell in opened.cells if cell.editable and not cell.pinned][1]
    heading = cell.text.splitlines()[0]
    cells = tuple(replace(each, text=f"{heading}\n\nOnly this.") if each is cell else each for each in opened.cells)
    before = account.kept()
    after = await save(backend, opened, opened.with_cells(cells))
    assert [each.text for each in after.cells] == [each.text for each in cells]
    assert len(account.writes) == 1
    assert len(account.requests) == account.saving.index(False) + 1, "the write and the reading back"
    kept = account.kept()
    changed = [key for key in before if kept[key] != before[key]]
    assert len(changed) == 1, changed
    untouched = [each for each in nodes(before[changed[0]]) if each in nodes(kept[changed[0]])]
    gone = [each for each in nodes(before[changed[0]]) if each not in nodes(kept[changed[0]])]
    assert untouched and all(text_of(each) and text_of(each) in cell.source + json.dumps(cell.text) for each in gone)


def nodes(document: Any) -> list[str]:
    """The parts of a vendor's document in their order, without the ids that move by themselves."""
    parts = document if isinstance(document, list) else document["content"]
    return [json.dumps(each, sort_keys=True, ensure_ascii=False) for each in parts]


def text_of(node: str) -> str:
    """Some text of a part of a document."""
    found: list[str] = []

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            found.extend(each for key, each in value.items() if key == "text" and isinstance(each, str))
            for each in value.values():
                collect(each)
        elif isinstance(value, list):
            for each in value:
                collect(each)

    collect(json.loads(node))
    return json.dumps(found[0])[1:-1] if found else ""


async def test_cells_are_added_moved_deleted_and_edited_in_one_write(account: Account, backend: Backend, opened: Postmortem) -> None:
    pinned = [cell for cell in opened.cells if cell.pinned]
    first, second, third, *rest = [cell for cell in opened.cells if not cell.pinned]
    heading = first.text.splitlines()[0]
    new = Cell("n1", "#### All new\n\nwith *words*")
    target = opened.with_cells((*pinned, replace(first, text=f"{heading}\n\nEdited."), new, third, *rest[1:], *rest[:1]))
    after = await save(backend, opened, target)
    assert [(cell.kind, cell.text) for cell in after.cells] == [(cell.kind, cell.text) for cell in target.cells]
    assert [cell.source for cell in after.cells if not cell.editable] == [cell.source for cell in target.cells if not cell.editable]
    assert len(account.writes) == 1
    assert second.text not in {cell.text for cell in after.cells}


async def test_lists_go_back_to_what_they_were(account: Account, backend: Backend) -> None:
    base = await fully_read(backend, account)
    names = ("responders", "linked_issues")
    target = base
    for name in names:
        target = target.with_field(name, await another(backend, account, base, base.field(name)))
    after = await save(backend, base, target)
    assert len(account.writes) == (1 if account.whole else len(names))
    back = after
    for name in names:
        back = back.with_field(name, base.fields[name])
    again = await save(backend, after, back)
    assert {name: again.fields[name] for name in names} == {name: base.fields[name] for name in names}
    assert len(account.writes) == (2 if account.whole else 2 * len(names))


async def test_a_postmortem_is_created_once_and_removed(account: Account, connect: Connect) -> None:
    backend, bare = connect(), account.bare
    offered = await backend.creation(bare)
    assert not offered.impossible
    made = await backend.create(bare, offered.templates[0] if offered.templates else None)
    assert made.id and made.cells
    assert made.incident.postmortem not in (Existence.NONE, Existence.UNKNOWN)
    assert account.postmortems(bare) == 1
    assert (await backend.creation(bare)).impossible
    with pytest.raises(BackendError) as caught:
        await backend.create(bare)
    assert caught.value.trouble is Trouble.CONFLICT
    assert account.postmortems(bare) == 1
    words = backend.removal(made)
    assert bare.reference in words and "\n" not in words
    await backend.remove(made)
    assert account.postmortems(bare) == 0
    assert (await backend.postmortem(bare)).id == ""
    with pytest.raises(BackendError):
        await backend.remove(await backend.postmortem(bare))


async def test_a_read_only_profile_writes_nothing(account: Account, connect: Connect) -> None:
    backend = connect(read_only=True)
    base = await fully_read(backend, account)
    edited = next(cell for cell in base.cells if cell.editable)
    target = base.with_cells(tuple(replace(cell, text="#### x\n\ny") if cell is edited else cell for cell in base.cells))
    for field in base.form:
        if not field.locked:
            target = target.with_field(field.name, await another(backend, account, base, field))
    steps = backend.plan(base, target, diff(base, target))
    assert sorted(change_id(change) for step in steps for change in step.changes) == sorted(map(change_id, diff(base, target)))
    for call in (backend.create(account.bare), backend.remove(base), *(backend.send(base, target, step) for step in steps)):
        with pytest.raises(BackendError) as caught:
            await call
        assert caught.value.trouble is Trouble.READ_ONLY
        assert not caught.value.unknown
    assert account.writes == []


@pytest.mark.parametrize(
    ("account", "name"), [(name, field) for name, account in ACCOUNTS.items() for field in account.refused], indirect=["account"]
)
async def test_a_refused_value_is_one_error_that_names_the_reason(
    name: str, account: Account, backend: Backend, opened: Postmortem
) -> None:
    target = opened.with_field(name, account.refused[name])
    (step,) = backend.plan(opened, target, diff(opened, target))
    with pytest.raises(BackendError) as caught:
        await backend.send(opened, target, step)
    assert not caught.value.unknown
    assert caught.value.said
    assert account.kept()["title"] == opened.fields["title"]


async def test_saving_one_cell_at_once_costs_few_requests(
    account: Account, backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the review to "verified": read, write, read. Who looks at the review for longer has the server read again."""
    drafts = Drafts(tmp_path / "state")
    workspace = Workspace(account.name, backend, drafts, Cache(tmp_path / "cache", account.name), Audit(tmp_path / "state"))
    session = await workspace.open(account.documented)
    cell = next(cell for cell in session.mine.cells if cell.editable and not cell.pinned)
    for fresh, methods in ((60, [*account.saving]), (-1, [True, *account.saving])):
        monkeypatch.setattr(saving, "FRESH", timedelta(seconds=fresh))  # at once, or not, however slow this machine is
        session.edit_cell(cell.key, f"{session.mine.cell(cell.key).text}\n\nA word more.")
        account.requests.clear()
        assert (await session.save(await session.review())).verified
        assert [entry["method"] == "GET" for entry in account.requests] == methods
    session.close()


def ids(changes: tuple[Change, ...]) -> list[str]:
    return [change.name for change in changes if isinstance(change, FieldChanged)]


async def test_a_link_of_any_kind_is_kept_as_it_was_given(account: Account, backend: Backend, opened: Postmortem) -> None:
    links = opened.fields["linked_issues"]
    assert isinstance(links, tuple)
    wanted: tuple[Any, ...] = (*links, PLAIN_LINK)
    after = await save(backend, opened, opened.with_field("linked_issues", wanted))
    assert ids(diff(opened, after)) == ["linked_issues"]
    assert account.count(f"links {PLAIN_LINK.url}") == 1
