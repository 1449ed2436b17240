"""The command palette with every action: those of the screen below, and those of the app."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from pmtui.display import display

_MOVES = ("move", "edge", "page", "half", "scroll", "cursor", "go(")
"""How actions begin that only move about: who looks for an action by name looks for another one first."""


class Actions(Provider):
    """Every active binding with a description, once each."""

    def _all(self) -> Iterator[tuple[str, str, str, IgnoreReturnCallbackType]]:
        """Each action: its description, its key, why it cannot be done now, and what runs it."""
        from textual.widgets import Input, TextArea

        from pmtui.tui.dialogs.help import described, why_not
        from pmtui.tui.key_words import key_name, words_of

        seen: set[str] = set()
        for active in sorted(described(self.screen), key=lambda each: each.binding.action.startswith(_MOVES)):
            binding = active.binding
            typing = isinstance(active.node, TextArea | Input)  # keys that only move a cursor are not listed
            what = words_of(binding)
            if what not in seen and not typing and binding.action != "command_palette":
                seen.add(what)
                run = partial(self.app.run_action, binding.action, default_namespace=active.node)
                yield what, key_name(binding.key), why_not(self.screen, binding), run

    async def discover(self) -> Hits:
        for what, key, why, run in self._all():
            if not why:
                yield DiscoveryHit(f"{what}  ({key})", run, text=what)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for what, key, why, run in self._all():
            score = matcher.match(what)
            if score > 0:
                yield Hit(score, matcher.highlight(what), run, text=what, help=f"not here: {display(why)}" if why else key)
