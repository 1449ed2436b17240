"""The index, the cache and the audit log."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from pmtui.model.codec import postmortem_to_json
from pmtui.model.fields import TITLE
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.values import Person
from pmtui.store import cache as cache_module
from pmtui.store.audit import Audit, fingerprint
from pmtui.store.cache import Cache
from pmtui.store.files import Files
from pmtui.store.index import Index
from pmtui.store.write_behind import WriteBehind
from tests.store.disks import INCIDENT, POSTMORTEM, FaultySystem

BROKEN = Files(FaultySystem(lambda _: True))


def assert_private(directory: Path) -> None:
    paths = [directory, *directory.rglob("*")]
    assert len(paths) > 1
    assert all(stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600) for path in paths)


def test_the_index_remembers_over_a_restart(tmp_path: Path) -> None:
    index = Index(tmp_path / "state", "work")
    assert index.get("route", "title") is None
    index.put("route", "title", "PUT /v2/x")
    index.put("route", "title", "PATCH /v2/x")
    index.put("postmortem-of-incident", "i", "p")
    index.put("postmortem-of-incident", "j", "q")
    index.put("postmortem-of-incident", "j", "")
    again = Index(tmp_path / "state", "work")
    assert again.get("route", "title") == "PATCH /v2/x"
    assert again.get("postmortem-of-incident", "i") == "p"
    assert again.get("postmortem-of-incident", "j") is None
    assert Index(tmp_path / "state", "other").get("route", "title") is None
    assert_private(tmp_path / "state")


def test_two_processes_may_add_to_the_index(tmp_path: Path) -> None:
    first, second = Index(tmp_path, "work"), Index(tmp_path, "work")
    first.get("k", "a"), second.get("k", "a")
    first.put("k", "a", "1")
    second.put("k", "b", "2")
    third = Index(tmp_path, "work")
    assert (third.get("k", "a"), third.get("k", "b")) == ("1", "2")


def test_an_index_on_a_broken_disk_works_in_memory(tmp_path: Path) -> None:
    index = Index(tmp_path, "work", BROKEN)
    index.put("k", "a", "1")
    assert index.get("k", "a") == "1"
    assert index.problem == "disk error"


def test_the_cache_gives_back_what_was_seen(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", "work")
    assert cache.incidents() is None
    assert cache.postmortem("i-1") is None
    cache.keep_incidents([INCIDENT], cursor="next", total=31)
    cache.keep_postmortem(POSTMORTEM)
    again = Cache(tmp_path / "cache", "work")
    seen = again.incidents()
    assert seen is not None
    assert (seen.incidents, seen.cursor, seen.total) == ((INCIDENT,), "next", 31)
    assert again.postmortem("i-1") == again.postmortem("i-1", "p-1") == POSTMORTEM
    assert again.postmortem("i-1", "p-2") is None
    assert Cache(tmp_path / "cache", "other").incidents() is None
    assert_private(tmp_path / "cache")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"incidents": [{}]}', b"\xff", b'{"incidents": 3, "seen_at": 1}'])
def test_a_damaged_cache_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    cache = Cache(tmp_path, "work")
    cache.keep_incidents([INCIDENT])
    cache.keep_postmortem(POSTMORTEM)
    cache.finish()
    assert not cache.problem
    for path in tmp_path.rglob("*.json"):
        path.write_bytes(content)
    assert cache.incidents() is None
    assert cache.postmortem("i-1") is None


def test_the_cache_does_not_grow_for_ever(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "work")
    for n in range(130):
        postmortem = replace(POSTMORTEM, incident=replace(INCIDENT, id=f"i-{n}"))
        cache.keep_postmortem(postmortem)
        cache.finish()
        assert not cache.problem
        for path in tmp_path.rglob("*.postmortem.json"):
            if path.stat().st_mtime > 1e6:
                os.utime(path, (n, n))
    assert cache.postmortem("i-129") is not None
    assert cache.postmortem("i-0") is None
    assert len(list(tmp_path.rglob("*.json"))) <= 200


def test_long_postmortems_count_by_their_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_LARGEST", 100_000)
    cache = Cache(tmp_path, "work")
    for n in range(5):
        long = replace(POSTMORTEM, incident=replace(INCIDENT, id=f"i-{n}"), cells=(Cell("c", "x" * 20_000),))
        cache.keep_postmortem(long)
        cache.finish()
        assert not cache.problem
        for path in tmp_path.rglob("*.postmortem.json"):
            if path.stat().st_mtime > 1e6:
                os.utime(path, (n, n))
    assert [cache.postmortem(f"i-{n}") is not None for n in range(5)] == [False, False, False, True, True]
    monkeypatch.setattr(cache_module, "_LARGEST", 10_000)
    cache.keep_postmortem(POSTMORTEM)
    assert cache.postmortem("i-1") == POSTMORTEM, "the latest stays, however long"


def test_a_postmortem_is_kept_in_a_thread_that_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache, threads = Cache(tmp_path, "work"), []

    def converted(postmortem: Postmortem) -> dict[str, object]:
        threads.append(threading.current_thread())
        return postmortem_to_json(postmortem)

    monkeypatch.setattr(cache_module, "postmortem_to_json", converted)
    later = [replace(POSTMORTEM, fields={TITLE: str(n)}) for n in range(9)]
    for each in later:
        cache.keep_postmortem(each)
    assert cache.postmortem("i-1") == later[-1], "in the order in which they came"
    assert threading.current_thread() not in threads
    assert not any(thread.is_alive() for thread in threads)


def test_work_that_fails_does_not_stop_what_is_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    behind, done, failed = WriteBehind(), [], []
    monkeypatch.setattr(threading, "excepthook", lambda told: failed.append(told.exc_type))
    behind.do(lambda: done.append(1 // 0))
    behind.finish()
    behind.do(lambda: done.append(2))
    behind.finish()
    assert (failed, done) == ([ZeroDivisionError], [2])


def test_a_cache_on_a_broken_disk_says_so(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "work", BROKEN)
    cache.keep_incidents([INCIDENT])
    cache.keep_postmortem(POSTMORTEM)
    cache.finish()
    assert cache.problem == "disk error"
    assert cache.incidents() is None


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_whichever_operation_fails_the_old_or_the_new_is_there(tmp_path: Path, code: int) -> None:
    """One operation of a write fails: the cache has the old list or the new, the index and the log lose no earlier line."""
    for k in range(1, 20):
        state = tmp_path / str(k)
        Cache(state, "work").keep_incidents([INCIDENT])
        Index(state, "work").put("k", "old", "1")
        Audit(state).write(actor="a", vendor="v", incident="old", what="title", outcome="done")

        def failing(k: int = k) -> Files:
            return Files(FaultySystem(lambda call: call == k, code))

        Cache(state, "work", failing()).keep_incidents([INCIDENT, INCIDENT])
        Index(state, "work", failing()).put("k", "new", "2")
        Audit(state, failing()).write(actor="a", vendor="v", incident="new", what="title", outcome="done")
        Index(state, "work").put("k", "next", "3")
        Audit(state).write(actor="a", vendor="v", incident="next", what="title", outcome="done")
        seen = Cache(state, "work").incidents()
        assert seen is not None
        assert len(seen.incidents) in (1, 2)
        assert [Index(state, "work").get("k", key) for key in ("old", "next")] == ["1", "3"]
        logged = [entry["incident"] for entry in Audit(state).entries()]
        assert logged in (["old", "next"], ["old", "new", "next"])


def test_the_audit_log_has_hashes_and_no_text(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "state")
    secret = "the customer's name"
    owner = Person("u1", "Mara")
    audit.write(
        actor="jane@corp.com", vendor="datadog", incident="IR-1", what="title", outcome="done", before="old", after=secret, request_id="r1"
    )
    audit.write(actor="jane@corp.com", vendor="datadog", incident="IR-1", what="owner", outcome="refused", after=owner)
    text = (tmp_path / "state" / "audit.jsonl").read_text()
    assert secret not in text
    first, second = Audit(tmp_path / "state").entries()
    assert (first["actor"], first["what"], first["outcome"], first["request_id"]) == ("jane@corp.com", "title", "done", "r1")
    assert (first["before"], first["after"]) == (fingerprint("old"), fingerprint(secret))
    assert (second["before"], second["after"]) == ("", fingerprint(owner))
    assert fingerprint("old") != fingerprint(secret)
    assert_private(tmp_path / "state")


def test_a_line_cut_short_costs_only_itself(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    for n in range(3):
        audit.write(actor="a", vendor="v", incident=str(n), what="title", outcome="done")
        path = tmp_path / "audit.jsonl"
        if n == 1:
            path.write_bytes(path.read_bytes()[:-10])
    assert [entry["incident"] for entry in audit.entries()] == ["0", "2"]


def test_an_audit_log_on_a_broken_disk_says_so(tmp_path: Path) -> None:
    audit = Audit(tmp_path, BROKEN)
    audit.write(actor="a", vendor="v", incident="1", what="title", outcome="done")
    assert audit.problem == "disk error"
    assert json.dumps(Audit(tmp_path).entries()) == "[]"
