"""The vendors. Each is a package beside this module and one line below. Only the one that is used is imported."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol, cast

from pmtui.backends.base import Backend
from pmtui.config import Profile
from pmtui.store.filenames import file_stem
from pmtui.store.index import Index
from pmtui.vendor import Vendor


class ProfileModule(Protocol):
    """The interface of the module ``profile`` in a vendor's package. Importing it must load neither httpx nor pydantic."""

    VENDOR: Vendor

    def open_backend(self, profile: Profile, index: Index, cache: Path) -> Backend:
        """The backend of a profile. Sends nothing. Raises ConfigError.

        ``index`` is the profile's map of strings on disk, for facts that the backend found out and no API gives (which
        postmortem an incident has). It may be lost, so it is never the only place of anything. ``cache`` is the profile's
        directory for what can be read again; it may not exist yet. A backend may use neither.
        """


_PACKAGES: Final = (
    "pmtui.backends.datadog",
    "pmtui.backends.opsgenie",
    "pmtui.backends.folder",
)
_MODULES: Final = tuple(cast(ProfileModule, import_module(f"{package}.profile")) for package in _PACKAGES)
_BY_NAME: Final = MappingProxyType({module.VENDOR.name: module for module in _MODULES})

VENDORS: Final[Mapping[str, Vendor]] = MappingProxyType({name: module.VENDOR for name, module in _BY_NAME.items()})
"""The vendors by name, in the order in which they are listed."""


def open_backend(profile: Profile, state: Path, cache: Path) -> Backend:
    """Open the backend of a profile; its index is in ``state``, its cache in ``cache``. Sends nothing. Raises ConfigError."""
    return _BY_NAME[profile.vendor].open_backend(profile, Index(state, profile.name), cache / file_stem(profile.name))
