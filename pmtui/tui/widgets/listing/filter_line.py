"""The input for the filter. Up and down recall earlier filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from pmtui.session.listing.filtering import Filters, example, explained, hint, refusals, unknown_values, with_values_of
from pmtui.tui.editor.line_input import TextLine
from pmtui.tui.widgets.bars import StatusLine

if TYPE_CHECKING:
    from pmtui.model.incident import Incident


class FilterLine(Horizontal):
    """Hidden until it is opened. ``typed`` is called with each new value at once: a message would come after the next key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older", "an earlier filter", show=False, priority=True),
        Binding("down", "newer", "a later filter", show=False, priority=True),
    ]

    def __init__(self, typed: Callable[[str], None]) -> None:
        super().__init__(id="filter", classes="hidden")
        self.line = TextLine(placeholder="words of the title", typed=typed)
        self._known: Callable[[], Filters] | None = None
        self._vendor = ""
        self._hinted = ""
        self._used: list[str] = []
        self._at = 0
        self._typed_last = ""

    @property
    def value(self) -> str:
        return self.line.value

    @property
    def is_open(self) -> bool:
        return not self.has_class("hidden")

    @property
    def filters(self) -> Filters:
        """What can be filtered by, with the values known by now; {} also before ``attach``."""
        return self._known() if self._known is not None else {}

    def attach(self, known: Callable[[], Filters], vendor: str) -> None:
        """Called when it is known what can be filtered by; ``known`` tells the values known by then."""
        self._known, self._vendor = known, vendor
        self.line.placeholder = example(self.filters)

    def refusal(self, line: str) -> str:
        """Why this filter cannot be applied, "" when it can."""
        return "; ".join(refusals(line, self.filters, self._vendor)) if self._known is not None else ""

    def wrong(self, asked: str, rows: Iterable[Incident]) -> list[str]:
        """Why the filter, typed or ``asked`` for, finds nothing: unknown values, and what cannot be filtered by."""
        if refused := self.refusal(self.value):
            return [refused]
        return list(unknown_values(self.value or asked, with_values_of(rows, self.filters)))

    def explained(self, rows: Iterable[Incident]) -> list[tuple[str, str]]:
        """What can be typed here, for help."""
        return explained(with_values_of(rows, self.filters))

    def hint(self, rows: Iterable[Incident], status: StatusLine) -> None:
        """Show what may follow the name being typed."""
        said = hint(self.value, with_values_of(rows, self.filters), self._vendor) if self.filters else ""
        if said:
            status.show(said, "", "$muted")
        elif self._hinted:
            status.replace(self._hinted, "")
        self._hinted = said

    def used_before(self, lines: Sequence[str]) -> None:
        """Take in the filters of earlier times, the latest last; those used since stay behind them."""
        earlier = [line for line in lines if line not in self._used]
        self._used[:0] = earlier
        self._at += len(earlier)

    def used(self, line: str) -> None:
        """Take in the latest filter."""
        self._used = [*(each for each in self._used if each != line), line]

    def begin(self, asked: str) -> None:
        """Show the line with the filter that was ``asked`` for, selected: typing replaces it, and the cursor keys go on with it."""
        self._at, self._typed_last = self._used.index(asked) if asked in self._used else len(self._used), ""
        self.remove_class("hidden")
        self.line.value = asked
        self.line.select_all()
        if not self.line.is_attached:
            self.mount(Static(" / ", markup=False), self.line)

    def end(self) -> None:
        """Hide it, then empty it: what is told of that is of the closed line."""
        self.add_class("hidden")
        self.line.value = ""

    def action_older(self) -> None:
        self._go(-1)

    def action_newer(self) -> None:
        self._go(1)

    def _go(self, by: int) -> None:
        """Show an earlier or later filter; after the latest comes what was being typed."""
        if self._at == len(self._used):
            self._typed_last = self.value
        at = max(0, min(self._at + by, len(self._used)))
        if at != self._at:
            self._at = at
            self.line.value = self._used[at] if at < len(self._used) else self._typed_last
            self.line.action_end()
