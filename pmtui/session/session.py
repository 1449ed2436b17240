"""One open postmortem: every edit goes through here, and every save. The screens and the command line do no more than ask.

Use it from one thread. Edits are journalled before anybody is told of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pmtui.backends.base import Backend, BackendError, Step, Trouble
from pmtui.model.changes import Change, FieldChanged
from pmtui.model.conflicts import Answer, Conflict
from pmtui.model.diff import diff, revert
from pmtui.model.fields import STATUS, LockedBy
from pmtui.model.part import Part, part_of, same_part, unread, with_part
from pmtui.model.postmortem import TEXT, Cell, Postmortem
from pmtui.model.values import Value
from pmtui.session import save as saving
from pmtui.session.answers import as_it_is_now, written_for
from pmtui.session.change_text import change_title, unread_words
from pmtui.session.disk import last_words, missing, why_not_yet
from pmtui.session.draft import Draft
from pmtui.session.edits import AddCell, DeleteCell, Edit, MoveCell, SetField, Splice, edits_between, splice_between
from pmtui.session.found import FoundDraft
from pmtui.session.rebase import rebase, with_read
from pmtui.session.report import Progress, Report
from pmtui.session.review import NotReviewed, Review, changed_by_others, resolved, review, with_keys_of
from pmtui.session.status import State, Status

__all__ = ["FoundDraft", "Locked", "NotReviewed", "Session", "State", "Status"]


class Locked(Exception):
    """This cannot be edited here. The message says why, ``by`` of what sort that is."""

    def __init__(self, why: str, by: LockedBy) -> None:
        self.by = by
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a session tells of its doings: ``keep`` a reading for later, ``audit`` what was written, and the clock, UTC."""

    keep: Callable[[Postmortem], None] = lambda postmortem: None
    audit: Callable[[Postmortem, Report], None] = lambda postmortem, report: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class Session:
    """Make one with ``Workspace``. ``offline`` says why what is shown is not fresh, "" when it is.

    ``read_only`` says why nothing can be edited, "" when it can. ``found`` is the draft that was on disk.
    """

    def __init__(
        self,
        backend: Backend,
        draft: Draft,
        around: Surroundings,
        *,
        offline: str = "",
        read_only: str = "",
        found: FoundDraft | None = None,
    ) -> None:
        self._backend = backend
        self._draft = draft
        self._around = around
        self._read_only = read_only
        self._listeners: list[Callable[[], None]] = []
        self._said: Status | None = None  # what the last save said, until the next edit
        self._busy = False
        self.offline = offline
        edited = datetime.fromtimestamp(draft.touched_at, UTC)
        last = found.updated if found is not None and not draft.touched_at else edited  # only a step is owed: nothing was typed
        self.recovered = None if draft.empty else replace(found, updated=last) if found is not None else FoundDraft(last)

    # ---- what is here -------------------------------------------------------------------------------------------
    @property
    def base(self) -> Postmortem:
        return self._draft.base

    @property
    def mine(self) -> Postmortem:
        return self._draft.mine

    @property
    def server(self) -> Postmortem:
        """The latest reading, with what others changed and nothing of mine."""
        return self._draft.server

    @property
    def changes(self) -> tuple[Change, ...]:
        return self._draft.changes

    @property
    def read_only(self) -> str:
        return self._read_only or self._draft.lost

    @property
    def busy(self) -> bool:
        """Whether a save is being sent."""
        return self._busy

    @property
    def queued(self) -> bool:
        return self._draft.queued

    @property
    def damage(self) -> str:
        """What is wrong with the draft that was found, in words, "" when nothing is. Say it before the draft is taken up."""
        return self._draft.damage

    @property
    def notices(self) -> tuple[str, ...]:
        """Warnings to show: of the draft, then of the postmortem."""
        return (*((self.damage,) if self.damage else ()), *self.mine.notices)

    @property
    def unfinished(self) -> str:
        """What an interrupted save left behind, in words, "" when nothing. The next save finishes it."""
        plan = self._draft.plan
        owed = [step.label for step in (*self._draft.owed, *(plan.owed() if plan is not None else ()))]
        if owed:
            return f"a save was interrupted; still to do: {', '.join(dict.fromkeys(owed))}. Save to finish it."
        return "a save was interrupted; the next one looks first how far it came" if plan is not None else ""

    @property
    def status(self) -> Status:
        if self._said is not None:
            return self._said
        if not self.changes:
            return Status(State.UNCHANGED, self.base.read_at)
        wrong = why_not_yet(self._draft)
        if wrong or not self._draft.journal.settled(0):
            return Status(State.EDITED, None, wrong)
        return Status(State.DRAFT, datetime.fromtimestamp(self._draft.touched_at, UTC), "a save waits" if self.queued else "")

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener after each change of text or status, until the function that is returned is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    # ---- editing ------------------------------------------------------------------------------------------------
    def set_field(self, name: str, value: Value) -> None:
        """Raises KeyError when there is no such field, Locked when it cannot be edited."""
        field = self.mine.field(name)
        self._allow(Part(field=name), field.locked, field.locked_by)
        if value != self.mine.fields.get(name):
            self._do(SetField(name, value))

    def edit_cell(self, key: str, text: str) -> None:
        """The cell with this text, whatever it had. Raises KeyError, and Locked for an opaque cell or a locked text."""
        cell = self._editable_cell(key)
        if text != cell.text:
            self._do(splice_between(key, before=cell.text, after=text))

    def splice_cell(self, key: str, start: int, removed: str, inserted: str) -> None:
        """From character ``start`` of the cell's text on, ``removed`` becomes ``inserted``: what an editor's key did.

        Raises KeyError, ValueError when ``removed`` does not stand there, and Locked as ``edit_cell``.
        """
        text = self._editable_cell(key).text
        if start < 0 or text[start : start + len(removed)] != removed:
            raise ValueError(f"{removed[:40]!r} does not stand at character {start} of cell {key}")
        if removed != inserted:
            self._do(Splice(key, start, len(removed), inserted, len(text)))

    def add_cell(self, after: str | None, text: str = "") -> str:
        """A new cell after the one with this key, None for the first place below pinned cells; its key."""
        self._allow_text()
        cells = self.mine.cells
        index = next((n for n, cell in enumerate(cells, 1) if cell.key == after), None)
        if index is None:
            index = sum(cell.pinned for cell in cells)
        known = {cell.key for cell in (*cells, *self.base.cells)}
        number = len(known) + 1
        while f"n{number}" in known:
            number += 1
        self._do(AddCell(Cell(f"n{number}", text), index))
        return f"n{number}"

    def delete_cell(self, key: str) -> None:
        """Raises KeyError, and Locked for a pinned cell or a locked text."""
        if self._cell(key).pinned:
            raise Locked("this cell cannot be deleted", LockedBy.PINNED)
        self._do(DeleteCell(key))

    def move_cell(self, key: str, by: int) -> bool:
        """Move so many places down (or up); False when it cannot go there. Raises KeyError, Locked."""
        cell, cells = self._cell(key), self.mine.cells
        index = cells.index(cell) + by
        if cell.pinned or not by or not 0 <= index < len(cells) or cells[index].pinned:
            return False
        self._do(MoveCell(key, index))
        return True

    def revert(self, part: Part) -> None:
        """This field or cell as the server has it, as far as is known here: a conflict about it is over then.

        A cell gets its text and its place back, or itself when it was deleted; one that the server does not have goes.
        Raises KeyError when there is no such field, and Locked.
        """
        server = with_keys_of(self.base, self._draft.server, self.mine)
        if part.field:
            self.set_field(part.field, server.fields.get(part.field))
        else:
            self._revert_cell(part, server)
        self._take_base(server, part)

    def _revert_cell(self, part: Part, server: Postmortem) -> None:
        self._allow_text()
        there = self.base if same_part(self.base, server, part) else server
        of_cell = [change for change in diff(there, self.mine) if part_of(change) == part]
        for edit in edits_between(self.mine, revert(self.mine, there, of_cell)):
            self._do(edit)

    def _take_base(self, server: Postmortem, part: Part) -> None:
        """This part of mine is the server's: so is its base, or the next save would ask about it, or take it for unchanged."""
        if not same_part(self.base, server, part) and self._draft.plan is None:
            self._draft.rebase(with_part(self.base, server, part), self.mine, server)
            self._say(self._said if self._busy else None)

    def undo(self) -> Part | None:
        """Take back the latest burst of edits, in whichever cell or field it was; None when there is none. Raises Locked."""
        self._allow()
        return self._after_edit(self._draft.undo())

    def redo(self) -> Part | None:
        """Do again what was taken back last; None when there is nothing. Raises Locked."""
        self._allow()
        return self._after_edit(self._draft.redo())

    def _cell(self, key: str) -> Cell:
        self._allow_text()
        return self.mine.cell(key)

    def _editable_cell(self, key: str) -> Cell:
        cell = self._cell(key)
        if not cell.editable:
            raise Locked("this cell is kept as it is", LockedBy.OPAQUE)
        return cell

    def _allow_text(self) -> None:
        self._allow(Part(cell=TEXT), self.mine.text_locked, self.mine.text_locked_by)

    def _allow(self, part: Part | None = None, locked: str = "", by: LockedBy = LockedBy.VENDOR) -> None:
        """Raises Locked when nothing can be edited here, or this part cannot, because of its own lock or because it was not read."""
        if self._read_only:
            raise Locked(self._read_only, LockedBy.READ_ONLY)
        if self._draft.lost:
            raise Locked(self._draft.lost, LockedBy.TAKEN)
        hidden = unread(self.mine, part) if part is not None else None
        if hidden is not None:
            raise Locked(locked or f"could not be read: {hidden.why}", LockedBy.UNREAD)
        if locked:
            raise Locked(locked, by)

    def check_writable(self) -> None:
        """Raises Locked when nothing can be written here: read-only, the draft is another's by now, or a save is under way."""
        self._allow()
        if self._busy:
            raise Locked("a save is under way", LockedBy.SAVING)

    def _do(self, edit: Edit) -> None:
        self._draft.do(edit, self._around.now().timestamp())
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
        """Read the server and merge. Without a change nothing is read. Raises BackendError, Locked; the draft is kept."""
        self.check_writable()
        if self._draft.empty:
            return review(self.base, self.mine, self.base, self._backend.plan)
        try:
            await saving.settle(self._backend, self._draft)
            server = await self._read()
            self.offline = ""
            return review(self.base, self.mine, server, self._backend.plan, self._owed(server))
        except BackendError as error:
            self._say(Status(State.NOT_SAVED, self._around.now(), error.message))
            raise

    def compare(self) -> Review:
        """The draft beside the server as it was last read: nothing is read, and nothing of it can be sent."""
        server = with_keys_of(self.base, self._draft.server, self.mine)
        return review(self.base, self.mine, server, self._backend.plan)

    def resolve(self, reviewed: Review, conflict: Conflict, answer: Answer) -> Review:
        """The review with this conflict answered: see ``model.conflicts.take`` for ready answers."""
        return resolved(reviewed, conflict, answer, self._backend.plan)

    def written(self, conflict: Conflict) -> str | None:
        """What was written to settle this conflict and is not taken in yet, also before a crash; None for nothing.

        What either side wrote since is merged into it; where that does not join, both are there.
        """
        kept = self._draft.answers.get(conflict.id)
        return as_it_is_now(kept, conflict) if kept is not None else None

    def write_answer(self, conflict: Conflict, text: str) -> None:
        """Keep what is being written to settle this conflict; on disk before it shows, as any edit."""
        self._draft.answer(conflict.id, written_for(conflict, text))

    async def save(
        self, reviewed: Review, *, leave_out: frozenset[str] = frozenset(), progress: Callable[[Progress], None] = lambda told: None
    ) -> Report:
        """Send what was reviewed, read back and compare. What could not be sent stays in the draft.

        ``leave_out`` has ids of changes, and of conflicts: those stay in the draft as they are, to be asked again.

        Raises BackendError when nothing was sent, NotReviewed among them: it is not what was reviewed, or conflicts are
        open. Raises Locked.
        """
        self.check_writable()
        unsettled = any(conflict.id not in leave_out for conflict in reviewed.conflicts)
        if unsettled or reviewed.mine is not self.mine or reviewed.base is not self.base:
            raise NotReviewed("it was not reviewed as it is now")
        before, self._busy = self.base, True
        self._say(Status(State.SAVING, self._around.now(), "saving…"))
        said = None
        try:
            report = await saving.save(self._backend, self._draft, reviewed, leave_out, progress, self._around.now())
        except BackendError as error:
            said = Status(State.NOT_SAVED, self._around.now(), error.message)
            raise
        finally:
            self._busy = False
            self._say(said)
        self._around.audit(before, report)
        self._around.keep(self._draft.server)
        self._say(None if reviewed.server is reviewed.base else self._verdict(report))  # nothing changed, nothing was read
        return report

    async def reread(self) -> str:
        """Take in what the server has now, my changes on top; what changed there in words, "" for nothing. Raises BackendError."""
        if self._busy:
            raise Locked("a save is under way", LockedBy.SAVING)
        await saving.settle(self._backend, self._draft)
        before = self.base
        fresh = await self._backend.postmortem(before.incident, before.id)
        if fresh.text_locked and before.cells and not fresh.cells and not fresh.why_unread(TEXT):  # not read is not deleted
            raise BackendError(Trouble.ANSWER, "read the text again", fresh.text_locked)
        server = with_keys_of(before, fresh, self.mine)
        news = changed_by_others(before, server)
        if self.changes or self._draft.owed:
            self._draft.rebase(*rebase(before, self.mine, server), server)
        else:
            self._draft.discard(server)
        self.offline = ""
        self._around.keep(server)
        self._say(None)
        return ", ".join([change_title(change, server) for change in news] + unread_words(server))

    async def complete(self) -> None:
        """Have read what opening left out to be quick: its fields can be edited then. Raises BackendError."""
        before = self._draft.server
        whole = await self._backend.complete(before)
        if whole is before or self._busy or before is not self._draft.server:  # a save or a reading came between
            return
        self._draft.rebase(with_read(self.base, whole), with_read(self.mine, whole), whole)
        self._around.keep(whole)
        self._say(None)

    def queue(self) -> None:
        """Leave the save for when the server can be reached: the list of drafts shows that it waits."""
        self._allow()
        self._draft.queue()
        self._say(None)

    async def _read(self) -> Postmortem:
        """The server now. What a save still owes shows in the whole postmortem only."""
        if self._draft.owed:
            server = await self._backend.postmortem(self.base.incident, self.base.id)
        else:
            server = await self._backend.reread(self.base, self.changes)
        return with_keys_of(self.base, server, self.mine)

    def _owed(self, server: Postmortem) -> tuple[Step, ...]:
        """What an earlier save still owes: nothing when the server has its guard up again, or the status is mine to set."""
        mine_to_set = any(isinstance(change, FieldChanged) and change.name == STATUS for change in self.changes)
        return () if server.guard or mine_to_set else self._draft.owed

    def _verdict(self, report: Report) -> Status | None:
        now, wrong = self._around.now(), report.words(self.mine)
        if not report.verified:
            return Status(State.NOT_SAVED, now, wrong) if wrong else None  # everything was left out
        if self.changes:
            return Status(State.DRAFT, now, "the rest is saved · verified")
        return Status(State.SAVED, now)

    # ---- the draft ----------------------------------------------------------------------------------------------
    def settled(self, timeout: float) -> bool:
        """Whether all edits are handed to the disk, after waiting at most so many seconds."""
        return self._draft.journal.settled(timeout)

    def put_on_disk(self) -> str:
        """Put everything on disk now: "" when the disk has it, else ``NOT on disk: disk full``. Ask before leaving: it stays open."""
        return "" if self._draft.empty else missing(self._draft, durable=self._draft.journal.flush())

    def rescue(self) -> str:
        """Put everything on disk now; in words whether it is there, up to when and where, "" when there is nothing to rescue."""
        durable = self._draft.journal.flush()
        return "" if self._draft.empty else last_words(self._draft, durable=durable)

    def close(self) -> str:
        """Let go, and keep the draft when the server does not have all of it. "" when the disk has it, else why not."""
        return missing(self._draft, durable=self._draft.close())

    def discard(self) -> None:
        """Forget all edits, for good; the postmortem is what the server had when it was last read."""
        self.check_writable()
        self._draft.discard(self._draft.server)
        self.recovered = None
        self._say(None)
