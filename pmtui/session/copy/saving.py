"""Saves a copy: checks that nothing prevents it, sends only its parts, and undoes what was not sent."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from pmtui.backends.base import BackendError, Trouble
from pmtui.model.changes import CellAdded, Change, FieldChanged, change_id
from pmtui.model.incident import Incident
from pmtui.model.part import Part, called, part_of, same_part
from pmtui.model.postmortem import TEXT, Postmortem
from pmtui.session.copy.places import CopySource
from pmtui.session.locks import Locked
from pmtui.session.report import Report, Result
from pmtui.session.review import NotReviewed
from pmtui.session.session import Session
from pmtui.store.audit import fingerprint

KEPT = (Result.UNKNOWN, Result.NOT_APPLIED, Result.ALTERED)
"""Outcomes that keep the draft: the server may have the change, or something different."""
_LASTING = frozenset({Trouble.RIGHTS.value, Trouble.MISSING.value, Trouble.PLAN.value, Trouble.LOCAL.value, Trouble.UNABLE.value})
"""Troubles that the next reading would meet, too: such a part is left as it is."""
DECIDE = "--mine takes the source's, --theirs keeps the target's"


class BothEdited(Exception):
    """The copy collides with an edit at the target, or with a draft. Nothing was sent."""

    def __init__(self, target: Incident, names: Sequence[str], why: str, advice: str = DECIDE) -> None:
        self.target = target
        super().__init__(f"{target.reference}: {why}: {', '.join(names)}; nothing was sent. {advice}")


def check_both(target: Postmortem, conflicts: Sequence[str]) -> None:
    """Raises BothEdited when source and target changed the same parts since the earlier copy."""
    if conflicts:
        raise BothEdited(target.incident, conflicts, "changed at the source and at the target")


def check_read(server: Postmortem, source: CopySource) -> None:
    """Raises BackendError when the text of a postmortem cannot be written, or when a part could not be read this time: nothing
    can be merged with an unknown value. A document that both accounts only point to needs no reading."""
    tried = f"read the postmortem of {server.incident.reference}"
    pointed_to = bool(source.elsewhere) and server.url == source.elsewhere
    for each in server.unread:
        if pointed_to and each.part == TEXT:
            continue
        if each.part == TEXT or each.trouble not in _LASTING:
            advice = "" if each.trouble in _LASTING else "give the command once more"
            raise BackendError(Trouble(each.trouble), tried, f"{called(server, each.part)}: {each.why}", advice)
    if server.id and server.text_locked and not pointed_to:
        raise BackendError(Trouble.LOCAL, tried, server.text_locked, "choose another incident, or unlink that document")


def check_draft(session: Session, wanted: Postmortem, changes: Sequence[Change]) -> None:
    """Raises BothEdited when a draft and the copy both change a part, differently: one of the two would be lost."""
    drafted = {part_of(change) for change in session.changes}
    clash = [part_of(change) for change in changes if part_of(change) in drafted and not same_part(session.mine, wanted, part_of(change))]
    if clash:
        names = list(dict.fromkeys(called(session.mine, part.name) for part in clash))
        advice = f"`pmtui {quote(session.mine.incident.reference)}` opens the draft, `pmtui drafts discard` drops it"
        raise BothEdited(session.mine.incident, names, "an unsent draft has a different value", advice)


async def saved(session: Session, parts: frozenset[Part], consents: bool) -> Report:
    """Save these parts. Other changes of the draft stay there and are not sent."""
    review = await session.review()
    ours = {change_id(change) for change in review.changes if part_of(change) in parts}
    clash = [called(session.mine, conflict.part.name) for conflict in review.conflicts if conflict.part in parts]
    if clash:
        raise BothEdited(session.mine.incident, clash, "changed at the target meanwhile")
    larger = [step for step in review.steps if step.needs_consent]
    if larger and not consents:
        raise NotReviewed(f"{larger[0].needs_consent}; --yes agrees to that")
    left_out = frozenset(change_id(change) for change in review.changes) - ours | {conflict.id for conflict in review.conflicts}
    return await session.save(review, leave_out=left_out)


def refuses_opaque(report: Report) -> bool:
    """Whether the target refused a text with new opaque cells."""
    changes = [outcome.change for outcome in report.of(Result.REFUSED)]
    return any(isinstance(change, CellAdded) and not change.cell.editable for change in changes)


def refused_values(report: Report) -> dict[str, str]:
    """The fields whose values the target refused as such, with fingerprints of these values."""
    changes = [outcome.change for outcome in report.of(Result.REFUSED) if outcome.trouble is Trouble.INVALID]
    return {change.name: fingerprint(change.after) for change in changes if isinstance(change, FieldChanged)}


def put_back(session: Session, before: Postmortem, *, had_draft: bool) -> None:
    """Undo what was not sent, so that no draft stays behind and the copy can be started again."""
    try:
        if had_draft:
            session.become(before)
        else:
            session.discard()
    except Locked:  # the refusal may have locked it: then it stays in the draft
        return
