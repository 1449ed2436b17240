"""The screen of the next postmortem, mounted before it is asked for: then opening has only to fill it.

Its widgets and their styles take about as long as the first frame of the text, and need nothing of what the server answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from textual.geometry import Size

from pmtui.tui.flows.warm_up import warm_up
from pmtui.tui.textual_internals import OpenApp

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from pmtui.session.session import Session
    from pmtui.session.workspace import Workspace
    from pmtui.tui.screens.postmortem import PostmortemScreen


class Surroundings(NamedTuple):
    """What a screen is mounted for: elsewhere it would not be as a new one is."""

    workspace: Workspace
    size: Size
    theme: str


class Ready(NamedTuple):
    """A screen that is not shown yet; await ``mounted`` first."""

    made_for: Surroundings
    screen: PostmortemScreen
    mounted: AwaitMount


class Prepared:
    """Has at most one screen ready. ``environment()`` tells whether there is a browser, and tmux."""

    def __init__(self, app: OpenApp[None], environment: Callable[[], Mapping[str, str]]) -> None:
        self._app, self._environment = app, environment
        self._ready: Ready | None = None

    async def warm_up(self, workspace: Workspace) -> None:
        """Load what the next keys will want, then prepare a screen."""
        await warm_up(self._app, workspace.backend.opens_with)
        self.prepare(workspace)

    def prepare(self, workspace: Workspace) -> Ready:
        """Begin to mount a screen, unless there is one. Its widgets come one by one, and keys of the list go between them."""
        from pmtui.tui.screens.postmortem import PostmortemScreen  # the list is shown before this is loaded

        surroundings = Surroundings(workspace, self._app.size, self._app.theme)
        ready = self._ready
        if ready is None or ready.made_for != surroundings:
            if ready is not None:
                ready.screen.remove()
            screen = PostmortemScreen(workspace, self._environment())
            ready = self._ready = Ready(surroundings, screen, self._app.mount_aside(screen))
        return ready

    async def show(self, workspace: Workspace, session: Session) -> None:
        """Show this session. Stopped before that, it closes the session."""
        try:
            screen = await self._taken(workspace)
        except BaseException:
            session.close()
            raise
        screen.open(session)
        self._app.push_screen(screen)

    async def _taken(self, workspace: Workspace) -> PostmortemScreen:
        ready = self.prepare(workspace)
        while True:
            await ready.mounted
            before, ready = ready, self.prepare(workspace)
            if ready is before:  # else the window has got another size meanwhile
                self._ready = None
                return ready.screen
