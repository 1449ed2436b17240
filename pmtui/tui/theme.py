"""Themes: one TOML file each, ours and the user's.

A file has `dark` and `ansi` (booleans), `[colors]` (Textual's base colours; `primary` is needed), `[roles]` (what
pmtui colours, see ROLES; a value may name a base colour) and `[variables]` (any CSS variable of Textual). The theme is
called as its file. In a stylesheet a role is `$changed`, `$md-code`, and so on.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from textual.color import Color, ColorParseError
from textual.theme import Theme

from pmtui.trust import open_plain, read_whole

DEFAULT_THEME = "dark"
COLOURLESS_THEME = "ansi"
"""The theme for no colours: only what is selected has a background in it."""
SIXTEEN_THEME = "ansi"
"""The theme for terminals with sixteen colours or fewer, unless another one is asked for."""

COLORS = ("primary", "secondary", "accent", "success", "warning", "error", "foreground", "background", "surface", "panel", "boost")

ROLES: Mapping[str, str] = {
    "changed": "accent",
    "conflict": "error",
    "draft": "warning",
    "saved": "success",
    "opaque": "foreground",
    "muted": "foreground",
    "rule": "secondary",
    "cell-rule": "secondary",
    "cell-title": "primary",
    "md-heading-1": "primary",
    "md-heading-2": "primary",
    "md-heading-3": "secondary",
    "md-code": "accent",
    "md-link": "secondary",
    "md-quote": "foreground",
    "md-mention": "secondary",
    "md-marker": "secondary",
    "md-status": "accent",
}
"""What pmtui colours, with the base colour for themes that do not define it."""

_TABLES: Mapping[str, type] = {"dark": bool, "ansi": bool, "colors": dict, "roles": dict, "variables": dict}


class ThemeProblem(NamedTuple):
    """A theme file that cannot be used. `line` counts from 1 and is 0 when it is not known."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class _BrokenTheme(Exception):
    def __init__(self, message: str, key: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.key = key
        self.line = line


def bundled_dir() -> Path:
    """Our own themes: in the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "themes"
    return inside if inside.is_dir() else package.parent / "themes"


def load_themes(user_dir: Path | None = None, called: str = "") -> tuple[dict[str, Theme], list[ThemeProblem]]:
    """All themes by name, or only the one that is ``called`` so, and the files that cannot be used.

    A user's theme replaces ours of the same name; if it is broken, ours stays.
    """
    themes: dict[str, Theme] = {}
    problems: list[ThemeProblem] = []
    for directory in (bundled_dir(), user_dir):
        for path in theme_files(directory):
            if called not in ("", path.stem):
                continue
            theme = load_theme(path)
            if isinstance(theme, ThemeProblem):
                problems.append(theme)
            else:
                themes[theme.name] = theme
    return themes, problems


def theme_files(directory: Path | None) -> list[Path]:
    """The files of a directory that could be themes."""
    return sorted(directory.glob("*.toml")) if directory is not None and directory.is_dir() else []


def load_theme(path: Path) -> Theme | ThemeProblem:
    """The theme in one file, or what is wrong with it."""
    try:
        with open_plain(path) as stream:
            text = read_whole(stream).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return ThemeProblem(path, 0, f"cannot be read: {error}")
    try:
        return parse_theme(path.stem, text)
    except _BrokenTheme as error:
        return ThemeProblem(path, error.line or _line_of(text, error.key), str(error))


def parse_theme(name: str, text: str) -> Theme:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise _BrokenTheme(f"not TOML: {error}", line=int(found[1]) if found else len(text.splitlines())) from None
    except RecursionError:
        raise _BrokenTheme("nested too deeply") from None
    for key, value in data.items():
        if key not in _TABLES:
            raise _BrokenTheme(f"{key}: unknown; expected one of {', '.join(_TABLES)}", key)
        if not isinstance(value, _TABLES[key]):
            raise _BrokenTheme(f"{key}: expected {_words(_TABLES[key])}, found {value!r}", key)
    colors = _colors(data.get("colors", {}), COLORS, {})
    if "primary" not in colors:
        raise _BrokenTheme("[colors] primary is missing", "[colors]")
    roles = _colors(data.get("roles", {}), tuple(ROLES), colors)
    variables = _texts(data.get("variables", {}))
    return _theme(name, colors, roles, variables, dark=data.get("dark", True), ansi=data.get("ansi", False))


def _theme(name: str, colors: dict[str, str], roles: dict[str, str], variables: dict[str, str], *, dark: bool, ansi: bool) -> Theme:
    theme = Theme(
        name=name,
        primary=colors["primary"],
        secondary=colors.get("secondary"),
        accent=colors.get("accent"),
        success=colors.get("success"),
        warning=colors.get("warning"),
        error=colors.get("error"),
        foreground=colors.get("foreground", "ansi_default" if ansi else "#e0e0e0" if dark else "#1e1e1e"),
        background=colors.get("background"),
        surface=colors.get("surface"),
        panel=colors.get("panel"),
        boost=colors.get("boost"),
        dark=dark,
        ansi=ansi,
    )
    theme.variables = {**variable_defaults(theme), **roles, **variables}
    return theme


def variable_defaults(theme: Theme) -> dict[str, str]:
    """Our stylesheet's variables besides Textual's own, for themes that do not define them: roles, and the cursor of a list.

    This is what `App.get_theme_variable_defaults` returns.
    """
    ground = theme.panel or theme.surface or ("#333333" if theme.dark else "#dddddd")
    return {**role_defaults(theme), "cursor-ground": ground, "cursor-style": "bold reverse" if theme.ansi else "bold"}


def role_defaults(theme: Theme) -> dict[str, str]:
    """A value for every role, made from a theme's base colours, for themes without roles (Textual's own)."""
    return {role: getattr(theme, base) or theme.primary for role, base in ROLES.items()}


def _colors(table: Mapping[str, object], known: tuple[str, ...], named: Mapping[str, str]) -> dict[str, str]:
    """The colours of one table, each checked; names of `named` are replaced by their values."""
    colors: dict[str, str] = {}
    for key, value in table.items():
        if key not in known:
            raise _BrokenTheme(f"{key}: unknown; expected one of {', '.join(known)}", key)
        color = named.get(value, value) if isinstance(value, str) else value
        try:
            Color.parse(color if isinstance(color, str) else "")
        except ColorParseError:
            raise _BrokenTheme(f'{key}: expected a colour such as "#86b1dc", found {value!r}', key) from None
        colors[key] = str(color)
    return colors


def _texts(table: Mapping[str, object]) -> dict[str, str]:
    for key, value in table.items():
        if not isinstance(value, str):
            raise _BrokenTheme(f"{key}: expected a text in quotes, found {value!r}", key)
    return {key: str(value) for key, value in table.items()}


def _words(kind: type) -> str:
    return "true or false" if kind is bool else "a [table]"


def _line_of(text: str, key: str) -> int:
    """The line that sets `key` (or opens the table `[key]`), counting from 1; 0 when there is none."""
    pattern = re.compile(rf"\s*(\[\s*)?[\"']?{re.escape(key.strip('[]'))}[\"']?\s*(=|\])")
    return next((number for number, line in enumerate(text.splitlines(), 1) if key and pattern.match(line)), 0)
