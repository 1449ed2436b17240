"""A save without a session: read, plan, send, read back."""

from __future__ import annotations

from dataclasses import replace

from pmtui.backends.base import Step
from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.model.cell_alignment import align
from pmtui.model.changes import Change
from pmtui.model.diff import diff
from pmtui.model.merge import merge
from pmtui.model.postmortem import Postmortem


def with_text(postmortem: Postmortem, index: int, text: str) -> Postmortem:
    """The postmortem with another text in its index-th Markdown cell."""
    cell = [each for each in postmortem.cells if each.editable][index]
    return postmortem.with_cells(tuple(replace(each, text=text) if each is cell else each for each in postmortem.cells))


async def server_now(backend: DatadogBackend, base: Postmortem, changes: tuple[Change, ...]) -> Postmortem:
    """Read the server, with the base's cell keys."""
    server = await backend.reread(base, changes)
    return server.with_cells(align(base.cells, server.cells))


async def planned(backend: DatadogBackend, base: Postmortem, mine: Postmortem) -> tuple[Postmortem, Postmortem, tuple[Step, ...]]:
    """The server, the target and the steps to it. Fails on a conflict."""
    server = await server_now(backend, base, diff(base, mine))
    merged = merge(base=base, mine=mine, theirs=server)
    assert not merged.conflicts
    changes = diff(server, merged.postmortem)
    return server, merged.postmortem, backend.plan(server, merged.postmortem, changes)


async def save(backend: DatadogBackend, base: Postmortem, mine: Postmortem) -> tuple[Postmortem, tuple[Change, ...]]:
    """Save. Returns the server afterwards, and the differences from what was wanted."""
    server, target, steps = await planned(backend, base, mine)
    for step in steps:
        await backend.send(server, target, step)
    after = await server_now(backend, target, diff(server, target))
    return after, diff(target, after)
