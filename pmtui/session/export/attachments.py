"""Pictures and files of exported texts, loaded into the folder where that may be."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from pmtui.backends.base import Backend, BackendError
from pmtui.session.export.document import hash_of
from pmtui.session.export.folder import ExportFolder
from pmtui.session.export.manifest import Attachment

AT_ONCE = 4
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}\Z")
Elsewhere = Callable[[str], Awaitable[bytes]]
"""Loads what lies at an address on another host than the API. Raises BackendError."""


@dataclass
class Loaded:
    """How many lie in the folder now, how many are only named in the manifest, and how many of these could not be loaded."""

    here: int = 0
    named: int = 0
    failed: int = 0


async def load_attachments(backend: Backend, folder: ExportFolder, elsewhere: Elsewhere | None, tell: Callable[[str], object]) -> Loaded:
    """Load what the documents of the folder name and it does not have yet. ``elsewhere`` is None where no other host is asked.

    Raises OSError.
    """
    loaded, waiting = Loaded(), iter([entry for entry in folder.entries.values() if entry.attachments])

    async def work() -> None:
        for entry in waiting:
            tried = [await _loaded(backend, folder, elsewhere, each) for each in entry.attachments]
            found = tuple(each for each, _ in tried)
            if found != entry.attachments:
                folder.attach(entry.id, found)
            loaded.here += sum(bool(each.file) for each in found)
            loaded.named += sum(not each.file for each in found)
            loaded.failed += sum(failed for _, failed in tried)
            tell(f"{loaded.here + loaded.named:,} pictures and files looked at")

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return loaded


async def _loaded(backend: Backend, folder: ExportFolder, elsewhere: Elsewhere | None, named: Attachment) -> tuple[Attachment, bool]:
    """The attachment with its file, or with why there is none, and whether it was tried in vain."""
    if not named.address or (named.file and folder.has(named.file)):
        return named, False
    try:
        data = await backend.file(named.address)
        if data is None and elsewhere is not None:
            data = await elsewhere(named.address)
    except BackendError as error:
        return replace(named, why=f"not loaded: {error.said}", file="", hash=""), True
    if data is None:
        return named, False
    name = folder.keep_file(data, _suffix(named.address))
    return Attachment(named.address, "", name, hash_of(data)), False


def _suffix(address: str) -> str:
    try:
        found = _SUFFIX.search(urlsplit(address).path)
    except ValueError:
        return ""
    return found[0].lower() if found else ""
