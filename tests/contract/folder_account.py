"""A folder of Markdown files as a account. Reading and replacing files are its requests."""

from __future__ import annotations

import errno
import os
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from pmtui.backends.base import Backend
from pmtui.backends.folder.backend import FolderBackend
from pmtui.backends.folder.create import begin
from pmtui.backends.folder.disk import Disk
from pmtui.backends.folder.index import Index
from pmtui.formats.document import front_matter
from pmtui.formats.document.body import read_body
from pmtui.model.incident import Existence, Incident
from pmtui.model.values import Person
from pmtui.store.files import System
from tests.contract.account import Account
from tests.patience import PATIENCE

LONG_AGO = 1_700_000_000
PEOPLE = ("Jane Doe <jane@corp.com>", "Mara López <mara@corp.com>", "Ken Sato <ken@corp.com>", "Ann <ann@corp.com>", "Bo <bo@corp.com>")
TEXT = """\
---
# kept by hand
title: "Incident {number}: checkout 5xx"
date: {date}
layout: post   # of the site
severity: SEV-{severity}
status: {status}
started: {date}T0{hour}:10:00Z
owner: {owner}
responders:
- {owner} (Scribe)
responder_teams: [Payments, "Team {hour}"]
linked_issues:
  - OPS-{number} <https://example.atlassian.net/browse/OPS-{number}>
related_incidents: [IR-1]
affected_services:
  - checkout
  - cache-{hour}
services:
  - redis
tags: [cache]
x-team: payments
review:
  board: yes
action_items:
  - "[ ] Fix the alert · @jane · due 2026-12-01"
pmtui:
  reference: IR-{number}
---

## Summary

It broke for {number} minutes.

## Impact

Many *people*.

## Root cause

The cache.

## Follow-up

Later.
"""


class FolderSystem(System):
    """Records which Markdown files are read and replaced, and fails on demand."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.requests: list[dict[str, Any]] = []
        self.error = self.met = 0
        self.healed = threading.Event()
        self.healed.set()

    def scan(self, path: Path) -> list[os.DirEntry[str]]:
        self._meet(path)
        return super().scan(path)

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        self._meet(path)
        if path.suffix == ".md":
            self.requests.append({"method": "GET", "path": path.name})
        return super().open(path, flags, mode)

    def rename(self, source: Path, target: Path) -> None:
        before = target.read_text("utf-8") if target.exists() else ""
        super().rename(source, target)
        self._wrote(target, before)

    def link(self, source: Path, target: Path) -> None:
        super().link(source, target)
        self._wrote(target, "")

    def _wrote(self, target: Path, before: str) -> None:
        if target.suffix == ".md":
            self.requests.append({"method": "write", "path": target.name, "body": (before, target.read_text("utf-8"))})

    def _meet(self, path: Path) -> None:
        if path.is_relative_to(self.root):
            self.met += 1
            self.healed.wait(PATIENCE)
            if self.error:
                raise OSError(self.error, os.strerror(self.error), str(path))


class FolderAccount(Account):
    name = "folder"
    open_budget = 1
    whole = True
    existences = frozenset({Existence.DRAFT, Existence.PUBLISHED, Existence.YES})
    saving = (True, True, False, True)  # the file is read again before it is replaced
    refused = {"title": ""}  # noqa: RUF012
    faults = ("gone", "a file in its place", "EIO", "EACCES", "EMFILE", "ESTALE", "ENOTCONN")
    failing = faults

    def __init__(self, base: Path, incidents: int) -> None:
        self.root = base / "postmortems"
        self.root.mkdir()
        self._index = base / "cache" / "folder.json"
        self._system = FolderSystem(self.root)
        self.requests = self._system.requests
        for number in range(1, incidents + 1):
            _write(self.root, number)
        Index(Disk(self.root), self._index, old_after=-(10**12)).refresh()  # as if the files were old
        self._newest = incidents
        self.documented = Incident(f"IR-{incidents}", f"IR-{incidents}", f"Incident {incidents}: checkout 5xx")
        self.bare = begin("Something new", "NEW-900", datetime(2026, 11, 20, tzinfo=UTC))
        self.newcomer = Person("bo@corp.com", "Bo", "bo@corp.com", "Scribe")

    @classmethod
    @contextmanager
    def opened(cls, incidents: int = 30) -> Iterator[Self]:
        with tempfile.TemporaryDirectory() as base:
            yield cls(Path(base).resolve(), incidents)

    def connect(self, *, read_only: bool = False, deadline: float = PATIENCE) -> Backend:
        return FolderBackend(self.root, "~/postmortems", self._index, read_only=read_only, system=self._system)

    def break_with(self, fault: str) -> None:
        if fault == "held":
            self._system.healed.clear()
        elif fault in ("gone", "a file in its place"):
            self.root.rename(self.root.with_name("away"))
            if fault != "gone":
                self.root.touch()
        else:
            self._system.error = getattr(errno, fault)

    def heal(self) -> None:
        self._system.error = 0
        self._system.healed.set()
        if self.root.is_file():
            self.root.unlink()
        if not self.root.exists():
            self.root.with_name("away").rename(self.root)

    @property
    def met(self) -> int:
        return self._system.met

    @property
    def path(self) -> Path:
        """The file of ``documented``."""
        return next(self.root.rglob(f"*-IR-{self._newest}-*.md"))

    def references(self) -> Mapping[str, str]:
        path = self.path
        return {
            "id": self.documented.id,
            "reference": self.documented.reference,
            "reference in small letters": self.documented.reference.lower(),
            "file name": path.name,
            "file name without its end": path.stem,
            "path": str(path),
            "path in the folder": path.relative_to(self.root).as_posix(),
            "path in the folder as a shell completes it": f"./{path.relative_to(self.root).as_posix()}",
            "part": f"Incident {self._newest}: che",
        }

    def kept(self) -> dict[str, Any]:
        source, body = front_matter.split(self.path.read_text("utf-8"))
        return {**front_matter.read(source), "text": [{"text": cell.text} for cell in read_body(body)]}

    def count(self, what: str) -> int:
        kind, _, wanted = what.partition(" ")
        kept = self.kept()
        found = {
            "title": [kept["title"]],
            "responders": [person.rpartition("<")[2].partition(">")[0] for person in kept["responders"]],
            "links": [re.sub(r".*<(.*)>", r"\1", each) for each in kept["linked_issues"]],
            "tasks": [each.removeprefix("[ ] ") for each in kept["action_items"]],
        }
        return "\n".join(each["text"] for each in kept["text"]).count(wanted) if kind == "text" else found[kind].count(wanted)

    def postmortems(self, incident: Incident) -> int:
        texts = (path.read_text("utf-8") for path in self.root.rglob("*.md") if ".pmtui" not in path.parts)
        return sum(f"reference: {incident.reference}\n" in text for text in texts)

    def written(self, entry: Mapping[str, Any]) -> set[str]:
        (source, body), (wrote, text) = (front_matter.split(each) for each in entry["body"])
        before, after = front_matter.read(source), front_matter.read(wrote)
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        return changed | ({"text"} if body != text else set())


def _write(root: Path, number: int) -> None:
    """Create one of a hundred files per year, in one folder per month, with an old time."""
    year, month, day = 2026 - (number < 100), number // 28 % 12 + 1, number % 28 + 1
    date = f"{year}-{month:02}-{day:02}" if number < 300 else "2026-12-01"
    folder = root / date[:7]
    folder.mkdir(exist_ok=True)
    path = folder / f"{date}-IR-{number}-checkout-5xx.md"
    status = ("draft", "published", "resolved")[number % 3]
    facts = {"number": number, "date": date, "severity": number % 4 + 1, "status": status, "hour": number % 9, "owner": PEOPLE[number % 4]}
    path.write_text(TEXT.format(**facts), "utf-8")
    os.utime(path, (LONG_AGO, LONG_AGO))
