"""The request log of this process: method, path, status, time. It has no secrets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from pmtui.backends.base import RequestRecord
from pmtui.display import display
from pmtui.tui.closes_once import ClosesOnce
from pmtui.tui.widgets.bars import Head, KeyLine


class RequestsScreen(ClosesOnce[None]):
    HELP = "Every request that pmtui has made since it started, the latest last."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f12", "dismiss", "back", priority=True),
        Binding("q", "dismiss", "back"),
    ]

    def __init__(self, records: Sequence[RequestRecord]) -> None:
        super().__init__()
        self._records = records
        self._head, self._scroll = Head(), VerticalScroll()

    def compose(self) -> ComposeResult:
        yield self._head
        with self._scroll:
            lines = [_line(record) for record in self._records] or [Content(" no request yet")]
            yield Static(Content("\n").join(lines), markup=False)
        yield KeyLine((("↑↓", "scroll"), ("esc", "back"), ("f1", "help")))

    def on_mount(self) -> None:
        self._head.show("Requests", "", f"{len(self._records)} since the start")
        self._scroll.focus()
        self._scroll.scroll_end(animate=False)


def _line(record: RequestRecord) -> Content:
    style = "$success" if 200 <= record.status < 300 else "$error"
    return Content.assemble(
        (f" {record.at[11:19]} ", "$muted"),
        (f"{record.status or '---':>4} ", style),
        f"{record.seconds * 1000:6.0f} ms  {record.method:<6} ",
        display(record.path),
        (f"  {display(record.note)}" if record.note else "", "$warning"),
    )
