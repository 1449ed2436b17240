"""The vendor's description for a folder of Markdown files, without importing its adapter."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pmtui.config import Profile
from pmtui.model.query import EVERY_FILTER
from pmtui.paths import shortened
from pmtui.vendor import Setting, SettingKind, Vendor

if TYPE_CHECKING:
    from pmtui.backends.base import Backend

PATH: Final = Setting("path", SettingKind.PATH, required=True, hint="the folder of Markdown files")

VENDOR: Final = Vendor(
    name="folder",
    label="Folder",
    setup="pmtui ./postmortems",
    settings=(PATH,),
    place=PATH.name,
    opens=PATH.name,
    filters=EVERY_FILTER,
)


def open_backend(profile: Profile, index: object, cache: Path) -> Backend:
    """Open the backend of a profile. Its index of files is in ``cache``; it does not use ``index``."""
    from pmtui.backends.folder.backend import FolderBackend

    root = Path(os.path.realpath(profile.settings[PATH.name]))
    place = shortened(root, os.environ)
    return FolderBackend(root, place, cache / "folder.json", actor=profile.actor, read_only=profile.read_only)
