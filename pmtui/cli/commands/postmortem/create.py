"""``pmtui create REF``: creates the postmortem of an incident that has none. It never creates a second one."""

from __future__ import annotations

import argparse
import asyncio
import shlex

from pmtui.backends.base import BackendError, Creation, SeveralDocuments, Template, Trouble
from pmtui.cli.asking import confirm
from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_answers, add_dry_run, add_json, add_reference
from pmtui.cli.printing.output import print_json, print_text, say
from pmtui.cli.printing.saved import print_rehearsal, save_json
from pmtui.cli.printing.streams import told_afterwards
from pmtui.cli.saving import unknown_when_interrupted, workspace_to_write
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.session.rehearsal import rehearse_creation
from pmtui.session.workspace import Workspace

EXAMPLES = ("pmtui create IR-338 --dry-run", "pmtui create IR-338 --template 'Short review' --yes --json")

_MORE = "what follows depends on the answer to this request"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_reference(parser)
    parser.add_argument("--template", default="", metavar="NAME", help="the template to start from, by name or id (the vendor's default)")
    parser.add_argument("--title", default="", metavar="TITLE", help="also create the incident, with this title (in a folder)")
    add_answers(parser)
    add_dry_run(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Create it and print its address. Exit code: CONFLICT when there is one, INCOMPLETE when it could not be read yet."""
    return asyncio.run(_create(arguments, context))


async def _create(arguments: argparse.Namespace, context: Context) -> ExitCode:
    async with workspace_to_write(arguments, context) as workspace:
        incident = await _incident(arguments, workspace)
        creation = await workspace.backend.creation(incident)
        if creation.impossible:
            raise await _impossible(workspace, incident, creation)
        # The vendor's default is named, too: what is warned of and agreed to is what is created.
        template = _template(creation, arguments.template) if arguments.template else creation.default
        warnings = (*creation.warnings, *([template.locked] if template is not None and template.locked else ()))
        if arguments.dry_run:
            request = await rehearse_creation(workspace.backend, incident, template)
            print_rehearsal(arguments, Postmortem(incident), (), (request,), warnings, (_MORE,))
            return ExitCode.OK
        if warnings:
            confirm(arguments, f"{'; '.join(warnings)}. Create a postmortem for {incident.reference}?")
        postmortem, notices = await _created(workspace, incident, template)
    code = ExitCode.INCOMPLETE if postmortem.unread else ExitCode.OK
    with told_afterwards():
        _print(arguments, postmortem, warnings, notices, code)
    return code


async def _incident(arguments: argparse.Namespace, workspace: Workspace) -> Incident:
    """The existing incident, or a new one with the title that was given. Raises CommandError."""
    backend = workspace.backend
    if arguments.title and not backend.begins_incidents:
        raise CommandError("--title: incidents cannot be created here; leave it out, and name an existing incident")
    try:
        return await backend.find(arguments.ref)
    except BackendError as error:
        if error.trouble is not Trouble.MISSING or not backend.begins_incidents:
            raise
    if not arguments.title:
        raise CommandError(f"there is no {arguments.ref} here; --title TITLE creates it", ExitCode.MISSING)
    return backend.begin(arguments.title, arguments.ref)


async def _created(workspace: Workspace, incident: Incident, template: Template | None) -> tuple[Postmortem, tuple[str, ...]]:
    """The new postmortem, and the warnings."""
    reference = shlex.quote(incident.reference)
    with unknown_when_interrupted(f"the postmortem may have been created; `pmtui show {reference}` shows it"):
        session = await workspace.create(incident, template)
    found, notices = session.server, session.notices
    kept = f"an older draft of {incident.reference} was carried over: `pmtui {reference}` opens it" if session.changes else ""
    session.close()
    return found, tuple(filter(None, (*notices, kept)))


async def _impossible(workspace: Workspace, incident: Incident, creation: Creation) -> CommandError:
    """Why no postmortem can be created: there is one already, or the backend's reason."""
    try:
        found = await workspace.backend.postmortem(incident)
        there = found.url or found.id
    except SeveralDocuments as several:
        there = str(several)
    except BackendError:  # the backend's reason is reported below
        there = ""
    if there:
        said = f"{incident.reference} has a postmortem already: {there}"
        return CommandError(f"{said}; `pmtui show {shlex.quote(incident.reference)}` prints it", ExitCode.CONFLICT)
    return CommandError(f"no postmortem can be created for {incident.reference}: {creation.impossible}", ExitCode.INVALID)


def _template(creation: Creation, name: str) -> Template:
    """The template of this name or id. Raises CommandError."""
    found = [each for each in creation.templates if name.casefold() in (each.name.casefold(), each.id.casefold())]
    if len(found) == 1:
        return found[0]
    if not creation.templates:
        raise CommandError(f"--template {name}: there are no templates to choose from here", ExitCode.MISSING)
    listed = ", ".join(f"{each.name} ({each.id})" if found else each.name for each in found or creation.templates)
    said = "several templates have this name; name one by its id" if found else "there is no such template; choose from"
    raise CommandError(f"--template {name}: {said}: {listed}", ExitCode.MISSING)


def _print(
    arguments: argparse.Namespace, postmortem: Postmortem, warnings: tuple[str, ...], notices: tuple[str, ...], code: ExitCode
) -> None:
    if arguments.json:
        told = {"changed": True, "sent": True, "verified": not postmortem.unread, "cells": len(postmortem.cells)}
        print_json(save_json(arguments, postmortem, code, **told, warnings=list(warnings), notices=list(notices)))
        return
    print_text(postmortem.url or postmortem.id)
    unseen = warnings if arguments.yes else ()  # without --yes they were in the question
    for notice in (*unseen, *notices):
        say(notice)
    say(f"created the postmortem of {postmortem.incident.reference}")
