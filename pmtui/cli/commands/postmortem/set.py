"""``pmtui set REF field=value …``: changes fields and saves."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.field_values import Values
from pmtui.cli.options import add_reference, add_save_options
from pmtui.cli.saving import Edited, edit_and_save
from pmtui.config import suggestion
from pmtui.model.fields import Field
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Value
from pmtui.session.session import Locked, Session
from pmtui.session.workspace import Workspace

DETAILS = """\
FIELD=VALUE sets a field, FIELD= clears it; `pmtui show REF` lists the fields.
A list takes several items with commas, and += adds, -= takes away, ~= changes
an item that is there; an item that holds a comma stands in double quotes.
  people        'responders+=Jane Doe (Scribe)', by name, e-mail address or id
  links         linked_issues+=https://tracker.example.com/browse/OPS-7, or
                OPS-7 where a link, or issue_site in the profile, says the site
  action items  'action_items+=Fix the probe @jane due:2026-12-01'
                'action_items~=Fix the probe done:yes -@jane @mara due:'
  times (UTC)   customer_impact_end=14:30, -20m, 'fri 9:00', 2026-12-01T14:30Z"""
EXAMPLES = (
    "pmtui set IR-338 severity=SEV-2 owner=jane@corp.com --dry-run",
    "pmtui set IR-338 'action_items~=Fix the probe done:yes' 'responders-=Jane Doe'",
)

_ASSIGNMENT = re.compile(r"(?P<name>[^=+]+?)(?P<sign>[+~-]?)=(?P<text>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One ``FIELD=VALUE``. ``sign``: "" sets, "+" adds to a list, "-" removes from it, "~" changes an item of it."""

    name: str
    sign: str
    text: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_reference(parser)
    parser.add_argument("fields", nargs="+", metavar="FIELD=VALUE", type=_assignment, help="see above; several are saved together")
    add_save_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Change the fields and save. Returns the exit code."""
    return set_fields(arguments, context, lambda postmortem: arguments.fields)


def set_fields(arguments: argparse.Namespace, context: Context, wanted: Callable[[Postmortem], list[Assignment]]) -> int:
    """Make the assignments that ``wanted`` returns for the postmortem, and save. Returns the exit code."""

    async def edit(workspace: Workspace, session: Session) -> Edited:
        before = session.mine
        assignments = wanted(before)
        values = Values(workspace, before)
        fields = [_field(before, assignment.name) for assignment in assignments]
        new: dict[str, Value] = {}
        for field, each in zip(fields, assignments, strict=True):
            if field.name in new and not each.sign:
                raise CommandError(f"{field.name} is set twice: nothing was sent")
            new[field.name] = await values.read(field, new.get(field.name, before.fields.get(field.name)), each.sign, each.text)
        done: list[str] = []
        for name, value in new.items():
            try:
                session.set_field(name, value)
            except Locked:
                Edited(frozenset(done), before).put_back(session)
                raise
            done.append(name)
        return Edited(frozenset(done), before)

    return asyncio.run(edit_and_save(arguments, context, edit))


def _assignment(text: str) -> Assignment:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError(f"{text!a} is not UTF-8") from None
    match = _ASSIGNMENT.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not FIELD=VALUE")
    return Assignment(match["name"], match["sign"], match["text"])


def _field(postmortem: Postmortem, name: str) -> Field:
    """The field with this name or label. Raises CommandError."""
    for field in postmortem.form:
        if name.casefold() in (field.name.casefold(), field.label.casefold()):
            return field
    raise CommandError(f"there is no field {name!r}{suggestion(name, [field.name for field in postmortem.form])}")
