"""Paints the last frame of the list before Textual is loaded, so that it can be read while the program starts.

A frame is kept under the command that showed it (``Asked``), with a digest of everything that decides how it looks: the
configuration, the environment variables of vendors and terminal, the size, the version. If one of them has changed, nothing is
painted. Nothing here imports Textual, dataclasses or the configuration: this runs first.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from pmtui import __version__
from pmtui.paths import cache_dir, config_file
from pmtui.store.files import Files
from pmtui.tui.terminal import setup

ENTER = "\x1b[?1049h"
"""The alternate screen. What is painted is on it already, when the program comes and would clear it."""
_PLAIN_START = "PMTUI_PLAIN_START"  # says whether a frame is painted, nothing of how it looks
_COLOURS = ("TERM", "COLORTERM", "NO_COLOR", "TEXTUAL_COLOR_SYSTEM", "TERM_PROGRAM", "LC_TERMINAL")
_LOOKS = (*_COLOURS, "COLUMNS", "LINES", "TZ", "LANG", "LC_ALL")
_PLACES = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
_PEN = re.compile(r"[0-9;]*")
_LARGEST = 4 << 20
_KILLS = (signal.SIGTERM, signal.SIGHUP)

Cells: TypeAlias = tuple[list[str], list[str]]
"""A row of the screen: a character for each cell, "" in the right half of a wide one, and a pen (SGR codes) for each."""


class Asked(NamedTuple):
    """The command that shows the list. ``profile`` is "" when none was named."""

    profile: str
    read_only: bool


class Frame(NamedTuple):
    """The contents of a screen of this size. ``status`` is the row for our own message, ``at`` the time when its data was read."""

    width: int
    height: int
    rows: tuple[Cells, ...]
    status: int
    at: float


class _Painted:
    """The frame that is on the terminal before the program starts. A process has one terminal, so there is one of these."""

    frame: Frame | None = None
    resized = False
    before: dict[int, Any] | None = None


# ---- keeping ------------------------------------------------------------------------------------------------------
def keep(frame: Frame, asked: Asked, environ: Mapping[str, str], variables: Sequence[str]) -> None:
    """Write the frame to the cache, for the next start.

    ``variables`` are those that choose profile, server and account. If the cache cannot be written, nothing is kept.
    """
    names = sorted({*variables, *_LOOKS, *_PLACES})
    salt = os.urandom(16).hex()
    kept = {
        "version": __version__,
        "names": names,
        "salt": salt,
        "digest": _digest(asked, environ, names, salt, (frame.width, frame.height)),
        "status": frame.status,
        "at": frame.at,
        "rows": [_runs(row) for row in frame.rows],
    }
    path, files = _path(asked, environ), Files()
    with suppress(OSError):
        files.directory(path.parent.parent)
        files.directory(path.parent)
        files.write(path, json.dumps(kept).encode("ascii"))


def find(asked: Asked, environ: Mapping[str, str], size: tuple[int, int]) -> Frame | None:
    """The kept frame for this command; None when there is none, or anything that decides its looks has changed."""
    try:
        data = Files().read(_path(asked, environ))
        if len(data) > _LARGEST:
            return None
        kept = json.loads(data)
        names, salt = [str(name) for name in kept["names"]], str(kept["salt"])
        if kept["version"] != __version__ or kept["digest"] != _digest(asked, environ, names, salt, size):
            return None
        rows = tuple(_cells(runs) for runs in kept["rows"])
        status, at = int(kept["status"]), float(kept["at"])
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return None
    width, height = size
    fits = len(rows) == height and all(len(chars) == width for chars, _ in rows) and 0 <= status < height
    return Frame(width, height, rows, status, at) if fits else None


def _path(asked: Asked, environ: Mapping[str, str]) -> Path:
    name = hashlib.sha256(json.dumps(asked).encode("ascii")).hexdigest()[:16]
    return cache_dir(environ) / "frames" / f"{name}.json"


def _digest(asked: Asked, environ: Mapping[str, str], names: Sequence[str], salt: str, size: tuple[int, int]) -> str:
    ours = (name for name in environ if name.startswith("PMTUI_") and name != _PLAIN_START)
    values = [(name, environ.get(name)) for name in sorted({*names, *ours})]
    file = config_file(environ)
    here = str(Path.cwd()) if not file.is_absolute() or os.sep in asked.profile else ""
    looks = sorted((entry.name, *_state_of(entry)) for entry in _entries(file.parent / "themes"))
    decides = [asked, values, str(file), _hash_of(file), here, looks, size]
    return hashlib.sha256(salt.encode() + json.dumps(decides).encode("ascii")).hexdigest()


def _hash_of(file: Path) -> str:
    """The hash of a file. Raises OSError for a file that exists and cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
    except FileNotFoundError:
        return ""


def _entries(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _state_of(file: Path) -> tuple[int, int]:
    info = file.stat()
    return info.st_mtime_ns, info.st_size


def _runs(row: Cells) -> list[list[Any]]:
    """The cells, grouped by pen: as a text if each cell is one character, else as a list."""
    runs: list[list[Any]] = []
    for char, pen in zip(*row, strict=True):
        if not runs or runs[-1][0] != pen:
            runs.append([pen, []])
        runs[-1][1].append(char)
    return [[pen, "".join(chars) if all(len(char) == 1 for char in chars) else chars] for pen, chars in runs]


def _cells(runs: Any) -> Cells:
    """The inverse of ``_runs``. Raises ValueError for anything that would do more than show."""
    chars: list[str] = []
    pens: list[str] = []
    for pen, text in runs:
        run = [*text]
        if not (_PEN.fullmatch(pen) and all(_only_shows(char) for char in run)):
            raise ValueError(pen)
        chars += run
        pens += [pen] * len(run)
    return chars, pens


def _only_shows(char: str) -> bool:
    """Whether this is a cell's character: no control character (C0 or C1), and no lone surrogate."""
    return all(part >= " " and not "\x7f" <= part <= "\x9f" and not "\ud800" <= part <= "\udfff" for part in char)


# ---- painting -----------------------------------------------------------------------------------------------------
def asked_by(words: Sequence[str]) -> Asked | None:
    """The command in these words, if it shows the list of a profile; None for all others, and for words that are not UTF-8."""
    profile, read_only, rest = "", False, list(words)
    while rest:
        word = rest.pop(0)
        if word in ("--profile", "-p") and rest and not rest[0].startswith("-"):
            profile = rest.pop(0)
        elif word.startswith("--profile="):
            profile = word.removeprefix("--profile=")
        elif word == "--read-only":
            read_only = True
        else:
            return None
    return None if any("\ud800" <= char <= "\udfff" for char in profile) else Asked(profile, read_only)


@contextmanager
def painted(asked: Asked | None, environ: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Paint the kept list for this command. A context manager: without the program it is removed again."""
    size = _size(environ) if asked is not None and environ.get(_PLAIN_START, "0") in ("", "0") else None
    frame = find(asked, environ, size) if asked is not None and size is not None else None
    try:
        if frame is not None:
            _paint(frame)
        yield
    finally:
        take_back()


def _size(environ: Mapping[str, str]) -> tuple[int, int] | None:
    """Columns and rows of the terminal; None if we may not paint on it, or Textual may find another size."""
    if setup.why_not(environ) is not None:
        return None
    try:
        size = os.get_terminal_size(2)
        told = (environ.get("COLUMNS") or str(size.columns), environ.get("LINES") or str(size.lines))
        agreed = (
            size == os.get_terminal_size(1)
            and told == (str(size.columns), str(size.lines))
            and os.isatty(0)
            and os.tcgetpgrp(0) == os.getpgrp()
        )
    except OSError:
        return None
    return (size.columns, size.lines) if agreed else None


def _paint(frame: Frame) -> None:
    setup.remember()
    frame = _with_age(frame, time.time())
    _Painted.frame, _Painted.resized = frame, False
    _Painted.before = {number: signal.signal(number, _killed) for number in _KILLS}
    _Painted.before[signal.SIGWINCH] = signal.signal(signal.SIGWINCH, _resized)
    _listen()
    data = written(frame).encode("utf-8", "replace")
    while data:
        data = data[os.write(2, data) :]


def _listen() -> None:
    """Let keys typed from now on wait for the program: no echo, no line editing. ctrl+c still ends the process."""
    with suppress(termios.error):
        settings = termios.tcgetattr(0)
        settings[0] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
        settings[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        settings[6][termios.VMIN], settings[6][termios.VTIME] = 1, 0
        settings[6][termios.VSUSP] = settings[6][termios.VQUIT] = b"\x00"
        termios.tcsetattr(0, termios.TCSANOW, settings)


def written(frame: Frame) -> str:
    """The bytes that make a terminal show the frame: on the alternate screen, without a cursor, with bracketed paste."""
    out = [f"{ENTER}\x1b[?25l\x1b[?2004h\x1b[?7l\x1b[m\x1b[2J"]
    last = ""
    for y, (chars, pens) in enumerate(frame.rows, 1):
        out.append(f"\x1b[{y};1H")
        for char, pen in zip(chars, pens, strict=True):
            if pen != last:
                out.append(f"\x1b[0;{pen}m" if pen else "\x1b[m")
                last = pen
            out.append(char)
    return "".join([*out, "\x1b[m"])


def _with_age(frame: Frame, now: float) -> Frame:
    """The frame with the age of its data in the status line."""
    said = f" as it was {_age(now - frame.at)} ago · starting…"
    pens = frame.rows[frame.status][1]
    row = [*said[: frame.width].ljust(frame.width)], pens
    rows = (*frame.rows[: frame.status], row, *frame.rows[frame.status + 1 :])
    return Frame(frame.width, frame.height, rows, frame.status, frame.at)


def _age(seconds: float) -> str:
    """``40 s``, ``5 min``, ``3 h``, ``12 d``."""
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {name}"
    return f"{max(0, int(seconds))} s"


def _killed(number: int, _: object) -> None:
    """Restore the terminal, then end as the signal does by default."""
    setup.restore()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _resized(_: int, __: object) -> None:
    _Painted.resized = True


def on_terminal() -> Frame | None:
    """The frame on the terminal, None when there is none, or the window was resized since."""
    return None if _Painted.resized else _Painted.frame


def is_painted() -> bool:
    """Whether a frame was painted, so that the terminal's settings are remembered."""
    return _Painted.frame is not None


def hand_over() -> bool:
    """The program takes over the terminal. Returns whether a frame is on it."""
    was, _Painted.frame = is_painted(), None
    return was


def take_back() -> None:
    """Restore the terminal if the program did not start. Does nothing when no frame was painted."""
    if is_painted():
        _Painted.frame = None
        setup.restore()
    before, _Painted.before = _Painted.before, None
    for number, handler in (before or {}).items():
        signal.signal(number, handler)
