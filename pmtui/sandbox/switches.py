"""Reads the switches of a service: variants, previews and permissions of the real one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any


def read(prefix: str, kind: type[Any], choices: Mapping[str, tuple[str, ...]], given: Mapping[str, str]) -> dict[str, Any]:
    """The values for `kind`, a dataclass of switches, from texts such as `{"datadog.deny": "notebooks_write"}`.

    A switch with an integer default takes an integer. `choices` are the allowed texts; a switch without an entry takes any.
    Raises ValueError for an unknown switch or value.
    """
    defaults = {field.name: field.default for field in fields(kind)}
    values: dict[str, Any] = {}
    for full_name, text in given.items():
        name = full_name.removeprefix(prefix)
        if name not in defaults:
            raise ValueError(f"unknown switch {full_name!r}; known are {', '.join(prefix + known for known in sorted(defaults))}")
        if name in choices and text not in choices[name]:
            raise ValueError(f"switch {full_name} takes {' or '.join(choices[name])}, not {text!r}")
        whole = isinstance(defaults[name], int)
        if whole and not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise ValueError(f"switch {full_name} takes a whole number, not {text!r}")
        values[name] = int(text) if whole else text
    return values
