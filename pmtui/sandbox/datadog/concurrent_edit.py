"""Edits by another person, made in between (fault `edit`)."""

from __future__ import annotations

import re

from pmtui.sandbox.datadog import catalogue
from pmtui.sandbox.datadog.state import State

WHO = "mara"


def edit_concurrently(state: State, path: str) -> None:
    """Edit what the path names: a notebook's last Markdown cell, or an incident's summary."""
    if match := re.fullmatch(r"/api/v1/notebooks/(\d+)", path):
        _edit_notebook(state, int(match[1]))
    elif match := re.match(r"/api/v2/incidents/([0-9a-f-]{36})(/|$)", path):
        _edit_incident(state, match[1])


def _edit_notebook(state: State, identifier: int) -> None:
    record = state.notebook(identifier)
    if record is None:
        return
    texts = [cell["attributes"]["definition"] for cell in record["cells"] if cell["attributes"]["definition"]["type"] == "markdown"]
    if texts:
        state.change_notebook(record)
        texts[-1]["text"] += f"\n\nAdded in the browser by {WHO}."
        record["modified"] = state.stamp()


def _edit_incident(state: State, identifier: str) -> None:
    record = state.incident(identifier)
    if record is None:
        return
    state.change(record)
    summary = record["fields"]["summary"]
    record["fields"] = record["fields"] | {
        "summary": summary | {"value": f"{summary['value'] or ''} Edited in the browser by {WHO}.".strip()}
    }
    state.touch(record)
    record["last_modified_by"] = catalogue.user_id(WHO)
