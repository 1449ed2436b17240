"""Starts the screens on the configured profiles, or on the built-in sandbox."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pmtui.backends.registry import VENDORS
from pmtui.cli.context import Context, open_workspace
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.config import Config, NotConfigured, SeveralProfiles, child_environment, suggestion
from pmtui.paths import last_resorts
from pmtui.tui.launch import Launch, ProfilePlace, Setup
from pmtui.tui.terminal.kept_frame import Asked, Frame, keep

if TYPE_CHECKING:
    from pmtui.backends.page import Page
    from pmtui.session.workspace import Workspace

SANDBOX_KEY = "5a4d0b0c-0000-4000-8000-706d74756921"
"""A key that both vendors of the sandbox accept: one takes any text, the other only a UUID."""

SANDBOXED = tuple(name for name, vendor in VENDORS.items() if vendor.sandbox)
"""The vendors that the sandbox stands in for."""

_SANDBOX = "sandbox"  # shown in the demo's title
_DEMO = "demo-"  # before the names of the demo's profiles, for their drafts and caches


class Launcher:
    """Prepares the launch of the screens. A context manager: leaving it stops the demo's sandbox."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._open = ExitStack()

    def __enter__(self) -> Launcher:
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def configured(self, ref: str = "") -> Launch:
        """Launch on the chosen profile, or on the first-start screen when nothing is configured. Raises ConfigError."""
        config = self._context.config
        try:
            start, problem = config.select(self._context.profile_name), ""
        except (NotConfigured, SeveralProfiles) as error:
            start, problem = "", str(error)
        places = tuple(ProfilePlace(name, config.label(name), name) for name in dict.fromkeys([*filter(None, [start]), *config.names]))
        keep = None if ref else self._keep(config)
        launch = self._launch(config, "")
        return launch._replace(places=places, start=start, ref=ref, problem=problem, demo=self.demo, keep=keep)

    def _keep(self, config: Config) -> Callable[[Frame], None]:
        """Keeps a frame for the same command in the same surroundings."""
        asked = Asked(self._context.profile_name or "", self._context.told_read_only)
        settings = {setting.variable for vendor in VENDORS.values() for setting in vendor.settings}
        urls = {vendor.url for vendor in VENDORS.values()}
        variables = sorted(filter(None, config.secret_variables | settings | urls | {"PMTUI_ACTOR", "PMTUI_PROFILE"}))
        return lambda frame: keep(frame, asked, self._context.environ, variables)

    def demo(self, ref: str = "") -> Launch:
        """Start the sandbox and launch on it. Its state and drafts are kept for the next time."""
        from pmtui.sandbox.server import Sandbox
        from pmtui.sandbox.storage import InUse

        wanted = self._context.profile_name
        start = wanted if wanted in SANDBOXED else SANDBOXED[0]
        sandbox = Sandbox(state=demo_state(self._context))
        try:
            self._open.enter_context(sandbox)
        except InUse as error:
            raise CommandError(f"{error}; see `pmtui help demo` on two windows", ExitCode.BUSY) from None
        except ValueError as error:
            raise CommandError(f"{error}, for example with --reset") from None
        environ = {"HOME": self._context.environ.get("HOME", ""), **variables(sandbox.url)}
        config = dataclasses.replace(self._context.config, environ=MappingProxyType(environ), tables={}, default="")
        launch = self._launch(config, _DEMO)
        places = tuple(ProfilePlace(name, f"{name} · {_SANDBOX}", _DEMO + name) for name in SANDBOXED)
        environment = child_environment(self._context.config)
        return launch._replace(places=places, start=start, ref=ref, environment=environment, command="pmtui demo")

    def _launch(self, config: Config, prefix: str) -> Launch:
        """``prefix`` keeps the demo's drafts and caches apart from those of real profiles."""
        state, cache, resorts = self._context.state, self._context.cache, last_resorts(self._context.environ)

        def open_profile(name: str) -> Workspace:
            profile = config.profile(name)
            workspace = open_workspace(dataclasses.replace(profile, name=prefix + profile.name), state, cache, resorts)
            if prefix:
                workspace.backend.identity = dataclasses.replace(workspace.backend.identity, place=_SANDBOX)
            return workspace

        def cached(name: str) -> tuple[Page, datetime] | None:
            from pmtui.backends.page import Page
            from pmtui.store.cache import Cache

            seen = Cache(cache, prefix + name).incidents()
            return (Page(seen.incidents, seen.cursor, seen.total), seen.seen_at) if seen else None

        return Launch(
            places=(),
            start="",
            open=open_profile,
            cached=cached,
            config_path=config.file,
            user_themes=config.file.parent / "themes",
            crash_log=state / "crash.log",
            environment=child_environment(config),
            theme=config.theme,
            mouse=config.mouse,
            keys=config.keys,
            where_keys=lambda name: config.where("keys", name),
            setups=tuple(Setup(vendor.label, vendor.setup) for vendor in VENDORS.values()),
        )


def reset_demo(context: Context) -> None:
    """Forget the demo: the sandbox's state, and the drafts and cached lists of its profiles.

    Raises OSError, and CommandError while a demo runs, whose changes would be lost and come back in part.
    """
    from pmtui.sandbox.storage import InUse, take
    from pmtui.store.cache import Cache
    from pmtui.store.drafts import Drafts

    with ExitStack() as held:
        try:
            held.callback(take(demo_state(context)))
        except InUse as error:
            raise CommandError(f"{error}; nothing was reset", ExitCode.BUSY) from None
        except ValueError:
            pass  # no sandbox can run on it
        drafts = Drafts(context.state)
        for vendor in SANDBOXED:
            for info in drafts.list(_DEMO + vendor):
                drafts.discard(info)
            Cache(context.cache, _DEMO + vendor).clear()
        shutil.rmtree(demo_state(context), ignore_errors=True)


def demo_state(context: Context) -> Path:
    """Where the demo's sandbox keeps its state."""
    return context.state / "sandbox"


def variables(url: str) -> Mapping[str, str]:
    """The environment variables that point pmtui at the sandbox at this address."""
    return {name: value for vendor in SANDBOXED for name, value in variables_of(vendor, url).items()}


def variables_of(vendor: str, url: str) -> Mapping[str, str]:
    """The environment variables that point one vendor at the sandbox at this address."""
    from pmtui.sandbox.world.people import ME, PEOPLE

    actor = next(person.email for person in PEOPLE if person.key == ME)
    return {name: value.format(url=url, key=SANDBOX_KEY, actor=actor) for name, value in VENDORS[vendor].sandbox.items()}


def check_vendor(name: str | None) -> None:
    """Raises CommandError for a profile that the demo does not have: there is one per vendor, named after it."""
    if name and name not in SANDBOXED:
        raise CommandError(f"the sandbox has no profile {name!r}{suggestion(name, SANDBOXED)}")
