"""The way of a save through the screens: check, read the server, settle conflicts, review, send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.app import App

from pmtui.backends.base import BackendError, Identity
from pmtui.formats.joined_lines import as_lists
from pmtui.model.validation import problems
from pmtui.session.session import Locked, Session
from pmtui.session.workspace import UNREACHED, Workspace
from pmtui.tui import words
from pmtui.tui.dialogs.ask import Ask
from pmtui.tui.dialogs.conflict import ConflictScreen
from pmtui.tui.dialogs.review import Again, ReviewScreen, joined_cells
from pmtui.tui.keymap import present_key

if TYPE_CHECKING:
    from pmtui.session.review import Review

Said = tuple[str, str]
"""Words for the status line, and their style."""
Tell = Callable[[str, str], None]
ShowWrong = Callable[[Mapping[str, str]], object]
"""Given messages by field name."""


async def save(app: App[None], workspace: Workspace, session: Session, tell: Tell, show_wrong: ShowWrong) -> Said | None:
    """Save what changed. What to say at the end, None when the state says it all.

    ``tell`` writes the status line meanwhile; ``show_wrong`` goes to the fields that are wrong or were refused.
    """
    identity = workspace.backend.identity
    nothing = f"nothing to save: {identity.it} has all of it", "$muted"
    wrong = problems(session.base, session.mine)
    if wrong:
        show_wrong(wrong)
        return f"not sent: {next(iter(wrong.values()))}", "$error"
    if not session.changes and not session.unfinished:
        return nothing
    tell(f"reading {identity.it}… {present_key('esc', app.screen)} cancels", "")
    try:
        review = await session.review()
    except Locked as locked:
        return str(locked), "$warning"
    except BackendError as error:
        if error.trouble in UNREACHED and session.changes and not session.queued and await _kept_for_later(app, session, error):
            return None
        return f"not saved, the draft is kept: {error.message}", "$error"
    if not (review.changes or review.steps or review.conflicts):  # an interrupted save had got through
        return nothing
    settled = await _settled(app, session, review, identity)
    if settled is None:
        return "nothing was sent", "$muted"
    if not settled.changes and not settled.steps:  # it arrived after all, or somebody wrote the same: nothing is sent
        await session.save(settled)
        return None
    report = await app.push_screen_wait(ReviewScreen(session, settled, identity))
    if isinstance(report, Again):
        for cell in joined_cells(settled):
            session.edit_cell(cell.key, as_lists(cell.text))
        return await save(app, workspace, session, tell, show_wrong)
    if report is None:
        return session.unfinished or "nothing was sent", "$muted"
    refused = {o.field: o.detail for o in report.outcomes if o.field and o.state == "refused"}
    if refused:
        show_wrong(refused)
    return None


async def _kept_for_later(app: App[None], session: Session, error: BackendError) -> bool:
    """Offer to keep the draft and save later."""
    question = f"The server was not reached: {error.message}\nThe draft is kept."
    if await app.push_screen_wait(Ask(question, [("q", "keep the draft, save later")])) != "q":
        return False
    session.queue()
    return True


async def _settled(app: App[None], session: Session, review: Review, identity: Identity) -> Review | None:
    """The review with every conflict answered, None when the user went back."""
    total = len(review.conflicts)
    for number in range(1, total + 1):
        conflict = review.conflicts[0]
        touch = review.server.text_touched if conflict.part.cell else review.server.touched
        last = words.last_changed(touch, words.now(), identity.on_it)
        answer = await app.push_screen_wait(ConflictScreen(session, conflict, number, total, identity.on_it, last))
        if answer is None:
            return None
        review = session.resolve(review, conflict, answer.answer)
    return review
