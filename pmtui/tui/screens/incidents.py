"""The first screen: the incidents of one profile, with filter, order and pages."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Event, Key, Paste, ScreenResume
from textual.message import Message
from textual.widgets import Input

from pmtui.display import display
from pmtui.model.query import parse
from pmtui.session.listing.loaded import Loaded
from pmtui.session.listing.narrowing import called_first, narrowed, not_told, outdated
from pmtui.session.listing.order import Arrangement
from pmtui.session.listing.reading_on import Onward
from pmtui.tui import words
from pmtui.tui.editor.line_input import TextLine
from pmtui.tui.flows.typed_ahead import is_text, not_typed
from pmtui.tui.launch import Launch
from pmtui.tui.screens.reading import ReadingScreen
from pmtui.tui.want import Want, is_opening
from pmtui.tui.widgets.bars import Head, KeyLine
from pmtui.tui.widgets.listing.drafts_line import DraftsLine
from pmtui.tui.widgets.listing.headings import ColumnLine, CountLine
from pmtui.tui.widgets.listing.incident_list import IncidentList
from pmtui.tui.widgets.listing.incident_preview import IncidentPreview
from pmtui.tui.worker_groups import Group, is_running

if TYPE_CHECKING:
    from pmtui.backends.page import Page
    from pmtui.model.incident import Incident
    from pmtui.session.workspace import Workspace


KEYS = (("enter", "open"), ("/", "filter"), ("s", "sort"), ("r", "reload"))
WHERE_THERE_IS_ROOM = (("o", "address"), ("y", "copy it"))
AT_ONCE = ("filter", "new", "adopt", "send", "open_address", "copy_address")  # before the keys that wait behind them


class IncidentsScreen(ReadingScreen):
    """The list of incidents. ``workspace`` is set when the vendor's adapter is loaded; until then the cached list is shown."""

    HELP = (
        "The incidents, newest first; {s} takes another order, {S} its reverse: on the first row the cursor goes to the new first one, "
        "else it stays on its incident. PM is the state of the postmortem: yes means that "
        "there is one, – none, ? not known. ● marks a draft: edits that are only on this computer; ◆ a save that stopped half-way; "
        "! an incident that is not over. {n} begins the postmortem of the incident under the cursor, in a folder a new file; "
        "a vendor's incidents are declared there, not here."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", priority=True),
        Binding("s", "sort", "sort"),
        Binding("S", "reverse", "the reverse order", show=False),
        Binding("n", "new", "new postmortem", priority=True),
        Binding("r", "reload", "reload"),
        Binding("ctrl+s", "send", "review and send a draft", show=False, priority=True),
        Binding("w", "profile", "switch profile"),
        Binding("a", "all", "load all pages", show=False),
        Binding("p", "adopt", "paste a postmortem's address", show=False, priority=True),
        Binding("o,ctrl+o", "open_address", "open or show the incident's address", show=False, priority=True),
        Binding("y,alt+y", "copy_address", "copy the incident's address", show=False, priority=True),
        Binding("escape", "back", "clear the filter", show=False),
    ]

    class Fresh(Message):
        """The first page came from the server, and the list looks as it does at the start."""

        def __init__(self, screen: IncidentsScreen) -> None:
            self.screen = screen
            super().__init__()

    class ProfileWanted(Message):
        """The user wants to switch to another profile: to this one, or to one that is still to be chosen."""

        def __init__(self, name: str = "") -> None:
            self.name = name
            super().__init__()

    def __init__(self, launch: Launch, wanted: Callable[[Want, Incident | None], None]) -> None:
        """``wanted`` is called at once with what the user wants of an incident, of none for BEGIN; a message would be late."""
        super().__init__(partial(self._wanted, Want.OPEN), launch.environment)
        self._label, self._tell_wanted = launch.label, wanted
        self._head, self._key_line = Head(), KeyLine()
        self._places = launch.places
        self._closed_at = -math.inf  # when a postmortem was closed, or was not opened
        self._lost: list[Key | Paste] = []
        self._came_from: Incident | None = None  # the one under the cursor when the filter line was opened
        self._count_line, self._column_line = CountLine(), ColumnLine(self._list)
        self._preview, self._drafts = IncidentPreview(), DraftsLine(launch.places)

    def _wanted(self, want: Want, incident: Incident | None) -> None:
        self._preview.stop()
        self._tell_wanted(want, incident)

    def compose(self) -> ComposeResult:
        yield from (self._head, self._filter, self._count_line, self._column_line)
        with Horizontal(id="rows"):
            yield self._list
            yield self._preview
        yield from (self._drafts, self._status_line, self._key_line)

    def on_mount(self) -> None:
        self._list.focus()
        self._heading()
        self._show_keys()
        self._mark_order()

    # ---- what is shown ------------------------------------------------------------------------------------
    def show_cached(self, page: Page, read_at: datetime) -> None:
        """Show the cached list, marked with its age, until the server answers."""
        self._show_rows(Loaded().with_pages([page], read_at)._replace(cursor=None))
        self._paint()

    def attach(self, workspace: Workspace) -> None:
        """The adapter is loaded: ask the server."""
        self.workspace = workspace
        self._recall_filters(workspace)
        self._filter.attach(workspace.backend.filters, workspace.backend.identity.vendor)
        self._preview.attach(workspace)
        self._look_for_drafts()
        self._heading()
        self.load()

    @work
    async def _recall_filters(self, workspace: Workspace) -> None:
        self._filter.used_before(await workspace.filters())

    @property
    def words_to_type(self) -> list[tuple[str, str]]:
        """The words that the filter understands, for help."""
        return self._filter.explained(self._loaded.rows)

    def _heading(self) -> None:
        identity = self.workspace.backend.identity if self.workspace else None
        self._head.show("pmtui", self._label, f"acting as {identity.actor}" if identity and identity.actor else "")

    @on(IncidentList.Columns)
    def _paint(self) -> None:
        at_hand = self._at_hand
        rows = called_first(self._arrangement(narrowed(at_hand.rows, parse(self._narrows))), parse(self._meant))
        self._mark_order()
        among = at_hand.rows if at_hand is self._whole else (*self._whole.rows, *at_hand.rows)  # the columns stay
        self._list.show(rows, self._drafts.marks, words.now(), self._nothing() if at_hand.read_at else (), among)
        self._counts(rows)
        self._show_keys()
        self._column_line.refresh()
        if rows:
            self.call_after_refresh(self._drafts.list_shown)

    def _mark_order(self) -> None:
        self._list.ordered_by(self._arrangement.order.column, self._arrangement.arrow)

    def _counts(self, shown: Sequence[Incident]) -> None:
        if self._typed:
            asks = "" if self._filter.refusal(self._typed) else self._it
            rows = self._at_hand.rows
            parts = words.loaded(len(shown), len(rows), not_told(rows, parse(self._typed)) if asks else (), asks)
        else:
            parts = words.counted(self._at_hand, len(shown), outdated(shown, parse(self._meant)), self._meant, self._arrangement.words)
        self._count_line.show(parts)

    def _nothing(self) -> tuple[str, ...]:
        """What an empty list says, with what may help."""
        if self._loaded.unreadable and not self._loaded.rows:  # what was not understood is not "none"
            asked = self.workspace is not None and self.workspace.backend.requests()
            return (words.unreadable(self._loaded.unreadable), *([f"{self.key('f12')} shows the requests"] if asked else []))
        wrong, owners = self._filter.wrong(self._query, self._loaded.rows), "owner" in self._filter.filters
        begins = f"{self.key('n')} begins one" if self._begins else ""
        leaves = f"{self.key('esc')} goes back" if self._filter.is_open and self._query else f"{self.key('esc')} clears the filter"
        return words.no_incidents(self._typed, self._query, self._it, begins, wrong, owners, leaves=leaves)

    def _look_for_drafts(self) -> None:
        """Read the drafts on disk. Not at each key, because they change only while another screen is open."""
        if self.workspace is not None:
            self._drafts.look(self.workspace, self._show_drafts)

    def nothing_opened(self, said: str) -> None:
        """Nothing is open any more; a draft that was asked about is as it was. ``said`` is added to the status line, "" for nothing."""
        self._closed_at, self._lost = Message().time, []
        self.call_later(self._look_for_drafts)  # its timers are then of the list, and do not keep what was closed
        if is_opening(self._status_line.words):
            self.answer("")
        if said:
            self.tell_also(said)

    def keeps_out(self, event: Event) -> bool:
        """Text that was typed before the postmortem was closed, or not opened, is for that one, and no command of the list."""
        if super().keeps_out(event):
            if isinstance(event, Key) and event.key == "enter":
                self.tell(f"{self.key('enter')} came before these rows were shown: press it again to open the incident", "$muted")
            return True
        if not isinstance(event, Key | Paste) or event.time > self._closed_at:
            return False
        if not is_text(event) and not (isinstance(event, Key) and event.key == "enter"):
            return False
        told = display(not_typed(self._lost))
        self._lost.append(event)
        said = self._status_line.words.removesuffix(told).removesuffix(" · ")
        self.answer(" · ".join(filter(None, (said, not_typed(self._lost)))))
        return True

    def _show_drafts(self, why: str) -> None:
        if why:
            self.tell(f"the drafts cannot be listed: {why}", "$error")
        self._show_keys()
        if self._loaded.rows:
            self._paint()

    def _show_keys(self) -> None:
        """Show the keys that do something for the incident under the cursor; what comes and goes with it stands last."""
        if self._filter.is_open:
            return
        send = (("ctrl+s", "send the draft"),) if self._drafts.waiting else ()
        several = len(self._places) > 1
        profile = (("w", "profile"),) if several else ()
        new = () if self.why_not("new") else (("n", "new" if several else "new postmortem"),)
        self._key_line.show((KEYS[0], *send, *KEYS[1:], *profile, ("ctrl+p", "all"), *new, *WHERE_THERE_IS_ROOM, ("f1", "help")))

    # ---- loading ----------------------------------------------------------------------------------------------
    def take_pages(self, pages: Sequence[Page], reading: str) -> None:
        super().take_pages(pages, reading)
        if self.as_begun is not None:
            self.post_message(self.Fresh(self))

    @property
    def as_begun(self) -> datetime | None:
        """When the list was read, if it looks as it does at the start; None when it is filtered, sorted or scrolled."""
        moved = self._query or self._filter.value or self._arrangement.words or not self._list.is_at_top
        return None if moved or self.workspace is None else self._loaded.read_at

    @property
    def status_row(self) -> int:
        """The screen row of the status line."""
        return self._status_line.region.y

    @property
    def incident(self) -> Incident | None:
        """The one under the cursor."""
        return self._list.current

    @property
    def address(self) -> str:
        return self._list.current.url if self._list.current is not None else ""

    # ---- keys ---------------------------------------------------------------------------------------------------
    def why_not(self, action: str) -> str:
        incident = self._list.current
        if action == "new" and not self._begins:
            return words.why_none_is_created(incident, self.workspace.read_only if self.workspace else "")
        if action == "adopt" and self.workspace is not None:
            return words.why_none_is_pasted(self.workspace.backend.identity, self.workspace.backend.pasted_address)
        if action == "send" and self._drafts.to_send(incident) is None:
            return "there is no draft to send"
        if action == "all" and self._loaded.cursor is None:
            return "all pages are loaded"
        return super().why_not(action)

    def action_reload(self) -> None:
        if self.workspace is None:
            self._wanted(Want.CONNECT, None)
        self.load()

    def action_send(self) -> None:
        """Send the draft of the incident under the cursor, else the first one that waits."""
        draft = self._drafts.to_send(self._list.current)
        if self.workspace is None or draft is None:
            self._status_line.tell_until_next_key(self.why_not("send"))
            return
        row = next((row for row in self._loaded.rows if row.id == draft.incident_id), None)
        if (incident := row or self.workspace.incident_of(draft)) is not None:
            self._wanted(Want.SEND, incident)

    def action_all(self) -> None:
        self.load_more(Onward.ALL)

    def action_sort(self) -> None:
        self._arrange(self._arrangement.next(self._loaded.rows))

    def action_reverse(self) -> None:
        self._arrange(self._arrangement.turned())

    def _arrange(self, arrangement: Arrangement) -> None:
        """Show the rows so. The cursor stays on its incident, unless it rests on the first row: then the beginning is looked at."""
        at_first, self._arrangement = self._list.is_at_first, arrangement
        self._paint()
        if at_first:
            self._list.to_first()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable keys that are letters while the filter line has the focus."""
        return action not in AT_ONCE or not isinstance(self.focused, TextLine)

    def action_filter(self) -> None:
        if not self._filter.is_open:
            self._came_from = self._list.current
            self._filter.begin(self._query)
        self.set_focus(self._filter.line)  # at once: keys that are waiting already are for it
        self._key_line.show((("enter", f"ask {self._it}"), ("esc", "back"), ("f1", "words you can use")))

    def action_back(self) -> None:
        """Go one step back: from the filter line to what was there before, else stop what is read, and clear the filter."""
        had_query = bool(self._query)
        if is_running(self.app, Group.OPEN):
            self.workers.cancel_group(self.app, Group.OPEN)
            self.tell("stopped: nothing was opened", "$muted")
            self._wanted(Want.STOP, None)
            return
        if self._filter.is_open:
            self._close_filter()
            self._paint()
            if self._came_from is not None:
                self._list.to(self._came_from)
            return
        if is_running(self, Group.LIST):
            self.workers.cancel_group(self, Group.LIST)
            if self._reading:
                self.tell("stopped", "$muted")
        self._query = ""
        self._show_keys()
        if had_query:
            self.load()
        else:
            self._paint()

    def _close_filter(self) -> None:
        self._filter.end()
        self._show_keys()
        self.set_focus(self._list)

    def _narrow(self, typed: str) -> None:
        self._paint()
        self._filter.hint(self._loaded.rows, self._status_line)
        if self._typed:
            self._list.to_first()

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        if refused := self._filter.refusal(event.value):
            self.tell(refused, "$error")
            return
        self._query = event.value.strip()
        if self.workspace is not None and self._query:
            self._filter.used(self._query)
            self.workspace.used_filter(self._query)
        self._close_filter()
        self.closed_above = "enter", Message().time  # pressed again in impatience it opens nothing
        self.load()

    @on(IncidentList.Moved)
    def _moved(self, event: IncidentList.Moved) -> None:
        self.cursor_is_on(event.incident)
        self._preview.show(event.incident, self._drafts.of(event.incident))
        self._show_keys()

    @on(IncidentPreview.Read)
    def _refresh_rows(self) -> None:
        """Draw the rows again with what was read of single incidents since."""
        if self.workspace is not None:
            self._whole = self._whole._replace(rows=self.workspace.up_to_date(self._whole.rows))
            self._show_rows(self._loaded._replace(rows=self.workspace.up_to_date(self._loaded.rows)))
            self._paint()

    @property
    def _begins(self) -> bool:
        """Whether new incidents are created here; for most vendors another program does that."""
        return self.workspace is not None and self.workspace.backend.begins_incidents

    def action_new(self) -> None:
        if self._begins:
            self._wanted(Want.BEGIN, None)
        elif self._list.current is not None and (why := self.why_not("new")):
            self._status_line.tell_until_next_key(f"{why} · {self.key('enter')} opens it")
        elif (incident := self._list.current) is not None:
            self._wanted(Want.CREATE, incident)

    def action_adopt(self) -> None:
        if (incident := self._list.current) is not None:
            self._wanted(Want.ADOPT, incident)

    def action_profile(self) -> None:
        self.post_message(self.ProfileWanted())

    def on_screen_resume(self, event: ScreenResume) -> None:
        self._preview.forget()
        self._refresh_rows()
        self._look_for_drafts()
