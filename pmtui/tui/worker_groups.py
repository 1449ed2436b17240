"""The groups of workers: of those in one group, a new one cancels the others of its screen or widget."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from textual.worker import Worker


class Group(StrEnum):
    """What a worker does."""

    ADDRESS = "address"  # opens or copies an address
    BESIDE = "beside"  # chooses and reads a second postmortem
    CONNECT = "connect"  # loads a vendor's adapter
    FIELD = "field"  # changes a field in a dialog
    GLANCE = "glance"  # reads a postmortem for the pane beside the list
    GUARD = "guard"  # asks before a published postmortem is edited
    LEAVE = "leave"
    LIST = "list"  # reads pages of incidents
    MENTION = "mention"  # asks whom a mention means
    OPEN = "open"  # opens a postmortem
    REST = "rest"  # reads what opening skipped
    SERVER = "server"  # reads or writes the open postmortem
    SWITCH = "switch"  # changes the profile
    TIMELINE = "timeline"  # asks for the time of an entry
    WARM_UP = "warm up"  # imports what is needed soon


def is_running(workers: Iterable[Worker[object]], group: Group) -> bool:
    """Whether a worker of this group is running."""
    return any(worker.group == group and worker.is_running for worker in workers)
