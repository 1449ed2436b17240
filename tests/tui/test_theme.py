"""Themes: ours are whole and readable, broken ones are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from pmtui.tui.textual_internals import OpenApp
from pmtui.tui.theme import DEFAULT_THEME, ROLES, ThemeProblem, bundled_dir, load_theme, load_themes, role_defaults

OURS = {"dark", "light", "contrast", "ansi"}
NOT_TEXT = {"rule", "cell-rule"}
"""Lines, not letters: 3:1 is not asked of pure decoration, but they must be seen."""


def test_ours_are_there() -> None:
    themes, problems = load_themes()
    assert set(themes) >= OURS
    assert DEFAULT_THEME in themes
    assert problems == []
    assert {path.stem for path in bundled_dir().glob("*.toml")} == OURS


def luminance(color: Color) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [channel / 255 for channel in color.rgb]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("name", "least"), [("dark", 4.5), ("light", 4.5), ("contrast", 7.0)])
def test_text_can_be_read(name: str, least: float) -> None:
    theme = load_themes()[0][name]
    colors = {key: getattr(theme, key) for key in ("primary", "secondary", "accent", "success", "warning", "error", "foreground")}
    texts = {**colors, **{role: theme.variables[role] for role in ROLES if role not in NOT_TEXT}}
    for ground in (theme.background, theme.surface, theme.panel, theme.variables["cursor-ground"]):
        assert ground is not None
        for key, color in texts.items():
            assert contrast(color, ground) >= least, f"{key} {color} on {ground}: {contrast(color, ground):.2f}"
    for pair in ("block-cursor", "input-selection"):
        assert contrast(theme.variables[f"{pair}-foreground"], theme.variables[f"{pair}-background"]) >= least, pair


@pytest.mark.parametrize("name", ["dark", "light", "contrast"])
@pytest.mark.parametrize("line_of", ["rule", "scrollbar"])
def test_lines_are_between_the_ground_and_the_text(name: str, line_of: str) -> None:
    """A rule or a scrollbar that is brighter than the paper, or as bright as the text, is all that one sees."""
    theme = load_themes()[0][name]
    assert theme.background is not None and theme.foreground is not None
    rule = theme.variables[line_of]
    assert 1.3 < contrast(rule, theme.background) < contrast(theme.foreground, theme.background) / 2
    ground, ink, line = (luminance(Color.parse(each)) for each in (theme.background, theme.foreground, rule))
    assert min(ground, ink) < line < max(ground, ink)


@pytest.mark.parametrize("name", ["dark", "light", "contrast", "ansi"])
def test_the_cursor_of_a_list_is_seen(name: str) -> None:
    theme = load_themes()[0][name]
    assert theme.background is not None
    ground, style = theme.variables["cursor-ground"], theme.variables["cursor-style"]
    assert "reverse" in style or contrast(ground, theme.background) > 1.15


def test_the_sixteen_colours_stay_sixteen() -> None:
    theme = load_themes()[0]["ansi"]
    assert theme.ansi
    assert all(theme.variables[role].startswith("ansi_") for role in ROLES)
    assert theme.variables["scrollbar"] == theme.variables["rule"], "no louder than a line"


def test_themes_that_know_no_roles_get_them() -> None:
    for theme in BUILTIN_THEMES.values():
        assert set(role_defaults(theme)) == set(ROLES)
        for color in role_defaults(theme).values():
            Color.parse(color)


def test_a_users_theme(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'dark = false\n[colors]\nprimary = "#102030"\n[roles]\nchanged = "primary"\n[variables]\nborder = "#ff0000"\n'
    )
    themes, problems = load_themes(tmp_path)
    assert problems == []
    mine = themes["mine"]
    assert (mine.primary, mine.dark, mine.variables["changed"], mine.variables["border"]) == ("#102030", False, "#102030", "#ff0000")
    assert set(ROLES) <= set(mine.variables)


def test_a_users_theme_replaces_ours_unless_it_is_broken(tmp_path: Path) -> None:
    (tmp_path / "dark.toml").write_text('[colors]\nprimary = "#123456"\n')
    (tmp_path / "light.toml").write_text("[colors]\nprimary = 7\n")
    themes, problems = load_themes(tmp_path)
    assert themes["dark"].primary == "#123456"
    assert themes["light"].primary == load_themes()[0]["light"].primary
    assert [problem.file.name for problem in problems] == ["light.toml"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[colors]\nprimary = "#12345', 2, "not TOML"),
        ('[colors]\nprimary = "blurple"\n', 2, "primary: expected a colour such as \"#86b1dc\", found 'blurple'"),
        ('[colors]\nprimary = "red"\nprimry = "red"\n', 3, "primry: unknown"),
        ('[colors]\naccent = "red"\n', 1, "primary is missing"),
        ('[colors]\nprimary = "red"\n[roles]\nsaved = 3\n', 4, "saved: expected a colour"),
        ('[colors]\nprimary = "red"\n[variables]\nborder = 3\n', 4, "border: expected a text in quotes"),
        ('dark = "yes"\n[colors]\nprimary = "red"\n', 1, "dark: expected true or false, found 'yes'"),
        ("colours = 3\n", 1, "colours: unknown"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    problem = load_theme(path)
    assert isinstance(problem, ThemeProblem)
    assert problem.line == line
    assert words in problem.message
    assert str(problem).startswith(f"{path}:{line}: ")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\xff")
    problem = load_theme(tmp_path / "bad.toml")
    assert isinstance(problem, ThemeProblem)
    assert "cannot be read" in str(problem)


class Themed(OpenApp[None]):
    def __init__(self) -> None:
        super().__init__()
        for theme in load_themes()[0].values():
            self.register_theme(theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return role_defaults(self.current_theme)

    async def looks(self) -> tuple[object, ...]:
        async with self.run_test() as pilot:
            await pilot.pause()
            drawn = [str(line.render(self.console)) for line in self.screen._compositor.render_strips()]
            return sorted(self.classes), self.screen.styles.background, self.get_css_variables(), self.native_ansi_color, drawn


@pytest.mark.parametrize("name", sorted(OURS))
async def test_a_theme_to_begin_with_is_as_one_that_is_chosen(name: str) -> None:
    begun, chosen = Themed(), Themed()
    begun.begin_with_theme(name)
    chosen.theme = name
    assert await begun.looks() == await chosen.looks()
