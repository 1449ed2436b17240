"""``pmtui open REF``: prints the address of a postmortem; ``--web`` also opens it in a browser."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_document, add_json, add_reference
from pmtui.cli.printing.output import print_json, print_text
from pmtui.cli.printing.saved import about
from pmtui.cli.printing.streams import flush
from pmtui.model.postmortem import Postmortem

EXAMPLES = ("pmtui open IR-338", "pmtui open IR-338 --web")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_reference(parser)
    add_document(parser)
    parser.add_argument("--incident", action="store_true", help="the incident's address, not its postmortem's")
    parser.add_argument("--web", action="store_true", help="also open it in a browser on this computer")
    add_json(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print the address. Returns the exit code."""
    postmortem = asyncio.run(_read(arguments, context))
    incident = postmortem.incident
    if not postmortem.id and not arguments.incident:
        said = postmortem.text_locked or "there is no postmortem yet"
        raise CommandError(f"{incident.reference}: {said}; --incident prints the incident's address", ExitCode.MISSING)
    address = incident.url if arguments.incident else postmortem.url or incident.url
    if not address:
        raise CommandError(f"{incident.reference} has no address", ExitCode.MISSING)
    if arguments.json:
        print_json({**about(arguments, postmortem), "address": address})
    else:
        print_text(address)
    if arguments.web:
        flush()
        _show(address)
    return ExitCode.OK


async def _read(arguments: argparse.Namespace, context: Context) -> Postmortem:
    async with context.workspace() as workspace:
        incident = await workspace.backend.find(arguments.ref)
        if arguments.incident:
            return Postmortem(incident)
        return await workspace.backend.postmortem(incident, arguments.document)


def _show(address: str) -> None:
    """Open the address in a browser. Raises CommandError in a remote session, without a display, and without a browser."""
    import webbrowser

    if not address.startswith(("https://", "http://")):  # the address comes from the vendor's answer
        raise CommandError("--web: this is not the address of a web page; it was not opened", ExitCode.INVALID)
    if reason := why_no_browser(os.environ, sys.platform):
        raise CommandError(f"--web: {reason}; open the address above yourself")
    if not webbrowser.open(address):
        raise CommandError("--web: no browser could be started; open the address above yourself")


def why_no_browser(environ: Mapping[str, str], platform: str) -> str:
    """Why a browser started here would not be visible to the user, "" when it would."""
    if any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY")):
        return "this is an SSH session: a browser would open on the remote computer, if at all"
    if platform not in ("darwin", "win32") and not any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")):
        return "this session has no display"
    return ""
