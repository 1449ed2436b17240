"""Checks the values of fields before a server does. Pure."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from pmtui.model.equality import same_value
from pmtui.model.fields import Field, Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Link, Value

_MOST_OFFERED = 10


def problem(field: Field, value: Value, before: Value = None) -> str:
    """Why this value cannot be saved, "" when it can.

    An unknown choice is allowed when the field takes any text (``verbatim``), and when it was there ``before``.
    """
    if field.required and not (value.strip() if isinstance(value, str) else value):
        return f"{field.label} must not be empty"
    if why := _unknown_choice(field, value, before):
        return why
    if isinstance(value, str):
        return _of_text(field, value)
    if isinstance(value, tuple):
        for item in value:
            if isinstance(item, Link) and (why := link_problem(item.url)):
                return why
    return ""


def _unknown_choice(field: Field, value: Value, before: Value) -> str:
    if field.kind not in (Kind.CHOICE, Kind.CHOICES) or field.verbatim or not field.choices:
        return ""
    allowed = {choice.value for choice in field.choices}
    unknown = [each for each in _texts(value) if each not in allowed and each not in _texts(before)]
    if not unknown:
        return ""
    offered = ", ".join([choice.value for choice in field.choices[:_MOST_OFFERED]] + ["…"] * (len(allowed) > _MOST_OFFERED))
    return f"{field.label} cannot be {unknown[0][:40]!r}; it can be {offered}"


def unlisted(field: Field, value: Value, before: Value = None) -> str:
    """What to say of a choice that is none of those we know, where the field takes any text; "" otherwise."""
    if field.kind is not Kind.CHOICE or not field.verbatim or not field.choices:
        return ""
    known = {choice.value for choice in field.choices} | set(_texts(before))
    return next((not_known(each) for each in _texts(value) if each not in known), "")


def not_known(name: str) -> str:
    """What to say of a name that only the server can judge."""
    return f"{name[:60]} is not known here: the server decides"


def _texts(value: Value) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return tuple(each for each in value if isinstance(each, str))
    return (value,) if isinstance(value, str) and value else ()


def _of_text(field: Field, text: str) -> str:
    if field.max_length is not None and len(text) > field.max_length:
        return f"{field.label} has {len(text):,} characters, {field.max_length:,} are allowed"
    if not text:
        return ""
    if field.kind is Kind.NUMBER and not _is_number(text):
        return f"{field.label} is not a number: {text[:40]}"
    if field.kind is Kind.TIME and not _is_time(text):
        return f"{field.label} is not a time such as 06:30, -20m or 2026-11-22 03:10: {text[:40]}"
    return ""


def link_problem(url: str) -> str:
    """Why this cannot be the address of a linked issue, "" when it can."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in url):
        return f"enter a full address, https://…: {url[:60]}"
    return ""


def problems(before: Postmortem, after: Postmortem) -> dict[str, str]:
    """The problems of the fields that changed, by name. Unchanged values are not checked."""
    found: dict[str, str] = {}
    for field in after.form:
        was, value = before.fields.get(field.name), after.fields.get(field.name)
        if not same_value(was, value) and (why := problem(field, value, was)):
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
