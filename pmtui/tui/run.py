"""Runs the screens, and puts the terminal back however they end."""

from __future__ import annotations

from pmtui.tui.app import PmtuiApp
from pmtui.tui.flows.last_words import rescued_elsewhere
from pmtui.tui.launch import Launch
from pmtui.tui.terminal.signals import SignalHandlers, farewell


def run(launch: Launch) -> int:
    """Run the program until the user leaves it. Returns the exit code: 0, or 1 after a crash, which names the draft. Raises ConfigError."""
    app = PmtuiApp(launch)
    with SignalHandlers(app.rescue, lambda: rescued_elsewhere(app.session)):
        app.run(mouse=launch.mouse)
    if app.return_code:
        words = app.rescue()
        if words:
            farewell(words)
    return app.return_code or 0
