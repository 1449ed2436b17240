"""The first screen: the incidents of one profile, filtered, sorted, paged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from pmtui.backends.trouble import BackendError
from pmtui.display import display
from pmtui.model.query import parse
from pmtui.tui import words
from pmtui.tui.editor.line_input import TextLine
from pmtui.tui.widgets.bars import Head, KeyLine, StatusLine, rule
from pmtui.tui.widgets.incident_list import IncidentList

if TYPE_CHECKING:
    from pmtui.backends.base import Page
    from pmtui.model.postmortem import Incident
    from pmtui.session.workspace import Workspace
    from pmtui.store.drafts import DraftInfo


def _latest(incident: Incident) -> float:
    """Orders the latest first, and last what has no known creation time."""
    return -incident.created.timestamp() if incident.created else 0.0


SORTS: tuple[tuple[str, Callable[[Incident], Any]], ...] = (
    ("newest", lambda incident: _latest(incident)),
    ("severity", lambda incident: (incident.severity or "~", _latest(incident))),
    ("status", lambda incident: (incident.status, _latest(incident))),
    ("owner", lambda incident: (incident.owner.casefold() or "~", _latest(incident))),
    ("title", lambda incident: incident.title.casefold()),
)

KEYS = (("enter", "open"), ("/", "filter"), ("s", "sort"), ("n", "new postmortem"), ("r", "reload"), ("ctrl+p", "all"), ("f1", "help"))


class Want(Enum):
    """What the user wants of the incident under the cursor."""

    OPEN = "open it"
    CREATE = "create its postmortem"
    ADOPT = "paste the address of its postmortem"
    BEGIN = "begin an incident that is not in the list"


class IncidentsScreen(Screen[None]):
    """``workspace`` arrives when the vendor's adapter is loaded; until then the list last seen is shown."""

    HELP = (
        "The incidents, newest first. Filter with words and with state: sev: owner: service: team: pm: tag: after: before:\n"
        "PM is the postmortem: its state, or yes there is one, – none, ? not known. ● has unsaved changes."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", priority=True),
        Binding("question_mark", "app.help", "help", show=False),
        Binding("s", "sort", "sort"),
        Binding("n", "new", "new postmortem", priority=True),
        Binding("r", "reload", "reload"),
        Binding("w", "profile", "switch profile"),
        Binding("a", "all", "load all pages", show=False),
        Binding("p", "adopt", "paste a postmortem's address", show=False, priority=True),
        Binding("escape", "back", "clear the filter", show=False),
    ]

    class Fresh(Message):
        """The first page has come from the server, and stands there as at the start."""

        def __init__(self, screen: IncidentsScreen) -> None:
            self.screen = screen
            super().__init__()

    class ProfileWanted(Message):
        """The user wants another profile."""

    def __init__(self, label: str, wanted: Callable[[Want, Incident | None], None]) -> None:
        """``wanted`` is called with what the user wants of an incident, of none to BEGIN: a message would come after later keys."""
        super().__init__()
        self._label, self._wanted = label, wanted
        self.workspace: Workspace | None = None
        self._rows: list[Incident] = []
        self._seen: set[str] = set()
        self._cursor: str | None = None
        self._total: int | None = None
        self._unreadable: list[str] = []
        self._read_at: datetime | None = None
        self._drafts: tuple[DraftInfo, ...] = ()
        self._query = ""
        self._sort = 0
        self._answer = ""
        self._head, self._status_line, self._key_line = Head(), StatusLine(), KeyLine(KEYS)
        self._filter = Horizontal(id="filter", classes="hidden")
        self._filter_line = TextLine(placeholder="state:active sev:1,2 owner:jane checkout")
        self._list = IncidentList(partial(self._wanted, Want.OPEN))
        self._count_line, self._column_line = Static("", id="counts", markup=False), Static("", id="columns", markup=False)
        self._preview, self._drafts_line = Static("", id="preview", markup=False), Static("", id="drafts", markup=False)

    def compose(self) -> ComposeResult:
        yield self._head
        with self._filter:
            yield Static(" / ", markup=False)
            yield self._filter_line
        yield self._count_line
        yield self._column_line
        with Horizontal(id="rows"):
            yield self._list
            yield self._preview
        yield self._drafts_line
        yield self._status_line
        yield self._key_line

    def on_mount(self) -> None:
        self._list.focus()
        self._heading()

    def on_resize(self) -> None:
        self._heading()
        self._columns()

    # ---- what is shown ------------------------------------------------------------------------------------
    def show_cached(self, page: Page, read_at: datetime) -> None:
        """Paint what was seen last time, marked with its age, until the server answers."""
        self._rows, self._read_at, self._total = list(page.incidents), read_at, page.total
        self._seen = {incident.id for incident in page.incidents}
        self._paint()

    def attach(self, workspace: Workspace) -> None:
        """The adapter is loaded: ask the server."""
        self.workspace = workspace
        self._look_for_drafts()
        self._heading()
        self.load()

    @property
    def _it(self) -> str:
        """What is asked for incidents, in words."""
        return self.workspace.backend.identity.it if self.workspace else "the server"

    def _heading(self) -> None:
        identity = self.workspace.backend.identity if self.workspace else None
        right = f"acting as {identity.actor}" if identity and identity.actor else ""
        self._head.show("pmtui", self._label, right)

    def _columns(self) -> None:
        self._column_line.update(Content.styled(self._list.heading, "$muted"))

    def _paint(self) -> None:
        drafts = frozenset(info.incident_id for info in self._drafts)
        needle = parse(self._filter_line.value).text.casefold().split()
        rows = [row for row in self._rows if all(word in f"{row.reference} {row.title} {row.owner}".casefold() for word in needle)]
        rows.sort(key=SORTS[self._sort][1])
        self._list.show(rows, drafts, words.now(), self._nothing() if self._read_at else ())
        self._counts(len(rows))
        self._columns()

    def _counts(self, shown: int) -> None:
        total = f"{shown:,} of {self._total:,}" if self._total is not None else f"{shown:,}{'+' if self._cursor else ''}"
        age = f" · {words.read_at(self._read_at, words.now())}" if self._read_at else ""
        sort = f" · by {SORTS[self._sort][0]}" if self._sort else ""
        query = f" / {self._query}" if self._query else ""
        text = f"{query}  {total}{sort}{age}" if self._rows or self._read_at else query
        typed = self._filter_line.value
        if parse(typed).facets:  # nothing here can tell: only the words beside it narrow the list at once
            text = f"{total} here · enter asks {self._it}"
        self._count_line.update(rule(text.strip(), self.size.width, label_style="$muted"))

    def _nothing(self) -> tuple[str, ...]:
        """What the list says when it is empty, and what may help."""
        typed = self._filter_line.value
        if self._unreadable and not self._rows:  # what was not understood is not "none"
            asked = self.workspace is not None and self.workspace.backend.requests()
            return (words.unreadable(self._unreadable), *(["f12 shows the requests"] if asked else []))
        none = "there are no incidents" + (" · n begins one" if self._begins else "")
        said = ["nothing matches · esc clears the filter" if typed or self._query else none]
        if typed:
            said.append(f"enter asks {self._it}")
        query = parse(typed or self._query)
        if not typed and query.text and "owner" not in query.facets:
            said.append(f"plain words are searched in titles; people with owner:{query.text.split()[-1]}")
        return (*said, *words.without_effect(typed or self._query))

    def _look_for_drafts(self) -> None:
        """Read what is on disk: not with every key, for it changes only while another screen is open."""
        if self.workspace is None:
            return
        from pmtui.store.drafts import DraftUnreadable

        try:
            self._drafts = tuple(self.workspace.drafts_here())
            waiting = {info.path for info in self.workspace.queued()}
        except (OSError, DraftUnreadable) as error:
            self._drafts, waiting = (), set()
            self.tell(f"the drafts cannot be listed: {error}", "$error")
        line = self._drafts_line
        line.display = bool(self._drafts)
        line.update(Content.styled(display(words.drafts(self._drafts, waiting)), "$warning"))
        if self._rows:
            self._paint()

    # ---- loading ----------------------------------------------------------------------------------------------
    @work(exclusive=True, group="incidents", exit_on_error=False)
    async def load(self) -> None:
        """The first page of the current query, replacing what is shown only when it has come."""
        if self.workspace is None:
            return
        self._answer = ""
        self.tell(reading := "reading incidents…")
        try:
            page = await self.workspace.incidents(parse(self._query))
        except BackendError as error:
            if not self._answer or self._status_line.words != display(self._answer):
                self.tell(error.message, "$error")
            return
        self._rows, self._seen, self._unreadable = [], set(), []
        self._take(page, reading)

    @work(exclusive=True, group="incidents", exit_on_error=False)
    async def load_more(self, everything: bool = False) -> None:
        """The next page, or all of them, showing each as it comes."""
        while self.workspace is not None and self._cursor is not None:
            self.tell(reading := f"reading more… {len(self._rows):,} so far" + (" · esc stops" if everything else ""))
            try:
                page = await self.workspace.incidents(parse(self._query), self._cursor)
            except BackendError as error:
                self.tell(error.message, "$error")
                return
            self._take(page, reading)
            if not everything:
                return

    def _take(self, page: Page, reading: str) -> None:
        fresh = [incident for incident in page.incidents if incident.id not in self._seen]
        self._rows += fresh
        self._seen.update(incident.id for incident in fresh)
        self._unreadable += page.unreadable
        self._cursor, self._total, self._read_at = page.cursor, page.total, words.now()
        self._paint()
        said = (*words.without_effect(self._query, page.ignored), words.unreadable(self._unreadable), *page.notices, self._ending())
        self._status_line.replace(reading, " · ".join(filter(None, said)), "$warning")
        if self.as_begun is not None:
            self.post_message(self.Fresh(self))

    @property
    def as_begun(self) -> datetime | None:
        """When the list was read, if it stands as it does at the start; None when it is filtered, sorted or scrolled."""
        moved = self._query or self._filter_line.value or self._sort or not self._list.is_at_top
        return None if moved or self.workspace is None else self._read_at

    @property
    def status_row(self) -> int:
        """The row of the screen that says what is going on."""
        return self._status_line.region.y

    def _ending(self) -> str:
        """How long the service will still be there, where it ends, and what helps: once a day."""
        return self.workspace.ending() if self.workspace else ""

    def answer(self, text: str) -> None:
        """What comes of an incident that was asked for here: a list that fails meanwhile does not push it away."""
        self._answer = text
        self.tell(text)

    def tell(self, text: str, style: str = "") -> None:
        self._status_line.show(text, "", style)

    def tell_also(self, text: str) -> None:
        """Say this behind what the status line says."""
        said = self._status_line.words
        self.answer(f"{said} · {text}" if said else text)

    # ---- keys ---------------------------------------------------------------------------------------------------
    def action_reload(self) -> None:
        self.load()

    def action_all(self) -> None:
        self.load_more(everything=True)

    def action_sort(self) -> None:
        self._sort = (self._sort + 1) % len(SORTS)
        self._paint()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the filter line letters are text. Elsewhere these keys come before those that wait behind them."""
        return action not in ("filter", "new", "adopt") or not isinstance(self.focused, TextLine)

    def action_filter(self) -> None:
        self._filter.remove_class("hidden")
        self.set_focus(self._filter_line)  # at once: keys that are waiting already are for it
        self._key_line.show((("enter", f"ask {self._it}"), ("esc", "clear"), ("f1", "words you can use")))

    def action_back(self) -> None:
        line = self._filter_line
        had_query = bool(self._query)
        if any(worker.group == "open" and worker.is_running for worker in self.workers):
            self.workers.cancel_group(self.app, "open")
            self.tell("stopped: nothing was opened", "$muted")
            return
        if any(worker.group == "incidents" and worker.is_running for worker in self.workers):
            self.workers.cancel_group(self, "incidents")
            self.tell(f"stopped · {len(self._rows):,} read", "$muted")
        line.value, self._query = "", ""
        self._close_filter()
        if had_query:
            self.load()
        else:
            self._paint()

    def _close_filter(self) -> None:
        self._filter.add_class("hidden")
        self._key_line.show(KEYS)
        self.set_focus(self._list)

    @on(Input.Changed)
    def _narrow(self) -> None:
        self._paint()

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        self._query = event.value.strip()
        event.input.value = ""
        self._close_filter()
        self.load()

    @on(IncidentList.NearEnd)
    def _near_end(self) -> None:
        if self._cursor is not None and not any(w.group == "incidents" and w.is_running for w in self.workers):
            self.load_more()

    @on(IncidentList.Moved)
    def _moved(self, event: IncidentList.Moved) -> None:
        incident = event.incident
        preview = self._preview
        draft = next((info for info in self._drafts if incident and info.incident_id == incident.id), None)
        preview.update(_preview(incident, draft) if incident else Content(""))

    @property
    def _begins(self) -> bool:
        """Whether incidents are begun here, rather than in another program."""
        return self.workspace is not None and self.workspace.backend.begins_incidents

    def action_new(self) -> None:
        incident = self._list.current
        if self._begins:
            self._wanted(Want.BEGIN, None)
        elif incident is not None:
            self._wanted(Want.CREATE, incident)

    def action_adopt(self) -> None:
        incident = self._list.current
        if incident is not None:
            self._wanted(Want.ADOPT, incident)

    def action_profile(self) -> None:
        self.post_message(self.ProfileWanted())

    def on_screen_resume(self) -> None:
        self._look_for_drafts()


def _preview(incident: Incident, draft: DraftInfo | None) -> Content:
    """What the list knows of an incident, for wide windows."""
    lines = [
        Content.styled(display(incident.reference), "bold $primary"),
        Content.styled(display(incident.title), "bold"),
        Content(""),
        *(
            Content.assemble((f"{name:<12}", "$muted"), display(value) or "–")
            for name, value in (
                ("severity", incident.severity),
                ("status", incident.status),
                ("owner", incident.owner),
                ("postmortem", words.existence(incident.postmortem)),
                ("created", words.created(incident.created, words.now())),
                *([("draft", words.found(draft))] if draft else []),
                ("address", incident.url),
            )
        ),
    ]
    if incident.private:
        lines.append(Content.styled("private: not everybody may see it", "$warning"))
    return Content("\n").join(lines)
