"""A draft whose postmortem is not the one that the incident has now: it was deleted, made anew, or only made since.

What was typed goes on in the present postmortem, merged as after any reading. The old file goes when the new one is on
disk; it is put aside when it says more than that.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial

from pmtui.model.postmortem import Postmortem
from pmtui.session.draft import Draft
from pmtui.session.found import FoundDraft
from pmtui.session.rebase import rebase
from pmtui.session.review import with_keys_of
from pmtui.store.drafts import DraftBusy, DraftInfo, Drafts, DraftUnreadable

GONE = "of a postmortem that is not there any more"
BEFORE = "from before there was a postmortem"


def lost_draft(drafts: Drafts, profile: str, server: Postmortem, *, asked_for: bool) -> DraftInfo | None:
    """A draft of the incident whose postmortem is gone, None when there is none. Raises OSError.

    ``asked_for`` tells that the user chose this one of several: then the others may still be there.
    """
    found = drafts.others(profile, server.incident.id, server.id)
    return next((info for info in found if not (asked_for and info.document_id)), None)


def carry(drafts: Drafts, profile: str, info: DraftInfo, draft: Draft) -> FoundDraft | None:
    """Go on in ``draft``, a new one, with what was typed in the one that was found; None when it turns out to be in use."""
    server, reopen = draft.server, partial(drafts.open, profile, info.incident_id, info.document_id)
    try:
        old = Draft(server, reopen(take_over=True), reopen)  # of a process that is gone
    except (DraftBusy, DraftUnreadable):
        return None
    server = with_keys_of(old.base, server, old.mine)
    draft.touched_at, draft.answers = old.touched_at, dict(old.answers)
    draft.rebase(*rebase(old.base, old.mine, server), server)
    if draft.journal.flush():
        with suppress(OSError):  # then it is offered again, and merged again: it says nothing new
            old.journal.finish() if _holds(draft.mine, old.mine) else old.journal.put_aside()
    else:
        old.journal.close()
    return replace(FoundDraft.of(info), carried=GONE if info.document_id else BEFORE)


def _holds(one: Postmortem, other: Postmortem) -> bool:
    """Whether no text of the other is missing."""
    return {cell.text for cell in other.cells} <= {cell.text for cell in one.cells}
