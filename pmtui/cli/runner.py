"""Runs one command: its options, its errors in words, its exit code."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn, Protocol, cast

from pmtui.cli.context import Context
from pmtui.cli.errors import EXPECTED, explain
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.main import COMMANDS
from pmtui.cli.output import say_error, tolerate_any_text
from pmtui.display import display


class Command(Protocol):
    """What a module of a command has."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, arguments: argparse.Namespace, context: Context) -> int: ...


class Parser(argparse.ArgumentParser):
    """Its errors quote what was typed, or pasted."""

    def error(self, message: str) -> NoReturn:
        super().error(display(message))


def run_command(name: str, words: Sequence[str]) -> int:
    """Parse the words and run; the exit code."""
    tolerate_any_text()
    command = cast(Command, importlib.import_module(f"pmtui.cli.commands.{name}"))
    parser = _parser(name)
    command.add_arguments(parser)
    try:
        arguments = parser.parse_args(words)
    except SystemExit as stop:  # argparse has printed help, or what was wrong
        return ExitCode.USAGE if stop.code else ExitCode.OK
    context = Context(os.environ, arguments.profile, read_only=arguments.read_only)
    return _run(command, arguments, context)


def _parser(name: str) -> Parser:
    known = name in COMMANDS
    parser = Parser(prog=f"pmtui {name}" if known else "pmtui", description=COMMANDS.get(name), allow_abbrev=False, add_help=known)
    parser.add_argument("-p", "--profile", metavar="NAME", help="which profile to use")
    parser.add_argument("--read-only", action="store_true", help="never write to the server")
    return parser


def _run(command: Command, arguments: argparse.Namespace, context: Context) -> int:
    try:
        code = command.run(arguments, context)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except EXPECTED as error:
        explained = explain(error)
        say_error(explained.message, explained.code, as_json=getattr(arguments, "json", False), **explained.details)
        return explained.code
    return code
