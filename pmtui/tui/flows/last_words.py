"""What the program prints when it ends unexpectedly: where the text is, and how to open it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pmtui.display import display
from pmtui.paths import state_dir
from pmtui.store.editor_files import Outside, left_words
from pmtui.tui.launch import Launch

if TYPE_CHECKING:
    from pmtui.session.session import Session


def rescued(session: Session | None, launch: Launch) -> str:
    """Write everything typed to disk. Returns where it is and what opens it, "" when nothing was typed."""
    import shlex

    from pmtui.session.status import NOT_ON_DISK

    words = session.rescue() if session is not None else ""
    lines = [left_words(left_behind(launch))]
    if words and session is not None:
        opens = f"{launch.command} --profile {launch.start} {shlex.quote(session.mine.incident.reference)} opens it"
        lines = [words, "" if NOT_ON_DISK in words else opens, *lines]
    return display("\n".join(filter(None, lines)), multiline=True)


def rescued_elsewhere(session: Session | None) -> str:
    """Put what was typed into a last resort, because the disk does not answer; "" when nothing was typed or no place takes it."""
    path = session.last_resort() if session is not None and session.changes else None
    return display(f"the disk does not answer: the text is in {path}") if path is not None else ""


def left_behind(launch: Launch) -> list[Path]:
    """Files that external editors of earlier runs had open when the program ended."""
    return Outside(state_dir(launch.environment)).left_behind()
