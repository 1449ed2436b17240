"""The groups of workers. Of those of one screen or widget in one group mostly the newest runs: an exclusive one cancels the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from textual.app import App
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import Worker, get_current_worker


class Group(StrEnum):
    """What a worker does."""

    ADDRESS = "address"  # opens an address
    ASK = "ask"  # asks at once, and does what the answer says
    BESIDE = "beside"  # chooses and reads a second postmortem
    CLIPBOARD = "clipboard"  # prepares what is copied, and sends it to the terminal's clipboard
    CONNECT = "connect"  # loads a vendor's adapter
    FIELD = "field"  # changes a field in a dialog
    FIND = "find"  # looks for what is typed into the find bar
    GLANCE = "glance"  # reads a postmortem for the pane beside the list
    GUARD = "guard"  # asks before a published postmortem is edited
    LEAVE = "leave"
    LIST = "list"  # reads pages of incidents
    MENTION = "mention"  # asks whom a mention means
    OPEN = "open"  # opens a postmortem
    REST = "rest"  # reads what opening skipped
    SERVER = "server"  # reads or writes the open postmortem
    TAKE_IN = "take in"  # merges what is read while the last reading is shown
    SWITCH = "switch"  # changes the profile
    WARM_UP = "warm up"  # imports what is needed soon


def is_running(node: DOMNode, group: Group) -> bool:
    """Whether a worker of this group runs for this app, screen or widget: what ``cancel_group`` would cancel."""
    return any(worker.node is node and worker.group == group and worker.is_running for worker in node.workers)


ASK_AT_ONCE = frozenset((Group.ASK, Group.FIELD, Group.GUARD, Group.LEAVE, Group.MENTION, Group.SWITCH))
"""The groups whose workers ask something before they wait for anything else."""


class Asking:
    """The workers that ask: which screen each shows now. Keys typed behind the one that began such a worker are for what it shows."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self.opens = False
        """Whether what opens a postmortem asks first, too."""
        self._shows: dict[Worker[Any], Screen[Any]] = {}

    @contextmanager
    def showing(self, screen: Screen[Any]) -> Iterator[None]:
        """The worker that runs this shows the screen, and waits for its result."""
        worker = get_current_worker()
        self._shows[worker] = screen
        try:
            yield
        finally:
            del self._shows[worker]

    def leads_on(self) -> bool:
        """Whether a worker that asks at once shows nothing yet, or not any more."""
        groups = ASK_AT_ONCE | {Group.OPEN} if self.opens else ASK_AT_ONCE
        shown = self._app.screen_stack
        return any(each.group in groups and not each.is_finished and self._shows.get(each) not in shown for each in self._app.workers)
