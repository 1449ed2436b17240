"""The programs that `bench.torture` ends: how each is started, typed into, saved from, and what is left of its text."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

PLACES = ("CONFIG", "STATE", "CACHE")


class Program(Protocol):
    """``ready`` is a regular expression for the screen on which typing types. ``save`` are keys and what the screen then says."""

    argv: Sequence[str]
    env: Mapping[str, str]
    ready: str
    save: Sequence[tuple[str, str]]

    def row(self, row: str) -> str:
        """The document's part of a row of the screen."""

    def texts(self) -> Sequence[str]:
        """What is left: all that was saved, and all that can be recovered."""


class Pmtui(Program):
    """On the sandbox of the environment, in a home of its own; runs take turns at a few incidents."""

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
    """With its defaults, which are the swap file's as well."""

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
    """Incidents whose postmortem can be edited; asked once."""
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
    """The text that the server has."""
    from pmtui.cli.context import Context

    async with Context(env, "datadog").workspace() as workspace:
        found = await workspace.backend.postmortem(await workspace.backend.find(ref))
    return "\n".join(cell.text for cell in found.cells)
