"""``pmtui doctor``: checks that what pmtui needs works from here. It says where secrets come from, never what they are."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pmtui import __version__
from pmtui.backends.base import BackendError, Check
from pmtui.backends.http.proxies import in_words as proxies_in_words
from pmtui.cli.context import Context, open_workspace
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_json
from pmtui.cli.printing.output import print_json, print_table
from pmtui.cli.printing.plain import SCHEMA
from pmtui.config import ConfigError, Credential, CredentialsError, Profile
from pmtui.redaction import redact
from pmtui.store.files import Files, in_words
from pmtui.tui.terminal.setup import why_not
from pmtui.vendor import Vendor

OK, WARN, FAIL = "ok", "warn", "fail"


EXAMPLES = ("pmtui doctor", "pmtui doctor --routes --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--routes", action="store_true", help="list the routes that updates take, where they can differ")
    add_json(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Check everything. Returns the exit code."""
    checks = list(_here(context))
    routes: list[dict[str, Any]] = []
    try:
        config = context.config
        checks.append(Check("configuration", OK, str(config.file) if config.file.exists() else f"none; {config.file} would be read"))
        profile = config.profile(context.profile_name)
        checks += _profile(profile, config.vendors[profile.vendor])
    except ConfigError as error:
        checks.append(Check("configuration", FAIL, str(error)))
        code = ExitCode.CREDENTIALS if isinstance(error, CredentialsError) else ExitCode.USAGE
    else:
        there, routes = asyncio.run(_there(profile, context))
        checks += there
        code = ExitCode.UNHEALTHY if any(check.state == FAIL for check in checks) else ExitCode.OK
    _print(checks, routes if arguments.routes else None, as_json=arguments.json)
    return code


def _here(context: Context) -> Iterator[Check]:
    """The checks that need no profile."""
    yield Check("pmtui", OK, f"{__version__}, Python {platform.python_version()} on {platform.system()}")
    for name, directory in (("state", context.state), ("cache", context.cache)):
        yield _writable(name, directory)
    reason = why_not(os.environ, sys.stdin, sys.stderr)
    term = os.environ.get("TERM", "unset")
    yield Check("terminal", WARN, f"{reason}: the screens cannot be shown here") if reason else Check("terminal", OK, f"TERM={term}")
    if os.environ.get("TMUX"):
        yield Check("tmux", WARN, "copying needs `set -s set-clipboard on` in tmux.conf")
    for words, well in proxies_in_words(os.environ, socks=find_spec("socksio") is not None):
        yield Check("proxy", OK if well else WARN, words)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if os.environ.get(name):
            yield Check("network", OK, f"{name} is set")


def _writable(name: str, directory: Path) -> Check:
    files, probe = Files(), directory / f".doctor.{os.getpid()}.tmp"
    try:
        files.directory(directory)
        files.create(probe, b"probe\n")
        files.remove(probe)
    except OSError as error:
        return Check(name, FAIL, f"{directory} cannot be written: {in_words(error)}")
    return Check(name, OK, f"{directory} can be written")


def _profile(profile: Profile, vendor: Vendor) -> Iterator[Check]:
    known = profile.base_url or profile.settings.get(vendor.place)
    where = f" at {known or 'its usual place'}" if known or vendor.place or vendor.url else ""
    mode = ", read-only" if profile.read_only else ""
    yield Check("profile", OK, f"{profile.name}: {vendor.label}{where}, from {profile.origin}{mode}")
    yield from (_credential(key, credential) for key, credential in profile.credentials.items())
    if profile.ca_file and not Path(profile.ca_file).is_file():
        yield Check("ca_file", FAIL, f"{profile.ca_file} is not a file")


def _credential(key: str, credential: Credential) -> Check:
    try:
        credential.get()
    except ConfigError as error:
        return Check(key, FAIL, str(error))
    return Check(key, OK, f"from {credential.source}")


async def _there(profile: Profile, context: Context) -> tuple[list[Check], list[dict[str, Any]]]:
    """The checks that ask the server, and the vendor's routes."""
    workspace = open_workspace(profile, context.state, context.cache)
    try:
        checks = list(await workspace.backend.checks())
    except BackendError as error:
        checks = [Check("server", FAIL, error.message)]
    finally:
        await workspace.aclose()
    return checks, [asdict(line) for line in workspace.backend.routes()]


def _print(checks: Sequence[Check], routes: list[dict[str, Any]] | None, *, as_json: bool) -> None:
    if as_json:
        listed = {"checks": [{**asdict(check), "detail": redact(check.detail)} for check in checks]}
        print_json({"schema": SCHEMA, **listed, **({"routes": routes} if routes is not None else {})})
        return
    print_table(("", "CHECK", "DETAIL"), [(check.state, check.name, redact(check.detail)) for check in checks])
    if routes:
        print()
        print_table([name.upper() for name in routes[0]], [[str(value) for value in line.values()] for line in routes])
    elif routes is not None:
        print("\nThis vendor's routes are all known: there is nothing to try.")
