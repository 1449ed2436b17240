"""Puts texts that attack a terminal or markup parser into everything written in the sandbox, and checks the program's output."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from pmtui.sandbox.server import Sandbox

PAYLOADS: Mapping[str, str] = {
    "markup": "[/b][@click=app.bell]x[/][red]",
    "title": "\x1b]0;pwned\x07",
    "link": "\x1b]8;;http://evil.example.com\x1b\\",
    "clipboard": "\x1b]52;c;cHduZWQ=\x07",
    "file": "\x1b]1337;File=:cHduZWQ=\x07",
    "cursor": "\x1b[999;998H\x1b[77J\x1b[38;5;199m",
    "reset": "\x1bc\x1b(0",
    "device": '\x1bP$q"p\x1b\\\x1b_pwned\x1b\\',
    "c1": "\x9b77J\x9d0;pwned\x9c\x85\x90",
    "c0": "\x00\x07\x08\x0b\x0c\x0e\x0f\x7f",
    "line": "\r\u2028\u2029",
    "bidi": "\u202e\u2066\u200f",
    "hidden": "\u200b\ufeff\u2060\u00ad",
    "tags": "\U000e0041\U000e0042\U000e007f",
    "marks": "a" + "\u0301" * 60,
}
ALL = "".join(PAYLOADS.values())
LITERAL = ("[/b][@click=app.bell]x[/][red]", "␛]0;pwned␇")
"""The beginning of a payload as shown on a screen."""

# The keys of text written by people. Ids, states, times and addresses are not changed.
_WORDS = frozenset({"title", "name", "message", "description", "text", "note", "content", "fullName", "log", "summary", "role", "label"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]+")

# What the program itself sends: SGR, cursor moves, erasing, scrolling; modes; queries and settings; line ends, backspace.
_OWN = re.compile(
    rb"\x1b\[[0-9;]*[ABCDGHJKLMPSTXdfmr@t]|\x1b\[\?[0-9;]+[hl]|\x1b\[[<>=?]?[0-9;]*[unc]"
    rb"|\x1b\[\?[0-9]+\$p|\x1b\[[0-9]* q|\x1b\]22;default\x07|\x1b\\|[\r\n\x08]"
)

_UNFINISHED = re.compile(rb"\x1b(\[[0-9;?<>=]*)?$")


def poison(sandbox: Sandbox) -> None:
    """Put all payloads before every text written by people, at both vendors."""
    datadog, opsgenie = sandbox.datadog.state, sandbox.opsgenie.state
    for incident in datadog.incidents():
        _poison(incident)
    for user in datadog.users.values():
        _poison(user)
    for notebook in datadog.notebooks():
        _poison(notebook)
    for table in (opsgenie.incidents, opsgenie.postmortems, opsgenie.users, opsgenie.teams, opsgenie.services):
        for row in table.values():
            _poison(row)


def _poison(value: Any) -> None:
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(item, dict | list):
            _poison(item)
        elif isinstance(item, str) and item and key in _WORDS:
            value[key] = ALL + item


def leaks(output: bytes) -> Iterator[str]:
    """Parts of payloads that reached the terminal, and any other sequence that the program does not send itself."""
    for name, payload in PAYLOADS.items():
        for part in _CONTROL.findall(payload):
            if len(part.encode()) > 1 and part.encode() in output:
                yield f"{name}: {part!r}"
    for sequence in re.findall(rb"\x1b\[(?:77J|999;998H|38;5;199m)", output):
        yield repr(sequence)
    text = _UNFINISHED.sub(b"", _OWN.sub(b"", output)).decode("utf-8", "ignore")
    for char in sorted(set(text)):
        if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs"):
            where = text.index(char)
            yield f"U+{ord(char):04X} in {text[max(0, where - 20) : where + 20]!r}"
    if "\u0301" * 8 in text:
        yield "a flood of marks"
