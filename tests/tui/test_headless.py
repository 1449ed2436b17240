"""What makes the programs of these tests cheap changes nothing that they look at."""

from __future__ import annotations

from pathlib import Path

from textual.dom import DOMNode
from textual.widget import Widget

from pmtui.sandbox.server import Sandbox
from tests.tui.headless import STOCK_APPLY
from tests.tui.user import using


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
