"""``pmtui copy SOURCE TARGET``: copies one or all postmortems to another account, and says first what would be lost."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from shlex import quote

from pmtui.cli.context import Context
from pmtui.cli.copying.endpoints import Endpoint, endpoint
from pmtui.cli.copying.loop import copy_all
from pmtui.cli.copying.losses import ReportEntry, entry_json, print_losses, write_report
from pmtui.cli.copying.one import asked_first, carried_out, decided, read_source, rehearsed
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_answers, add_document, add_dry_run, add_json
from pmtui.cli.printing.output import print_json, print_text, say
from pmtui.cli.printing.plain import SCHEMA
from pmtui.cli.printing.saved import print_requests, requests_json
from pmtui.cli.printing.streams import told_afterwards
from pmtui.cli.saving import check_writable, unknown_when_interrupted
from pmtui.config import Config, suggestion
from pmtui.model.fields import Field
from pmtui.session.copy.copier import Choice, Copier, Prepared
from pmtui.session.copy.exported import Exports
from pmtui.session.copy.forms import source_form, target_form
from pmtui.session.copy.mapping import FieldMap, as_toml
from pmtui.session.copy.places import Telling
from pmtui.session.copy.saving import BothEdited
from pmtui.session.workspace import Workspace
from pmtui.store.copies import Copies

EXAMPLES = ("pmtui copy ops:30 prod:IR-338 --dry-run", "pmtui copy ops: prod: --all --report copied.md")
_FIELDS = "field"
"""The table ``[map.field]`` maps names of fields; the other tables of ``[map]`` map values."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("source", metavar="SOURCE", help="PROFILE:REF, or PROFILE: with --all")
    parser.add_argument("target", metavar="TARGET", help="PROFILE:REF, or PROFILE: alone to find the incident there or import it")
    parser.add_argument("--all", action="store_true", help="every postmortem of the source")
    add_document(parser)
    parser.add_argument("--new", action="store_true", help="import the incident even where one looks the same")
    parser.add_argument("--notify", action="store_true", help="also copy what notifies people: responders, owners, action items")
    sides = parser.add_mutually_exclusive_group()
    sides.add_argument(
        "--mine", action="store_const", const="mine", dest="whose", help="where both changed the same part, take the source's"
    )
    sides.add_argument(
        "--theirs", action="store_const", const="theirs", dest="whose", help="where both changed the same part, keep the target's"
    )
    parser.add_argument("--show-map", action="store_true", help="print the table of fields and values, ready for the configuration file")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what became of each part to a file, as Markdown or (.json) JSON")
    add_answers(parser)
    add_dry_run(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Copy. Exit code: CONFLICT when both sides changed the same, INCOMPLETE when something was left out; a dry run has the same."""
    source, target = endpoint(context.config, arguments.source), endpoint(context.config, arguments.target)
    _check_ends(arguments, source, target)
    try:
        return asyncio.run(_copy(arguments, context, source, target))
    except BothEdited as clash:
        raise CommandError(str(clash), ExitCode.CONFLICT) from None


def _check_ends(arguments: argparse.Namespace, source: Endpoint, target: Endpoint) -> None:
    """Raises CommandError for a source and target that do not go with the options."""
    if arguments.all and (source.ref or target.ref):
        raise CommandError(f"--all copies everything: write {source.profile}: {target.profile}: without a reference")
    if not arguments.all and not source.ref and not arguments.show_map:
        raise CommandError(f"say which postmortem: {source.profile}:REF, or give --all")
    if source == target:
        raise CommandError(f"{source} would be copied to itself")


async def _copy(arguments: argparse.Namespace, context: Context, source: Endpoint, target: Endpoint) -> ExitCode:
    here = Context(context.environ, source.profile)
    there = Context(context.environ, target.profile, read_only=arguments.read_only)
    dry = arguments.dry_run or arguments.show_map
    if not dry:
        check_writable(there)
    async with AsyncExitStack() as stack:
        read = await stack.enter_async_context(here.rehearsal())  # a source is never written to
        write = await stack.enter_async_context(there.rehearsal() if dry else there.workspace())
        mapping = field_map(context.config, source, target)
        telling = Telling.EVERYBODY if arguments.notify else Telling.NOBODY
        copier = Copier(
            read, write, Copies(context.state), Exports(context.state), mapping, telling, Choice(arguments.whose, arguments.yes)
        )
        if arguments.show_map:
            return await _show_map(context.config, (read, write), copier, source, target)
        if arguments.all:
            return await copy_all(arguments, read, write, copier)
        return await _copy_one(arguments, context.config, (read, write), copier, source, target)


async def _show_map(config: Config, ends: tuple[Workspace, Workspace], copier: Copier, from_: Endpoint, to: Endpoint) -> ExitCode:
    """Print the table of fields and values, of the named postmortems or of any."""
    mapping = field_map(config, from_, to)
    here, there = await source_form(ends[0].backend, copier, from_.ref), await target_form(ends[1].backend, to.ref)
    _check_map(config, mapping, there, from_, to)
    print_text(as_toml(mapping, here, there).rstrip("\n"))
    return ExitCode.OK


async def _copy_one(
    arguments: argparse.Namespace, config: Config, ends: tuple[Workspace, Workspace], copier: Copier, from_: Endpoint, to: Endpoint
) -> ExitCode:
    incident = await ends[0].backend.find(from_.ref)
    source = await read_source(ends[0], copier, incident, arguments.document)
    prepared = await copier.prepare(source, await decided(arguments, copier, source, to.ref))
    _check_map(config, field_map(config, from_, to), prepared.target.postmortem.form, from_, to)
    if not arguments.json:
        if arguments.dry_run and (asked := asked_first(arguments, prepared)):
            say(asked)
        _print_plan(prepared, ends[1])
    if arguments.dry_run:
        return await _rehearsed(arguments, copier, prepared)
    with unknown_when_interrupted("the copy may be half done; give the same command again to continue"):
        ended = await carried_out(copier, prepared)
    entry, outcome = ended.entry, ended.outcome
    if arguments.report is not None:
        write_report(arguments.report, [entry])
    code = _code(entry)
    with told_afterwards():
        if arguments.json:
            told = {"dry_run": False, "sent": entry.state != "unchanged", "verified": outcome.verified, "requests": [], "notices": []}
            print_json(_json(arguments, entry, code, told))
        elif entry.why:
            say(f"not copied: {entry.why}")
        elif entry.target is not None:
            print_text(entry.target.url or entry.target.reference)
            done = "nothing to copy: it is there already" if entry.state == "unchanged" else "copied · verified"
            say(f"{done}: {entry.target.reference}, {entry.losses.summary}")
    return code


async def _rehearsed(arguments: argparse.Namespace, copier: Copier, prepared: Prepared) -> ExitCode:
    entry = rehearsed(arguments, prepared)
    requests = await copier.rehearse(prepared) if entry.state == "not sent" else ()
    known = prepared.goal.incident is not None and prepared.target.postmortem.id
    notes = [] if known or not requests else ["what follows depends on the answer"]
    code = _code(entry)
    if arguments.report is not None:
        write_report(arguments.report, [entry])
    if arguments.json:
        told = {
            "dry_run": True,
            "sent": False,
            "verified": False,
            "requests": requests_json(requests),
            "notices": [*notes, *filter(None, (entry.why,))],
        }
        print_json(_json(arguments, entry, code, told))
        return code
    print_requests(requests)
    for note in notes:
        say(note)
    say("nothing was sent" if requests else "nothing would change: the target has it already")
    return code


def _code(entry: ReportEntry) -> ExitCode:
    return entry.code or (ExitCode.INCOMPLETE if entry.losses.incomplete else ExitCode.OK)


def _json(arguments: argparse.Namespace, entry: ReportEntry, code: ExitCode, told: Mapping[str, object]) -> dict[str, object]:
    head = {"schema": SCHEMA, "command": arguments.command, **told}
    return {**head, **entry_json(entry), "exit_code": int(code), "kind": code.kind}


def _print_plan(prepared: Prepared, target: Workspace) -> None:
    """Print what is copied where, and what becomes of each part."""
    from_, to = prepared.source.postmortem.incident, prepared.goal.incident
    where = f"{to.reference} {to.title} ({prepared.goal.way.value})" if to is not None else "a new incident, imported: nobody is notified"
    print_text(f"{prepared.source.vendor} {from_.reference} {from_.title}\n  → {target.backend.identity.vendor}: {where}")
    print_losses(prepared.report)


def field_map(config: Config, source: Endpoint, target: Endpoint) -> FieldMap:
    """What the configuration says of fields and their values, for all copies and for these two places."""
    maps = config.maps_between(source.profile, target.profile)
    return FieldMap(maps.get(_FIELDS, {}), {name: table for name, table in maps.items() if name != _FIELDS})


def _check_map(config: Config, mapping: FieldMap, form: tuple[Field, ...], source: Endpoint, target: Endpoint) -> None:
    """Raises CommandError for a field that the target does not have."""
    name = mapping.unknown(form)
    if name is not None:
        wanted = mapping.fields[name]
        said = f"the target has no field {quote(wanted)}{suggestion(wanted, [each.name for each in form])}"
        raise CommandError(f"{config.where_mapped(source.profile, target.profile, _FIELDS, name)}: {said}")
