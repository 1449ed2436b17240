"""Compares two exports except for ids and addresses: a copy to another account and back must be equal. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from pmtui.formats.document.front_matter import Entry
from pmtui.formats.document.postmortem_file import read

_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w#])#\d+(?!\w)")


def said(text: str, ignored: Iterable[str] = ()) -> str:
    """The text of an exported file without what is specific to the account: ids, addresses, references.

    ``ignored`` are keys of the front matter that the other account sets itself (a time of creation).
    """
    file = read(text)
    left = set(ignored)
    entries = [f"{key}: {_plain(entry)}" for key, entry in file.entries.items() if key not in left]
    cells = [cell.text for cell in file.cells]
    words = _ADDRESS.sub("ADDRESS", "\n".join((*entries, "", "\n\n".join(cells))))
    own = words.replace(file.source.reference, "REFERENCE") if file.source.reference else words
    return _NUMBER.sub("REFERENCE", _UUID.sub("ID", own))


def differences(one: Iterable[str], other: Iterable[str], ignored: Iterable[str] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files, as ``said`` returns them, that only the first of two exports has, and those that only the second has."""
    left = tuple(ignored)
    first, second = Counter(said(each, left) for each in one), Counter(said(each, left) for each in other)
    return tuple((first - second).elements()), tuple((second - first).elements())


def _plain(entry: Entry) -> str:
    if isinstance(entry, list):
        return ", ".join(_plain(each) for each in entry)
    if isinstance(entry, dict):
        return ", ".join(f"{key} {_plain(each)}" for key, each in entry.items())
    return entry or ""
