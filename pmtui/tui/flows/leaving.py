"""The questions before leaving a postmortem: nothing unsaved is dropped without asking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual.app import App

from pmtui.display import count
from pmtui.session.session import Session
from pmtui.store.files import Files, in_words
from pmtui.tui import words
from pmtui.tui.dialogs.ask import Ask
from pmtui.tui.dialogs.prompt import Prompt
from pmtui.tui.flows.answering import decisions_kept

_ANSWERS = (("s", "review and save"), ("k", "keep the draft and leave"), ("d", "discard the draft"))
_MEANT = {"ctrl+s": "s"}
_ENDED = "ended"
_OWED = (("s", "review and finish it now"), ("l", "leave it as it is on the server"))
_NOT_KEPT = (("r", "try again"), ("w", "write the text to another file, and leave"), ("l", "leave, and lose it"))


def stays(session: Session) -> list[str]:
    """What discarding a draft does not change: that a save stopped half-way."""
    return [f"{words.sentence(session.unfinished)} Discarding does not change that."] if session.unfinished else []


async def may_leave(app: App[None], session: Session, save: Callable[[], object]) -> bool:
    """Whether to leave the postmortem. If the user chooses to save, ``save`` is called, and the answer is no."""
    if session.busy:
        return await _stopped(app, session)
    if not session.changes:
        return True
    unsaved = count(len(session.changes), "unsaved change")
    details = [words.sentence(kept)] if (kept := decisions_kept(session)) else []
    answer = await app.push_screen_wait(Ask(f"{session.mine.incident.reference} has {unsaved}.", _ANSWERS, details, also=_MEANT))
    if answer == "s":
        save()
    if answer == "d":
        return await _discarded(app, session, save)
    return answer == "k" and await _kept(app, session)


async def _stopped(app: App[None], session: Session) -> bool:
    """Whether to leave in the middle of a save, or behind it: once all is saved there is nothing to ask."""
    reference = session.mine.incident.reference
    so_far = f"If you leave now, the server may have only a part of what you wrote for {reference}"
    if guard := session.base.guard:
        so_far = f"{words.sentence(guard)} If you leave in between, others see {reference} set back"
    details = [f"{so_far}, until you open it and save again: then the rest is sent. Nothing that you typed is lost."]
    details.append("Without an answer pmtui leaves as soon as all is saved.")
    sending = Ask("A save is being sent.", [("k", "leave now, and finish the save later")], details)

    def look() -> None:
        if not session.busy:
            sending.dismiss(_ENDED)

    unsubscribe = session.subscribe(look)
    try:
        answer = await app.push_screen_wait(sending)
    finally:
        unsubscribe()
    return answer == "k" or (answer == _ENDED and not session.changes and not session.unfinished)


async def _discarded(app: App[None], session: Session, save: Callable[[], object]) -> bool:
    """Whether to leave after discarding; not when the user first finishes what an interrupted save still owes."""
    sure = Ask("Discard what you wrote? This cannot be undone.", [("D", "discard")], stays(session))
    if await app.push_screen_wait(sure) != "D":
        return False
    left_to_do = session.discard()
    if not left_to_do:
        return True
    answer = await app.push_screen_wait(Ask(words.sentence(left_to_do), _OWED))
    if answer == "s":
        save()
    if answer == "l":
        session.abandon()
    return answer == "l"


async def _kept(app: App[None], session: Session) -> bool:
    """Whether to leave: the draft is on disk, or the user chose to lose it although the disk refuses."""
    while why := await asyncio.to_thread(session.put_on_disk):
        answer = await app.push_screen_wait(Ask(f"The draft is {why}.", _NOT_KEPT))
        if answer == "w" and await _written(app, session):
            return True
        if answer not in ("r", "w"):
            return answer == "l"
    return True


async def _written(app: App[None], session: Session) -> bool:
    """Whether the text was written to a new file that the user named."""
    text = "\n\n".join(cell.text for cell in session.mine.cells) + "\n"

    def write(name: str) -> str:
        """Write the file. Returns why that failed, "" when it succeeded."""
        try:
            Files().create(Path(name).expanduser(), text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            return in_words(error)
        return ""

    name = await app.push_screen_wait(Prompt("Write the text to a new file", check=write))
    return bool(name)
