"""How Datadog talks of errors: two back ends, two dialects, and gateways in front (vendors' docs, recorded 2026-02)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pmtui.backends.base import Trouble
from pmtui.backends.datadog.wire import dig, text
from pmtui.backends.http import Explained, seconds_told

_POINTER = re.compile(r"'pointer': '([^']*)'")
_CELL = re.compile(r"'cells': \{(\d+):")
_DETAILS = re.compile(r"'detail': (?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")")
_FIELDS: Mapping[str, str] = {
    "title": "title",
    "severity": "severity",
    "state": "status",
    "commander_user": "owner",
    "services": "affected_services",
    "name": "document_title",
    "content": "action_items",
}
"""Names in the vendor's pointers → names of fields in the form."""

_NAMED = re.compile(r"\b[Ff]ield (\w+)|^(title)\b")
_SCOPE = re.compile(r"\b((?:incident|notebooks|user_access|teams|apm_service_catalog)(?:_[a-z]+)*_(?:read|write))\b")


class DatadogDialect:
    """Reads ``{"errors": ["…"]}``, ``{"errors": [{"title": …, "detail": …}]}`` and what a gateway sends."""

    def explain(self, status: int, headers: Mapping[str, str], body: bytes) -> Explained:
        words = body.decode("utf-8", "replace").strip()
        data = _json(words)
        errors = dig(data, "errors")
        items = errors if isinstance(errors, list) else [errors] if errors else []
        parts = _rejoined([part for each in items if (part := _said(each))])
        said = "; ".join(parts) or (words[:200] if data is None else "")
        scope = _SCOPE.search(said) if status == 403 else None
        return Explained(
            said,
            Trouble.CREDENTIALS if status == 403 and _is_about_keys(said) else None,
            fields=_fields(items, said),
            advice=_advice(status, said),
            missing_right=scope[1] if scope else "",
        )

    def wait(self, headers: Mapping[str, str]) -> float | None:
        return seconds_told(headers, "x-ratelimit-reset", "retry-after")


def _json(words: str) -> Any:
    try:
        return json.loads(words)
    except (ValueError, RecursionError):
        return None


def _said(error: Any) -> str:
    if isinstance(error, str):
        return _unfolded(error)
    said = text(error, "detail") or text(error, "title")
    pointer = text(error, "source", "pointer")
    return f"{said} ({pointer})" if pointer else said


def _unfolded(error: str) -> str:
    """A notebook's validation errors come as the repr of a Python value: what it says, and where."""
    details = _rejoined([one or other for one, other in _DETAILS.findall(error)])
    if not details:
        return error
    cell, pointer = _CELL.search(error), _POINTER.search(error)
    where = [f"cell {int(cell[1]) + 1}"] if cell else []
    where += [pointer[1]] if pointer else []
    return "; ".join(details) + (f" ({', '.join(where)})" if where else "")


def _rejoined(details: list[str]) -> list[str]:
    """Some details arrive as one entry for each character (pup does the same)."""
    return ["".join(details)] if len(details) >= 4 and all(len(each) == 1 for each in details) else details


def _fields(items: list[Any], said: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in items:
        pointer = text(each, "source", "pointer") or next(iter(_POINTER.findall(each) if isinstance(each, str) else []), "")
        name = pointer.rpartition("/")[2]
        if pointer and name in _FIELDS:
            found[_FIELDS[name]] = text(each, "detail") or text(each, "title") or said
    if named := _NAMED.search(said):
        name = named[1] or named[2]
        found.setdefault(_FIELDS.get(name, name), said)
    return found


def _is_about_keys(said: str) -> bool:
    """Bad keys are answered with 403, and so are missing rights: only the words tell them apart."""
    lower = said.lower()
    return "api key" in lower or "application key" in lower or "unauthorized" in lower


def _advice(status: int, said: str) -> str:
    if status == 403:
        return "the keys may be wrong, of another site, or lack a scope: pmtui doctor"
    if status == 404 and "incident" in said.lower():
        return "it may be private, deleted, or on another site"
    if status == 409:
        return "the notebook was changed or is locked on the server: read again"
    return ""
