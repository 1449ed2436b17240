"""Takes in the server's answer behind a last reading that is already on the screen."""

from __future__ import annotations

from dataclasses import replace

from pmtui.backends.trouble import BackendError
from pmtui.session.change_text import unread_words
from pmtui.session.opening.first_answer import not_fresh
from pmtui.session.review import News
from pmtui.session.session import Session


async def taken_in(session: Session) -> News:
    """Merge the awaited answer into the session as any new reading. Returns what is new, without what could not be read.

    Raises BackendError; ``session.offline`` then says so, too.
    """
    try:
        news = await session.reread()
        unread = unread_words(session.server)
        return replace(news, changed=tuple(each for each in news.changed if each not in unread))
    except BackendError as error:
        session.offline = not_fresh(error, session.base)
        raise
    finally:
        session.first_answer.stop()
