"""What every command works with: the environment, the configuration, the directories, an opened profile."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pmtui.backends.registry import VENDORS, open_backend
from pmtui.config import Config, Profile, drop_secrets, load
from pmtui.paths import cache_dir, last_resorts, state_dir

if TYPE_CHECKING:
    from pmtui.backends.base import Backend
    from pmtui.session.workspace import Workspace

READ_ONLY = "leave out --read-only, PMTUI_READ_ONLY and read_only to write"


class Context:
    """``profile_name`` is the profile that the user named, "" or None for none."""

    def __init__(self, environ: Mapping[str, str], profile_name: str | None, *, read_only: bool = False) -> None:
        self.environ = dict(environ)
        self.profile_name = profile_name
        self._read_only = read_only

    @cached_property
    def config(self) -> Config:
        """The configuration, read once; then secrets are dropped from the environment of child processes. Raises ConfigError."""
        config = load(self.environ, VENDORS)
        drop_secrets(os.environ, config)
        return dataclasses.replace(config, read_only=True) if self._read_only else config

    @property
    def told_read_only(self) -> bool:
        """Whether ``--read-only`` was typed."""
        return self._read_only

    @property
    def state(self) -> Path:
        return state_dir(self.environ)

    @property
    def cache(self) -> Path:
        return cache_dir(self.environ)

    @asynccontextmanager
    async def workspace(self) -> AsyncIterator[Workspace]:
        """Open the chosen profile; its connections are closed at the end. Raises ConfigError."""
        profile = self.config.profile(self.profile_name)
        async with _closing(open_workspace(profile, self.state, self.cache, last_resorts(self.environ))) as workspace:
            yield workspace

    @asynccontextmanager
    async def rehearsal(self) -> AsyncIterator[Workspace]:
        """Open the chosen profile for a dry run: it can be edited, but its backend refuses every write. Raises ConfigError.

        A dry run is possible in a read-only profile, too.
        """
        profile = dataclasses.replace(self.config.profile(self.profile_name), read_only=False)
        refusing = open_backend(dataclasses.replace(profile, read_only=True), self.state, self.cache)
        async with _closing(_workspace(profile, refusing, self.state, self.cache, last_resorts(self.environ))) as workspace:
            yield workspace


def open_workspace(profile: Profile, state: Path, cache: Path, resorts: tuple[Path, ...] = ()) -> Workspace:
    """Join a profile's backend with the stores on disk. Imports the vendor's adapter; sends nothing."""
    return _workspace(profile, open_backend(profile, state, cache), state, cache, resorts)


@asynccontextmanager
async def _closing(workspace: Workspace) -> AsyncIterator[Workspace]:
    try:
        yield workspace
    finally:
        await workspace.aclose()


def _workspace(profile: Profile, backend: Backend, state: Path, cache: Path, resorts: tuple[Path, ...]) -> Workspace:
    from pmtui.session.workspace import Workspace
    from pmtui.store.audit import Audit
    from pmtui.store.cache import Cache
    from pmtui.store.drafts import Drafts

    read_only = f"read-only: {READ_ONLY}" if profile.read_only else ""
    drafts, seen, audit = Drafts(state), Cache(cache, profile.name), Audit(state)
    return Workspace(profile.name, backend, drafts, seen, audit, read_only=read_only, last_resorts=resorts, issue_site=profile.issue_site)
