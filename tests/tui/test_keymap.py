"""``[keys]``: actions on keys of the user's own, and what cannot be is refused with line and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmtui.config import ConfigError, load
from pmtui.sandbox.server import Sandbox
from pmtui.tui.app import PmtuiApp
from pmtui.tui.key_places import places
from pmtui.tui.keymap import read
from pmtui.tui.screens.postmortem import PostmortemScreen
from tests.tui.user import using


@pytest.mark.parametrize(
    ("name", "keys", "read_as"),
    [
        ("edit in $EDITOR", ["F4"], "f4"),
        ("Review_and_save", ["ctrl+w"], "ctrl+w"),
        ("sort", ["!"], "exclamation_mark"),
        ("sort", ["Z"], "Z"),
        ("details", ["ctrl+↑"], None),
        ("preview", ["alt+v"], "alt+v"),
    ],
)
def test_a_key_is_read(name: str, keys: list[str], read_as: str | None) -> None:
    if read_as is None:
        with pytest.raises(ConfigError, match="already the key of cell-above in the text"):
            read({name: keys}, str, places(PmtuiApp))
    else:
        assert [*read({name: keys}, str, places(PmtuiApp)).values()] == [(read_as,)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('revieu-and-save = "f4"', "no action is called so; did you mean 'review-and-save'?"),
        ('review-and-save = "f2"', "f2 is already the key of details in the text"),
        ('review-and-save = "x"', "x is typed in the text"),
        ('details = "enter"', "enter is typed in the text"),
        ('sort = "/"', "/ is already the key of filter in the list"),
        ('sort = "ctrl+m"', "terminals send ctrl+m as enter"),
        ('sort = "f99"', "'f99' is no key"),
        ('sort = ""', "'' is no key"),
        ("sort = 7", "7 is not a key such as"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[keys]\n# mine\n{line}\n")
    file.chmod(0o600)
    with pytest.raises(ConfigError) as refused:
        config = load({"PMTUI_CONFIG": str(file)}, {})
        read(config.keys, lambda name: config.where("keys", name), places(PmtuiApp))
    assert str(refused.value).startswith(f"{file}:3: keys.") and reason in str(refused.value)


async def test_the_new_key_does_it_and_shows_and_the_old_one_does_not(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, called = PmtuiApp.__init__, list[str]()
    monkeypatch.setattr(PostmortemScreen, "action_external", lambda self: called.append("editor"))
    keys = {
        "edit in $EDITOR": ("f4",),
        "details": ("f6",),
        "move the cell up": ("ctrl+k",),
        "review and save": ("ctrl+w",),
        "document": ("f6", "escape"),
    }
    monkeypatch.setattr(PmtuiApp, "__init__", lambda self, launch: made(self, launch._replace(keys=keys)))
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.shows(r"ctrl\+w save  esc list  f6 details")
        await user.press("f2", "end", "ctrl+e")  # at the end of the line it opens the editor, which has a key of the user's own
        await user.shows(r"cell 1 of")
        assert called == []
        await user.press("f4", "f6")
        assert called == ["editor"]
        await user.shows("^ Details", r"ctrl\+w save")
        await user.press("f6")
        await user.shows(r"cell 1 of")
        await user.press("!", "ctrl+w")  # before the text takes it for its own
        await user.shows("^ Save #")
        await user.press("escape")
        await user.press("f1")
        await user.shows(r" ctrl\+k +move the cell up")
        while " f6 " not in user.text:
            before = user.text
            await user.press("down")
            await user.until(lambda before=before: user.text != before, "the next line")  # type: ignore[misc]
        user.line(r" f6 +details")
