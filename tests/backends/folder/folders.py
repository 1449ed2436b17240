"""Folders for tests, and sessions on them as in a new process."""

from __future__ import annotations

import os
from pathlib import Path

from pmtui.backends.folder.backend import FolderBackend
from pmtui.session.session import Session
from pmtui.session.workspace import Workspace
from pmtui.store.audit import Audit
from pmtui.store.cache import Cache
from pmtui.store.drafts import Drafts
from pmtui.store.files import System

BY_HAND = """\
---
# written by hand
title: Checkout 5xx
date: 2026-11-14
layout: post   # of the site
severity: SEV-1
status: draft
owner: Jane Doe <jane@corp.com>
responders:
- Mara López <mara@corp.com> (Scribe)
x-team: payments
pmtui:
  reference: IR-338
---
## Summary

It broke.

## Impact

Many.
"""
NAME = "2026-11-14-IR-338-checkout.md"
LONG_AGO = 1_700_000_000


def folder(base: Path, **files: str) -> Path:
    """A folder with the file above, and others by name without ``.md``."""
    root = base / "postmortems"
    root.mkdir()
    for name, text in {NAME.removesuffix(".md"): BY_HAND, **files}.items():
        (root / f"{name}.md").write_bytes(text.encode())
    return root


def backend(root: Path, system: System | None = None, index: Path | None = None) -> FolderBackend:
    return FolderBackend(root, str(root), index, system=system)


def workspace(root: Path, system: System | None = None) -> Workspace:
    state = root.parent / "state"
    return Workspace("p", backend(root, system), Drafts(state), Cache(root.parent / "cache", "p"), Audit(state))


async def opened(root: Path, ref: str = "IR-338", system: System | None = None) -> Session:
    at_work = workspace(root, system)
    return await at_work.open(await at_work.find(ref))


async def saved(session: Session) -> bool:
    """Whether a save went through."""
    return (await session.save(await session.review())).verified


def tree(root: Path) -> dict[str, bytes]:
    """All files of the folder, by path."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def age(root: Path) -> None:
    """Set the times of all files back, as if nothing had changed for long."""
    for path in root.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)
