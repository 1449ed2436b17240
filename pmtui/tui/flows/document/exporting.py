"""Writes the open postmortem, with unsent edits, to a new file that the user names."""

from __future__ import annotations

from pathlib import Path

from textual.app import App

from pmtui.backends.base import Identity
from pmtui.formats.document.file_name import file_name
from pmtui.model.postmortem import Postmortem
from pmtui.session.transfer.whole_text import file_text
from pmtui.store.files import Files, in_words
from pmtui.tui.dialogs.ask import Ask
from pmtui.tui.dialogs.prompt import Prompt


async def export(app: App[None], postmortem: Postmortem, identity: Identity) -> str:
    """Ask for a file name and write the file. Returns what to say, "" when the user went back.

    An existing file is replaced only after a question.
    """
    data = file_text(postmortem, identity).encode("utf-8", "backslashreplace")
    there: list[Path] = []

    def write(name: str) -> str:
        """Write the file. Returns why that failed; "" when it succeeded, or when a file exists and the user must be asked."""
        there.clear()
        try:
            Files().create(_path(name), data)
        except FileExistsError:
            there.append(_path(name))
        except OSError as error:
            return in_words(error)
        return ""

    title = f"Write the postmortem, as it is here, into a file\nin {Path.cwd()}"
    name: str | None = file_name(postmortem.incident)
    while (name := await app.push_screen_wait(Prompt(title, name or "", check=write))) and name.strip():
        if not there:
            return f"written: {_path(name)}"
        question = f"{there[0]} is there already."
        if await app.push_screen_wait(Ask(question, [("o", "write over it")])) != "o":
            continue
        try:
            Files().write(there[0], data)
        except OSError as error:
            return in_words(error)
        return f"written: {there[0]}"
    return ""


def _path(name: str) -> Path:
    return Path(name).expanduser().absolute()
