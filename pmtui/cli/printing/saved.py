"""Prints what a save did or would do, as text or JSON. The JSON of every command that writes has the same keys."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pmtui.backends.base import RequestPreview, Step
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.output import print_diff_line, print_json, print_line, print_text, say
from pmtui.cli.printing.plain import SCHEMA
from pmtui.display import count
from pmtui.model.changes import Change, FieldChanged, change_id
from pmtui.model.postmortem import Postmortem
from pmtui.session.change_text import change_lines, change_title, field_words
from pmtui.session.report import VERIFIED, Outcome, Report, Result


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What a command did after a save: ``said`` are lines of text, ``told`` are keys for the JSON."""

    said: tuple[str, ...] = ()
    told: Mapping[str, object] = field(default_factory=dict)


def about(arguments: argparse.Namespace, postmortem: Postmortem, code: ExitCode = ExitCode.OK) -> dict[str, Any]:
    """The first keys of the JSON about one postmortem."""
    return {
        "schema": SCHEMA,
        "command": arguments.command,
        "reference": postmortem.incident.reference,
        "incident_id": postmortem.incident.id,
        "document": postmortem.id,
        "url": postmortem.url,
        "exit_code": int(code),
        "kind": code.kind,
    }


def save_json(arguments: argparse.Namespace, postmortem: Postmortem, code: ExitCode, **known: object) -> dict[str, Any]:
    """The JSON of a command that writes: all keys of ``json_keys.SAVE``, with the values that are known."""
    flags = {"dry_run": arguments.dry_run, "changed": False, "sent": False, "verified": False}
    lists: dict[str, Any] = {name: [] for name in ("changes", "outcomes", "requests", "warnings", "notices")}
    return {**about(arguments, postmortem, code), **flags, **lists, **known}


def print_rehearsal(
    arguments: argparse.Namespace,
    postmortem: Postmortem,
    changes: Sequence[Change],
    requests: Sequence[RequestPreview],
    warnings: Sequence[str],
    notes: Sequence[str] = (),
) -> None:
    """Print a dry run: the changes and the requests. ``notes`` says what cannot be known before sending."""
    if arguments.json:
        told = {"changed": bool(requests), "changes": changes_json(changes, postmortem), "requests": requests_json(requests)}
        print_json(save_json(arguments, postmortem, ExitCode.OK, **told, warnings=list(warnings), notices=list(notes)))
        return
    print_changes(changes, postmortem)
    print_requests(requests)
    for warning in warnings:
        print_line(warning, "! ")
    for note in notes:
        say(note)
    if requests:
        counted = f"{count(len(changes), 'change')}, " if changes else ""
        say(f"{counted}{count(len(requests), 'request')}; nothing was sent")
    else:
        say("nothing would change: the server has it already")


def print_requests(requests: Sequence[RequestPreview]) -> None:
    """Print each request: method, path and body."""
    for request in requests:
        print_text(f"{request.method} {request.path}")
        if request.body is not None:
            body = request.body if isinstance(request.body, str) else json.dumps(request.body, indent=2, ensure_ascii=False)
            print_text("\n".join(f"  {line}" for line in body.split("\n")))


def requests_json(requests: Sequence[RequestPreview]) -> list[dict[str, Any]]:
    """The requests as JSON."""
    return [{"method": each.method, "path": each.path, "body": each.body} for each in requests]


def print_nothing(arguments: argparse.Namespace, postmortem: Postmortem, afterwards: Afterwards) -> None:
    """Print that there was nothing to save."""
    if arguments.json:
        print_json({**save_json(arguments, postmortem, ExitCode.OK, verified=True), **afterwards.told})
        return
    say("nothing to change: the server has it already")
    for line in afterwards.said:
        say(line)


def print_report(
    arguments: argparse.Namespace, postmortem: Postmortem, report: Report, sent: Sequence[Outcome], code: ExitCode, afterwards: Afterwards
) -> None:
    """Print the outcomes of a save."""
    warnings = warnings_of(outcome.step for outcome in sent if outcome.step and outcome.state is not Result.NOT_SENT)
    if arguments.json:
        changes = [outcome.change for outcome in sent if outcome.change is not None]
        told: dict[str, object] = {
            "changed": any(outcome.state is Result.DONE for outcome in sent),
            "sent": any(outcome.state is not Result.NOT_SENT for outcome in sent),
            "verified": report.verified,
            "changes": changes_json(changes, postmortem),
            "outcomes": [_outcome_json(each) for each in sent],
            "warnings": warnings,
            "notices": [*report.notices, *filter(None, [report.news_words])],
        }
        print_json({**save_json(arguments, postmortem, code, **told), **afterwards.told})
        return
    for outcome in sent:
        print_line(f"{_called(outcome, postmortem)}  {outcome.state.value}")
    for warning in warnings:
        print_line(warning, "! ")
    say(VERIFIED if report.verified else f"not saved: {report.words(postmortem)}")
    for line in (*report.notices, *filter(None, [report.news_words]), *afterwards.said):
        say(line)


def print_changes(changes: Sequence[Change], postmortem: Postmortem) -> None:
    """Print each change: its title, and below it the lines of its diff."""
    for change in changes:
        print_line(change_title(change, postmortem))
        for tag, text in change_lines(change):
            print_diff_line(tag, text)


def changes_json(changes: Sequence[Change], postmortem: Postmortem) -> list[dict[str, Any]]:
    """Changes as JSON: id, title, and the lines of the diff where the title does not say everything."""
    return [
        {"id": change_id(each), "title": change_title(each, postmortem), "diff": [f"{tag} {text}" for tag, text in change_lines(each)]}
        for each in changes
    ]


def warnings_of(steps: Iterable[Step]) -> list[str]:
    """The side effects of these writes, each once."""
    return list(dict.fromkeys(warning for step in steps for warning in step.warnings))


def _called(outcome: Outcome, postmortem: Postmortem) -> str:
    """The change in one line. Of a field that was not saved only the name: the notice has its value, and the reason."""
    if isinstance(outcome.change, FieldChanged) and outcome.state is not Result.DONE:
        return field_words(outcome.change, postmortem)[0]
    return change_title(outcome.change, postmortem) if outcome.change else outcome.step.label if outcome.step else outcome.id


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.id,
        "state": outcome.state.value,
        "detail": outcome.detail,
        "trouble": outcome.trouble.value if outcome.trouble else "",
        "request_id": outcome.request_id,
    }
