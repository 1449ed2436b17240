"""Edits by another person, made in between (fault `edit`)."""

from __future__ import annotations

import re
from datetime import datetime

from pmtui.sandbox.opsgenie.answers import Json
from pmtui.sandbox.opsgenie.postmortems import adf
from pmtui.sandbox.opsgenie.state import State, stamp

_POSTMORTEM = re.compile(r"/v2/postmortem/([^/]+)(/.*)?")
_INCIDENT = re.compile(r"/v[12]/incident(?:s|-timelines)/([^/]+)(/.*)?")


def edit_concurrently(state: State, path: str, now: datetime) -> None:
    """Edit the postmortem or incident that the path names, if it names one."""
    postmortem = _POSTMORTEM.fullmatch(path)
    incident = _INCIDENT.fullmatch(path)
    if postmortem and postmortem.group(1) in state.postmortems:
        state.intrusions += 1
        _edit_postmortem(state.postmortems[postmortem.group(1)], state.intrusions)
    elif incident and incident.group(1) in state.incidents:
        state.intrusions += 1
        found = state.incidents[incident.group(1)]
        found["message"] = f"{found['message']} (edited by Sam, {state.intrusions})"
        found["updatedAt"] = stamp(now)


def _edit_postmortem(kept: Json, count: int) -> None:
    """A new title, and a paragraph at the end of the first section."""
    kept["title"] = f"{kept['title']} (edited by Sam, {count})"
    blocks = kept["content"]["content"]
    headings = [index for index, block in enumerate(blocks) if block["type"] == "heading"]
    inner = [index for index in headings if index > 0]
    end = inner[0] if inner else len(blocks)
    added = adf.paragraph(f"Sam wrote this in the meantime ({count}).")
    kept["content"] = {**kept["content"], "content": [*blocks[:end], added, *blocks[end:]]}
