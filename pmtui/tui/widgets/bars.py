"""The bars of every screen: title, status line, line of keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

from textual import work
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from pmtui.display import clip, display, width
from pmtui.tui.keymap import Keys, shown_key
from pmtui.tui.words import fitting

Key = tuple[str, str]
"""A key as people call it, and what it does: ("ctrl+s", "save")."""
Shown = tuple[str, str, str]
"""What a status line shows: the words on the left, those on the right, the style of the left."""
LOOK_AGAIN = 0.1
"""Seconds after which a state that is not final is looked at again."""


class Head(Static):
    """The first line: what is shown on the left, its most important facts on the right. Texts may be foreign."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(classes="head", markup=False)
        self._left: tuple[str, str] = ("", "")
        self._right = ""

    def show(self, place: str, title: str = "", right: str = "") -> None:
        self._left, self._right = (display(place), display(title)), display(right)
        self.refresh()

    def render(self) -> Content:
        return two_sides(
            [(" " + self._left[0], "bold $primary"), ("  " + self._left[1] if self._left[1] else "", "bold")],
            self._right + " ",
            self.size.width,
        )


MARGIN = 1
"""Cells left and right of a state."""
FAILED = "$error"
"""The style of a state that nothing which was told may hide."""


def status_line(left: str, style: str, right: str, cells: int) -> Content:
    """What the status line shows. The state is never cut for the place: that loses the parts for which there is no room, if need be all."""
    room = cells - width(left) - 1
    shown = fitting(right.split(" · "), room)
    if not right or width(shown) > room:
        return Content.styled(left, style)
    return two_sides([(left, style)], shown, cells)


def wrapped_status(left: str, style: str, cells: int) -> Content:
    """The state in as many lines as it needs. An address at its end that fits into none is broken where the window ends, and has no
    margin: so no blank gets into it when it is copied from the screen."""
    words, _, address = left.rpartition(" ")
    if not ("://" in address and address.isascii() and len(address) > cells - 2 * MARGIN):
        words, address = left, ""
    lines = [Content(" " * MARGIN) + line for line in Content.styled(words, style).wrap(max(1, cells - 2 * MARGIN))] if words else []
    pieces = [Content.styled(address[at : at + cells], style) for at in range(0, len(address), max(1, cells))]
    return Content("\n").join([*lines, *pieces])


class StatusLine(Static):
    """The last line but one: the state on the left, the cursor's position on the right.

    A text that does not fit, such as an error with what to do next, takes more lines while it is shown.
    """

    def __init__(self) -> None:
        super().__init__(classes="status", markup=False)
        self._left, self._right, self._style = "", "", ""
        self._state = ""
        self._passing: tuple[str, Shown | None] | None = None  # a message, and what stood there before it; None for the state
        self._source: tuple[Callable[[], Shown], Callable[[], bool]] | None = None
        self._followed = False

    def show(self, left: str, right: str = "", style: str = "") -> None:
        shown = (display(left), display(right), style)
        if shown != (self._left, self._right, self._style):
            self._left, self._right, self._style = shown
            self._fit()
            self.refresh(layout=self._wraps)  # it may need more lines than what was there

    def replace(self, old: str, new: str, style: str = "") -> None:
        """Show ``new`` if ``old`` is still shown; a message shown since stays."""
        if self._left == display(old):
            self.show(new, "", style)

    @work  # not exclusive: what is told once a day is not asked for again
    async def say_behind(self, said: str, more: Callable[[], Awaitable[str]], style: str = "") -> None:
        """Show behind ``said`` what is known later, if that is anything; a message shown since stays."""
        if told := await more():
            self.replace(said, " · ".join(filter(None, (said, told))), style)

    def tell(self, text: str, style: str = "") -> None:
        """Show a message until the state changes to something new; saving to disk is not new. "" shows the state again."""
        right = ""
        if self._source is not None:
            state, is_final = self._source
            self._state, right, state_style = state()
            self._await(state, is_final)
            if not text:
                text, style = self._state, state_style
        self.show(text, right, style)

    def tell_until_next_key(self, text: str) -> StatusLine:
        """Show a message that the next key makes outdated: then what stood there before is shown again, or the state as it is then."""
        if self._passing is not None and self._left == self._passing[0]:
            before = self._passing[1]
        else:
            is_state = self._source is not None and self._left == display(self._state)
            before = None if is_state else (self._left, self._right, self._style)
        self.tell(text, "$muted")
        self._passing = display(text), before
        told: list[StatusLine] = getattr(self.app, "told", [])
        told.append(self)
        return self

    def next_key(self) -> None:
        """Another key was pressed."""
        if self._passing is not None:
            (text, before), self._passing = self._passing, None
            if self._left == text and before is not None:
                self.show(*before)
            elif self._left == text:
                self.tell("")

    def show_state(self, words: str, right: str = "", style: str = "") -> None:
        """Show a state; a message shown since stays until the state changes."""
        changed, self._state = words != self._state, words
        self.show(words if changed else self._left, right, style if changed else self._style)

    def show_reworded(self, words: str, right: str = "", style: str = "") -> None:
        """Show a newer wording of the shown state. A message shown since stays, unless this is a failure or another state."""
        if self._left == display(self._state) or style == FAILED or not self._is_state(words):
            self.show_state(words, right, style)
        else:
            self._state = words

    def _is_state(self, words: str) -> bool:
        """Whether this is the shown state, in whatever wording: behind its first words stands what the disk has."""
        return words.partition(" · ")[0] == self._state.partition(" · ")[0]

    def let_go(self) -> None:
        """The message is outdated: the next state replaces it, whatever it is."""
        self._left = self._state = ""

    def follow(self, state: Callable[[], Shown], is_final: Callable[[], bool]) -> None:
        """Show the state, and look again until it is final, because the disk answers later than the key."""
        self._source = state, is_final
        words, right, style = state()
        if self._followed and self._is_state(words) and self._left != display(self._state) and style != FAILED:
            self._state = words  # told since: that the disk has it now is no news
            self.show(self._left, right, self._style)
        else:
            self.show_state(words, right, style)
        self._await(state, is_final)

    def _await(self, state: Callable[[], Shown], is_final: Callable[[], bool]) -> None:
        if not self._followed and not is_final():
            self._followed = True
            self.set_timer(LOOK_AGAIN, partial(self._look_again, state, is_final))

    def _look_again(self, state: Callable[[], Shown], is_final: Callable[[], bool]) -> None:
        self._followed = False
        self.show_reworded(*state())
        self._await(state, is_final)

    def on_resize(self) -> None:
        self._fit()
        if self._wraps:
            self.refresh(layout=True)  # into lines of another length

    def _fit(self) -> None:
        self.styles.height = "auto" if self._wraps else 1

    @property
    def _wraps(self) -> bool:
        """Whether the left text needs the space of the right one, or more, and stands alone."""
        room = self.size.width - 2 * MARGIN
        beside = width(self._left) + 1 + width(self._right) <= room
        return room > 0 and not beside and width(self._left) > room * 2 // 3

    @property
    def words(self) -> str:
        return self._left

    def render(self) -> Content:
        if self._wraps:
            return wrapped_status(self._left, self._style, self.size.width)
        return Content(" " * MARGIN) + status_line(self._left, self._style, self._right, self.size.width - 2 * MARGIN)


def passed(lines: Iterable[StatusLine]) -> list[StatusLine]:
    """Another key was pressed: see ``StatusLine.tell_until_next_key``. Returns the lines that still wait for one: none."""
    for line in lines:
        line.next_key()
    return []


SHORT = {
    "new postmortem": "new",
    "send the draft": "send",
    "edit the result": "edit",
    "previous": "prev",
    "preview": "see",
    "whole diff": "whole",
    "make a list": "list",
}
"""What keys do, in fewer letters, for windows that are narrower than ``NARROW``: else the line would leave some out."""
NARROW = 70


class KeyLine(Static):
    """The last line: the keys that matter here, as many as fit, and always the last of them (f1 help).

    Empty below a dialog, which names its own keys: these do nothing there.
    """

    def __init__(self, keys: Sequence[Key] = ()) -> None:
        super().__init__(classes="keys", markup=False)
        self._keys = tuple(keys)

    def show(self, keys: Sequence[Key]) -> None:
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.refresh()

    def on_mount(self) -> None:
        self.watch(self.screen, "stack_updates", self._covered, init=False)

    def _covered(self) -> None:
        """Draw the line again: a dialog was opened above this screen, or closed."""
        self.refresh()

    def render(self) -> Content:
        if isinstance(above := self.app.screen, ModalScreen) and above is not self.screen:
            return Content("")
        *others, last = [(now, what) for key, what in self._keys if (now := self._as_bound(key))] or [("", "")]
        room = self.size.width - 1 - _cells(last)
        if self.size.width < NARROW:
            others = [(key, SHORT.get(what, what)) for key, what in others]
        shown: list[Key] = []
        for key in others:
            room -= _cells(key)
            if room < -2:
                break
            shown.append(key)
        parts = [Content.assemble((key, "bold $secondary"), (f" {what}  ", "$muted")) for key, what in (*shown, last)]
        return Content("").join([Content(" "), *parts])

    def _as_bound(self, key: str) -> str:
        """The user's key for this action."""
        keys: Keys = getattr(self.app, "keys", {})
        if not keys:
            return key
        focused = self.screen.focused
        around = [*(focused.ancestors_with_self if focused is not None else [self.screen]), self.app]
        return shown_key(key, [type(each) for each in around], keys)


def _cells(key: Key) -> int:
    return width(key[0]) + 1 + width(key[1]) + 2


LEFT = 56
"""Per cent of a line that its left side keeps where both do not fit."""
READABLE = 6
"""Cells of a part of which something can be read."""


def two_sides(left: Sequence[tuple[str, str]], right: str, cells: int) -> Content:
    """One line: styled pieces on the left, the rest on the right. Where they do not fit, the left is cut, at most to ``LEFT`` per cent
    of the line; what then does not fit are the last parts of the right. The first of these may be cut into the room that is left over.
    """
    wanted = sum(width(text) for text, _ in left)
    spare = cells - wanted - 1
    right = _whole_parts(right, max(spare, cells - cells * LEFT // 100), spare)
    room = max(0, cells - width(right) - (1 if right else 0))
    parts: list[Content] = []
    for text, style in left:
        cut = clip(text, room)
        parts.append(Content.styled(cut, style) if style else Content(cut))
        room -= width(cut)
    return Content("").join([*parts, Content(" " * (room + (1 if right else 0))), Content.styled(right, "$muted")])


def _whole_parts(text: str, cells: int, spare: int) -> str:
    """As many parts of ``SEV-1 · resolved · j.doe`` as fit, with the blanks at the end. One that stands alone, or the next one in what
    is to ``spare``, is cut."""
    said = text.rstrip()
    blanks = len(text) - len(said)
    room = max(0, cells - blanks)
    whole = fitting(said.split(" · "), room)
    if whole != said and spare - blanks - width(whole) >= width(" · ") + READABLE:
        whole = " · ".join(said.split(" · ")[: whole.count(" · ") + 2])
        room = spare - blanks
    return clip(whole, room) + text[len(said) :]


class Divider(Static):
    """A horizontal line, with an optional label."""

    def __init__(self, label: str = "") -> None:
        super().__init__(classes="line", markup=False)
        self._label = label

    def render(self) -> Content:
        return rule(self._label, self.size.width)


def rule(label: str, cells: int, style: str = "$rule", label_style: str = "$muted") -> Content:
    """A horizontal line: ``── label ─────``. The label may be foreign text."""
    if not label:
        return Content.styled("─" * cells, style)
    shown = clip(display(label), max(0, cells - 5))
    tail = max(0, cells - width(shown) - 4)
    return Content.assemble(("── ", style), (shown, label_style), (" " + "─" * tail, style))
