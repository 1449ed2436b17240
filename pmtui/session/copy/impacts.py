"""Carries the impacts of an incident, which no save sends, over to the incident that a copy imports."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pmtui.backends.base import Backend, BackendError
from pmtui.backends.trouble import REFUSALS
from pmtui.model.fields import IMPACTS
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.session.copy.exported import Exports
from pmtui.session.copy.places import CopySource
from pmtui.session.workspace import Workspace
from pmtui.store.copies import Refused


class Impacts:
    """The impacts of sources, each read once and only where the target takes them."""

    def __init__(self, source: Backend, target: Workspace, exports: Exports) -> None:
        self._source = source
        self._target = target
        self._exports = exports
        self._known: dict[tuple[str, str, str], Sequence[Any]] = {}

    async def expected(self, source: CopySource, bare: Postmortem) -> Postmortem:
        """``bare``, an imported incident without impacts, with a field for them where this copy adds them. Raises BackendError, OSError."""
        if not await self._of(source):
            return bare
        return replace(bare, form=tuple(replace(each, locked="") if each.name == IMPACTS else each for each in bare.form))

    async def add(self, source: CopySource, incident: Incident) -> Refused:
        """Add the source's impacts to the incident. Returns their field if one was refused. Raises BackendError, OSError."""
        found = await self._of(source)
        return {IMPACTS: ""} if found and await self._target.add_impacts(incident, found) else {}

    async def _of(self, source: CopySource) -> Sequence[Any]:
        """The impacts in the vendor's JSON; () where there are none, where they cannot be read, or where the target takes none."""
        there, about = self._target.backend, source.postmortem.incident
        if not (there.takes_impacts and source.vendor == there.identity.vendor and source.postmortem.fields.get(IMPACTS)):
            return ()
        key = source.vendor, source.place, about.id
        if key not in self._known:
            self._known[key] = await self._read(source)
        return self._known[key]

    async def _read(self, source: CopySource) -> Sequence[Any]:
        if source.folder is not None:
            return await asyncio.to_thread(self._exports.impacts, source.folder, source.postmortem.id)
        try:
            return await self._source.impacts(source.postmortem.incident)
        except BackendError as error:
            if error.trouble not in REFUSALS:  # the next reading may succeed: the copy does not go on without them
                raise
            return ()
