"""The themes in the running program: each of ours on each screen, a broken one named, and all of them in the wheel."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import ColorType
from rich.segment import Segment

from pmtui.sandbox.server import Sandbox
from pmtui.tui.theme import bundled_dir
from tests.tui.colleague import Colleague
from tests.tui.headless_program import environment
from tests.tui.user import CHECKOUT, READ, User, program, using

OURS = ("ansi", "contrast", "dark", "light")
ROOT = Path(__file__).resolve().parents[2]


def config(home: Path, text: str) -> None:
    folder = home / "config" / "pmtui"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(text)


def segments(user: User) -> Iterator[Segment]:
    for strip in user.app.screen._compositor.render_strips():
        yield from strip


def toast(user: User) -> str:
    """What the messages in the corner say, without the spaces at which they are wrapped."""
    return "".join("".join(line.partition("▌")[2].split()) for line in user.lines if "▌" in line[20:])


async def walk(user: User, sandbox: Sandbox) -> list[tuple[str, list[Segment]]]:
    """Every screen and dialog once, with what it draws."""
    seen: list[tuple[str, list[Segment]]] = []

    async def look(name: str, *patterns: str) -> None:
        await user.shows(*patterns)
        seen.append((name, list(segments(user))))

    await look("list", READ)
    await user.press("f1")
    await look("help", "finds any action")
    await user.press("escape", "ctrl+p")
    await look("palette", "Search for commands")
    await user.press("escape")
    await user.into()
    await user.type("Numbers")
    await look("document", "±", "draft on disk")
    await user.press("f3")
    await look("preview", r" preview\n")
    await user.press("escape", "f12")
    await look("requests", "Requests")
    await user.press("escape", "f2")
    await look("form", " Details ")
    while "Severity" not in user.line("▌"):
        await user.press("down")
    await user.press("enter")
    await look("picker", "enter selects")
    await user.type("SEV-2")
    await user.press("enter")
    await user.shows("±.*Severity")
    await user.press("escape")
    await user.shows("cell 1 of")
    Colleague(sandbox, "datadog").set_severity(CHECKOUT, "SEV-3")
    await user.press("ctrl+s")
    await look("conflict", "Both changed")
    await user.press("m")
    await look("review", "enter send")
    await user.press("escape", "escape")
    await look("question", "keep the draft")
    return seen


@pytest.mark.long
@pytest.mark.sweep(2)
@pytest.mark.parametrize("name", OURS)
async def test_every_screen_in_every_theme(sandbox: Sandbox, home: Path, name: str) -> None:
    config(home, f'theme = "{name}"\n')
    async with using(home, sandbox, "datadog") as user:
        assert user.app.theme == name
        seen = await walk(user, sandbox)
        assert len(seen) == 11
        for screen, drawn in seen:
            words = [each for each in drawn if each.text.strip() and each.style is not None]
            assert words, screen
            for each in words:
                style = each.style
                assert style is not None
                own = style.color is not None and style.color.type is not ColorType.DEFAULT
                visible = not own or style.color != style.bgcolor or set(each.text) <= set("▁▂▃▄▅▆▇█▏▔ ")
                assert visible, f"{screen}: {each.text!r} has the colour of its background"
                if name == "ansi":
                    for color in (style.color, style.bgcolor):
                        assert color is None or color.type in (ColorType.DEFAULT, ColorType.STANDARD), f"{screen}: {each.text!r} {color}"


async def test_themes_are_chosen_while_the_program_runs(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog") as user:
        await user.shows(READ)
        assert user.app.theme == "dark"
        before = {str(each.style) for each in segments(user)}
        await user.press("ctrl+t")
        await user.shows("Theme", "• dark", *OURS)
        await user.type("light")
        await user.press("enter")
        await user.until(lambda: user.app.theme == "light", "the theme")
        await user.shows(CHECKOUT)
        await user.until(lambda: {str(each.style) for each in segments(user)} != before, "other colours")


async def test_a_users_theme_is_used(sandbox: Sandbox, home: Path) -> None:
    config(home, 'theme = "mine"\n')
    themes = home / "config" / "pmtui" / "themes"
    themes.mkdir()
    (themes / "mine.toml").write_text('[colors]\nprimary = "#123456"\nbackground = "#010203"\n')
    async with using(home, sandbox, "datadog") as user:
        await user.shows(READ)
        assert user.app.theme == "mine"
        assert any(each.style and each.style.bgcolor and each.style.bgcolor.name == "#010203" for each in segments(user))


async def test_a_broken_theme_is_named_and_the_default_used(sandbox: Sandbox, home: Path) -> None:
    config(home, 'theme = "mine"\n')
    themes = home / "config" / "pmtui" / "themes"
    themes.mkdir()
    (themes / "mine.toml").write_text('[colors]\nprimary = "blurple"\n')
    async with using(home, sandbox, "datadog", size=(120, 30)) as user:
        await user.shows(READ)
        await user.until(lambda: "mine.toml:2:primary:expecteda" in toast(user), "what is wrong with it")
        assert user.app.theme == "dark"


async def test_a_theme_that_is_not_there_is_named(home: Path) -> None:
    config(home, 'theme = "drak"\n')
    async with program(environment(home, {}), size=(100, 30)) as user:
        await user.shows("d demo")
        await user.until(lambda: "nothemeiscalleddrak;thereare" in toast(user), "that there is none")
        assert user.app.theme == "dark"


def test_the_wheel_has_the_themes(tmp_path: Path) -> None:
    assert {path.stem for path in bundled_dir().glob("*.toml")} >= set(OURS)
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed: the wheel cannot be built without a network")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    assert {f"pmtui/themes/{name}.toml" for name in OURS} <= set(names)
    assert any(name.endswith("pmtui.tcss") for name in names)
    assert any("sandbox/texts/" in name for name in names)
    code = "import pmtui, pmtui.tui.theme as t; print(pmtui.__file__); print(*sorted(t.load_themes()[0]))"
    installed = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "site")}, capture_output=True, text=True, check=True
    )
    where, found = installed.stdout.splitlines()
    assert where.startswith(str(tmp_path))
    assert set(OURS) <= set(found.split())
