"""Copies one postmortem: finds the target, asks where needed, copies, and makes the entry for the report."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from shlex import quote

from pmtui.backends.base import BackendError
from pmtui.cli.asking import can_ask
from pmtui.cli.copying.losses import ReportEntry
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.output import say
from pmtui.cli.saving import code_of
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.session.copy.copier import Copier, Goal, Outcome, Prepared, Way
from pmtui.session.copy.finding import is_called
from pmtui.session.copy.loss import LossReport
from pmtui.session.copy.places import CopySource
from pmtui.session.copy.saving import check_both
from pmtui.session.workspace import Workspace


async def read_source(workspace: Workspace, copier: Copier, incident: Incident, document: str = "") -> CopySource:
    """Read the whole postmortem. Raises BackendError, SeveralDocuments, OSError; CommandError when there is none."""
    postmortem = await workspace.backend.complete(await workspace.backend.postmortem(incident, document))
    if not postmortem.id:
        raise CommandError(f"{incident.reference}: {_why_none(postmortem)}", ExitCode.MISSING)
    return await copier.read(postmortem)


def _why_none(postmortem: Postmortem) -> str:
    return postmortem.text_locked if postmortem.unread else "it has no postmortem to copy"


async def decided(arguments: argparse.Namespace, copier: Copier, source: CopySource, ref: str) -> Goal:
    """Where the copy goes. Asks about incidents that look the same; --yes takes the only one. Raises CommandError, BackendError."""
    goal = await copier.goal(source, ref, known=not arguments.new)
    if goal.way is not Way.ALIKE:
        return goal
    one = goal.alike[0] if len(goal.alike) == 1 else None
    if one is not None and (arguments.yes or arguments.dry_run or _agreed(arguments, goal, one, source)):
        return replace(goal, incident=one)
    raise CommandError(f"{_alike(goal, source)}, so nothing was sent. {_choices(arguments, goal)}")


def _choices(arguments: argparse.Namespace, goal: Goal) -> str:
    """How to say where the copy goes."""
    names = " or ".join(quote(f"{arguments.target}{each.reference}") for each in goal.alike)
    sure = " or give --yes" if len(goal.alike) == 1 else ""
    return f"To copy into {'it' if sure else 'one of them'}, name {names} as the target{sure}; --new imports another incident"


def asked_first(arguments: argparse.Namespace, prepared: Prepared) -> str:
    """What is asked before the copy that a dry run shows, "" for nothing. Foreign text."""
    if prepared.goal.way is not Way.ALIKE or arguments.yes:
        return ""
    asks = (
        "the copy asks about that first"
        if can_ask(arguments)
        else "the copy asks about that first, and cannot ask here: it would send nothing"
    )
    return f"{_alike(prepared.goal, prepared.source)}; {asks}. {_choices(arguments, prepared.goal)}"


def rehearsed(arguments: argparse.Namespace, prepared: Prepared) -> ReportEntry:
    """The entry of a dry run, with the exit code that the copy would have. Raises BothEdited, as the copy does."""
    check_both(prepared.target.postmortem, prepared.merged.conflicts)
    incident, goal = prepared.source.postmortem.incident, prepared.goal
    state = "not sent" if goal.incident is None or prepared.changes else "unchanged"
    asked = asked_first(arguments, prepared)
    code = ExitCode.USAGE if asked and not can_ask(arguments) else ExitCode.OK
    return ReportEntry(incident, goal.incident, state, prepared.report, asked, code, goal.way.value)


def _alike(goal: Goal, source: CopySource) -> str:
    about = source.postmortem.incident
    have = "has" if len(goal.alike) == 1 else "have"
    return f"{about.reference}: {', '.join(each.reference for each in goal.alike)} {have} {_shared(goal, about)}"


def _shared(goal: Goal, about: Incident) -> str:
    """What the incidents that look the same have in common with this one."""
    return "this reference" if all(is_called(each, about) for each in goal.alike) else "this title and began in the same second"


def _agreed(arguments: argparse.Namespace, goal: Goal, target: Incident, source: CopySource) -> bool:
    if not can_ask(arguments):
        return False
    import sys

    about = source.postmortem.incident
    say(f"{target.reference} has {_shared(goal, about)}, as {about.reference} {about.title} has. Copy into it? [y/N]")
    return sys.stdin.readline().strip() in ("y", "Y", "yes")


@dataclass(frozen=True, slots=True)
class Ended:
    """A finished copy: its entry, and the outcome."""

    entry: ReportEntry
    outcome: Outcome


async def carried_out(copier: Copier, prepared: Prepared) -> Ended:
    """Copy what was prepared. Raises BackendError, BothEdited, Locked, DraftBusy, SeveralDocuments."""
    outcome = await copier.carry_out(prepared)
    incident = prepared.source.postmortem.incident
    new = prepared.goal.incident is None or not prepared.target.postmortem.id
    losses = outcome.losses if new else prepared.report  # a created postmortem may have fields that could not be seen before
    target, found = outcome.postmortem.incident, prepared.goal.way.value
    if outcome.report is None:
        return Ended(ReportEntry(incident, target, "copied" if new else "unchanged", losses, found=found), outcome)
    if outcome.verified:
        return Ended(ReportEntry(incident, target, "copied", losses, found=found), outcome)
    sent = list(outcome.report.outcomes)
    code = code_of(outcome.report, sent)
    return Ended(ReportEntry(incident, target, code.kind, losses, outcome.report.words(outcome.postmortem), code, found), outcome)


def nothing(incident: Incident, error: Exception, explained: tuple[str, ExitCode]) -> ReportEntry:
    """The entry of a postmortem that could not be copied."""
    said, code = explained
    target = getattr(error, "target", None)
    state = "unknown" if isinstance(error, BackendError) and error.unknown else "left out"
    return ReportEntry(incident, target if isinstance(target, Incident) else None, state, LossReport(), said, code)
