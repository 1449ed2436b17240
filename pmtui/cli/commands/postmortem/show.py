"""``pmtui show REF``: prints an incident and its postmortem. Into a pipe it prints the file that ``pull`` would write."""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_document, add_json, add_reference
from pmtui.cli.postmortem_files import written
from pmtui.cli.printing.output import print_json, print_markdown, print_table, print_text, say
from pmtui.cli.printing.plain import markdown_of, postmortem_json
from pmtui.display import count, display, width
from pmtui.formats.document.values import to_entry
from pmtui.model.part import called
from pmtui.model.postmortem import Existence, Postmortem
from pmtui.model.values import Task, Value

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace

EXAMPLES = ("pmtui show IR-338 --cells", "pmtui show IR-338 > IR-338.md && $EDITOR IR-338.md && pmtui push IR-338.md")

_CELLS = ("N", "KIND", "WORDS", "SECTION")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_reference(parser)
    add_document(parser)
    parser.add_argument("--cells", action="store_true", help="only list the sections, with their numbers for `edit` and `cell`")
    parser.add_argument("--offline", action="store_true", help="print what was read last, without asking the server")
    add_json(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print it. Exit code: INCOMPLETE when a part could not be read."""
    return asyncio.run(_show(arguments, context))


async def _show(arguments: argparse.Namespace, context: Context) -> ExitCode:
    async with context.workspace() as workspace:
        postmortem = await _read(arguments, workspace)
        missing = [f"{called(postmortem, each.part)} could not be read: {each.why}" for each in postmortem.unread]
        for line in missing:
            say(line)
        if arguments.json:
            print_json(_json(arguments, postmortem))
        else:
            for notice in postmortem.notices:
                say(notice)
            _print(arguments, context, workspace, postmortem)
    return ExitCode.INCOMPLETE if missing else ExitCode.OK


async def _read(arguments: argparse.Namespace, workspace: Workspace) -> Postmortem:
    if not arguments.offline:
        return await workspace.read(await workspace.backend.find(arguments.ref), arguments.document)
    found = workspace.last_seen(arguments.ref, arguments.document)
    if found is None:
        raise CommandError(f"{arguments.ref} was not read on this computer before; leave out --offline to ask the server", ExitCode.MISSING)
    say(f"read {_age(datetime.now(UTC) - found.read_at)} ago, at {found.read_at:%Y-%m-%d %H:%M} UTC; the server was not asked")
    return found


def _json(arguments: argparse.Namespace, postmortem: Postmortem) -> dict[str, object]:
    age = max(0, int((datetime.now(UTC) - postmortem.read_at).total_seconds()))
    read_at = postmortem.read_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {**postmortem_json(postmortem), "offline": arguments.offline, "read_at": read_at, "age_seconds": age}


def _print(arguments: argparse.Namespace, context: Context, workspace: Workspace, postmortem: Postmortem) -> None:
    if arguments.cells:
        words = [str(len(cell.text.split())) if cell.editable else "" for cell in postmortem.cells]
        listed = zip(postmortem.cells, words, strict=True)
        print_table(_CELLS, [(str(number), cell.kind.value, length, cell.title) for number, (cell, length) in enumerate(listed, 1)])
    elif sys.stdout.isatty():
        _print_for_people(postmortem)
    else:
        print_markdown(written(context, workspace, postmortem))
    if not postmortem.id and postmortem.incident.postmortem is Existence.NONE:
        say("there is no postmortem yet")
    elif postmortem.id and not postmortem.cells and not postmortem.text_locked:
        say("the text of the postmortem is empty")


def _print_for_people(postmortem: Postmortem) -> None:
    incident = postmortem.incident
    print_text(f"{incident.reference}  {incident.title}".replace("\n", " "))
    labels = {field.name: field.label for field in postmortem.form}
    rows = [row for name, value in postmortem.fields.items() if value for row in _rows(labels.get(name, name), value)]
    longest = max((width(label) for label, _ in rows), default=0)
    for label, value in rows:  # never cut: no other command prints the whole value
        print_text(f"{label}{' ' * (longest - width(label))}  {display(value)}")
    if postmortem.cells:
        print()
        print_text(markdown_of(postmortem).rstrip("\n"))


def _rows(label: str, value: Value) -> list[tuple[str, str]]:
    """A row for each action item, with owner, date and state; one row for any other value."""
    tasks = [each for each in value if isinstance(each, Task)] if isinstance(value, tuple) else []
    entry = to_entry(tuple(replace(task, due=task.due[:10]) for task in tasks) or value)[0]
    if not isinstance(entry, list):
        return [(label, str(entry or ""))]
    items = [str(each) for each in entry]
    return [(label if not number else "", item) for number, item in enumerate(items)] if tasks else [(label, ", ".join(items))]


def _age(age: timedelta) -> str:
    """``5 minutes``, ``3 hours``, ``2 days``."""
    seconds = max(0, int(age.total_seconds()))
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return count(seconds // size, name)
    return count(seconds, "second")
