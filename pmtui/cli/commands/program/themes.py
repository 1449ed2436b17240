"""``pmtui themes``: lists the colour themes, built-in ones and the user's."""

from __future__ import annotations

import argparse

from pmtui.cli.context import Context
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_json
from pmtui.cli.printing.output import print_json, print_table, say
from pmtui.cli.printing.plain import SCHEMA

EXAMPLES = ("pmtui themes", "pmtui themes --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_json(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """List them. Exit code: INCOMPLETE when a file cannot be used."""
    from pmtui.tui.theme import DEFAULT_THEME, load_themes, theme_files

    config = context.config
    user = config.file.parent / "themes"
    themes, problems = load_themes(user)
    current = config.theme or DEFAULT_THEME
    own = {path.stem for path in theme_files(user)} - {problem.file.stem for problem in problems if problem.file.parent == user}
    listed = [
        {"name": name, "current": name == current, "dark": theme.dark, "from": "yours" if name in own else "built in"}
        for name, theme in sorted(themes.items())
    ]
    for problem in problems:
        say(f"this theme cannot be used: {problem}")
    if current not in themes:
        say(f"the configuration names the theme {current!r}, which does not exist: {DEFAULT_THEME} is used")
    if arguments.json:
        print_json({"schema": SCHEMA, "themes": listed, "directory": str(user), "unreadable": [str(problem) for problem in problems]})
    else:
        rows = [
            ("*" if each["current"] else "", str(each["name"]), "dark" if each["dark"] else "light", str(each["from"])) for each in listed
        ]
        print_table(("", "THEME", "KIND", "FROM"), rows)
        say(f'put your own in {user}; `theme = "NAME"` in {config.file} chooses one')
    return ExitCode.INCOMPLETE if problems else ExitCode.OK
