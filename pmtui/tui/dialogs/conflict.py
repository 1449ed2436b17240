"""Shows a conflict: your version, theirs, and the original. The user must choose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantBlur, DescendantFocus

from pmtui.model.conflicts import Answer, Conflict, Decision, can_take, take
from pmtui.model.fields import Field, Kind
from pmtui.model.postmortem import Cell, characters
from pmtui.model.text_merge import Whose
from pmtui.model.validation import problem
from pmtui.model.values import label_of
from pmtui.session.change_text import told_apart
from pmtui.session.session import Session
from pmtui.threads import worked_out
from pmtui.tui.dialogs.picker import Pick, Picker
from pmtui.tui.dialogs.prompt import Prompt
from pmtui.tui.dialogs.seen import SeenScreen
from pmtui.tui.keymap import present_key
from pmtui.tui.widgets.bars import Divider, Head, StatusLine, rule
from pmtui.tui.widgets.sides import CHOICES, BeforeView, ResultView, Sides, SideView

RESULT: dict[Whose, str] = {"both": "both would give", "mine": "mine would give", "theirs": "theirs would give"}
LOW, BESIDE = 24, 100
"""Rows below which only one of original and result is shown; columns from which they stand beside one another."""
ROOM_FOR_CONTEXT = 3
"""Rows of a pane that also shows a row above the first difference, when it has more of them."""
NARROW = 28
"""Columns of a heading up to which it says less."""
DECIDED: dict[Whose | None, str] = {"mine": "mine", "theirs": "theirs", "both": "both", None: "your own words"}


@dataclass(frozen=True)
class GoTo:
    """To the conflict with this index, without an answer to this one; behind the last is the review."""

    index: int


@dataclass(frozen=True, kw_only=True)
class About:
    """The conflict with this ``index`` among ``all_of_them``: their titles, and how each was decided, "" for not yet.

    ``there`` is where the other side is: "on the server". ``last`` says who changed it last, ``early`` which keys came before
    this was on the screen; "" for none.
    """

    index: int
    all_of_them: tuple[tuple[str, str], ...]
    there: str
    last: str = ""
    early: str = ""

    @property
    def where(self) -> str:
        """``conflict 2 of 3 · 1 decided``."""
        decided = sum(bool(how) for _, how in self.all_of_them)
        return f"conflict {self.index + 1} of {len(self.all_of_them)} · {decided} decided"


class ConflictScreen(SeenScreen["Decision | GoTo | None"]):
    """A conflict to answer. The result is None when the user goes back; then nothing is sent."""

    HELP = (
        "You and somebody else changed the same thing since you opened it. Choose whose version is to stay; nothing is sent before the "
        "review, where each choice can be changed. One that you skip is not sent. What you choose is kept on disk with the draft."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "take('mine')", "take mine"),
        Binding("t", "take('theirs')", "take theirs"),
        Binding("b", "both", "keep both texts"),
        Binding("e", "edit", "write the result yourself"),
        Binding("v", "preview", "what mine, theirs, and both would give"),
        Binding("p", "go(-1)", "the conflict before"),
        Binding("n", "go(1)", "the next one, this one stays as it is; after the last, the review"),
        Binding("l", "list", "all conflicts, with what you decided"),
        Binding("tab,shift+tab", "app.focus_next", "scroll the two sides, or the original"),
        Binding("escape", "dismiss(None)", "cancel", priority=True),
    ]

    def __init__(self, session: Session, conflict: Conflict, sides: Sides, about: About) -> None:
        super().__init__(about.early)
        self._session, self._conflict, self._lines, self._about = session, conflict, sides, about
        self._decided = session.decisions.of(conflict)
        self._is_preparing = False
        self._head, self._status_line = Head(), StatusLine()
        self._sides = VerticalScroll(classes="both-sides")
        self._previewed: Whose = CHOICES[0]
        self._result, self._result_name = ResultView(None, None, "nothing is left of it"), PlaceName("")
        self._result_pane, self._before_pane = VerticalScroll(), VerticalScroll()
        self._before = BeforeView(None, None, "")

    # ---- what is shown ------------------------------------------------------------------------------------------
    def compose(self) -> ComposeResult:
        conflict, there = self._conflict, self._about.there
        if self._field is not None and self._field.kind is Kind.TIME:
            conflict = _readable(conflict)
        mine = SideView(conflict.my_side, self._lines.mine, self._absent("you deleted this cell", "you removed it"))
        theirs = SideView(conflict.theirs, self._lines.theirs, self._absent(f"deleted {there}", f"removed {there}"))
        self._before = BeforeView(conflict.base, self._lines.before, self._absent("it was not there", "it was not there"))
        yield self._head
        with Vertical(classes="place sides"):
            with Horizontal(classes="side-names"):
                yield PlaceName("yours" if conflict.written is None else "yours, as you wrote it")
                yield PlaceName(there)
            with self._sides, Horizontal(classes="beside"):
                yield mine
                yield theirs
        with Vertical(classes="below"):
            with Vertical(classes="place before original"):
                yield PlaceName("original")
                with self._before_pane:
                    yield self._before
            if self._lines.results:
                with Vertical(classes="place before result"):
                    yield self._result_name
                    with self._result_pane:
                        yield self._result
        yield Divider()
        yield self._status_line
        yield self.key_line

    def on_mount(self) -> None:
        self._head.show("Both changed", self._what, self._about.where)
        self._show_result()
        self._say()
        self.key_line.show(self._keys())
        self._sides.focus()
        for pane in self.query(VerticalScroll):
            self.watch(pane, "scroll_y", self._mark_place, init=False)
        self.call_after_refresh(self._show_change)

    def on_resize(self) -> None:
        self.set_class(self.size.height < LOW, "-low")
        self.set_class(self.size.width >= BESIDE, "-beside")
        self.call_after_refresh(self._show_change)

    def _show_change(self) -> None:
        """Scroll each pane to its first difference; those of the two sides stand beside one another."""
        sides = list(self._sides.query(SideView))
        row = max(view.first_change for view in sides)
        for view in sides:
            view.begin_below(row - view.first_change)
        self.call_after_refresh(self._scroll, row)

    def _scroll(self, row: int) -> None:
        for pane, at in (
            (self._sides, row),
            (self._before_pane, self._before.first_change),
            (self._result_pane, self._result.first_change),
        ):
            above = 1 if pane.size.height > ROOM_FOR_CONTEXT else 0
            pane.scroll_to(y=max(0, at - above), animate=False)

    def _show_result(self) -> None:
        """Show what the choice would give that is looked at."""
        if self._lines.results:
            self._result_name.call_it(RESULT[self._previewed])
            self._result.show(*self._lines.results[self._previewed])

    def _keys(self) -> list[tuple[str, str]]:
        both = [("b", "both")] if self._can_take("both") else []
        edit = [("e", "edit")] if self._can_edit else []
        preview = [("v", "preview")] if self._lines.results else []
        on = [("n", ("review" if self._is_last else "next") if self._decided else "skip")]
        back = [("p", "previous")] if self._about.index else []
        every = [("l", "list")] if self._has_others else []
        return [("m", "mine"), ("t", "theirs"), *both, *edit, *on, *back, *preview, *every, ("tab", "pane"), ("esc", "back")]

    @property
    def _is_last(self) -> bool:
        return self._about.index + 1 == len(self._about.all_of_them)

    @property
    def _has_others(self) -> bool:
        return len(self._about.all_of_them) > 1

    def _say(self, wrong: str = "", hint: str = "") -> None:
        early = hint or self.not_taken
        decided = f"decided: {DECIDED[self._decided.whose]}" if self._decided else "not decided"
        said = " · ".join(filter(None, (wrong or early, decided, self._about.last)))
        self._status_line.show(said, "", "$error" if wrong else "$warning" if early else "$muted")

    @on(DescendantFocus)
    @on(DescendantBlur)
    def _mark_place(self) -> None:
        for name in self.query(PlaceName):
            name.refresh()

    @property
    def _what(self) -> str:
        return self._about.all_of_them[self._about.index][0]

    @property
    def _field(self) -> Field | None:
        return next((field for field in self._session.mine.form if field.name == self._conflict.part.field), None)

    def _absent(self, cell: str, item: str) -> str:
        return cell if self._conflict.part.cell else item if self._conflict.item is not None else "not set"

    # ---- keys ---------------------------------------------------------------------------------------------------
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if self._is_preparing:  # what is typed behind `e` is for the prompt, and decides nothing
            return action == "dismiss"
        if action == "go":
            return parameters[0] == 1 or self._about.index > 0
        if action == "preview":
            return bool(self._lines.results)
        if action == "list":
            return self._has_others
        return True

    def why_not(self, action: str) -> str:
        """Why both cannot be kept, or nothing be written here, "" where it can. Foreign text."""
        if action not in ("both", "edit") or self._can_take("both") or (action == "edit" and self._can_edit):
            return ""
        conflict, of = self._conflict, self._field
        if conflict.part.cell and None in (conflict.mine, conflict.theirs):
            return "one side deleted it: choose mine or theirs"
        if conflict.item is not None or of is None:
            return "only one of both can stay: choose mine or theirs"
        return f"{of.label} {'is one line' if self._can_edit else 'has one value'}: choose mine or theirs"

    def _can_take(self, whose: Whose) -> bool:
        return can_take(self._conflict, whose)

    @property
    def _can_edit(self) -> bool:
        """Whether the result can be written by hand: only for texts, in cells and in fields."""
        return self._can_take("both") or (
            self._conflict.item is None and self._field is not None and self._field.kind in (Kind.TEXT, Kind.PROSE)
        )

    def tell_early(self) -> None:
        self._say()

    def action_take(self, whose: Whose) -> None:
        self.dismiss(Decision(whose))

    def action_both(self) -> None:
        if why := self.why_not("both"):
            self._say(hint=f"{present_key('b', self)} does nothing here: {why}")
        else:
            self.dismiss(Decision("both"))

    def action_go(self, by: int) -> None:
        self.dismiss(GoTo(self._about.index + by))

    def action_preview(self) -> None:
        """Show what the next choice would give; in a low window in the place of the original, and behind the last the original again."""
        begins = self.has_class("-low") and not self.has_class("-previewing")
        number = 0 if begins else (CHOICES.index(self._previewed) + 1) % len(CHOICES)
        self._previewed = CHOICES[number]
        self.set_class(begins or number > 0, "-previewing")
        self._show_result()
        self.call_after_refresh(self._show_change)

    @work(exclusive=True)
    async def action_list(self) -> None:
        """Go to one of all conflicts."""
        numbered = enumerate(self._about.all_of_them)
        picks = [Pick(n, f"{n + 1}  {title}", f"decided: {how}" if how else "not decided") for n, (title, how) in numbered]
        answer = await self.app.push_screen_wait(Picker("All conflicts of this save", picks, current=self._about.index))
        if isinstance(answer, Pick) and isinstance(answer.value, int):
            self.dismiss(GoTo(answer.value))

    def action_edit(self) -> None:
        if why := self.why_not("edit"):
            self._say(hint=f"{present_key('e', self)} does nothing here: {why}")
        else:
            self._edit()

    @work(exclusive=True)
    async def _edit(self) -> None:
        """Write the result by hand. It is kept on disk until it is sent; ``e`` opens it again."""
        conflict, field = self._conflict, self._field
        lines = self._can_take("both") or (field is not None and field.kind is Kind.PROSE)

        def begun() -> str:
            written = self._session.decisions.written(conflict)
            return _text(take(conflict, "both" if self._can_take("both") else "mine")) if written is None else written

        self._is_preparing = True
        text = await worked_out(begun, characters([side for side in (conflict.mine, conflict.theirs) if isinstance(side, Cell)]))

        def check(written: str) -> str:
            return problem(field, written) if field is not None else ""

        typed = partial(self._session.decisions.write, conflict)
        result = await self.app.push_screen_wait(Prompt(self._what, text, check=check, lines=lines, typed=typed))
        self._is_preparing = False
        if result is None:
            return
        if wrong := check(result):
            self._say(wrong)
        else:
            self.dismiss(Decision(written=result))


class PlaceName(Divider):
    """The heading of a pane. It marks the pane that the arrow keys scroll, and says that there is more above."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._side = name

    def call_it(self, name: str) -> None:
        """Give the pane another heading."""
        self._side = name
        self.refresh()

    def render(self) -> Content:
        place = next((each for each in self.ancestors if isinstance(each, Vertical) and each.has_class("place")), None)
        is_cut = place is not None and bool(place.query(VerticalScroll).first().scroll_y)
        if self.size.width > NARROW:
            name = f"{self._side} · … above" if is_cut else self._side
        else:
            name = f"… {self._side.split()[-1]}" if is_cut else self._side
        if place is None or not place.has_focus_within:
            return rule(name, self.size.width)
        return rule(f"▌{name}", self.size.width, label_style="bold $primary")


def _readable(times: Conflict) -> Conflict:
    """The conflict about a time as the form shows it."""
    sides = (times.mine, times.theirs, times.base)
    mine, theirs, before = told_apart(*(side if isinstance(side, str) else "" for side in sides))
    return replace(times, mine=mine, theirs=theirs, base=before)


def _text(answer: Answer) -> str:
    return answer.text if isinstance(answer, Cell) else label_of(answer)
