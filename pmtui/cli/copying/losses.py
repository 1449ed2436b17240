"""The report of a copy, what was copied and what was lost: as text, as JSON, and as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.output import print_line, print_table
from pmtui.cli.printing.plain import SCHEMA
from pmtui.display import count, display
from pmtui.model.incident import Incident
from pmtui.session.copy.loss import LossReport, counted, total

_TITLES = ("PART", "BECOMES", "HOW")


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """One postmortem of a copy, and what became of it: ``state`` is copied, unchanged, left out, not sent, or an exit code's kind.

    ``why`` is foreign text, "" when it was copied. ``target`` is None when there is none, ``found`` says how it was found.
    """

    source: Incident
    target: Incident | None
    state: str
    losses: LossReport
    why: str = ""
    code: ExitCode = ExitCode.OK
    found: str = ""

    @property
    def copied(self) -> bool:
        """Whether the target has it."""
        return self.code is ExitCode.OK


def print_losses(losses: LossReport) -> None:
    """Print a row for each part, and the warnings."""
    if losses.parts:
        print_table(_TITLES, [(each.label, each.fate.value, each.detail) for each in losses.parts])
    for warning in losses.warnings:
        print_line(warning, "! ")


def losses_json(losses: LossReport) -> dict[str, Any]:
    """The parts and warnings as JSON."""
    parts = [{"part": each.part, "label": each.label, "fate": each.fate.value, "detail": each.detail} for each in losses.parts]
    return {"counts": {fate.value: number for fate, number in losses.counts.items()}, "parts": parts, "warnings": list(losses.warnings)}


def entry_json(entry: ReportEntry) -> dict[str, Any]:
    """One postmortem of a copy as JSON."""
    return {
        "source": _incident(entry.source),
        "target": _incident(entry.target) if entry.target is not None else None,
        "found": entry.found,
        "state": entry.state,
        "why": entry.why,
        "exit_code": int(entry.code),
        "losses": losses_json(entry.losses),
    }


def _incident(incident: Incident) -> dict[str, str]:
    return {"id": incident.id, "reference": incident.reference, "title": incident.title, "url": incident.url}


def summary_json(entries: Sequence[ReportEntry]) -> dict[str, Any]:
    """A whole copy as JSON, with totals."""
    states = dict.fromkeys(entry.state for entry in entries)
    return {
        "schema": SCHEMA,
        "count": len(entries),
        "states": {state: sum(entry.state == state for entry in entries) for state in states},
        "parts": {fate.value: number for fate, number in total(entry.losses for entry in entries).items()},
        "postmortems": [entry_json(entry) for entry in entries],
    }


def print_summary(entries: Sequence[ReportEntry]) -> None:
    """Print how many were copied, what became of their parts, and a line for each that was not copied."""
    states = dict.fromkeys(entry.state for entry in entries)
    said = ", ".join(f"{sum(entry.state == state for entry in entries)} {state}" for state in states)
    print_line(f"{count(len(entries), 'postmortem')}: {said or 'nothing to copy'}")
    if entries:
        print_line(f"their parts: {counted(total(entry.losses for entry in entries))}")
    left = [entry for entry in entries if entry.why]
    if left:
        print_table(
            ("POSTMORTEM", "STATE", "WHY"), [(f"{each.source.reference} {each.source.title}", each.state, each.why) for each in left]
        )


def write_report(file: Path, entries: Sequence[ReportEntry]) -> None:
    """Write the report to a file: JSON when its name ends in .json, else Markdown. Raises OSError."""
    as_json = file.suffix.lower() == ".json"
    text = json.dumps(summary_json(entries), indent=2) + "\n" if as_json else "\n".join(_lines(entries)) + "\n"
    file.write_text(text, encoding="utf-8", errors="replace")


def _lines(entries: Sequence[ReportEntry]) -> Iterator[str]:
    yield "# What was copied"
    yield ""
    for entry in entries:
        there = f" → {entry.target.reference} {entry.target.url}".rstrip() if entry.target is not None else ""
        yield f"## {_plain(f'{entry.source.reference} {entry.source.title}')}"
        yield ""
        found = f" ({entry.found})" if there and entry.found else ""
        yield _plain(f"{entry.state}{there}{found}" + (f": {entry.why}" if entry.why else ""))
        yield ""
        yield from (
            f"- {_plain(each.label)}: {each.fate.value}" + (f" ({_plain(each.detail)})" if each.detail else "")
            for each in entry.losses.parts
        )
        yield from (f"- ! {_plain(warning)}" for warning in entry.losses.warnings)
        yield ""
    yield f"{len(entries)} postmortems, their parts: {counted(total(entry.losses for entry in entries))}"


def _plain(text: str) -> str:
    return " ".join(display(text).split())
