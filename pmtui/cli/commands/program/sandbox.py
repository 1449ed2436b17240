"""``pmtui sandbox``: runs stand-ins for the vendors on loopback, for tests, experiments and other programs."""

from __future__ import annotations

import argparse
import shlex
import signal
import threading
from pathlib import Path

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.launching import SANDBOXED, demo_state, variables_of
from pmtui.cli.printing.output import say

DETAILS = """\
It prints lines of variables (export …) for a shell, and runs until ctrl+c. Two
windows share one sandbox: start it once, and read its lines in each of them,
with eval or from a file. The lines are of each vendor, so --profile (-p) says
which one a command is for; push and diff take the one that their file names:
  pmtui sandbox > sandbox.env &
  . ./sandbox.env
  pmtui incidents --profile VENDOR"""
EXAMPLES = ("pmtui sandbox --demo", "pmtui sandbox --port 8765", "pmtui sandbox --fault 'PUT /api/v1/notebooks/* 503 first 2'")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--port", type=int, default=0, metavar="N", help="on this port of 127.0.0.1 (any free one)")
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--state", type=Path, metavar="DIR", help="keep the state in this directory")
    kept.add_argument("--demo", action="store_true", help="with the data of `pmtui demo`, which must not run meanwhile")
    parser.add_argument("--incidents", type=int, default=30, metavar="N", help="how many incidents to start with (30)")
    parser.add_argument("--fault", action="append", default=[], metavar="RULE", help="'METHOD PATH ACTION [WHEN]'; may be repeated")
    parser.add_argument("--set", action="append", default=[], metavar="SWITCH=VALUE", help="may be repeated", dest="switches")
    parser.add_argument("--token", action="store_true", help="a secret in the address, which keeps other users of this machine out")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Run until ctrl+c. Returns the exit code."""
    from pmtui.sandbox.server import Sandbox
    from pmtui.sandbox.storage import InUse

    switches = dict(_pair(text) for text in arguments.switches)
    try:
        sandbox = Sandbox(
            port=arguments.port,
            state=demo_state(context) if arguments.demo else arguments.state,
            incidents=arguments.incidents,
            faults=arguments.fault,
            switches=switches,
            token=None if arguments.token else "",
        )
        if aimless := next(filter(None, map(sandbox.without_target, arguments.fault)), ""):
            raise CommandError(aimless)
        sandbox.start()
    except InUse as error:
        raise CommandError(str(error), ExitCode.BUSY) from None
    except ValueError as error:
        raise CommandError(str(error)) from None
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    try:
        for vendor in SANDBOXED:
            words = " ".join(f"{name}={shlex.quote(value)}" for name, value in variables_of(vendor, sandbox.url).items())
            print(f"export {words}", flush=True)
        say(f"--profile {' or --profile '.join(SANDBOXED)} says which one a command is for")
        say("the sandbox runs until ctrl+c")
        if not arguments.token:
            say("every user of this machine can use it; --token keeps the others out")
        ended.wait()
    finally:
        sandbox.stop()
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"--set {text}: write SWITCH=VALUE")
    return name, value
