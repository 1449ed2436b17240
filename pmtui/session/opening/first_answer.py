"""The answer to the reading that an opening began: it is awaited while the last reading is on the screen, and taken in once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmtui.backends.trouble import BackendError
from pmtui.model.postmortem import Postmortem

if TYPE_CHECKING:
    import asyncio


class FirstAnswer:
    """Without ``reading`` there is none to await."""

    def __init__(self, reading: asyncio.Future[Postmortem] | None = None) -> None:
        from asyncio import Event  # a start that opens nothing does without

        self._reading = reading
        self._ended = Event()
        if reading is None:
            self._ended.set()
        else:
            reading.add_done_callback(_look_at_error)

    @property
    def is_awaited(self) -> bool:
        """Whether it is neither taken in, nor failed, nor stopped."""
        return not self._ended.is_set()

    async def ended(self) -> None:
        """Wait until it is taken in, has failed or was stopped."""
        await self._ended.wait()

    async def take(self, document: str) -> Postmortem | None:
        """The answer, once; None when there is none, or when it does not have this document. Raises BackendError."""
        from pmtui.backends.base import SeveralDocuments

        if self._reading is None:
            return None
        try:
            found = await self._reading
        except SeveralDocuments:  # the one that is open is read by its id
            return None
        finally:
            self._reading = None
        return found if found.id == document else None

    def stop(self) -> None:
        """Stop the reading, if it still runs. Whoever waits for it goes on; nobody takes it later for a new one."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
        self._ended.set()


def _look_at_error(reading: asyncio.Future[Postmortem]) -> None:
    """So that asyncio does not print the error of a reading that nobody takes."""
    if not reading.cancelled():
        reading.exception()


def not_fresh(error: BackendError, shown: Postmortem) -> str:
    """Why this last reading is shown."""
    return f"{error.message} · this is what was read on {shown.read_at.astimezone():%Y-%m-%d %H:%M}"
