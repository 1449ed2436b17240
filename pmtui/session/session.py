"""One open postmortem. Every edit and every save of the screens and the command line goes through here.

Use it from one thread. Edits are journalled before listeners are called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pmtui.backends.base import Backend, BackendError, Trouble
from pmtui.model.changes import Change
from pmtui.model.conflicts import Answer, Conflict
from pmtui.model.diff import diff
from pmtui.model.fields import LockedBy
from pmtui.model.part import Part, same_part, with_part
from pmtui.model.postmortem import TEXT, Cell, Postmortem
from pmtui.model.values import Value
from pmtui.session import save as saving
from pmtui.session.answers.decisions import Decisions
from pmtui.session.change_text import draft_text
from pmtui.session.draft import Draft, worked_out_on
from pmtui.session.edits import AddCell, DeleteCell, Edit, MoveCell, SetField, below, edits_between, new_key, splice_at, splice_between
from pmtui.session.locks import Locked, cell_to_edit, cell_to_place, check_changes, check_field, check_part, check_text
from pmtui.session.opening.first_answer import FirstAnswer
from pmtui.session.rebase import lacks, reverted, with_read
from pmtui.session.recovery import FoundDraft, last_edited
from pmtui.session.report import Progress, Report
from pmtui.session.review import News, NotReviewed, Review, all_there, reread, resolved, review, with_keys_of
from pmtui.session.status import State, Status, missing, rescued, status_of, verdict
from pmtui.session.surroundings import Surroundings
from pmtui.store.last_resort import put_in_last_resort

__all__ = ["FoundDraft", "Locked", "NotReviewed", "Session", "State", "Status"]


class Session:
    """An open postmortem; ``Workspace`` makes it. ``offline`` says why the reading is not fresh, "" when it is; ``answer`` is awaited.

    ``read_only`` says why nothing can be edited, "" when editing is possible. ``found`` is the draft that was on disk.
    """

    def __init__(
        self,
        backend: Backend,
        draft: Draft,
        around: Surroundings,
        *,
        offline: str = "",
        answer: FirstAnswer | None = None,
        read_only: str = "",
        found: FoundDraft | None = None,
    ) -> None:
        self._backend = backend
        self._draft = draft
        self._around = around
        self._read_only = read_only
        self._listeners: list[Callable[[], None]] = []
        self._said: Status | None = None  # the status after the last save, until the next edit
        self._told: tuple[str, ...] = ()  # the notices of the last save
        self._resort: Path | None = None  # the file outside the state directory that has the text
        self._busy = False
        self.decisions = Decisions(draft)
        self.offline, self.first_answer = offline, answer or FirstAnswer()
        draft.whole = draft.whole and not offline and not self.first_answer.is_awaited
        self.recovered = None if draft.empty else last_edited(found, draft)

    # ---- state --------------------------------------------------------------------------------------------------
    @property
    def base(self) -> Postmortem:
        """The base of my edits: the latest reading, except for parts in conflict."""
        return self._draft.base

    @property
    def mine(self) -> Postmortem:
        """The postmortem with my edits."""
        return self._draft.mine

    @property
    def server(self) -> Postmortem:
        """The latest reading: with the changes of others, without mine."""
        return self._draft.server

    @property
    def changes(self) -> tuple[Change, ...]:
        """My changes that the server does not have yet."""
        return self._draft.changes

    @property
    def read_only(self) -> str:
        """Why nothing can be edited, "" when editing is possible."""
        return self._read_only or self._draft.lost

    @property
    def busy(self) -> bool:
        """Whether a save is being sent."""
        return self._busy

    @property
    def queued(self) -> bool:
        """Whether the draft waits to be saved when the server can be reached."""
        return self._draft.queued

    @property
    def damage(self) -> str:
        """What is wrong with the draft that was found, "" for nothing. Show it before the draft is edited."""
        return self._draft.damage

    @property
    def notices(self) -> tuple[str, ...]:
        """Warnings to show: of the draft, of the last save, then of the postmortem."""
        return (*((self.damage,) if self.damage else ()), *self._told, *self.mine.notices)

    @property
    def unfinished(self) -> str:
        """What an interrupted save has not done, in words; "" for nothing. The next save finishes it."""
        return self._draft.unfinished

    @property
    def edited_at(self) -> float:
        """When the latest edit was made, in seconds since the epoch; 0 for never."""
        return self._draft.touched_at

    @property
    def status(self) -> Status:
        """The status after the last save, until the next edit; then whether the draft is on disk."""
        return self._said or status_of(self._draft)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener after each change of text or status. Returns a function that ends this."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    # ---- editing ------------------------------------------------------------------------------------------------
    def set_field(self, name: str, value: Value) -> None:
        """Set a field. Raises KeyError when there is no such field, Locked when it cannot be edited."""
        self._check()
        check_field(self.mine, name)
        if value != self.mine.fields.get(name):
            self._do(SetField(name, value))

    def edit_cell(self, key: str, text: str) -> None:
        """Replace a cell's text. Raises KeyError, and Locked for an opaque cell or a locked text."""
        self._check()
        cell = cell_to_edit(self.mine, key)
        if text != cell.text:
            self._do(splice_between(key, before=cell.text, after=text))

    def splice_cell(self, key: str, start: int, removed: str, inserted: str) -> None:
        """Replace ``removed``, at character ``start`` of a cell's text, by ``inserted``: what a key in the editor did.

        Raises KeyError; ValueError when ``removed`` is not there; Locked as ``edit_cell`` does.
        """
        self._check()
        splice = splice_at(cell_to_edit(self.mine, key), start, removed, inserted)
        if removed != inserted:
            self._do(splice)

    def add_cell(self, after: str | None, text: str = "") -> str:
        """Add a cell after the one with this key, None for the first place below pinned cells. Returns its key. Raises Locked."""
        self._check()
        check_text(self.mine)
        key = new_key({cell.key for cell in (*self.mine.cells, *self.base.cells)})
        self._do(AddCell(Cell(key, text), below(self.mine.cells, after)))
        return key

    def delete_cell(self, key: str) -> None:
        """Delete a cell. Raises KeyError, and Locked for a pinned cell or a locked text."""
        self._check()
        if cell_to_place(self.mine, key).pinned:
            raise Locked("this cell cannot be deleted", LockedBy.PINNED)
        self._do(DeleteCell(key))

    def move_cell(self, key: str, by: int) -> bool:
        """Move a cell by this many places, negative for up. Returns False when it cannot go there. Raises KeyError, Locked."""
        self._check()
        cell, cells = cell_to_place(self.mine, key), self.mine.cells
        index = cells.index(cell) + by
        if cell.pinned or not by or not 0 <= index < len(cells) or cells[index].pinned:
            return False
        self._do(MoveCell(key, index))
        return True

    def become(self, wanted: Postmortem) -> None:
        """Make the edits that turn mine into ``wanted``. Cells are matched by key. Raises Locked before the first edit."""
        self._check()
        check_changes(self.mine, diff(self.mine, wanted))
        self._do(*edits_between(self.mine, wanted))

    def revert(self, part: Part) -> None:
        """Revert a field or cell to the server's version, as last read; this ends a conflict about it. Raises KeyError, Locked.

        A cell gets its text and place back, also after it was deleted; a cell that the server does not have is removed.
        """
        self._check()
        check_part(self.mine, part)
        server = with_keys_of(base=self.base, server=self._draft.server, mine=self.mine)
        self.become(reverted(base=self.base, mine=self.mine, server=server, part=part))
        if not same_part(self.base, server, part) and self._draft.plan is None:
            # The base gets it, too: otherwise the next save would ask about it, or take it for unchanged.
            self._draft.rebase(base=with_part(self.base, server, part), mine=self.mine, server=server)
            self._say(self._said if self._busy else None)

    def undo(self) -> Part | None:
        """Undo the latest burst of edits, in any cell or field. Returns its part, None when there is none. Raises Locked."""
        self._check()
        return self._after_edit(self._draft.undo(self._around.now().timestamp()))

    def redo(self) -> Part | None:
        """Redo what was undone last. Returns its part, None when there is none. Raises Locked."""
        self._check()
        return self._after_edit(self._draft.redo(self._around.now().timestamp()))

    def _check(self) -> None:
        """Raises Locked when nothing can be edited here."""
        if self.read_only:
            raise Locked(self.read_only, LockedBy.READ_ONLY if self._read_only else LockedBy.TAKEN)

    def check_writable(self) -> None:
        """Raises Locked when nothing can be written: read-only, the draft was taken over, or a save is under way."""
        self._check()
        self._check_idle()

    def _check_idle(self) -> None:
        if self._busy:
            raise Locked("a save is under way", LockedBy.SAVING)

    def _do(self, *edits: Edit) -> None:
        if edits:
            self._draft.do_together(edits, self._around.now().timestamp())
            self._after_edit(None)

    def _after_edit(self, touched: Part | None) -> Part | None:
        self._say(self._said if self._busy else None)
        return touched

    def _say(self, status: Status | None) -> None:
        self._said = status
        for listener in tuple(self._listeners):
            listener()

    # ---- saving -------------------------------------------------------------------------------------------------
    async def review(self) -> Review:
        """Read the server and merge. Without changes nothing is read. Raises BackendError, Locked; the draft is kept."""
        self.check_writable()
        if self._draft.empty:
            return review(base=self.base, mine=self.mine, server=self.base, plan=self._backend.plan)
        try:
            await self._settle()
            # Only a whole reading shows the steps that a save still owes, and what was changed before an old base was taken up.
            whole = bool(self._draft.owed) or not self._draft.whole
            read = self._fresh if whole else lambda: self._backend.reread(self.base, self.changes)
            found = await saving.reviewed(self._backend, self._draft, read)
            self.offline = ""
            return replace(found, whole=whole, conflicts=self.decisions.with_written(found.conflicts))
        except BackendError as error:
            self._say(Status(State.NOT_SAVED, self._around.now(), error.message))
            raise

    def compare(self) -> Review:
        """Compare the draft with the last reading. Nothing is read, and the review cannot be sent."""
        server = with_keys_of(base=self.base, server=self._draft.server, mine=self.mine)
        return review(base=self.base, mine=self.mine, server=server, plan=self._backend.plan)

    def resolve(self, reviewed: Review, conflict: Conflict, answer: Answer) -> Review:
        """The review with this conflict answered. ``model.conflicts.take`` makes common answers."""
        return resolved(reviewed, conflict, answer, self._backend.plan)

    async def save(
        self, reviewed: Review, *, leave_out: frozenset[str] = frozenset(), progress: Callable[[Progress], None] = lambda told: None
    ) -> Report:
        """Send what was reviewed, read back and compare. What could not be sent stays in the draft.

        ``leave_out`` has ids of changes and conflicts that stay in the draft; the next review shows them again.
        Raises BackendError when nothing was sent; NotReviewed when something changed since, or conflicts are open; Locked.
        """
        self.check_writable()
        unanswered = any(conflict.id not in leave_out for conflict in reviewed.conflicts)
        if unanswered or reviewed.mine is not self.mine or reviewed.base is not self.base:
            raise NotReviewed("something changed since the review")
        before, self._busy, said = self.base, True, None
        self._say(Status(State.SAVING, self._around.now(), "saving…"))
        try:
            report = await saving.save(self._backend, self._draft, reviewed, leave_out, progress, self._around.now())
            self._around.keep(self._draft.server)  # who stops waiting now has it in the list
            told = await self._around.audit(before, report)
        except saving.Stopped as stopped:
            await self._around.audit(before, stopped.report)
            raise
        except BackendError as error:
            said = Status(State.NOT_SAVED, self._around.now(), error.message)
            raise
        finally:
            self._busy = False
            self._say(said)
        report = replace(report, notices=(*report.notices, *filter(None, [told])))
        self._told = report.notices
        self._draft.whole = self._draft.whole or reviewed.whole
        if reviewed.server is not reviewed.base and (report.outcomes or all_there(reviewed)):  # else nothing was read, or theirs was taken
            self._say(verdict(report, self.mine, left=bool(self.changes), at=self._around.now()))
        return report

    async def reread(self) -> News:
        """Read the server again and put my changes on top. Returns what is new there. Raises BackendError."""
        self._check_idle()
        await self._settle()
        base = self.base
        fresh = await self._fresh()
        if fresh.text_locked and base.cells and not fresh.cells and not fresh.why_unread(TEXT):  # a text that was not read is not deleted
            raise BackendError(Trouble.ANSWER, "read the text again", fresh.text_locked)
        last = self._draft.server
        found = await worked_out_on(self._draft, lambda base, mine: reread(base=base, mine=mine, last=last, fresh=fresh))
        if base is not self.base:  # the skipped fields have come into it: this reading may lack them
            return await self.reread()
        if self.changes or self._draft.owed:
            self._draft.rebase(base=found.base, mine=found.mine, server=found.server)
        else:
            self._draft.abandon(found.server)
        self.offline, self._draft.whole = "", True
        self._around.keep(found.server)
        self._say(None)
        return found.news

    async def complete(self) -> None:
        """Read the fields that opening skipped to be quick, so that they can be edited. Raises BackendError."""
        await self.first_answer.ended()  # it may have more
        before = self._draft.server
        whole = await self._backend.complete(before)
        # A save or another reading came in between; or nothing was read that the base lacks (a draft from the disk may lack some).
        if self._busy or before is not self._draft.server or (whole is before and not lacks(self.base, whole)):
            return
        self._draft.rebase(base=with_read(self.base, whole), mine=with_read(self.mine, whole), server=whole)
        self._around.keep(whole)
        self._say(None)

    def queue(self) -> None:
        """Mark the draft to be saved when the server is reachable; the list of drafts shows the mark. Raises Locked."""
        self._check()
        self._draft.queue()
        self._say(None)

    async def _settle(self) -> None:
        """Find out how far an interrupted save came, and log it. Raises BackendError."""
        before, report = self.base, await saving.settle(self._backend, self._draft)
        if report.outcomes:
            self._around.keep(self._draft.server)
            await self._around.audit(before, report)

    async def _fresh(self) -> Postmortem:
        """The whole postmortem from the server, with all fields that were read before."""
        fresh = await self.first_answer.take(self.base.id) or await self._backend.postmortem(self.base.incident, self.base.id)
        return await self._backend.complete(fresh) if lacks(fresh, self.base) else fresh

    # ---- the draft ----------------------------------------------------------------------------------------------
    def caught_up(self, timeout: float) -> bool:
        """Whether all edits are written to the system, after waiting at most ``timeout`` seconds."""
        return self._draft.journal.caught_up(timeout)

    def put_on_disk(self) -> str:
        """Write everything to disk now. Returns "" on success, else ``NOT on disk: disk full``. The draft stays open."""
        return "" if self._draft.empty else missing(self._draft, durable=self._draft.journal.flush())

    def rescue(self) -> str:
        """Write everything to disk now. Returns where it is and up to when, in words; "" when there is nothing to rescue."""
        return "" if self._draft.empty else rescued(self._draft, self.last_resort)

    def last_resort(self) -> Path | None:
        """Write the text to a file outside the state directory, once. Returns the file, None when no directory could be written."""
        if self._resort is None:
            name = f"pmtui-{self.mine.incident.reference}"
            self._resort = put_in_last_resort(self._around.last_resorts, name, draft_text(self.mine, self.changes))
        return self._resort

    def close(self) -> str:
        """Close the draft; it stays on disk unless the server has all of it. Returns why it is not on disk, "" when it is."""
        self.first_answer.stop()
        return missing(self._draft, durable=self._draft.close())

    def take_up(self) -> None:
        """Go on with the draft that was found: one that was carried over is not asked about again."""
        self._draft.take_up_carried()

    def discard(self) -> str:
        """Discard all edits, but not what an interrupted save still owes: returns that in words, as ``unfinished``. Raises Locked."""
        self.check_writable()
        self._draft.discard(self._draft.server)
        return self._discarded()

    def abandon(self) -> None:
        """Discard all edits, and the steps that an interrupted save still owes. Raises Locked."""
        self.check_writable()
        self._draft.abandon(self._draft.server)
        self._discarded()

    def _discarded(self) -> str:
        self.recovered = None
        self._say(None)
        return self.unfinished
