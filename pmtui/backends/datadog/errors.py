"""Datadog's error answers: two services with two formats, and gateways in front (vendors' docs, recorded 2026-02)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pmtui.backends.base import Trouble
from pmtui.backends.datadog.notebook.refusals import complaints, rejoined
from pmtui.backends.datadog.wire.values import leaf
from pmtui.backends.http.client import Explained, seconds_told

_POINTER = re.compile(r"'pointer': '([^']*)'")
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
    """Reads ``{"errors": ["…"]}``, ``{"errors": [{"title": …, "detail": …}]}`` and the answers of gateways."""

    def explain(self, status: int, headers: Mapping[str, str], body: bytes) -> Explained:
        words = body.decode("utf-8", "replace").strip()
        data = _json(words)
        items = errors_in(data)
        said = _all_said(data) or _otherwise(data, words)
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


def _all_said(data: Any) -> str:
    """The errors of an answer as text, "" when it has none."""
    return "; ".join(rejoined([part for each in errors_in(data) if (part := _said(each))]))


def errors_in(data: Any) -> list[Any]:
    """The errors of an answer: strings, or objects with a title and an optional detail."""
    errors = data.get("errors") if isinstance(data, dict) else None
    return errors if isinstance(errors, list) else [errors] if errors else []


def _json(words: str) -> Any:
    try:
        return json.loads(words)
    except (ValueError, RecursionError):
        return None


def _otherwise(data: Any, words: str) -> str:
    """The text of an error answer without ``errors``: a gateway's message, or its first words."""
    named = leaf(data, "message") or leaf(data, "error") or leaf(data, "error", "message")
    nothing = isinstance(data, dict) and not any(data.values())
    return named or ("" if nothing else words[:200])


def _said(error: Any) -> str:
    if isinstance(error, str):
        return _unfolded(error)
    detail = error.get("detail") if isinstance(error, dict) else None
    letters = detail if isinstance(detail, list) and all(isinstance(each, str) for each in detail) else []
    said = leaf(error, "detail") or "; ".join(rejoined(letters)) or leaf(error, "title") or leaf(error, "message")
    pointer = leaf(error, "source", "pointer")
    return f"{said} ({pointer})" if pointer else said


def _unfolded(error: str) -> str:
    """The messages and places in a notebook's validation error, which is the repr of a Python value."""
    return "; ".join(each.words for each in complaints(error)) or error


def _fields(items: list[Any], said: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in items:
        pointer = leaf(each, "source", "pointer") or next(iter(_POINTER.findall(each) if isinstance(each, str) else []), "")
        name = pointer.rpartition("/")[2]
        if pointer and name in _FIELDS:
            found[_FIELDS[name]] = leaf(each, "detail") or leaf(each, "title") or said
        for complaint in complaints(each) if isinstance(each, str) else ():
            if complaint.field in _FIELDS:
                found[_FIELDS[complaint.field]] = complaint.said
    if named := _NAMED.search(said):
        name = named[1] or named[2]
        found.setdefault(_FIELDS.get(name, name), said)
    return found


def _is_about_keys(said: str) -> bool:
    """Whether a 403 is about bad keys. Missing rights are answered with 403, too; only the words differ."""
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
