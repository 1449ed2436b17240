"""The programs for `bench.torture`: how to start each, type, save, and find the text that is left."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

PLACES = ("CONFIG", "STATE", "CACHE")


class Program(Protocol):
    """``ready`` is a regular expression for the screen that is ready for typing. ``save`` are keys, and the screen's text after them."""

    argv: Sequence[str]
    env: Mapping[str, str]
    ready: str
    save: Sequence[tuple[str, str]]

    def row(self, row: str) -> str:
        """The part of a screen row that shows the document."""

    def texts(self) -> Sequence[str]:
        """The texts that are left: saved ones, and those that can be recovered."""


class Pmtui(Program):
    """pmtui on the sandbox, with its own home directory; runs alternate between a few incidents."""

    ready = r"cell 1 of \d+ · line \d+"
    save = (("\x13", "enter send"), ("\r", "saved · verified"))

    def __init__(self, home: Path, env: Mapping[str, str], seed: int) -> None:
        self.ref = _references(env)[seed % len(_references(env))]
        self.argv = (sys.executable, "-m", "pmtui", "--profile", "datadog", self.ref)
        self._state = home / "state"
        self.env = {**env, "HOME": str(home), **{f"XDG_{name}_HOME": str(home / name.lower()) for name in PLACES}}

    def row(self, row: str) -> str:
        return row.partition("│")[2].strip()

    def texts(self) -> Sequence[str]:
        return (*self._draft(), asyncio.run(_on_server(self.env, self.ref)))

    def _draft(self) -> Sequence[str]:
        from pmtui.session.recovery import replayed
        from pmtui.store.drafts import Drafts

        drafts = Drafts(self._state / "pmtui")
        return ["\n".join(cell.text for cell in replayed(drafts.read(info)).mine.cells) for info in drafts.list()]


class Vim(Program):
    """vim with its default settings, also for the swap file."""

    ready = "-- INSERT --"
    save = (("\x1b:w\r", "written"), ("A", ""))

    def __init__(self, home: Path, env: Mapping[str, str], seed: int) -> None:
        self._file = home / "postmortem.md"
        self._file.write_text("## Summary\n4 % of checkouts failed for 23 minutes.")
        self._vim = ("vim", "-u", "NONE", "-i", "NONE", "-N")
        self.argv = (*self._vim, "+normal G", "+startinsert!", str(self._file))
        self.env = {**env, "HOME": str(home)}

    def row(self, row: str) -> str:
        return row.strip()

    def texts(self) -> Sequence[str]:
        recovered = self._file.with_name("recovered.md")
        if list(self._file.parent.glob(".*.sw?")):
            command = (*self._vim, "-es", "-r", str(self._file), "-c", f"write! {recovered}", "-c", "qall!")
            subprocess.run(command, env=self.env, capture_output=True, timeout=30, check=False)
        return [path.read_text() for path in (self._file, recovered) if path.exists()]


PROGRAMS: Mapping[str, Callable[[Path, Mapping[str, str], int], Program]] = {"pmtui": Pmtui, "vim": Vim}

_ENOUGH = 8
_KNOWN: list[str] = []


def _references(env: Mapping[str, str]) -> Sequence[str]:
    """Incidents whose postmortem can be edited, read once."""
    if not _KNOWN:
        _KNOWN.extend(asyncio.run(_editable(env)))
    return _KNOWN


async def _editable(env: Mapping[str, str]) -> Sequence[str]:
    from pmtui.backends.base import SeveralDocuments
    from pmtui.cli.context import Context
    from pmtui.model.query import Query

    found = []
    async with Context(env, "datadog").workspace() as workspace:
        for incident in (await workspace.backend.incidents(Query())).incidents:
            try:
                postmortem = await workspace.backend.postmortem(incident)
            except SeveralDocuments:
                continue
            if postmortem.cells and postmortem.cells[0].editable and not postmortem.text_locked:
                found.append(incident.reference)
    return found[:_ENOUGH]


async def _on_server(env: Mapping[str, str], ref: str) -> str:
    """The text on the server."""
    from pmtui.cli.context import Context

    async with Context(env, "datadog").workspace() as workspace:
        found = await workspace.backend.postmortem(await workspace.backend.find(ref))
    return "\n".join(cell.text for cell in found.cells)
