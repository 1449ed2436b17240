"""The entry point: finds the command and runs it. Help and version import nothing else."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence

from pmtui import __version__
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.streams import OutputFailed, finish, open_missing, refused
from pmtui.cli.table import COMMANDS, SCREENS, overview

_WITH_VALUE = frozenset({"--profile", "-p"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run pmtui with these arguments. Returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    os.umask(0o077)
    gc.set_threshold(200_000, 20, 50)  # importing makes no garbage; looking for it took a seventh of a command's time
    atexit.register(gc.freeze)  # nor at the end: the process frees all memory at once, but Python would search it twice
    open_missing()
    try:
        code = _dispatch(words)
    except OutputFailed as failed:
        code = failed.code
    except OSError as error:  # of printing the help: commands explain their own
        code = refused(error).code
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except Exception:  # noqa: BLE001  (a bug: it is shown whole, and has a code of its own)
        import traceback

        traceback.print_exc()
        code = ExitCode.BUG
    return finish(code)


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
        return _run_screens(words)
    rest = words[:place] + words[place + 1 :]
    if command == "help":
        from pmtui.cli.commands.program.help import run as run_help

        return run_help(rest)
    return _run(command, rest)


def _run_screens(words: list[str]) -> int:
    """Open the screens. The list as it was last seen is painted before the program is loaded."""
    from pmtui.tui.terminal.kept_frame import asked_by, painted

    asked = asked_by(words)
    with painted(asked):
        if asked is None:
            return _run(SCREENS, words)
        from pmtui.cli.runner import run_list

        return run_list(asked)


def _run(name: str, words: list[str]) -> int:
    from pmtui.cli.runner import run_command

    return run_command(name, words)


def _first_word(words: Sequence[str]) -> int:
    """The index of the first word that is neither an option nor an option's value."""
    place = 0
    while place < len(words) and words[place].startswith("-") and words[place] != "--":
        place += 2 if words[place] in _WITH_VALUE else 1
    return place
