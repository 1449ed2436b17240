"""The commands by name, and the text of ``pmtui --help``. Imports nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

GROUPS: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "postmortem": (
            "incidents and postmortems",
            {
                "incidents": "list incidents",
                "show": "print an incident and its postmortem",
                "set": "change fields and save",
                "edit": "edit the whole postmortem in your editor, or replace sections",
                "cell": "add, move or delete a section",
                "status": "print the status of a postmortem, or set it",
                "publish": "set a postmortem to published",
                "create": "create the postmortem of an incident",
                "adopt": "name the postmortem of an incident where the API does not",
                "open": "print the address of a postmortem",
                "copy": "copy postmortems to another account; reports what is lost",
                "timeline": "print what happened during an incident",
                "delete": "delete a postmortem, or unlink it where the API can only do that",
            },
        ),
        "files": (
            "Markdown files",
            {
                "pull": "write a postmortem as a Markdown file; edits in it are merged",
                "push": "save the edits of a postmortem file",
                "diff": "compare a postmortem file with the server (0 same, 1 different)",
                "export": "write every postmortem into a folder of Markdown files",
                "verify": "compare an exported folder with its manifest and the server",
            },
        ),
        "drafts": (
            "drafts",
            {
                "drafts": "list, print or discard drafts: edits not on the server yet",
                "recover": "get the text out of drafts that were left behind",
            },
        ),
        "program": (
            "the program",
            {
                "demo": "try it on the built-in sandbox: nothing leaves this machine",
                "doctor": "check configuration, credentials, server and terminal",
                "sandbox": "run the built-in sandbox for other programs",
                "log": "list the writes from this computer",
                "themes": "list the colour themes",
                "completion": "print a script that completes commands in bash, zsh or fish",
                "help": "explain a command, or a topic (see below)",
            },
        ),
    }
)
"""Heading and commands of each folder of ``cli/commands``. Each command has a module of its name there."""

COMMANDS: Mapping[str, str] = MappingProxyType({name: text for _, group in GROUPS.values() for name, text in group.items()})
"""What each command does, in a few words."""

SCREENS = "screens"
"""The module that opens the screens. It is not a command."""

TOPICS = ("exit-codes", "examples", "environment", "filter", "json", "keys", "man", "markdown")
"""The topics of ``pmtui help`` besides the commands."""

_USAGE = "usage: pmtui [--profile NAME] [--read-only] [REF|PATH]\n       pmtui COMMAND …"


def overview() -> str:
    """What ``pmtui --help`` prints."""
    commands = "\n\n".join(_group(heading, commands) for heading, commands in GROUPS.values())
    return f"""\
pmtui edits postmortems in the terminal. Alone it opens the screens,
with REF (IR-123, #42, an id or an address) it opens that incident.
PATH (./postmortems, ./IR-123.md) opens Markdown files without any server.

{_USAGE}

{commands}

topics of `pmtui help`:
  {", ".join(TOPICS)}

options:
  -p, --profile NAME  which profile to use; see `pmtui help environment`
  --read-only         never write to the server
  -V, --version       print the version
  -h, --help          this text; `pmtui COMMAND --help` explains a command"""


def module_of(command: str) -> str:
    """The name of the module that runs a command, or the screens."""
    folder = next((folder for folder, (_, commands) in GROUPS.items() if command in commands), "program")
    return f"pmtui.cli.commands.{folder}.{command}"


def _group(heading: str, commands: Mapping[str, str]) -> str:
    lines = (f"  {name:10} {summary}" for name, summary in commands.items())
    return "\n".join((f"{heading}:", *lines))
