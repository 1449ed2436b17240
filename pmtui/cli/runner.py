"""Runs one command: parses its options, explains its errors, returns its exit code."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from pmtui.cli.context import Context
from pmtui.cli.errors import expected, explain
from pmtui.cli.path_arguments import profile_of, take_paths
from pmtui.cli.printing.output import say_error, say_in_json, say_plainly, tolerate_any_text
from pmtui.cli.printing.streams import flush, refused
from pmtui.cli.process import harden
from pmtui.cli.table import module_of

if TYPE_CHECKING:
    from pmtui.cli.parsing import Command
    from pmtui.tui.terminal.kept_frame import Asked


def run_command(name: str, words: Sequence[str]) -> int:
    """Parse the words and run the command. Returns the exit code. Hardens this process first."""

    def run() -> int:
        from pmtui.cli.parsing import parsed

        command = cast("Command", importlib.import_module(module_of(name)))
        arguments = parsed(name, command, words)
        take_paths(arguments)
        return command.run(arguments, Context(os.environ, arguments.profile, read_only=arguments.read_only))

    return _explained(run, as_json="--json" in words)


def run_list(asked: Asked) -> int:
    """Open the list, as ``run_command`` does. Without a parser: loading one would take 5 ms of the time to the first frame."""

    def run() -> int:
        from pmtui.cli.commands.program.screens import open_screens

        return open_screens(Context(os.environ, profile_of(asked.profile), read_only=asked.read_only))

    return _explained(run, as_json=False)


def _explained(run: Callable[[], int], *, as_json: bool) -> int:
    """The exit code of ``run``, or of its error, which is printed."""
    harden()
    tolerate_any_text()
    (say_in_json if as_json else say_plainly)()
    try:
        code = run()
        flush()
    except SystemExit as stop:  # argparse printed the help
        flush()
        return int(stop.code or 0)
    except BrokenPipeError as error:
        raise refused(error) from None
    except expected() as error:
        from pmtui.tui.terminal.kept_frame import take_back

        take_back()  # what is said now is not for a screen that goes away
        explained = explain(error)
        say_error(explained.message, explained.code, as_json=as_json, **explained.details)
        return explained.code
    return code
