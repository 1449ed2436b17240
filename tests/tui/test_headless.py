"""What makes the programs of these tests cheap changes nothing that they look at."""

from __future__ import annotations

from pathlib import Path

from textual.dom import DOMNode
from textual.widget import Widget

from pmtui.sandbox.server import Sandbox
from tests.tui.headless import STOCK_APPLY, stock_text_of
from tests.tui.user import CHECKOUT, User, using


def look(node: DOMNode) -> tuple[dict[str, object], dict[str, dict[str, object]]]:
    components = {name: dict(styles.get_render_rules()) for name, styles in node._component_styles.items()}
    return dict(node.styles.base.get_rules()), components


async def test_every_widget_looks_as_textual_makes_it_look(sandbox: Sandbox, home: Path) -> None:
    for size in ((80, 24), (150, 40)):
        async with using(home, sandbox, "opsgenie", size=size) as user:  # the second finds what the first has matched
            await user.into()
            await user.press("f2")
            await user.shows("Severity")
            nodes = [each for screen in user.app.screen_stack for each in screen.walk_children(Widget, with_self=True)]
            assert len(nodes) > 50
            for node in nodes:
                before = look(node)
                STOCK_APPLY(user.app.stylesheet, node)
                assert look(node) == before, node
            assert user.app.screen.focused is not None


def shows_what_textual_draws(user: User) -> None:
    assert user.text == stock_text_of(user.app)


async def test_the_screen_reads_as_textual_draws_it(sandbox: Sandbox, home: Path) -> None:
    """Widgets that cover others, in part, and dialogs above a screen and above another dialog."""
    async with using(home, sandbox, "opsgenie", size=(90, 30)) as user:
        await user.go_to(CHECKOUT)
        shows_what_textual_draws(user)
        await user.into()
        await user.type("宽 wide 宽")
        shows_what_textual_draws(user)
        await user.press("f2")
        await user.shows("Severity")
        shows_what_textual_draws(user)
        await user.press("enter")
        shows_what_textual_draws(user)
        await user.press("escape", "escape")
        await user.review()
        shows_what_textual_draws(user)
        await user.press("escape", "escape")
        await user.shows("keep the draft")
        shows_what_textual_draws(user)
        await user.press("ctrl+p")
        shows_what_textual_draws(user)
        await user.resize(30, 9)
        shows_what_textual_draws(user)
