"""A save in the screens: check, read the server, answer conflicts, review, send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from textual.app import App

from pmtui.backends.base import Backend, BackendError, Trouble
from pmtui.formats.joined_lines import as_lists
from pmtui.model.postmortem import characters
from pmtui.model.validation import problems
from pmtui.session.opening.known import UNREACHED
from pmtui.session.report import Report
from pmtui.session.session import Locked, Session
from pmtui.session.workspace import Workspace
from pmtui.threads import worked_out
from pmtui.tui.dialogs.ask import Ask
from pmtui.tui.dialogs.curtain import Curtain
from pmtui.tui.dialogs.review import Again, ReviewScreen
from pmtui.tui.dialogs.review_words import Asked, ReviewWords
from pmtui.tui.flows.answering import Answering, decisions_kept
from pmtui.tui.flows.typed_ahead import not_typed
from pmtui.tui.keymap import present_key
from pmtui.tui.textual_internals import forget_drawn
from pmtui.tui.words import had_arrived

if TYPE_CHECKING:
    from pmtui.session.review import Review

Said = tuple[str, str]
"""Words for the status line, and their style."""
Tell = Callable[[str, str], None]
GoneBack = Callable[[], object]
"""Called when the user goes back, and nothing was sent."""
ShowWrong = Callable[[Mapping[str, str]], object]
"""Shows messages by field name."""


async def save(
    app: App[None],
    workspace: Workspace,
    session: Session,
    tell: Tell,
    show_wrong: ShowWrong,
    gone_back: GoneBack,
    *,
    edited_at: float,
    left_out: frozenset[str] = frozenset(),
) -> Said | None:
    """Save the changes. Returns what to say at the end, None when the status says everything.

    ``tell`` writes the status line meanwhile; ``show_wrong`` goes to fields that are wrong or were refused. Nothing is sent when
    there are edits later than ``edited_at``, the time of the latest one when the save was asked for. ``left_out`` is what an earlier
    review of this save left out.
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
    interrupted = session.unfinished
    try:
        review = await session.review()
    except Locked as locked:
        return str(locked), "$warning"
    except BackendError as error:
        if error.trouble in UNREACHED and session.changes and not session.queued and await _kept_for_later(app, session, error):
            return None
        if error.trouble is Trouble.MISSING:
            opens = f"if it was deleted, leave with {present_key('esc', app.screen)} and open it again to go on in what is there"
            return f"not saved, the draft is kept: {error.message} · {opens}", "$error"
        return f"not saved, the draft is kept: {error.message}", "$error"
    if session.edited_at != edited_at:  # who types on sees no review, and the next enter is a new line
        gone_back()
        return f"nothing was sent, because you typed on · {present_key('ctrl+s', app.screen)} saves", "$warning"
    if not (review.changes or review.steps or review.conflicts):  # an interrupted save had got through, or somebody wrote the same
        if session.changes:
            await session.save(review)
        return (had_arrived(identity.it), "$muted") if interrupted else nothing
    async with _curtain(app) as curtain:
        out = set(left_out)
        ended = await _through_dialogs(app, session, review, workspace.backend, curtain, out)
        lost = not_typed(curtain.caught)
    if ended is None:
        gone_back()
        return session.unfinished or " · ".join(filter(None, ("nothing was sent", decisions_kept(session)))), "$muted"
    if isinstance(ended, Again):
        return await save(app, workspace, session, tell, show_wrong, gone_back, edited_at=session.edited_at, left_out=frozenset(out))
    if isinstance(ended, Report):
        refused = {o.field: o.detail for o in ended.outcomes if o.field and o.state == "refused"}
        if refused:
            show_wrong(refused)
        return (f"{session.status.words()} · {lost}", "$warning") if lost else None
    return ended


async def _through_dialogs(
    app: App[None], session: Session, review: Review, backend: Backend, curtain: Curtain, left_out: set[str]
) -> Report | Again | Said | None:
    """Answer the conflicts, show the review and send it. ``left_out`` has the ids of what the user leaves out, also afterwards.

    Returns the report, what to say without one, that the review must be made again, or None when the user goes back.
    """
    identity = backend.identity
    answering = Answering(app, session, review, identity, curtain, left_out)
    answered = await answering.open_ones()
    while answered is not None:
        said = await worked_out(partial(ReviewWords.of, answered), characters(answered.target.cells))
        asked = Asked(len(review.conflicts), answering.answers, frozenset(left_out))
        screen = ReviewScreen(session, answered, said, identity, backend.plan, asked, early=curtain.taken())
        report = await app.push_screen_wait(screen)
        left_out.clear()
        left_out.update(screen.left_out)
        await screen.ended.wait()  # of one that was stopped: the next save would find this one under way
        curtain.caught += screen.typed_on
        if report is None:
            return None
        if report is Again.WITH_LISTS:
            for cell in said.joined:
                session.edit_cell(cell.key, as_lists(cell.text))
        if report is not Again.CONFLICTS:
            return (f"nothing was sent: what {identity.it} has is taken", "$muted") if _is_empty(answered, report) else report
        answered = await answering.all(screen.part) or await answering.as_answered()  # escape leads back to the review
    return None


def _is_empty(answered: Review, report: Report | Again) -> bool:
    """Whether nothing was left to send."""
    return isinstance(report, Report) and not answered.changes and not answered.steps


@asynccontextmanager
async def _curtain(app: App[None]) -> AsyncIterator[Curtain]:
    """Push a screen that catches keys typed between two dialogs, which would go into the text."""
    curtain = Curtain()
    try:
        await app.push_screen(curtain)
        yield curtain
    finally:
        curtain.end()
        forget_drawn()  # the dialogs: a night of saves would keep a thousand of their widgets


async def _kept_for_later(app: App[None], session: Session, error: BackendError) -> bool:
    """Offer to keep the draft and save later."""
    question = f"The server was not reached: {error.message}\nThe draft is kept."
    if await app.push_screen_wait(Ask(question, [("q", "keep the draft, save later")])) != "q":
        return False
    session.queue()
    return True
