"""The program: which screen is shown, and what the screens ask for. It knows no vendor.

Only what the list needs is imported with it. The rest comes when it is asked for, or when the list is shown: see ``flows/warm_up``.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingsMap, BindingType
from textual.dom import DOMNode
from textual.events import Event, Key, Paste
from textual.screen import ModalScreen, Screen

from pmtui.backends.trouble import BackendError
from pmtui.config import ConfigError
from pmtui.display import display
from pmtui.tui.flows.keep_list import keep_list
from pmtui.tui.flows.last_words import rescued
from pmtui.tui.flows.typed_ahead import TypedAhead, kept_out, not_typed
from pmtui.tui.flows.warm_up import read_styles, warn
from pmtui.tui.key_places import own_keys
from pmtui.tui.keymap import given, present_key, pressed_name
from pmtui.tui.launch import Launch
from pmtui.tui.palette import Actions
from pmtui.tui.screens.incidents import IncidentsScreen
from pmtui.tui.screens.prepared import Prepared
from pmtui.tui.terminal.app import ThinApp
from pmtui.tui.terminal.crash import error_itself, write_crash
from pmtui.tui.textual_internals import bindings_of
from pmtui.tui.theme import COLOURLESS_THEME, DEFAULT_THEME, SIXTEEN_THEME, load_themes, variable_defaults
from pmtui.tui.want import Want, being_opened
from pmtui.tui.widgets.bars import StatusLine, passed
from pmtui.tui.worker_groups import Group

if TYPE_CHECKING:
    from pmtui.backends.base import Waiting
    from pmtui.model.incident import Incident
    from pmtui.session.session import Session
    from pmtui.session.workspace import Workspace
    from pmtui.tui.screens.first_start import FirstStart
    from pmtui.tui.screens.postmortem import PostmortemScreen


class PmtuiApp(ThinApp[None]):
    """``launch`` says where to start; everything else is asked of the workspace that it opens.

    Raises ConfigError for keys that cannot be given to actions.
    """

    TITLE = "pmtui"
    CSS_PATH = "pmtui.tcss"  # and ``flows/warm_up``
    COMMANDS: ClassVar[set[object]] = {Actions}  # type: ignore[assignment]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-normal"), (110, "-wide")]  # noqa: RUF012 - Textual declares it so
    VERTICAL_BREAKPOINTS = [(0, "-short"), (16, "-tall")]  # noqa: RUF012
    ESCAPE_TO_MINIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "help", "help"),
        Binding("f12", "requests", "request log", show=False),
        Binding("alt+t,ctrl+t", "theme", "choose a theme", show=False),
        Binding("ctrl+l", "repaint", "draw the screen again", show=False),
        Binding("ctrl+q", "leave", "leave pmtui", priority=True),
    ]

    def __init__(self, launch: Launch) -> None:
        self.keys = own_keys(launch, type(self))
        super().__init__()
        self.animation_level = "none"  # every step of an animation would be a frame
        self.rebind_itself()
        self.launch = launch
        wanted = COLOURLESS_THEME if self.colourless else launch.theme or (SIXTEEN_THEME if self.few_colours else DEFAULT_THEME)
        themes = load_themes(launch.user_themes, wanted)[0] or load_themes(launch.user_themes, DEFAULT_THEME)[0]
        self._first_theme = next(iter(themes))
        self.register_theme(themes[self._first_theme])
        self.begin_with_theme(self._first_theme)
        self.hold()
        self.workspace: Workspace | None = None
        self.session: Session | None = None
        self._connected = asyncio.Event()
        self._not_connected = ""  # why the profile cannot be used; "" when it can, or while that is unknown
        self._typed_ahead = TypedAhead()
        self._prepared = Prepared(self, lambda: self.launch.environment)
        self._sends = False  # whether to save as soon as the postmortem is open
        self._copied = ""
        self.told: list[StatusLine] = []  # the lines that show what the next key makes outdated

    def on_mount(self) -> None:
        self._begin()
        self.call_after_refresh(self.call_after_refresh, warn, self, self.launch)

    def bindings_of(self, node: DOMNode, bindings: BindingsMap) -> BindingsMap:
        return given(node, bindings, self.keys)

    def prepare(self, screen: Screen[Any]) -> None:
        if not isinstance(screen, IncidentsScreen):
            read_styles(self)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own roles, for themes that do not name them."""
        return variable_defaults(self.current_theme)

    def get_default_screen(self) -> Screen[None]:
        """The list, or what is to be done before there is one. An empty screen below it would be styled and laid out, too."""
        if not self.launch.start:
            from pmtui.tui.screens.first_start import FirstStart

            return FirstStart(self.launch)
        return IncidentsScreen(self.launch, self._wanted)

    def _begin(self) -> None:
        if not isinstance(screen := self.screen, IncidentsScreen):
            self.release()
            return
        self._not_connected = ""
        if self.launch.ref:
            self._typed_ahead.begin()
        elif self.holds:
            self._typed_ahead.begin(again="")
        self.call_after_refresh(self._show_cached, screen, self.launch.start)
        if self.holds:
            self.call_after_refresh(self.call_after_refresh, self._release)
        self.call_after_refresh(self._connect, screen, self.launch.start)

    def _show_cached(self, screen: IncidentsScreen, name: str) -> None:
        if (cached := self.launch.cached(name)) is not None:
            screen.show_cached(*cached)

    def _release(self) -> None:
        """Draw the list over the kept frame, then replay the keys that were typed meanwhile."""
        self.release()
        self.turns.again(self._typed_ahead.end())

    @on(IncidentsScreen.Fresh)
    def _fresh(self, event: IncidentsScreen.Fresh) -> None:
        if self.launch.keep is not None and self.theme == self._first_theme:
            self.call_after_refresh(keep_list, self, event.screen, self.launch.keep)

    @work(exclusive=True, group=Group.CONNECT)
    async def _connect(self, screen: IncidentsScreen, name: str) -> None:
        """Load the vendor's adapter in a thread: importing it takes longer than the first frame may."""
        try:
            workspace = await asyncio.to_thread(self.launch.open, name)
        except (ConfigError, BackendError) as error:
            self._not_connected = str(error)
            screen.tell(f"{self._not_connected} · {present_key('r', screen)} tries again", "$error")
            self.workers.cancel_group(self, Group.OPEN)
            self._nothing_opened()
            return
        self.workspace = workspace
        self._connected.set()
        workspace.backend.on_waiting(self._waiting)
        screen.attach(workspace)
        self.run_worker(self._prepared.warm_up(workspace), group=Group.WARM_UP)
        if self.launch.ref:
            from pmtui.tui.flows import opening

            ref, self.launch = self.launch.ref, self.launch._replace(ref="")
            try:
                incident = await workspace.find(ref, patience=opening.PATIENCE)
            except BackendError as error:
                screen.tell(error.message)
                self._nothing_opened()
                return
            self._open(incident, Want.OPEN)

    def _waiting(self, waiting: Waiting) -> None:
        """Say in the status line that a request is waiting, so that nothing seems frozen."""
        for line in self._telling:
            stop = present_key("esc", line)
            line.show(f"{waiting.reason}: waiting {waiting.seconds:.0f} s (try {waiting.attempt}) · {stop} cancels")

    # ---- what the screens ask for -------------------------------------------------------------------------
    def _wanted(self, want: Want, incident: Incident | None) -> None:
        if want is Want.STOP:
            self._nothing_opened()  # at once: what was cancelled may take a while to end
            return
        if want is Want.CONNECT:
            if self._not_connected and (screen := self._list_screen()) is not None:
                self._not_connected = ""
                self._connect(screen, self.launch.start)
            return
        if self._not_connected:
            self._answer(f"{self._not_connected} · {present_key('r', self.screen)} tries again")
            return
        self.asking.opens, self._typed_ahead = want.asks_first, TypedAhead()
        self._typed_ahead.begin()
        if incident is not None:
            self._answer(being_opened(incident.reference))
        self._open(incident, want)

    @work(exclusive=True, group=Group.OPEN)
    async def _open(self, incident: Incident | None, want: Want) -> None:
        session, ahead = None, self._typed_ahead
        try:
            await self._connected.wait()
            assert self.workspace is not None
            self.call_after_refresh(self._prepared.prepare, self.workspace)  # while the server is asked
            from pmtui.tui.flows.opening import opened

            session = await opened(self, self.workspace, incident, want, self._answer)
        finally:
            if session is None and ahead is self._typed_ahead:  # else those of the next one, which has cancelled this
                self._nothing_opened()
        if session is not None:
            await self._prepared.show(self.workspace, session)
            self._sends, self.session = want is Want.SEND, session
            self._answer("")

    async def on_postmortem_screen_ready(self) -> None:
        """Replay the keys that were typed ahead."""
        screen = self._uppermost_postmortem()  # its fields may cover it already
        if screen is not None and screen.session.first_answer.is_awaited:
            screen.take_in()
        self.turns.again(self._typed_ahead.open())
        if self._sends and screen is not None and screen is self.screen:
            self._sends = False
            screen.action_save()

    def _nothing_opened(self) -> None:
        """Drop the keys that were typed ahead, and say which text is lost."""
        said = not_typed(self._typed_ahead.end())
        if (screen := self._list_screen()) is not None:
            screen.nothing_opened(said)

    def on_postmortem_screen_closed(self, closed: PostmortemScreen.Closed) -> None:
        if self.session is not None:
            was_reached = not self.session.offline and not self.session.first_answer.is_awaited
            self.session.close()
            if was_reached and (screen := self._list_screen()) is not None:
                screen.reached()
            self.session = None
        closed.screen.dismiss()
        self._nothing_opened()
        self.call_after_refresh(self._prepared.prepare, closed.screen.workspace)
        if closed.notice:
            self._tell(closed.notice)

    @on(IncidentsScreen.ProfileWanted)
    @work(exclusive=True, group=Group.SWITCH)
    async def _switch(self, wanted: IncidentsScreen.ProfileWanted) -> None:
        from pmtui.tui.flows.choosing import choose_profile

        if name := wanted.name or await choose_profile(self, self.launch):
            left = await self._let_go()
            self.launch = self.launch._replace(start=name, keep=None)
            self.replace_first_screen(self.get_default_screen())
            self._begin()
            if left is not None:
                await asyncio.shield(left.aclose())  # another switch does not stop it half-way

    @work(exclusive=True, group=Group.CONNECT, thread=False)
    async def on_first_start_wanted(self, event: FirstStart.Wanted) -> None:
        from pmtui.tui.flows import opening

        try:
            if event.what == "demo" and self.launch.demo is not None:
                self.launch = await asyncio.to_thread(self.launch.demo)
                self.replace_first_screen(self.get_default_screen())
                self._begin()
            elif event.what == "profile":
                self._switch(IncidentsScreen.ProfileWanted())
            elif event.what == "configure":
                self._tell(opening.configure(self, self.launch.config_path, self.launch.environment))
        except (OSError, ValueError) as error:  # a directory that cannot be written, a state of the sandbox that cannot be read
            self._tell(f"could not {event.what}: {error}")

    def _answer(self, text: str) -> None:
        """Show what became of an incident, on the list where it was asked for."""
        if (screen := self._list_screen()) is not None:
            screen.answer(text)

    def _uppermost_postmortem(self) -> PostmortemScreen | None:
        if self.session is None:  # none is open, and its screen may not be loaded
            return None
        from pmtui.tui.screens.postmortem import PostmortemScreen

        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, PostmortemScreen)), None)

    def _foremost_postmortem(self) -> PostmortemScreen | None:
        return screen if (screen := self._uppermost_postmortem()) is self.screen else None

    def _list_screen(self) -> IncidentsScreen | None:
        return next((screen for screen in self.screen_stack if isinstance(screen, IncidentsScreen)), None)

    @property
    def _telling(self) -> list[StatusLine]:
        """The status line of the topmost screen that has one; dialogs have none. Empty when no screen has one."""
        return [line for screen in reversed(self.screen_stack) for line in screen.query(StatusLine)][:1]

    def _tell(self, text: str) -> None:
        for line in self._telling:
            line.show(text)

    # ---- the clipboard ------------------------------------------------------------------------------------------
    def copy_to_clipboard(self, text: str) -> None:
        """Copy to the terminal's clipboard without control characters. Pasting inside pmtui gives the exact text."""
        from pmtui.tui.flows.clipboard import put_in_clipboard

        put_in_clipboard(self, text, super().copy_to_clipboard)
        self._copied = text

    @property
    def clipboard(self) -> str:
        return self._copied

    async def push_screen_wait(self, screen: Screen[Any], *, mode: str | None = None) -> Any:  # type: ignore[override]
        self._typed_ahead.tell(screen)
        return await super().push_screen_wait(screen, mode=mode)

    # ---- keys ---------------------------------------------------------------------------------------------------
    async def handle(self, event: Event) -> None:
        """Keep keys that are typed ahead, and let the postmortem screen prepare for text; then handle the event as Textual does."""
        if isinstance(event, Key) and event.key == "shift+enter" and not bindings_of(self.screen.focused, event.key):
            event = Key("enter", "\r")  # as most terminals send it
        if isinstance(event, Key | Paste) and kept_out(self.screen, event):  # also of those that come back from a widget that is gone
            return
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            self.told = passed(self.told)
            if not isinstance(self.screen, ModalScreen) and self._typed_ahead.keep(event):
                return
            if (postmortem := self._foremost_postmortem()) is not None:
                await postmortem.make_room(event)
        await super().handle(event)

    def no_layout_has(self, event: Key) -> None:
        """Say that a key does nothing here: nothing takes text, and nothing is bound to it."""
        if event.key not in self.screen.active_bindings:
            for line in self.screen.query(StatusLine):
                line.tell_until_next_key(f"{pressed_name(event)} does nothing here · {present_key('f1', line)} lists the keys")

    def action_help(self) -> None:
        from pmtui.tui.dialogs.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def action_requests(self) -> None:
        from pmtui.tui.screens.requests import RequestsScreen

        if self.workspace is not None and not isinstance(self.screen, RequestsScreen):
            self.push_screen(RequestsScreen(self.workspace.backend.requests()))

    def action_repaint(self) -> None:
        self.repaint_all()

    @work
    async def action_theme(self) -> None:
        from pmtui.tui.flows.choosing import choose_theme

        await choose_theme(self, self.launch, self._tell)

    @work(exclusive=True, group=Group.LEAVE)
    async def action_leave(self) -> None:
        """Leave; ask first when something is unsaved. The draft stays whatever the answer is."""
        from pmtui.tui.dialogs.ask import Ask

        screen = self._uppermost_postmortem()
        if screen is not None and not isinstance(self.screen, Ask) and not await screen.may_leave():
            return
        await self._leave_workspace()
        self.exit()

    async def _leave_workspace(self) -> None:
        if (left := await self._let_go()) is not None:
            await left.aclose()

    async def _let_go(self) -> Workspace | None:
        """End what is under way. Returns the workspace that is left, whose connections are still to be closed."""
        for worker in list(self.workers):  # what is under way belongs to the workspace that is left
            if worker.group not in (Group.LEAVE, Group.SWITCH):
                worker.cancel()
        await asyncio.sleep(0)
        if self.session is not None:
            self.session.close()
            self.session = None
        left, self.workspace = self.workspace, None
        self._connected.clear()
        return left

    # ---- crashes and lost connections ----------------------------------------------------------------------------
    def on_disk(self, timeout: float) -> bool:
        """Whether everything typed is on disk, after waiting at most ``timeout`` seconds. Frames are held back until it is."""
        return self.session is None or self.session.caught_up(timeout)

    def looked_at(self) -> None:
        """Note that the user has seen the screen: ``enter`` pressed from now on is meant for it."""
        if (postmortem := self._uppermost_postmortem()) is not None and postmortem.is_entered:
            self._typed_ahead.seen()

    def crash_words(self, error: BaseException) -> str:
        """One line that names the error and the file with the traceback. The file is private and has no local variables."""
        path = self.launch.crash_log
        where = f"the traceback is in {path}" if write_crash(path, error) else "the traceback could not be written"
        return display(f"pmtui stopped because of an error of its own: {type(error_itself(error)).__name__}; {where}")

    def rescue(self) -> str:
        """Write everything typed to disk. Returns where it is and what opens it, "" when nothing was typed."""
        return rescued(self.session, self.launch)
