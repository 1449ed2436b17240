"""The way of a save through the screens: check, read the server, settle conflicts, review, send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.app import App

from pmtui.backends.base import BackendError
from pmtui.model.check import problems
from pmtui.session.session import Locked, Session
from pmtui.session.workspace import UNREACHED, Workspace
from pmtui.tui.ask import Ask
from pmtui.tui.conflict import ConflictScreen
from pmtui.tui.review import ReviewScreen

if TYPE_CHECKING:
    from pmtui.session.review import Review

Tell = Callable[[str, str], None]
ShowWrong = Callable[[Mapping[str, str]], object]
"""Given messages by field name."""


async def save(app: App[None], workspace: Workspace, session: Session, tell: Tell, show_wrong: ShowWrong) -> None:
    """Save what changed. ``tell`` writes the status line; ``show_wrong`` goes to the fields that are wrong or were refused."""
    wrong = problems(session.base, session.mine)
    if wrong:
        tell(f"not sent: {next(iter(wrong.values()))}", "$error")
        show_wrong(wrong)
        return
    if not session.changes and not session.unfinished:
        tell("nothing to save: the server has all of it", "$muted")
        return
    tell("reading the server… esc cancels", "")
    try:
        review = await session.review()
    except Locked as locked:
        tell(str(locked), "$warning")
        return
    except BackendError as error:
        tell(f"not saved, the draft is kept: {error.message}", "$error")
        if error.trouble in UNREACHED and session.changes and not session.queued:
            await _keep_for_later(app, session, error, tell)
        return
    if not (review.changes or review.steps or review.conflicts):  # an interrupted save had got through
        tell("nothing to save: the server has all of it", "$muted")
        return
    settled = await _settled(app, session, review)
    if settled is None:
        tell("nothing was sent", "$muted")
        return
    if not settled.changes and not settled.steps:  # it arrived after all, or somebody wrote the same: nothing is sent
        await session.save(settled)
        tell(session.status.words(), "")
        return
    identity = workspace.backend.identity
    report = await app.push_screen_wait(ReviewScreen(session, settled, identity.vendor))
    if report is None:
        tell(session.unfinished or "nothing was sent", "$muted")
        return
    refused = {o.field: o.detail for o in report.outcomes if o.field and o.state == "refused"}
    tell(session.status.words(), "")
    if refused:
        show_wrong(refused)


async def _keep_for_later(app: App[None], session: Session, error: BackendError, tell: Tell) -> None:
    """Offer to leave the save in the queue."""
    question = f"The server was not reached: {error.message}\nThe draft is kept."
    if await app.push_screen_wait(Ask(question, [("q", "keep the save in the queue: the list shows that it waits")])) == "q":
        session.queue()
        tell(session.status.words(), "")


async def _settled(app: App[None], session: Session, review: Review) -> Review | None:
    """The review with every conflict answered, None when the user went back."""
    total = len(review.conflicts)
    for number in range(1, total + 1):
        conflict = review.conflicts[0]
        answer = await app.push_screen_wait(ConflictScreen(session, conflict, number, total))
        if answer is None:
            return None
        review = session.resolve(review, conflict, answer.answer)
    return review
