"""The pane beside the list: what is known about the incident under the cursor, and a glance at its postmortem."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from pmtui.backends.trouble import BackendError
from pmtui.display import clip, count, display
from pmtui.model.incident import Existence, Incident
from pmtui.tui import words
from pmtui.tui.keymap import present_key
from pmtui.tui.widgets.listing.incident_list import IncidentList
from pmtui.tui.worker_groups import Group

if TYPE_CHECKING:
    from pmtui.session.listing.glance import Glance
    from pmtui.session.workspace import Workspace
    from pmtui.store.drafts import DraftInfo

RESTING = 0.1
"""Seconds after which the cursor does not only pass by: what this computer has is looked up."""
RESTED = 0.7
"""Seconds after which the server is asked for what this computer does not have."""
NAME_CELLS = 12
"""Cells before a value."""
MOST = 4000
"""Characters of a section that are looked at."""
FEWEST = 5
"""Lines of a section that are shown also where there is no room for all action items below it."""


class IncidentPreview(Static):
    """Shown only in wide windows; in others nothing is read for it."""

    class Read(Message):
        """The server returned something about the incident that its row does not have."""

    def __init__(self) -> None:
        super().__init__("", id="preview", markup=False)
        self._workspace: Workspace | None = None
        self._shown: tuple[Incident | None, DraftInfo | None] = (None, None)
        self._glance: Glance | None = None
        self._said = ""

    def attach(self, workspace: Workspace) -> None:
        """Called when postmortems can be read."""
        self._workspace = workspace
        self._look()

    def show(self, incident: Incident | None, draft: DraftInfo | None) -> None:
        if (incident, draft) == self._shown:
            return
        self._shown, self._glance, self._said = (incident, draft), None, ""
        self._draw()
        self._look()

    def on_resize(self) -> None:
        self._draw()
        if self._glance is None:
            self._look()

    def stop(self) -> None:
        """Stop reading, because something else is shown."""
        self.workers.cancel_node(self)

    def forget(self) -> None:
        """Read the postmortem again: it may have changed."""
        self._glance = None
        self._look()

    def _look(self) -> None:
        incident = self._shown[0]
        if self._workspace is not None and incident is not None and self.display and self.size.width:
            self._rest_on(self._workspace, incident)
        else:
            self.stop()

    @work(exclusive=True, group=Group.GLANCE, exit_on_error=False)
    async def _rest_on(self, workspace: Workspace, incident: Incident) -> None:
        from pmtui.backends.base import SeveralDocuments  # the list is shown before this is loaded
        from pmtui.session.listing.glance import glance

        await asyncio.sleep(RESTING)
        seen = await asyncio.to_thread(workspace.last_seen_of, incident)
        if seen is None and incident.postmortem is not Existence.NONE:
            await asyncio.sleep(RESTED)
            self._say("reading the postmortem…")
            try:
                seen = await workspace.read(incident)
            except SeveralDocuments as several:
                self._say(
                    f"there are {count(len(several.documents), 'postmortem')}: {present_key('enter', self, IncidentList)} chooses one"
                )
                return
            except BackendError as error:
                self._say(error.message)
                return
            if seen.incident != incident:
                self.post_message(self.Read())
        self._glance, self._said = glance(seen) if seen is not None else None, ""
        self._draw()

    def _say(self, said: str) -> None:
        self._said = said
        self._draw()

    def _draw(self) -> None:
        incident, draft = self._shown
        if incident is None:
            self.update(Content(""), layout=False)
            return
        cells = max(20, self.size.width - 5)
        lines = [wrapped for line in _facts(incident, draft, self._glance, cells) for wrapped in line.wrap(cells)]
        if self._glance is not None and self._glance.exists:
            items = [wrapped for line in _items(self._glance) for wrapped in line.wrap(cells)]
            room = max(FEWEST, self.size.height - len(lines) - len(items) - 2)
            lines += [Content(""), *_section(self._glance, cells, room), *items]
        said = [Content(""), Content.styled(display(self._said), "$muted")] if self._said else []
        self.update(Content("\n").join([*lines, *said]), layout=False)  # the window decides its size


def _facts(incident: Incident, draft: DraftInfo | None, seen: Glance | None, cells: int) -> Iterator[Content]:
    """What the list knows about an incident; a long value goes on below itself. Who owns it the postmortem may say, too."""
    if draft is not None:
        from pmtui.session.recovery import FoundDraft  # the list is shown before what edits is loaded
    yield Content.styled(display(incident.reference), "bold $primary")
    yield Content.styled(display(incident.title), "bold")
    yield Content("")
    for name, value in (
        ("severity", incident.severity),
        ("status", incident.status),
        *([("owner", owner)] if (owner := incident.owner or (seen.owner if seen is not None else "")) else []),
        ("postmortem", words.existence(incident.postmortem)),
        ("created", words.created(incident.created, words.now())),
        *([("changed", f"{changed} (the incident)")] if (changed := words.changed(incident, words.now())) else []),
        *([("draft", FoundDraft.of(draft).words().removeprefix("draft "))] if draft else []),
        *([("half-way", f"{incident.reference} {draft.owes}")] if draft and draft.owes else []),
        ("address", incident.url),
    ):
        first, *more = Content(display(value) or "–").wrap(max(1, cells - NAME_CELLS))
        yield Content.assemble((f"{name:<{NAME_CELLS}}", "$muted"), first)
        yield from (Content.assemble(" " * NAME_CELLS, line) for line in more)
    if incident.private:
        yield Content.styled("private: not everybody may see it", "$warning")


def _section(seen: Glance, cells: int, room: int) -> Iterator[Content]:
    """The first section, in at most this many lines."""
    from pmtui.tui.markdown.render import render_markdown  # not needed for the first frame

    read = f" · {words.read_at(seen.read_at, words.now())}"
    title = clip(display(seen.title) or "Postmortem", cells - len(read))
    yield Content.assemble((title, "bold $secondary"), (read, "$muted"))
    text = list(render_markdown(seen.text[:MOST], cells).wrap(cells)) if seen.text else [Content.styled("nothing is written yet", "$muted")]
    yield from text if len(text) <= room else [*text[: room - 1], Content.styled("…", "$muted")]
    yield from (Content.styled(display(f"not read: {why}"), "$warning") for why in seen.unread)


def _items(seen: Glance) -> Iterator[Content]:
    """The open action items."""
    if seen.open_items:
        yield Content("")
        yield Content.styled(count(len(seen.open_items), "open action item"), "bold $secondary")
    today = words.now().date()
    for task in seen.open_items:
        late = seen.overdue(task, today)
        due = f" · {'overdue' if late else 'due'} {task.due[:10]}" if task.due else ""
        yield Content.assemble("☐ ", display(task.text), (display(due), "bold $warning" if late else "$muted"))
