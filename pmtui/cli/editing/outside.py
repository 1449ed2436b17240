"""Edits a whole postmortem as one file in the user's editor. If it is not saved, the file stays, and its name is printed."""

from __future__ import annotations

import argparse
import asyncio
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from shlex import quote

from pmtui.cli.asking import can_ask, confirm
from pmtui.cli.context import Context
from pmtui.cli.editing.keeping import named_unless_saved
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.postmortem_files import read_file, text_of, with_edits_of, written
from pmtui.cli.printing.output import print_line, say
from pmtui.cli.printing.saved import print_changes, warnings_of
from pmtui.cli.saving import Edited, edit_and_save
from pmtui.config import child_environment
from pmtui.model.changes import Change
from pmtui.session.review import Review
from pmtui.session.session import Session
from pmtui.session.workspace import Workspace
from pmtui.store.editor_files import Outside, editor_command


def edit_whole(arguments: argparse.Namespace, context: Context) -> int:
    """Open the postmortem in the editor, and save the file as a push does. Returns the exit code."""
    environment = child_environment(context.config)
    command = _command(arguments, environment)
    outside = Outside(context.state)
    lent: list[Path] = []

    async def edit(workspace: Workspace, session: Session) -> Edited:
        server = session.server
        if not server.id:
            raise CommandError(f"{server.incident.reference}: {server.text_locked or 'there is no postmortem'}", ExitCode.MISSING)
        before = written(context, workspace, server)
        path = outside.lend(before, server.incident.reference)
        lent.append(path)
        code = _run([*command, str(path)], environment)
        after = text_of(path)
        if after == before or not after.strip() or code:
            if after == before or not after.strip():
                outside.take_back(lent.pop())
            if code:
                raise CommandError(f"the editor ended with code {code}: nothing was sent")
            if after != before:
                raise CommandError("the file came back empty: nothing was sent")
            return Edited(frozenset(), session.mine)
        return with_edits_of(path, read_file(path, after), session, server)[0]

    def where() -> str:
        path = quote(str(lent[0])) if lent else ""
        return f"what you wrote stays in {path}: `pmtui push {path}` sends it" if lent else ""

    with named_unless_saved(where) as ending:
        ending.code = asyncio.run(edit_and_save(arguments, context, edit, agree=_agreement(arguments)))
    if arguments.dry_run and lent:
        say(where())
    elif ending.code == ExitCode.OK and lent:
        outside.take_back(lent.pop())
    return ending.code


def _command(arguments: argparse.Namespace, environment: Mapping[str, str]) -> list[str]:
    """The command line of the editor. Raises CommandError when no editor can be used."""
    command, why = editor_command(environment)
    if why:
        raise CommandError(why)
    named = any(environment.get(name, "").strip() for name in ("VISUAL", "EDITOR"))
    if arguments.no_input or not (named or can_ask(arguments)):
        why = "--no-input was given" if arguments.no_input else "there is no terminal and no VISUAL or EDITOR"
        raise CommandError(f"no editor can be opened, because {why}: give --cell and --file, or pull, edit and push a file")
    return command


def _agreement(arguments: argparse.Namespace) -> Callable[[Review, list[Change]], None]:
    """A callback that shows what would be sent and asks for consent, as the review in the screens does."""

    def agree(review: Review, wanted: list[Change]) -> None:
        if arguments.yes:
            return
        if can_ask(arguments):
            print_changes(wanted, review.target)
            for warning in warnings_of(review.steps):
                print_line(warning, "! ")
        confirm(arguments, f"send this to {review.server.incident.reference}?")

    return agree


def _run(command: list[str], environment: Mapping[str, str]) -> int:
    """Run the editor and return its exit code. pmtui ignores ctrl+c meanwhile. Raises CommandError when it cannot be started."""
    before = signal.signal(signal.SIGINT, lambda *_: None)  # not SIG_IGN, which the editor would inherit
    try:
        return subprocess.run(command, env=dict(environment), check=False).returncode
    except OSError as error:
        raise CommandError(f"could not start {command[0]}: {error.strerror}; set VISUAL or EDITOR") from None
    finally:
        signal.signal(signal.SIGINT, before)
