"""The parser of a command. Help, man page and completion are generated from it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn, Protocol

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.table import COMMANDS
from pmtui.display import display

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

_IN_QUOTES = " (a reference with # needs quotes: '#6')"
"""To a shell # begins a comment: what follows does not reach us."""
LONGEST_WORD = 4000
"""The longest argument, in characters: longer than any title or address, shorter than the integers that Python refuses."""


class Command(Protocol):
    """The interface of a command's module. ``DETAILS`` precede the options in its help, ``EXAMPLES`` end it."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""

    def run(self, arguments: argparse.Namespace, context: Context) -> int:
        """Run the command. Returns the exit code."""


class Parser(argparse.ArgumentParser):
    """A parser that raises CommandError instead of exiting; its errors quote what was typed."""

    def error(self, message: str) -> NoReturn:
        lacking = message.partition("required: ")[2].replace(",", " ").split()
        hint = _IN_QUOTES if "REF" in lacking else ""
        raise CommandError(f"{message}{hint}; see `{self.prog} --help`")

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """Print, and raise OSError, which argparse would swallow."""
        print(message, end="", file=file or sys.stderr)


def parser_of(name: str, command: Command) -> Parser:
    """The parser of a command."""
    known = name in COMMANDS
    parser = Parser(
        prog=f"pmtui {name}" if known else "pmtui",
        description="\n\n".join(filter(None, (COMMANDS.get(name), getattr(command, "DETAILS", "")))),
        epilog="\n  ".join(("examples:", *getattr(command, "EXAMPLES", ()))) if known else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=known,
    )
    parser.add_argument("-p", "--profile", metavar="NAME", help="which profile to use; a path opens a folder of Markdown files")
    parser.add_argument("--read-only", action="store_true", help="never write to the server")
    command.add_arguments(parser)
    return parser


def parsed(name: str, command: Command, words: Sequence[str]) -> argparse.Namespace:
    """The arguments of a command. Raises CommandError, and SystemExit when it printed the help."""
    arguments = parser_of(name, command).parse_intermixed_args(words, argparse.Namespace(command=name))
    _check_words(arguments)
    return arguments


def _check_words(arguments: argparse.Namespace) -> None:
    """Raises CommandError for arguments that are not UTF-8 or too long to send. File names may be anything."""
    for name, value in vars(arguments).items():
        for word in _texts(value):
            try:
                word.encode()
            except UnicodeEncodeError:
                raise CommandError(f"{name}: {display(word[:80])} is not UTF-8") from None
            if name == "ref" and len(word) > LONGEST_WORD:
                raise CommandError(f"{name}: {word[:40]}… has {len(word)} characters; a reference is IR-123, #42, an id, or an address")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
