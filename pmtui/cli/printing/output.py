"""Prints tables, JSON and one-line errors. All foreign text goes through ``display`` here."""

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
_LEAST_LAST = 20  # columns of the terminal that the last column keeps before others shrink
_LEAST = 6


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]], out: TextIO | None = None) -> None:
    """Print rows of foreign text under their titles: aligned and cut to fit on a terminal, tab-separated and whole in a pipe."""
    out = out or sys.stdout
    shown = [tuple(display(text) for text in row) for row in (titles, *rows)]
    if not out.isatty():
        print("\n".join("\t".join(row) for row in shown), file=out)
        return
    widths = [max(width(row[column]) for row in shown) for column in range(len(titles))]
    widths = _fitted(widths, columns(out) - len(_GAP) * (len(widths) - 1))
    for row in shown:
        cut = [clip(text, cells) for text, cells in zip(row, widths, strict=True)]
        padded = [text + " " * (cells - width(text)) for text, cells in zip(cut, widths, strict=True)]
        print(_GAP.join(padded).rstrip(), file=out)


def _fitted(widths: Sequence[int], room: int) -> list[int]:
    """Shrink the widths until they fit: first the last column, then the widest."""
    *others, last = widths
    last = max(min(last, _LEAST_LAST), min(last, room - sum(others)))
    while sum(others) + last > room and max(others) > _LEAST:
        others[others.index(max(others))] -= 1
    return [*others, last]


def print_text(text: str, out: TextIO | None = None) -> None:
    """Print a foreign text of several lines."""
    print(display(text, multiline=True), file=out or sys.stdout)


def print_line(text: str, sign: str = "", out: TextIO | None = None) -> None:
    """Print one line of foreign text behind a sign, on a terminal broken between words."""
    out = out or sys.stdout
    print(_in_rows(sign, text, out), file=out)


def print_diff_line(tag: str, text: str, out: TextIO | None = None) -> None:
    """Print one line of a diff behind its tag, which each of its rows on a terminal has: without it a row reads as an unchanged line."""
    out = out or sys.stdout
    sign = f"  {tag} "
    print(_in_rows(sign, text, out, below=sign), file=out)


def _in_rows(sign: str, text: str, out: TextIO, below: str = "") -> str:
    """The line; on a terminal as rows of whole words, those after the first one below the text, behind ``below``."""
    shown = display(text)
    if not out.isatty():
        return f"{sign}{shown}"
    words = shown.lstrip(" ")
    indent = len(sign) + len(shown) - len(words)
    return f"{sign:{indent}}" + f"\n{below:{indent}}".join(folded(words, columns(out) - indent))


def print_markdown(text: str) -> None:
    """Print Markdown: made harmless on a terminal, unchanged into a file or pipe (except that a lone surrogate is escaped)."""
    if sys.stdout.isatty():
        print_text(text.rstrip("\n"))
    else:
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))


def print_json(data: Mapping[str, Any]) -> None:
    """Print JSON in ASCII, so that no text in it can control a terminal."""
    print(json.dumps(data, indent=2))


def say(text: str) -> None:
    """Print a notice on standard error: one line, or one JSON object when the command prints JSON."""
    _SAYS[-1](redact(text))


def say_plainly() -> None:
    """Print notices as text from here on."""
    _SAYS[:] = [_for_people]


def say_in_json() -> None:
    """Print notices as JSON from here on."""
    _SAYS[:] = [_for_programs]


def _for_people(text: str) -> None:
    warn(_in_rows("pmtui: ", text, sys.stderr))


def _for_programs(text: str) -> None:
    warn(json.dumps({"schema": 1, "notice": text}))


_SAYS = [_for_people]


def say_error(message: str, code: ExitCode, *, as_json: bool, **details: object) -> None:
    """Print an error on standard error: one line, or one JSON object whose ``kind`` is the exit code's name."""
    if not as_json:
        _for_people(redact(message))
        return
    known = {name: redact(value) if isinstance(value, str) else value for name, value in details.items() if value}
    error = {"message": redact(message), "exit_code": int(code), "kind": code.kind, **known}
    warn(json.dumps({"schema": 1, "error": error}))


def tolerate_any_text() -> None:
    """Print ``?`` for characters that the output encoding does not have, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # a test's stream may have none
        if reconfigure is not None:
            reconfigure(errors="replace")


def folded(text: str, cells: int) -> list[str]:
    """Displayed text as lines of at most this many cells, broken between words. A longer word, such as an address, stays whole."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if not lines[-1] or width(longer) <= cells:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def columns(out: TextIO) -> int:
    """The width of a terminal in cells; 80 for what is none."""
    import os

    try:
        return os.get_terminal_size(out.fileno()).columns or 80  # some pseudo terminals say 0
    except (OSError, ValueError):
        return 80
