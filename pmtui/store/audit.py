"""The audit log: who changed what, and when. One JSON line per write.

It has no text and no secret. Values are hashes, which prove which value was written.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pmtui.model.codec import value_to_json
from pmtui.model.values import Value
from pmtui.store.files import Files, in_words


class Audit:
    """The audit log in ``STATE/audit.jsonl``; ``state`` is the state directory."""

    def __init__(self, state: Path, files: Files | None = None) -> None:
        self._state = state
        self._path = state / "audit.jsonl"
        self._files = files or Files()
        self.problem = ""
        self._told = ""

    def news(self) -> str:
        """Why the log could not be written, each reason once; "" for nothing new."""
        if self.problem == self._told:
            return ""
        self._told = self.problem
        return f"the audit log could not be written: {self.problem}" if self.problem else ""

    def write(
        self,
        *,
        actor: str,
        vendor: str,
        incident: str,
        what: str,
        outcome: str,
        before: Value = None,
        after: Value = None,
        request_id: str = "",
    ) -> None:
        """Append one line. ``what`` names the field or cell, never its text. A disk error goes to ``problem``."""
        entry = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "actor": actor,
            "vendor": vendor,
            "incident": incident,
            "what": what,
            "outcome": outcome,
            "before": fingerprint(before),
            "after": fingerprint(after),
            "request_id": request_id,
        }
        try:
            self._files.directory(self._state)
            self._files.append(self._path, json.dumps(entry).encode("ascii") + b"\n")
        except OSError as error:
            self.problem = in_words(error)
        else:
            self.problem = ""

    def entries(self) -> list[dict[str, Any]]:
        """Every whole line, oldest first. Raises OSError."""
        return self.read()[0]

    def read(self) -> tuple[list[dict[str, Any]], int]:
        """Every whole line, oldest first, and the number of damaged lines. Raises OSError."""
        try:
            lines = self._files.read(self._path).splitlines()
        except FileNotFoundError:
            return [], 0
        entries = [entry for line in lines if isinstance(entry := _parsed(line), dict)]
        return entries, len(lines) - len(entries)


def fingerprint(value: Value) -> str:
    """A hash that differs for different values; "" for no value."""
    if value is None:
        return ""
    body = json.dumps(value_to_json(value), sort_keys=True).encode("ascii")
    return hashlib.sha256(body).hexdigest()[:16]


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):  # a line cut short by a full disk
        return None
