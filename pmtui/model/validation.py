"""What is wrong with the value of a field, said before a server says it. Pure."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from pmtui.model.fields import Field, Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Link, Value


def problem(field: Field, value: Value) -> str:
    """Why this value cannot be saved, "" when it can. An unknown choice is no problem: the set is open."""
    if field.required and not value:
        return f"{field.label} must not be empty"
    if isinstance(value, str):
        return _of_text(field, value)
    if isinstance(value, tuple):
        for item in value:
            if isinstance(item, Link) and (why := link_problem(item.url)):
                return why
    return ""


def _of_text(field: Field, text: str) -> str:
    if field.max_length is not None and len(text) > field.max_length:
        return f"{field.label} has {len(text):,} characters, {field.max_length:,} are allowed"
    if not text:
        return ""
    if field.kind is Kind.NUMBER and not _is_number(text):
        return f"{field.label} is not a number: {text[:40]}"
    if field.kind is Kind.TIME and not _is_time(text):
        return f"{field.label} is not a time such as 2026-11-22T03:10Z: {text[:40]}"
    return ""


def link_problem(url: str) -> str:
    """Why this is no address of a linked issue, "" when it is one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in url):
        return f"enter a full address, https://…: {url[:60]}"
    return ""


def problems(before: Postmortem, after: Postmortem) -> dict[str, str]:
    """What is wrong with the fields that changed, by name. What was there before is the server's business."""
    found: dict[str, str] = {}
    for field in after.form:
        value = after.fields.get(field.name)
        if value != before.fields.get(field.name) and (why := problem(field, value)):
            found[field.name] = why
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
