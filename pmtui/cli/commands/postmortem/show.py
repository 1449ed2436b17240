"""``pmtui show REF``: prints an incident and its postmortem. Into a pipe it prints the file that ``pull`` would write."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_document, add_json, add_reference
from pmtui.cli.printing.output import columns, folded, print_json, print_markdown, print_table, print_text, say
from pmtui.cli.printing.plain import markdown_of, postmortem_json
from pmtui.display import count, display, width
from pmtui.formats.action_items import TaskColumns, columns_of, names_in
from pmtui.formats.document.values import to_entry
from pmtui.formats.typed_time import in_full, stamp, start_of
from pmtui.model.fields import Field, Kind
from pmtui.model.incident import Existence
from pmtui.model.part import called
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Task, Value

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace

EXAMPLES = ("pmtui show IR-338 --cells", "pmtui show IR-338 > IR-338.md && $EDITOR IR-338.md && pmtui push IR-338.md")

_CELLS = ("N", "KIND", "WORDS", "SECTION")
_LEAST_TEXT = 20
"""Cells that the text of an action item has beside owner and day in any terminal."""


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
    told = {"offline": arguments.offline, "read_at": stamp(postmortem.read_at), "age_seconds": age}
    return {**postmortem_json(postmortem), **told}


def _print(arguments: argparse.Namespace, context: Context, workspace: Workspace, postmortem: Postmortem) -> None:
    if arguments.cells:
        words = [str(len(cell.text.split())) if cell.editable else "" for cell in postmortem.cells]
        listed = zip(postmortem.cells, words, strict=True)
        print_table(_CELLS, [(str(number), cell.kind.value, length, cell.title) for number, (cell, length) in enumerate(listed, 1)])
    elif sys.stdout.isatty():
        print_for_people(postmortem)
    else:
        from pmtui.cli.postmortem_files import written  # what reads and writes files is not needed for the rest

        print_markdown(written(context, workspace, postmortem))
    if not postmortem.id and postmortem.incident.postmortem is Existence.NONE:
        say("there is no postmortem yet")
    elif postmortem.id and not postmortem.cells and not postmortem.text_locked:
        say("the text of the postmortem is empty")


def print_for_people(postmortem: Postmortem) -> None:
    """All of it on a terminal: fields by their labels, times and action items as the form has them, and the text."""
    incident = postmortem.incident
    print_text(f"{incident.reference}  {incident.title}".replace("\n", " "))
    fields = {field.name: field for field in postmortem.form}
    told = [(fields.get(name) or Field(name, Kind.TEXT, name), value) for name, value in postmortem.fields.items() if value]
    now, start, names = datetime.now(UTC), start_of(postmortem), names_in(postmortem)
    longest = max((width(display(field.label)) for field, _ in told), default=0)
    room = columns(sys.stdout) - longest - 2
    for field, value in told:  # never cut: no other command prints the whole value
        tasks = [each for each in value if isinstance(each, Task)] if isinstance(value, tuple) else []
        table = _table([columns_of(task, names, now.date()) for task in tasks], room)
        label = display(field.label)
        for line in table or folded(display(_in_one_line(field.kind, value, now, start)), room):
            print_text(f"{label}{' ' * (longest - width(label))}  {line}")
            label = ""
    if postmortem.cells:
        print()
        print_text(markdown_of(postmortem).rstrip("\n"))


def _in_one_line(kind: Kind, value: Value, now: datetime, start: datetime | None) -> str:
    if kind is Kind.TIME and isinstance(value, str):
        return in_full(value, now, start)
    entry = to_entry(value)[0]
    return ", ".join(str(each) for each in entry) if isinstance(entry, list) else str(entry or "")


def _table(items: Sequence[TaskColumns], room: int) -> list[str]:
    """Action items in columns: box, text, owner, day, and whether that has passed. A long text goes on below itself."""
    rows = [(display(each.text), display(each.owner), display(each.due) + ("  overdue" if each.overdue else "")) for each in items]
    texts, owners, days = (max((width(row[column]) for row in rows), default=0) for column in (0, 1, 2))
    texts = max(_LEAST_TEXT, min(texts, room - owners - days - 6))
    lines = []
    for item, (text, owner, due) in zip(items, rows, strict=True):
        first, *more = folded(text, texts)
        lines.append(f"{item.box} {first}{' ' * (texts - width(first))}  {owner}{' ' * (owners - width(owner))}  {due}".rstrip())
        lines += [f"  {line}" for line in more]
    return lines


def _age(age: timedelta) -> str:
    """``5 minutes``, ``3 hours``, ``2 days``."""
    seconds = max(0, int(age.total_seconds()))
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return count(seconds // size, name)
    return count(seconds, "second")
