"""Chooses one item from a list that is filtered while you type; where the field allows it, the typed text can be entered, too."""

from __future__ import annotations

from asyncio import sleep
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pmtui.backends.base import BackendError
from pmtui.display import clip, count, display
from pmtui.formats.typed_name import called_so, rank, spelled_so, the_one
from pmtui.model.values import Item, label_of
from pmtui.tui.closes_once import Dialog
from pmtui.tui.editor.line_input import TextLine

PAUSE = 0.15
"""Seconds after the last key before the backend is asked: a fast typist costs one request."""
LABEL_CELLS = 200
"""Cells of a label that are laid out; the rest of a very long one would only cost time."""


@dataclass(frozen=True)
class Pick:
    """One item of the list: its value, its label, and a hint on the right. Texts may be foreign."""

    value: object
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Found:
    """What the backend has for a text: the items to choose from, and others that are known by their names.

    ``there`` are in the list already, ``shown`` elsewhere in the form. ``is_all`` is False when the backend could not look at everything.
    """

    picks: Sequence[Pick] = ()
    there: Sequence[Item | str] = ()
    shown: Sequence[Item | str] = ()
    is_all: bool = True


Search = Callable[[str], Awaitable[Found]]


@dataclass(frozen=True)
class Typed:
    """Text that the user entered instead of choosing an item. ``unknown``: the backend, too, was asked and has nothing of that name."""

    text: str
    unknown: bool = False


class Picker(Dialog["Pick | Typed | None"]):
    """A filtered list. ``picks`` are fixed items; ``search`` asks the backend for more.

    ``verbatim`` offers the typed text below the matches, ``typed_first`` above them, for fields where new words are usual. A
    search result is selected by default only when it is the only match, because choosing a wrong person would notify them.
    """

    HAS_PALETTE = False  # its key goes up, as ctrl+n goes down
    HELP = "Type to narrow the list, ↑↓ choose. ▌ is what enter selects, • what is set now."
    typed_on_with = frozenset({"enter"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "back", show=False, priority=True),
        Binding("f1", "app.help", "help", show=False),
        Binding("down,ctrl+n", "move(1)", "down", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", "up", show=False, priority=True),
        Binding("pagedown", "move(8)", "page down", show=False, priority=True),
        Binding("pageup", "move(-8)", "page up", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        picks: Sequence[Pick] = (),
        *,
        search: Search | None = None,
        verbatim: bool = False,
        typed_first: bool = False,
        current: object = None,
        typed: str = "",
    ) -> None:
        super().__init__()
        self._title, self._picks, self._search = title, tuple(picks), search
        self._verbatim, self._typed_first, self._current, self._typed = verbatim, typed_first, current, typed
        self._found = Found()  # the latest search results, maybe for an earlier text
        self._shown: tuple[Pick | Typed, ...] = ()
        self._nothing = ""  # why the list is empty
        self._pointed_at: tuple[str, object] | None = None  # what an arrow went to since the text was typed
        self._line_of_text = TextLine(typed, "type to filter" + (", or enter your own value" if verbatim else ""))
        self._options = OptionList(markup=False)
        self._detail = Static("", markup=False, classes="dialog-detail")
        self._looking = self._wanted = False  # a search is running; enter waits for it

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog picker"):
            yield Static(Content.styled(clip(display(self._title), LABEL_CELLS), "bold"), markup=False)
            yield self._line_of_text
            yield self._options
            yield self._detail

    def on_mount(self) -> None:
        self._options.can_focus = False
        self._line_of_text.focus()
        self._narrow(self._typed)

    # ---- what is offered ----------------------------------------------------------------------------------------
    @on(Input.Changed)
    def _typing(self, event: Input.Changed) -> None:
        self._wanted = False
        self._narrow(event.value)

    def _narrow(self, text: str) -> None:
        """Show matches at once, and ask the backend for more."""
        self._pointed_at = None
        self._show(text)
        if self._search is not None:
            self._looking = True
            self._note("looking…")
            self._ask(text)

    @work(exclusive=True)
    async def _ask(self, text: str) -> None:
        assert self._search is not None
        await sleep(PAUSE)
        said = ""
        try:
            self._found = await self._search(text)
        except BackendError as error:
            self._found, said = Found(is_all=False), error.message
        self._looking = False
        self._show(text, searched=not said)
        if said:
            self._nothing = said
            self._note(said)
        elif self._wanted:
            self._take()

    def _show(self, text: str, *, searched: bool = False) -> None:
        """Show these items. ``searched`` are the backend's results for this text; they are not filtered again."""
        fixed, found, own = matching(self._picks, text), self._found, text.strip()
        known = {pick.value for pick in fixed}
        more = [pick for pick in (found.picks if searched else likely(found.picks, text)) if pick.value not in known]
        picks = (*fixed, *more)
        items = [pick.value for pick in picks if isinstance(pick.value, Item | str)]
        there = spelled_so(found.there, own)
        offer_own = self._verbatim and own and not there and not spelled_so(items, own) and all(own != pick.label for pick in picks)
        unknown = searched and found.is_all and not called_so([*items, *found.there, *found.shown], own)
        mine = (Typed(own, unknown),) if offer_own else ()
        self._shown = (*mine, *picks) if self._typed_first else (*picks, *mine)
        here = self._index_pointed_at() if self._pointed_at is not None else self._selected(picks, own)
        options = self._options
        options.clear_options()
        options.add_options(Option(self._line(each, here=i == here)) for i, each in enumerate(self._shown))
        options.highlighted = here
        nothing = f"{label_of(there[0])} is there already" if there else "nothing found" if own else ""
        self._nothing = nothing or "type a name"
        self._note(f"{'enter selects' if here is not None else '↓ chooses' if self._shown else nothing}  esc back".strip())

    def _index_pointed_at(self) -> int | None:
        """The index of what the arrows went to, None when it is no longer shown."""
        return next((i for i, each in enumerate(self._shown) if _meant_by(each) == self._pointed_at), None)

    def _selected(self, picks: Sequence[Pick], own: str) -> int | None:
        """The index of the item that enter selects before an arrow was pressed."""
        if not self._shown:
            return None
        if self._search is None or self._typed_first:
            chosen = (i for i, each in enumerate(self._shown) if isinstance(each, Pick) and each.value == self._current)
            return next(chosen, 0) if not own else 0
        if not picks:
            return 0
        items = [pick.value for pick in picks if isinstance(pick.value, Item | str)]
        meant = the_one(items, own) if len(items) == len(picks) else None
        return None if meant is None else next(i for i, pick in enumerate(picks) if pick.value == meant)

    def _line(self, each: Pick | Typed, *, here: bool) -> Content:
        """A row of the list. ``▌`` marks what enter selects, ``•`` the current value, so that neither depends on colour."""
        cursor = ("▌" if here else " ", "bold $primary")
        if isinstance(each, Typed):
            how = "  as typed, not known here" if each.unknown and not self._typed_first else "  as typed"
            return Content.assemble(cursor, "  ", clip(display(each.text), LABEL_CELLS), (how, "$muted"))
        mark = "• " if self._current is not None and each.value == self._current else "  "
        hint = f"  {clip(display(each.hint), LABEL_CELLS)}" if each.hint != each.label and each.hint else ""
        return Content.assemble(cursor, mark, clip(display(each.label), LABEL_CELLS), (hint, "$muted"))

    def _note(self, text: str) -> None:
        self._detail.update(Content(display(text)))

    # ---- keys ---------------------------------------------------------------------------------------------------
    @property
    def is_deciding(self) -> bool:
        return self._looking and self._wanted

    def action_move(self, by: int) -> None:
        options = self._options
        if not self._shown:
            return
        before, last = options.highlighted, len(self._shown) - 1
        here = max(0, min(before + by, last)) if before is not None else 0 if by > 0 else last
        options.highlighted = here
        self._pointed_at = _meant_by(self._shown[here])
        self._note("enter selects  esc back")
        for index in {here if before is None else before, here}:
            options.replace_option_prompt_at_index(index, self._line(self._shown[index], here=index == here))

    @on(Input.Submitted)
    def _entered(self) -> None:
        if self._looking:
            self._wanted = True  # the list still shows an earlier text
        else:
            self._take()

    def _take(self) -> None:
        index = self._options.highlighted
        if self._shown and index is not None:
            self.dismiss(self._shown[index])
        elif self._shown:
            self._note(f"{count(len(self._shown), 'name')}: ↓ chooses one, or type more")
        else:
            self._note(f"enter selects nothing: {self._nothing}  esc back")

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[event.option_index])


def _meant_by(each: Pick | Typed) -> tuple[str, object]:
    """What an item of the list stands for, whatever else is known of it."""
    return ("typed", each.text) if isinstance(each, Typed) else ("picked", each.value)


def matching(picks: Sequence[Pick], text: str) -> tuple[Pick, ...]:
    """The items whose label or hint has every word of the text; those that begin with it come first.

    The domain of an e-mail address is searched only when an @ was typed, because everybody has the same one.
    """
    folded = text.strip().casefold()
    words = folded.split()
    found = [pick for pick in picks if all(word in _searched(pick, whole="@" in word) for word in words)]
    return tuple(sorted(found, key=lambda pick: not pick.label.casefold().startswith(folded)))


def likely(picks: Sequence[Pick], text: str) -> tuple[Pick, ...]:
    """Results of an earlier search that match this text, too, best first."""
    ranked = [(rank(pick.value, text), pick) for pick in picks if isinstance(pick.value, Item | str)]
    fitting = [(how, pick) for how, pick in ranked if how is not None]
    return tuple(pick for _, pick in sorted(fitting, key=lambda each: each[0]))


def _searched(pick: Pick, *, whole: bool) -> str:
    """The text of an item that is searched for a word."""
    return " ".join(each if whole or " " in each else each.partition("@")[0] for each in (pick.label, pick.hint)).casefold()
