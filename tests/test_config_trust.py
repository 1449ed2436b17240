"""What of the configuration is believed, what is not shown of it, and where its paths begin."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pmtui.config import ConfigError, CredentialsError
from tests.test_config import OPSGENIE, Home, revealed


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_a_secret_in_the_file_must_be_private(home: Home) -> None:
    text = '[profiles.p]\nvendor = "opsgenie"\napi_key = "canary"\n'
    home.write(text)
    assert revealed(home.profile("p")) == {"api_key": "canary"}
    for mode in (0o640, 0o604, 0o644, 0o620):
        home.write(text, mode)
        message = home.error("p")
        assert f"its mode is {mode:04o}" in message
        assert "chmod 600" in message
        assert "canary" not in message
    home.write('profiles.p = { vendor = "opsgenie", "api_key" = "canary" }\n', 0o644)
    assert "0644" in home.error("p")
    home.write('# api_key = "x"\n[profiles.p]\nvendor = "opsgenie"\napi_key_env = "K"\n', 0o644)
    assert revealed(home.profile("p", K="key")) == {"api_key": "key"}, "nothing secret in it: any mode will do"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_a_secret_in_somebody_elses_file_is_not_taken(home: Home) -> None:
    home.write('[profiles.p]\nvendor = "opsgenie"\napi_key = "canary"\n')
    os.chown(home.file, 12345, 12345)
    assert home.error("p") == "FILE: belongs to user 12345; it must be yours or root's"


def test_a_secret_is_found_wherever_it_stands(home: Home) -> None:
    for text in (
        '[profiles.p]\nvendor = "opsgenie"\nactor = "#" \napi_key = "canary"\n',
        'profiles = { p = { vendor = "opsgenie", actor = "a # b", api_key = "canary" } }\n',
        'api_key = "canary"\n',
        '[[profiles.p]]\n"api_key" = "canary"\n',
    ):
        home.write(text, 0o644)
        assert "its mode is 0644" in home.error("p"), text


def test_configuration_that_others_can_write_is_not_believed(home: Home) -> None:
    ran = home.path / "ran"
    home.write(f'[profiles.p]\nvendor = "opsgenie"\napi_key_command = ["touch", "{ran}"]\n', 0o666)
    assert home.error("p") == "FILE: others can write it (mode 0666); run: chmod go-w FILE"
    home.file.chmod(0o644)
    home.file.parent.chmod(0o777)
    assert "others can change its folder" in home.error("p")
    home.file.parent.chmod(0o1777)
    assert home.profile("p").vendor == "opsgenie", "in a sticky folder nobody can replace what is not theirs"
    home.file.parent.chmod(0o755)
    home.path.chmod(0o777)
    assert f"others can change its folder {home.path}" in home.error("p"), "any folder on the way will do"
    home.path.chmod(0o755)
    assert not ran.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_folder_of_somebody_else_is_not_believed(home: Home) -> None:
    home.write('[profiles.p]\nvendor = "opsgenie"\napi_key_env = "K"\n')
    os.chown(home.file.parent, 12345, 12345)
    assert "belongs to user 12345" in home.error("p", K="k")


def test_a_link_is_followed_and_what_it_leads_to_is_looked_at(home: Home, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "config.toml").write_text('[profiles.p]\nvendor = "opsgenie"\napi_key_env = "K"\n')
    home.file.parent.mkdir(parents=True)
    home.file.symlink_to(there / "config.toml")
    assert home.profile("p", K="k").vendor == "opsgenie"
    there.chmod(0o777)
    assert f"others can change its folder {there}" in home.error("p", K="k")


KEY = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "text",
    [
        f'vendor = "{KEY}"',
        f'vendor = "opsgenie"\nregion = "{KEY}"',
        f'vendor = "opsgenie"\napi_key_env = "{KEY}"',
        f'vendor = "opsgenie"\napi_key_env = "A{KEY.upper()}"',
        f'vendor = "opsgenie"\napi_key_file = "{KEY}"',
        f'vendor = "opsgenie"\napi_key_command = ["{KEY}"]',
        f'vendor = "opsgenie"\nread_only = "{KEY}"\napi_key_env = "K"',
        f'vendor = "opsgenie"\n{KEY} = "x"\napi_key_env = "K"',
        f'vendor = "opsgenie"\nbase_url = "{KEY}"\napi_key_env = "K"',
        f'vendor = "opsgenie"\nroutes.title = "{KEY}"\napi_key_env = "K"',
    ],
)
def test_a_key_in_the_wrong_place_is_not_shown(home: Home, text: str) -> None:
    home.write(f"[profiles.p]\n{text}\n")
    with pytest.raises(ConfigError) as caught:
        revealed(home.profile("p", K="k"))
    assert KEY not in str(caught.value).lower()


@pytest.mark.parametrize("name", ["OPSGENIE_REGION", "PMTUI_OPSGENIE_URL"])
def test_a_key_in_the_wrong_variable_is_not_shown(home: Home, name: str) -> None:
    assert KEY not in home.error("opsgenie", **OPSGENIE, **{name: KEY})
    home.write(f'default = "{KEY}"\n')
    assert KEY not in home.error()
    home.write(f'mouse = "{KEY}"\n')
    assert KEY not in home.error()


def test_paths_of_the_file_start_at_its_folder(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not where the program was started: somebody else's file of that name may lie there."""
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    (hostile / "key").write_text("theirs")
    (hostile / "key").chmod(0o600)
    (hostile / "give-key").write_text("#!/bin/sh\necho theirs\n")
    (hostile / "give-key").chmod(0o700)
    monkeypatch.chdir(hostile)
    home.write('[profiles.p]\nvendor = "opsgenie"\nca_file = "ca.pem"\napi_key_file = "key"\n')
    (home.file.parent / "key").write_text("ours")
    (home.file.parent / "key").chmod(0o600)
    assert home.profile("p").ca_file == str(home.file.parent / "ca.pem")
    assert revealed(home.profile("p")) == {"api_key": "ours"}
    home.write('[profiles.p]\nvendor = "opsgenie"\napi_key_command = ["./give-key"]\n')
    with pytest.raises(CredentialsError, match="cannot be run: No such file"):
        revealed(home.profile("p"))
