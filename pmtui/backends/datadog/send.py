"""Sends one call of a save. Notebooks need the most care: a PUT replaces everything, and others write there, too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pmtui.backends.answer import Json
from pmtui.backends.base import BackendError, Step, Trouble
from pmtui.backends.datadog.api import Api
from pmtui.backends.datadog.changes.call import Write
from pmtui.backends.datadog.notebook.cells import cells_of, is_markdown
from pmtui.backends.datadog.origin import origin_of
from pmtui.backends.datadog.plan import NOTEBOOK_WRITE, writes_of
from pmtui.backends.datadog.wire.notebooks import Notebook
from pmtui.model.diff import patch
from pmtui.model.equality import same_text
from pmtui.model.fields import DOCUMENT_TITLE
from pmtui.model.postmortem import Cell, Postmortem

REVIEW_AGE = timedelta(seconds=20)
"""The greatest age of a reading on which a notebook is replaced. After a longer review the server is read again."""
_TRIES = 3


class Sender:
    """Sends the calls of ``plan``."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def send(self, server: Postmortem, target: Postmortem, step: Step) -> Postmortem | None:
        """Make the write of a step, or of those of its changes that are given. Returns the postmortem of a PUT's answer, else None.

        Raises BackendError.
        """
        for write in await asyncio.to_thread(writes_of, server, target, step.changes):  # a long text takes a while
            if write.id != step.id:
                continue
            if write.id == NOTEBOOK_WRITE:
                return await self._notebook(server, write)
            await self._api.write(write.method, write.path, _tried(write.label), write.data)
            return None
        return None

    async def _notebook(self, server: Postmortem, write: Write) -> Postmortem | None:
        base = origin_of(server).notebook
        assert base is not None and write.data is not None  # without a notebook there is no write of the text
        if datetime.now(UTC) - server.read_at > REVIEW_AGE:
            _check_unchanged(base, await self._api.notebook(base.id))
        saved = await put_notebook(self._api, base, write.data["attributes"])
        return await asyncio.to_thread(lambda: _answered(server, patch(server, write.changes), saved)) if saved else None


async def put_notebook(api: Api, base: Notebook, attributes: Json) -> Notebook | None:
    """Replace a notebook that is still as ``base``. Returns the notebook in the answer, None when it has none.

    A PUT that failed on the way is settled by reading before it is repeated.
    Raises BackendError, ``unknown`` when reading did not settle it.
    """
    wanted = Notebook.model_validate({"id": base.id, "attributes": attributes})
    for _ in range(_TRIES):
        try:
            return await api.put_notebook(base.id, attributes)
        except BackendError as error:
            failure = error
        bare = without_ids(attributes)
        if failure.trouble is Trouble.INVALID and bare != attributes:
            # Somebody may have opened the notebook since: then its cells have new ids, and ours are stale.
            attributes = bare
            continue
        if not failure.unknown or failure.trouble not in (Trouble.SERVER, Trouble.OFFLINE):
            break  # after a time-out the PUT may still arrive: the caller must wait and read
        now = await _read(api, base.id, failure)
        if _alike(now, wanted) and said(now) != said(base):
            return None
        if said(now) != said(base):
            break
    raise failure


async def _read(api: Api, identifier: str, failure: BackendError) -> Notebook:
    """Read the notebook. Raises ``failure``, the error of the PUT, when that fails."""
    try:
        return await api.notebook(identifier)
    except BackendError:
        raise failure from None


def _answered(server: Postmortem, sent: Postmortem, saved: Notebook) -> Postmortem:
    """The postmortem with the notebook of a PUT's answer. A cell that kept everything that was sent counts as unchanged."""
    kept = [cell for cell in sent.cells if not cell.editable]

    def known(cell: Cell) -> Cell:
        same = None if cell.editable else next((each for each in kept if _keeps(json.loads(each.source), json.loads(cell.source))), None)
        if same is None:
            return cell
        kept.remove(same)
        return replace(cell, source=same.source)

    cells = tuple(known(cell) for cell in cells_of(saved))
    return server.with_field(DOCUMENT_TITLE, saved.attributes.name).with_cells(cells)


def _keeps(sent: Any, got: Any) -> bool:
    """Whether everything that was sent is still there. The server may add defaults and drop nulls."""
    if isinstance(sent, dict) and isinstance(got, dict):
        return all(_keeps(value, got.get(name)) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(got, list):
        return len(sent) == len(got) and all(map(_keeps, sent, got))
    return bool(sent == got)


def _alike(one: Notebook, other: Notebook) -> bool:
    """Whether both are equal, ignoring blanks that the server may remove."""
    (name, cells), (other_name, others) = said(one), said(other)
    kinds = [kind for kind, _ in cells] == [kind for kind, _ in others]
    return name == other_name and kinds and all(same_text(mine, theirs) for (_, mine), (_, theirs) in zip(cells, others, strict=True))


def said(notebook: Notebook) -> tuple[str, Sequence[tuple[str, str]]]:
    """The content of a notebook: its name, and its cells in order, without ids, dates and tags that the server adds."""
    cells = [(cell.kind.value, cell.text if cell.editable else cell.source) for cell in cells_of(notebook)]
    return notebook.attributes.name, cells


def without_ids(attributes: Json) -> Json:
    """The notebook without the ids of its Markdown cells, which are optional (vendor's CLI, issue 807)."""
    return {**attributes, "cells": [_without_id(each) if is_markdown(each) else each for each in attributes["cells"]]}


def _without_id(cell: Json) -> Json:
    return {key: value for key, value in cell.items() if key != "id"}


def _check_unchanged(base: Notebook, now: Notebook) -> None:
    if said(now) != said(base):
        words = "somebody changed the notebook while you reviewed"
        raise BackendError(Trouble.CONFLICT, "save the text", words, "nothing was sent: review again to see both")


def _tried(label: str) -> str:
    return label[:1].lower() + label[1:]
