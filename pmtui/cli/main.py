"""The entry point: finds the command and hands over. Help and version load nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pmtui import __version__
from pmtui.cli.exit_codes import ExitCode

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "demo": "try it on the built-in sandbox: nothing leaves this machine",
        "incidents": "list incidents",
        "show": "print an incident and its postmortem",
        "set": "change fields and save",
        "edit": "replace the text of a section and save",
        "delete": "delete a postmortem, or unlink it where the vendor can do no more",
        "drafts": "list or print what is not on the server yet",
        "recover": "get the text out of drafts that were left behind",
        "doctor": "check configuration, credentials, server and terminal",
        "sandbox": "run the built-in sandbox for other programs",
        "help": "explain exit-codes, environment, filter, keys or markdown",
    }
)
_SCREENS = "open"  # the module that opens the screens; no word on the command line
_WITH_VALUE = frozenset({"--profile", "-p"})
_USAGE = "usage: pmtui [--profile NAME] [--read-only] [REF]\n       pmtui COMMAND …"


def main(argv: Sequence[str] | None = None) -> int:
    """Run pmtui with these arguments; the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    os.umask(0o077)
    try:
        code = _dispatch(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python would complain when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FAILED
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return code


def _dispatch(words: list[str]) -> int:
    place = _first_word(words)
    command = words[place] if place < len(words) else ""
    if command not in COMMANDS:
        if any(word in ("-h", "--help") for word in words):
            print(overview())
            return ExitCode.OK
        if any(word in ("-V", "--version") for word in words):
            print(f"pmtui {__version__}")
            return ExitCode.OK
        return _run(_SCREENS, words)
    rest = words[:place] + words[place + 1 :]
    if command == "help":
        from pmtui.cli.commands.help import run as run_help

        return run_help(rest)
    return _run(command, rest)


def _run(name: str, words: list[str]) -> int:
    from pmtui.cli.runner import run_command

    return run_command(name, words)


def _first_word(words: Sequence[str]) -> int:
    """The place of the first word that is no option and no option's value."""
    place = 0
    while place < len(words) and words[place].startswith("-") and words[place] != "--":
        place += 2 if words[place] in _WITH_VALUE else 1
    return place


def overview() -> str:
    """What ``pmtui --help`` prints."""
    commands = "\n".join(f"  {name:10} {summary}" for name, summary in COMMANDS.items())
    return f"""\
pmtui edits postmortems in the terminal. Alone it opens the screens,
with REF (IR-123, #42, an id or an address) it opens that incident.

{_USAGE}

commands:
{commands}

options:
  -p, --profile NAME  which profile to use; see `pmtui help environment`
  --read-only         never write to the server
  -V, --version       print the version
  -h, --help          this text; `pmtui COMMAND --help` has those of a command"""
