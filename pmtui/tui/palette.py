"""The command palette with every action: those of the screen below, and those of the app."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from pmtui.display import display

if TYPE_CHECKING:
    from pmtui.tui.launch import Launch

_MOVES = ("move", "edge", "page", "half", "scroll", "cursor", "go(")
"""How actions begin that only move about: who looks for an action by name looks for another one first."""


def copy_command(profile: str, reference: str, others: Sequence[str]) -> str:
    """What to type in a shell to see what a copy of this incident to another account would do. The first other profile is named."""
    import shlex  # the list is shown before this is loaded

    source = shlex.quote(f"{profile}:{reference.removeprefix('#')}")
    return f"pmtui copy {source} {shlex.quote(others[0]) if others else 'PROFILE'}: --dry-run"


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

    def _elsewhere(self) -> Iterator[tuple[str, str, str, IgnoreReturnCallbackType]]:
        """The other profiles, and the way of a postmortem to them, which begins in a shell."""
        from pmtui.tui.screens.incidents import IncidentsScreen

        launch: Launch | None = getattr(self.app, "launch", None)
        others = [place for place in launch.places if place.name != launch.start] if launch is not None else []
        screen = self.screen
        why = "" if isinstance(screen, IncidentsScreen) else "go back to the list first"
        for place in others:
            yield (
                f"switch to the profile {place.name} ({place.label})",
                "",
                why,
                partial(screen.post_message, IncidentsScreen.ProfileWanted(place.name)),
            )
        if launch is not None and launch.start and isinstance(screen, IncidentsScreen) and (incident := screen.incident) is not None:
            command = copy_command(launch.start, incident.reference, [place.name for place in others])
            yield "copy to another account, in a shell", command, "", partial(screen.tell, f"in a shell: {command}")

    async def discover(self) -> Hits:
        for what, key, why, run in (*self._all(), *self._elsewhere()):
            if not why:
                yield DiscoveryHit(f"{what}  ({key})" if key else what, run, text=what)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for what, key, why, run in (*self._all(), *self._elsewhere()):
            score = matcher.match(what)
            if score > 0:
                yield Hit(score, matcher.highlight(what), run, text=what, help=f"not here: {display(why)}" if why else key)
