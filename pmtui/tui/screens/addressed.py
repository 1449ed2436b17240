"""The base of screens that show something with an address, which can be opened and copied."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from textual import work

from pmtui.tui.closes_once import ClosesOnce
from pmtui.tui.keymap import present_key
from pmtui.tui.worker_groups import Group


class AddressedScreen(ClosesOnce[None]):
    """Opens, shows and copies an address. Subclasses bind the two actions and define ``address``.

    ``environment`` tells whether there is a browser, and tmux.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__()
        self.environment = environment

    def why_not(self, action: str) -> str:
        """Why this action does nothing here and now, "" when it works. Foreign text."""
        return "there is no address here" if action in ("open_address", "copy_address") and not self.address else ""

    def key(self, key: str) -> str:
        """The key that users press here for an action that we bind to ``key``."""
        return present_key(key, self)

    @property
    def address(self) -> str:
        """The address to open or copy now, "" for none. Foreign text."""
        raise NotImplementedError

    def tell(self, text: str, style: str = "") -> None:
        """Show a message in the status line."""
        raise NotImplementedError

    def action_open_address(self) -> None:
        self._open_address(self.address)  # of where the key was typed, whatever comes behind it

    @work(exclusive=True, group=Group.ADDRESS)
    async def _open_address(self, address: str) -> None:
        from pmtui.tui.flows.addresses import open_address  # the list is shown before this is loaded

        await open_address(address, self.environment, self.tell)

    def action_copy_address(self) -> None:
        from pmtui.tui.flows.addresses import copy
        from pmtui.tui.flows.clipboard import begin_copying

        address = self.address
        begin_copying(self.app, partial(copy, self.app, address, address, self.environment, self.tell_if_open))

    def tell_if_open(self, text: str, style: str = "") -> None:
        """Show a message of what goes on when this is closed."""
        if self.is_attached:
            self.tell(text, style)
