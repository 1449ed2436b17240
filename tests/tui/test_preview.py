"""The preview: a quote keeps its bar on every line that it takes."""

from __future__ import annotations

from pmtui.tui.markdown.render import render_markdown
from pmtui.tui.widgets.page import barred


def test_the_bar_goes_on_where_a_line_of_a_quote_is_broken() -> None:
    shown = barred(render_markdown("> Times are UTC, and numbers come from the dashboard\n\nplain"), 24).plain.splitlines()
    assert shown[-1] == "plain"
    quote = [line for line in shown[:-1] if line]
    assert len(quote) > 1
    assert all(line.startswith("▌ ") and len(line) <= 24 for line in quote)
    words = " ".join(line.removeprefix("▌").strip() for line in quote)
    assert words == "Times are UTC, and numbers come from the dashboard"
