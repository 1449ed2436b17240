"""The man page, generated from the parsers of the commands."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from typing import cast

from pmtui import __version__
from pmtui.cli.exit_codes import MEANINGS
from pmtui.cli.parsing import Command, parser_of
from pmtui.cli.table import GROUPS, module_of

_SYNOPSIS = (
    ".B pmtui",
    "[\\fB\\-\\-profile\\fR \\fINAME\\fR] [\\fB\\-\\-read\\-only\\fR] [\\fIREF\\fR]",
    ".br",
    ".B pmtui",
    "\\fICOMMAND\\fR …",
)
_ABOUT = (
    "edits postmortems in the terminal. Alone it opens the screens; with \\fIREF\\fR (IR\\-123, #42, an id or an address) it opens that "
    "incident. \\fBpmtui help\\fR has more: filters, keys, the environment, JSON, and the notation of rich text."
)


def manual() -> str:
    """The man page as troff, for ``man -l -``."""
    lines = [f'.TH PMTUI 1 "" "pmtui {__version__}" "User Commands"', ".SH NAME", "pmtui \\- a postmortem editor for the terminal"]
    lines += [".SH SYNOPSIS", *_SYNOPSIS, ".SH DESCRIPTION", ".B pmtui", _ABOUT]
    for heading, commands in GROUPS.values():
        lines.append(f".SH COMMANDS: {_escaped(heading).upper()}")
        for name in commands:
            if name != "help":
                lines += _command(name)
    lines += [".SH EXIT STATUS", *(line for code, said in MEANINGS.items() for line in (".TP", f".B {code.value}", _escaped(said)))]
    return "\n".join(lines)


def _command(name: str) -> Iterator[str]:
    parser = parser_of(name, cast(Command, importlib.import_module(module_of(name))))
    yield f".SS {_escaped(' '.join(parser.format_usage().removeprefix('usage: ').split()))}"
    first, *others = (parser.description or "").splitlines()
    yield _escaped(first)
    if others:
        yield from (".P", ".nf", *map(_escaped, others[1:]), ".fi")
    for action in parser._actions:  # argparse has no public list of them
        if action.help and action.dest not in ("help", "profile", "read_only"):
            yield from (".TP", f".B {_escaped(_called(action))}", _escaped(action.help))
    yield from (".P", "Examples:", ".nf", *(f"    {_escaped(each.strip())}" for each in (parser.epilog or "").splitlines()[1:]), ".fi")


def _called(action: argparse.Action) -> str:
    """``--file FILE``, ``REF``."""
    value = str(action.metavar or "|".join(map(str, action.choices or ())))
    return " ".join(filter(None, (", ".join(action.option_strings), value if action.nargs != 0 else "")))


def _escaped(text: str) -> str:
    """Escape text for troff."""
    safe = (
        text.replace("\\", "\\e")
        .replace("-", "\\-")
        .replace("'", "\\(aq")
        .replace("`", "\\(ga")
        .replace("^", "\\(ha")
        .replace("~", "\\(ti")
    )
    return f"\\&{safe}" if safe.startswith(".") else safe
