"""What the commands print: tables whose columns line up, JSON, one-line errors. Foreign text passes ``display`` here."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.streams import warn
from pmtui.display import clip, display, width
from pmtui.redaction import redact

_GAP = "  "
_LEAST_LAST = 20  # cells of the last column that are kept before others give way
_LEAST = 6


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]], out: TextIO | None = None) -> None:
    """Rows of foreign text under their titles. A terminal gets columns, cut to fit; a pipe gets them whole, with tabs between."""
    out = out or sys.stdout
    shown = [tuple(display(text) for text in row) for row in (titles, *rows)]
    if not out.isatty():
        print("\n".join("\t".join(row) for row in shown), file=out)
        return
    widths = [max(width(row[column]) for row in shown) for column in range(len(titles))]
    widths = _fitted(widths, _columns(out) - len(_GAP) * (len(widths) - 1))
    for row in shown:
        cut = [clip(text, cells) for text, cells in zip(row, widths, strict=True)]
        padded = [text + " " * (cells - width(text)) for text, cells in zip(cut, widths, strict=True)]
        print(_GAP.join(padded).rstrip(), file=out)


def _fitted(widths: Sequence[int], room: int) -> list[int]:
    """The widths with what is too much taken from the last column, then from the widest."""
    *others, last = widths
    last = max(min(last, _LEAST_LAST), min(last, room - sum(others)))
    while sum(others) + last > room and max(others) > _LEAST:
        others[others.index(max(others))] -= 1
    return [*others, last]


def print_text(text: str, out: TextIO | None = None) -> None:
    """A foreign text of several lines."""
    print(display(text, multiline=True), file=out or sys.stdout)


def print_markdown(text: str) -> None:
    """As it is into a file or pipe (half of a surrogate pair as its escape); made harmless on a terminal."""
    if sys.stdout.isatty():
        print_text(text.rstrip("\n"))
    else:
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))


def print_json(data: Mapping[str, Any]) -> None:
    """JSON in ASCII: whatever is in the texts, a terminal obeys none of it."""
    print(json.dumps(data, indent=2))


def say(text: str) -> None:
    """One line on standard error: progress, notices. Beside JSON it is one JSON object: no prose between the data."""
    _SAYS[-1](redact(text))


def say_plainly() -> None:
    """From here on notices are for people."""
    _SAYS[:] = [_for_people]


def say_in_json() -> None:
    """From here on notices are for programs."""
    _SAYS[:] = [_for_programs]


def _for_people(text: str) -> None:
    warn(f"pmtui: {display(text)}")


def _for_programs(text: str) -> None:
    warn(json.dumps({"schema": 1, "notice": text}))


_SAYS = [_for_people]


def say_error(message: str, code: ExitCode, *, as_json: bool, **details: object) -> None:
    """An error on standard error: one line, or one JSON object whose ``kind`` is the exit code's name."""
    if not as_json:
        _for_people(redact(message))
        return
    known = {name: redact(value) if isinstance(value, str) else value for name, value in details.items() if value}
    error = {"message": redact(message), "exit_code": int(code), "kind": code.kind, **known}
    warn(json.dumps({"schema": 1, "error": error}))


def tolerate_any_text() -> None:
    """Print `?` for what the locale's encoding or UTF-8 itself cannot say, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # a stream that a test put there may have none
        if reconfigure is not None:
            reconfigure(errors="replace")


def _columns(out: TextIO) -> int:
    import os

    try:
        return os.get_terminal_size(out.fileno()).columns or 80  # some pseudo terminals say 0
    except (OSError, ValueError):
        return 80
