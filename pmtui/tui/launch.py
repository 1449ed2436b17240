"""The values that the screens start with. The command line, which knows the vendors, makes them. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pmtui.backends.page import Page
    from pmtui.session.workspace import Workspace
    from pmtui.tui.terminal.kept_frame import Frame


class ProfilePlace(NamedTuple):
    """A profile that can be opened: its name, its label ("datadog · us1"), and the name that its drafts have."""

    name: str
    label: str
    drafts: str


class Setup(NamedTuple):
    """One way to configure a vendor, for the first-start screen: the vendor's name, and what to export."""

    vendor: str
    exports: str


class Launch(NamedTuple):
    """Everything the program starts from.

    ``start`` is the profile to open, "" shows the first-start screen with ``problem`` and ``setups``.
    ``open`` blocks (it imports the vendor's adapter and may run a password command): it is called in a thread after
    the first frame; it raises ConfigError or BackendError. ``cached`` is the incident list last seen, read from disk
    for the first frame. ``environment`` is what an editor that pmtui starts may see: no secret in it. ``ref`` opens one
    incident at once. ``demo`` starts the embedded sandbox. ``keep`` takes what the list looks like, to be painted at the next
    start. ``command`` is what the user types to be here. ``keys`` are those that the configuration gives to actions, and
    ``where_keys`` says where it does.
    """

    places: tuple[ProfilePlace, ...]
    start: str
    open: Callable[[str], Workspace]
    cached: Callable[[str], tuple[Page, datetime] | None]
    config_path: Path
    user_themes: Path
    crash_log: Path
    environment: Mapping[str, str]
    theme: str = ""
    mouse: bool = False
    ref: str = ""
    problem: str = ""
    setups: tuple[Setup, ...] = ()
    command: str = "pmtui"
    demo: Callable[[], Launch] | None = None
    keys: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    where_keys: Callable[[str], str] = str
    keep: Callable[[Frame], None] | None = None

    @property
    def label(self) -> str:
        """What the profile is called that is to be opened."""
        return next((place.label for place in self.places if place.name == self.start), self.start)
