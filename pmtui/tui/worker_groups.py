"""The groups of workers. Of those of one screen or widget in one group mostly the newest runs: an exclusive one cancels the others."""

from __future__ import annotations

from enum import StrEnum

from textual.dom import DOMNode


class Group(StrEnum):
    """What a worker does."""

    ADDRESS = "address"  # opens an address
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
