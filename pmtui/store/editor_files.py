"""Files for the user's editor: private, in the state directory, and found again after a crash."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pmtui.store.files import Files


class Outside:
    """The files lent to an editor. They are in ``STATE/edit``, never in ``/tmp``; ``state`` is the state directory."""

    def __init__(self, state: Path, files: Files | None = None) -> None:
        self._state = state
        self._directory = state / "edit"
        self._files = files or Files()

    def lend(self, text: str, title: str) -> Path:
        """Create a file with this text, in a folder of its own for the editor's backups. Raises OSError, and then leaves no file."""
        folder = self._directory / f"edit-{os.urandom(4).hex()}"
        for directory in (self._state, self._directory, folder):
            self._files.directory(directory)
        path = folder / f"{_safe(title)}.md"
        try:
            self._files.create(path, text.encode("utf-8", "surrogatepass"))
        except OSError:
            self.take_back(path)
            raise
        return path

    def take_back(self, path: Path) -> None:
        """Remove the file, and the backups and swap files that the editor left beside it.

        Files that cannot be removed are listed by ``left_behind``.
        """
        with suppress(OSError):
            for each in path.parent.iterdir():
                each.unlink()  # of a link only the link; a folder made by an editor stays, and so does its parent
            path.parent.rmdir()

    def left_behind(self) -> list[Path]:
        """Files that were lent and not taken back, because pmtui ended or could not read them."""
        try:
            return sorted(path for path in self._directory.glob("edit-*/*.md") if path.lstat().st_size)
        except OSError:
            return []


def editor_command(environment: Mapping[str, str]) -> tuple[list[str], str]:
    """The editor's command line and ""; or an empty list and why the variable cannot be used."""
    name = next((each for each in ("VISUAL", "EDITOR") if environment.get(each, "").strip()), "")
    if not name:
        return ["vi"], ""
    import shlex

    try:
        return shlex.split(environment[name]), ""
    except ValueError as error:
        return [], f"{name} cannot be used ({error}): {environment[name]}"


def left_words(paths: list[Path]) -> str:
    """A notice that names these files, "" for none."""
    return f"texts that were not saved: {', '.join(map(str, paths))}" if paths else ""


def _safe(title: str) -> str:
    """A file name made from a foreign title: letters, digits and dashes only."""
    return "-".join("".join(c if c.isalnum() and c.isascii() else " " for c in title).split())[:40].lower() or "cell"
