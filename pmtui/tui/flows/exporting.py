"""The open postmortem, as it is here, written into a new file that the user names."""

from __future__ import annotations

from pathlib import Path

from textual.app import App

from pmtui.backends.base import Identity
from pmtui.formats.document.file_name import file_name
from pmtui.model.postmortem import Postmortem
from pmtui.session.transfer.whole_text import file_text
from pmtui.store.files import Files, in_words
from pmtui.tui.dialogs.prompt import Prompt


async def export(app: App[None], postmortem: Postmortem, identity: Identity) -> str:
    """What to say: where it was written, "" when the user went back. A file that is there is never written over."""
    data = file_text(postmortem, identity).encode("utf-8", "backslashreplace")

    def write(name: str) -> str:
        """Why it could not be written, "" when it is there."""
        try:
            Files().create(_path(name), data)
        except FileExistsError:
            return f"{name} is there already: type another name"
        except OSError as error:
            return in_words(error)
        return ""

    title = "Write the postmortem, as it is here, into a new file"
    name = await app.push_screen_wait(Prompt(title, file_name(postmortem.incident), check=write))
    return f"written: {_path(name)}" if name and name.strip() else ""


def _path(name: str) -> Path:
    return Path(name).expanduser().absolute()
