"""The commands by name, and what ``pmtui --help`` prints. Loads nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "demo": "try it on the built-in sandbox: nothing leaves this machine",
        "incidents": "list incidents",
        "show": "print an incident and its postmortem",
        "set": "change fields and save",
        "edit": "replace the text of a section and save",
        "pull": "write a postmortem as one Markdown file; edits in the file are merged",
        "push": "save the edits of a postmortem file",
        "diff": "compare a postmortem file with the server: 0 the same, 1 different",
        "delete": "delete a postmortem, or unlink it where the vendor can do no more",
        "drafts": "list or print what is not on the server yet",
        "recover": "get the text out of drafts that were left behind",
        "doctor": "check configuration, credentials, server and terminal",
        "sandbox": "run the built-in sandbox for other programs",
        "completion": "print a script that completes commands in bash, zsh or fish",
        "help": "explain exit-codes, examples, environment, filter, keys or markdown",
    }
)
"""Each has a module of its name in ``cli/commands``."""

TOPICS = ("exit-codes", "examples", "environment", "filter", "keys", "markdown")
"""What ``pmtui help`` explains beside the commands."""

_USAGE = "usage: pmtui [--profile NAME] [--read-only] [REF]\n       pmtui COMMAND …"


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
