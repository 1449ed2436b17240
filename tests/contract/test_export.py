"""A folder exported from each vendor: whole, the same the second time, gone on with, and with what people edited in it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pmtui.backends.base import Backend, BackendError, SeveralDocuments
from pmtui.formats.document.postmortem_file import digest, file_of, read, write
from pmtui.model.diff import diff
from pmtui.session.export.export import Export, Summary
from pmtui.session.export.folder import ExportFolder
from pmtui.session.export.layout import read_manifest
from pmtui.session.export.verify import in_folder
from pmtui.session.transfer.source import source_of
from pmtui.store.bases import Bases
from pmtui.store.files import Files, System
from pmtui.store.lock import Busy
from tests.cli.test_export_killed import FAULTS
from tests.contract.account import HttpAccount
from tests.contract.accounts import HTTP_ACCOUNTS
from tests.contract.conftest import Connect

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture(params=tuple(HTTP_ACCOUNTS))
def account(request: pytest.FixtureRequest) -> Iterator[HttpAccount]:
    """A small account: each test reads all of it several times."""
    vendor, few = request.param if isinstance(request.param, tuple) else (request.param, None)
    with HTTP_ACCOUNTS[vendor].opened(9) as account:
        if few:
            _keep(account, few)
        yield account


def _keep(account: HttpAccount, count: int) -> None:
    """Take the account all postmortems but so many."""
    others = 0
    for record in account.sandbox.datadog.state.incidents():
        if record["id"] != account.documented.id and any(each["attachment_type"] == "postmortem" for each in record["attachments"]):
            others += 1
            if others >= count:
                record["attachments"] = []
    state = account.sandbox.opsgenie.state
    mine = [key for key, each in state.postmortems.items() if each["incidentId"] == account.documented.id]
    for key in [key for key in state.postmortems if key not in mine][count - len(mine) :]:
        state.remove_postmortem(key)


few_of_opsgenie = pytest.mark.parametrize("account", [("opsgenie", 3)], indirect=True, ids=["opsgenie"])
"""For what depends neither on the vendor nor on what the postmortems hold."""
few_of_datadog = pytest.mark.parametrize("account", [("datadog", 2)], indirect=True, ids=["datadog"])
"""Whose cells have other ids each time."""


def written(root: Path) -> dict[str, bytes]:
    """Every file of a folder by its name."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.fixture
def export(connect: Connect, tmp_path: Path) -> Callable[..., Awaitable[Summary]]:
    """Exports into a folder, as a new process does, or with a backend that is there."""

    async def run(root: Path, *backends: Backend, named: tuple[str, ...] = (), cut: int = 0, now: datetime = NOW) -> Summary:
        backend = backends[0] if backends else connect()
        with ExportFolder(root, tmp_path / "state", backend.identity, now) as folder:
            told: list[int] = []

            def tell(progress: object) -> None:
                told.append(1)

            made = Export(backend, folder, tell)
            if cut:
                folder.land = _killed_after(folder.land, cut)  # type: ignore[method-assign, assignment]
            await made.everything(named)
            made.close()
            assert told
            return made.summary

    return run


class Killed(BaseException):
    pass


def _killed_after(land: Callable[..., object], count: int) -> Callable[..., object]:
    left = [count]

    def landing(*words: object, **more: object) -> object:
        if not left[0]:
            raise Killed
        left[0] -= 1
        return land(*words, **more)

    return landing


async def documents(account: HttpAccount, backend: Backend) -> dict[str, str]:
    """What the vendor has, by the document's id: the digest of each postmortem that can be opened from its incident."""
    found: dict[str, str] = {}
    cursor: str | None = None
    while True:
        page = await backend.every_incident(cursor)
        for incident in page.incidents:
            try:
                opened = await backend.complete(await backend.postmortem(incident))
            except SeveralDocuments as several:
                for each in several.documents:
                    found[each.id] = digest(await backend.complete(await backend.postmortem(incident, each.id)))
            else:
                if opened.id:
                    found[opened.id] = digest(opened)
        cursor = page.cursor
        if cursor is None:
            return found


async def test_everything_is_exported_once_and_the_second_run_changes_nothing(
    account: HttpAccount, backend: Backend, export: Callable[..., Awaitable[Summary]], tmp_path: Path
) -> None:
    root = tmp_path / "out"
    summary = await export(root)
    assert summary.failed == []
    first = written(root)
    manifest = json.loads(first[".pmtui/manifest.json"])
    assert {each["id"]: each["base"] for each in manifest["documents"]} == await documents(account, backend)
    for each in manifest["documents"]:
        stem = each["file"].removesuffix(".md")
        for kind, name in (("markdown", each["file"]), ("raw", f".pmtui/raw/{stem}.json"), ("incident", f".pmtui/incident/{stem}.json")):
            assert hashlib.sha256(first[name]).hexdigest() == each["hashes"][kind]
        assert read(first[each["file"]].decode()).source.document == each["id"]
        assert f".pmtui/base/{each['base']}.json" in first
    assert {name for name in first if "/" not in name} == {each["file"] for each in manifest["documents"]}
    assert not {name for name in first if name.endswith((".tmp", ".log", ".lock"))}

    again = await export(root, now=datetime(2026, 12, 24, tzinfo=UTC))
    assert written(root) == first
    assert (again.new, again.changed, len(again.unchanged)) == ([], [], len(manifest["documents"]))
    assert account.writes == []


@few_of_opsgenie
async def test_an_interrupted_export_goes_on_and_ends_as_one_that_was_not(
    account: HttpAccount, export: Callable[..., Awaitable[Summary]], tmp_path: Path
) -> None:
    await export(tmp_path / "whole")
    root = tmp_path / "cut"
    for _ in range(2):
        with pytest.raises(Killed):
            await export(root, cut=1)
    summary = await export(root)
    assert summary.resumed >= 2
    whole, cut = written(tmp_path / "whole"), written(root)
    assert cut.keys() == whole.keys()
    assert _told(cut) == _told(whole)


def _told(files: dict[str, bytes]) -> dict[str, object]:
    """The manifest without the hashes of what every reading has anew."""
    manifest = json.loads(files[".pmtui/manifest.json"])
    return {each["id"]: {**each, "hashes": each["hashes"]["markdown"]} for each in manifest["documents"]}


@few_of_datadog
async def test_what_was_edited_in_a_file_stays_and_what_changed_on_the_server_comes(
    account: HttpAccount, connect: Connect, export: Callable[..., Awaitable[Summary]], tmp_path: Path
) -> None:
    root = tmp_path / "out"
    await export(root)
    file = next(root / each["file"] for each in _documents(root) if each["incident"] == account.documented.id)
    edited = file.read_text("utf-8") + "\n\nA line of my own.\n"
    file.write_text(edited, "utf-8")
    summary = await export(root)
    assert file.read_text("utf-8") == edited and summary.changed == []
    backend = connect()
    server = await backend.postmortem(account.documented)
    target = server.with_field("title", "Another title")
    for step in backend.plan(server, target, diff(server, target)):
        await backend.send(server, target, step)
    summary = await export(root)
    text = file.read_text("utf-8")
    assert summary.changed == [file.name]
    assert "A line of my own." in text and "Another title" in text
    assert (await export(root)).changed == []
    assert file.read_text("utf-8") == text


@few_of_opsgenie
async def test_where_both_changed_the_file_stays_and_the_servers_version_is_kept_beside_it(
    account: HttpAccount, export: Callable[..., Awaitable[Summary]], tmp_path: Path
) -> None:
    root = tmp_path / "out"
    await export(root)
    document = next(each for each in _documents(root) if each["incident"] == account.documented.id)
    file = root / document["file"]
    written_by_us = file.read_text("utf-8")
    edited = re.sub("^title: .*$", "title: My title", written_by_us, flags=re.MULTILINE)
    file.write_text(edited, "utf-8")
    account.sandbox.opsgenie.state.postmortems[document["id"]]["title"] = "Their title"
    summary = await export(root)
    assert len(summary.conflicts) == 1 and "Title" in summary.conflicts[0] and summary.changed == []
    assert file.read_text("utf-8") == edited
    raw = _raw(root, document)["postmortem"]
    assert isinstance(raw, dict) and raw["title"] == "Their title"
    before = written(root)
    await export(root)
    assert written(root) == before, "the second run asks again and changes nothing"
    verified = in_folder(root, read_manifest(root, Files()), Files(), Bases(tmp_path / "state"))
    assert [each.what for each in verified.differences] == ["the Markdown file was changed since it was exported"]
    file.rename(file.with_suffix(".txt"))
    await export(root)
    assert "title: Their title" in file.read_text("utf-8")


def _raw(root: Path, document: dict[str, str]) -> dict[str, object]:
    raw: dict[str, object] = json.loads((root / ".pmtui/raw" / document["file"].replace(".md", ".json")).read_text())
    return raw


def _documents(root: Path) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = json.loads((root / ".pmtui/manifest.json").read_text())["documents"]
    return listed


@few_of_opsgenie
async def test_what_is_gone_stays_and_is_marked_once(
    account: HttpAccount, connect: Connect, export: Callable[..., Awaitable[Summary]], tmp_path: Path
) -> None:
    root = tmp_path / "out"
    await export(root)
    backend, others = connect(), [connect(), connect()]
    await backend.remove(await backend.postmortem(account.documented))
    summary = await export(root, others[0])
    (gone,) = summary.gone
    assert gone.incident == account.documented.id and (root / gone.file).exists()
    assert [each["gone"] for each in _documents(root) if each["incident"] == account.documented.id] == ["2026-11-27T12:00:00Z"]
    before = written(root)
    assert (await export(root, others[1], now=datetime(2026, 12, 1, tzinfo=UTC))).gone == []
    assert written(root) == before


@few_of_opsgenie
async def test_what_is_refused_keeps_what_was_there(
    account: HttpAccount, export: Callable[..., Awaitable[Summary]], tmp_path: Path
) -> None:
    root = tmp_path / "out"
    await export(root)
    before, exported = written(root), _documents(root)
    # What is refused once is asked again.
    account.sandbox.fault("GET /v1/incidents/*/logs garbage first 9")
    summary = await export(root)
    assert (summary.changed, summary.incomplete, len(summary.unchanged)) == ([], {}, len(exported))
    assert written(root) == before
    # A postmortem that cannot be read costs itself.
    account.sandbox.clear_faults()
    wanted = next(each for each in exported if each["incident"] == account.documented.id)
    account.sandbox.fault(f"GET /v2/postmortem/{wanted['id']} garbage")
    summary = await export(root)
    assert [each.what for each in summary.failed] == [account.documented.reference]
    assert written(root) == before
    # An account that refuses everything is an error.
    account.sandbox.clear_faults()
    account.sandbox.fault("GET /** 401")
    with pytest.raises(BackendError):
        await export(root)
    assert {name: data for name, data in written(root).items() if not name.endswith(".log")} == before
    # What is refused each time is said, and what came before stays.
    account.sandbox.clear_faults()
    logs = {each["id"]: _raw(root, each)["logs"] for each in exported}
    account.sandbox.fault("GET /v1/incidents/*/logs 403")
    account.sandbox.fault("GET /v2/users 403")
    summary = await export(root)
    assert {each["id"]: _raw(root, each)["logs"] for each in _documents(root)} == logs
    assert summary.incomplete.keys() == {each["reference"] for each in _documents(root)} and summary.account and not summary.whole
    before = written(root)
    await export(root)
    assert written(root) == before


def _kinds(requests: list[dict[str, Any]]) -> set[str]:
    """Methods and paths, with ``*`` for each id."""
    return {f"{each['method']} {re.sub(r'/([0-9a-f-]{36}|[0-9]+)(?=/|$)', '/*', each['path'])}" for each in requests}


async def test_a_fault_at_every_kind_of_request_is_told_and_made_good_by_the_next_run(
    account: HttpAccount, export: Callable[..., Awaitable[Summary]], tmp_path: Path
) -> None:
    root = tmp_path / "out"
    account.requests.clear()
    await export(tmp_path / "whole")
    whole, kinds = written(tmp_path / "whole"), _kinds(account.requests)
    account.requests.clear()
    for kind in kinds:  # what makes the list end early would keep the others from being asked
        account.sandbox.fault(f"{kind} {'500 first 3' if kind.endswith('/incidents') else '403 first 1'}")
    summary = await export(root)
    assert not summary.whole and _kinds([each for each in account.requests if each["status"] in (403, 500)]) == kinds
    summary = await export(root)
    assert (summary.failed, summary.account, summary.survey.lacking) == ([], (), ())
    assert _told(written(root)) == _told(whole) and written(root).keys() == whole.keys()
    assert len(kinds) >= 7
    if account.name == "opsgenie":
        assert {" ".join(fault.split()[:2]) for fault in FAULTS} >= kinds, "what measures an export has faults at each, too"


@few_of_opsgenie
async def test_a_folder_that_is_damaged_is_made_whole_but_for_what_is_no_text_any_more(
    account: HttpAccount, export: Callable[..., Awaitable[Summary]], tmp_path: Path
) -> None:
    root = tmp_path / "out"
    await export(root)
    one, other = _documents(root)[:2]
    (root / one["file"]).unlink()
    (root / ".pmtui/raw" / other["file"].replace(".md", ".json")).write_text("{}")
    summary = await export(root)
    assert sorted(summary.changed) == sorted([one["file"], other["file"]])
    assert (root / one["file"]).read_text("utf-8")
    broken, unmerged = (root / each["file"] for each in (one, other))
    broken.write_bytes(b"\xff\xfe")
    unmerged.write_text("---\ntitle: [\n---\n")
    summary = await export(root)
    assert len(summary.conflicts) == 2
    assert (broken.read_bytes(), unmerged.read_text()) == (b"\xff\xfe", "---\ntitle: [\n---\n")


@few_of_opsgenie
async def test_a_full_disk_ends_it_and_leaves_what_was_whole(
    account: HttpAccount, connect: Connect, export: Callable[..., Awaitable[Summary]], tmp_path: Path
) -> None:
    root = tmp_path / "out"
    backend = connect()
    with pytest.raises(OSError, match="No space"), ExportFolder(root, tmp_path, backend.identity, NOW, Files(Full(15))) as folder:
        await Export(backend, folder, lambda _: None).everything()
    with ExportFolder(root, tmp_path, backend.identity, NOW) as folder:
        landed = set(folder.entries)
    assert landed and not list(root.rglob(".*.tmp"))
    summary = await export(root)
    assert summary.failed == [] and summary.resumed == len(landed)


class Full(System):
    """A disk that takes so many writes."""

    def __init__(self, room: int) -> None:
        self._room = room

    def write(self, fd: int, data: bytes) -> int:
        self._room -= 1
        if self._room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(fd, data)


@few_of_opsgenie
async def test_two_exports_do_not_write_into_one_folder(account: HttpAccount, connect: Connect, tmp_path: Path) -> None:
    identity = connect().identity
    with ExportFolder(tmp_path / "out", tmp_path, identity, NOW), pytest.raises(Busy):
        ExportFolder(tmp_path / "out", tmp_path, identity, NOW).__enter__()


@few_of_datadog
async def test_a_file_as_it_is_exported_says_what_a_pulled_one_says(
    account: HttpAccount, backend: Backend, export: Callable[..., Awaitable[Summary]], tmp_path: Path
) -> None:
    root = tmp_path / "out"
    await export(root)
    opened = await backend.complete(await backend.postmortem(await backend.find(account.documented.id)))
    file = next(root / each["file"] for each in _documents(root) if each["incident"] == account.documented.id)
    source = source_of(opened, backend.identity, "2026-11-27T12:00:00Z", digest(opened))
    assert file.read_text("utf-8") == write(file_of(opened, source))
