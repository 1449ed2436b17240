"""Edits a cell in the user's own editor: in a private file, without secrets in its environment, and without losing text."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from textual.app import App, SuspendNotSupported

from pmtui.formats.incoming import plain_lines
from pmtui.paths import state_dir
from pmtui.store.editor_files import Outside, editor_command
from pmtui.store.files import in_words

Environment = Mapping[str, str]


def run_editor(app: App[None], path: Path, environment: Environment) -> tuple[int, str]:
    """Open a file in $VISUAL or $EDITOR (else vi) on this terminal. Returns its exit code, and why it could not be started."""
    command, why = editor_command(environment)
    if why:
        return 1, why
    try:
        with app.suspend():
            try:  # inside: an error that leaves suspend() would leave the terminal suspended
                return subprocess.run([*command, str(path)], env=dict(environment), check=False).returncode, ""
            except OSError as error:
                return 1, f"could not start {command[0]}: {error.strerror}; set VISUAL or EDITOR"
    except SuspendNotSupported:
        return 1, "this terminal cannot be lent to an editor"
    finally:
        app.refresh(repaint=True, layout=True)


def text_left(data: bytes, before: str) -> str:
    """The text that an editor left, without a byte order mark, and with its earlier line ends. Raises UnicodeDecodeError."""
    after = data.decode("utf-8-sig")
    return after if "\r" in before else plain_lines(after)


def edit_outside(app: App[None], text: str, title: str, environment: Environment) -> tuple[str | None, str]:
    """Edit a text in the editor. Returns the text and "", or None and the reason.

    The file is removed only after its text was read.
    """
    outside = Outside(state_dir(environment))
    try:
        path = outside.lend(text, title)
    except OSError as error:
        return None, f"the editor needs a file of its own, which could not be written: {in_words(error)}"
    code, why = run_editor(app, path, environment)
    if why:
        outside.take_back(path)
        return None, why
    try:
        after = text_left(path.read_bytes(), text)
    except (OSError, UnicodeDecodeError) as error:
        return None, f"could not read what the editor left, it stays in {path}: {error}"
    if code != 0 and after != text:
        return None, f"the editor ended with code {code}: what it wrote is not taken, it stays in {path}"
    outside.take_back(path)
    if code != 0:
        return None, f"the editor ended with code {code}: nothing was changed"
    if after.endswith("\n") and not text.endswith("\n"):
        after = after[:-1]  # editors end a file with a newline that nobody typed
    return after, ""
