from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from pmtui.backends.datadog.account.credentials import Keys
from pmtui.backends.registry import VENDORS
from pmtui.config import Config, ConfigError, CredentialsError, NotConfigured, Profile, Secret, child_environment, drop_secrets, load
from pmtui.paths import cache_dir, config_file, state_dir
from pmtui.toml_lines import line_of, with_text
from pmtui.vendor import Setting, SettingKind, Vendor

DATADOG = {"DD_API_KEY": "dd-api", "DD_APP_KEY": "dd-app"}
OPSGENIE = {"OPSGENIE_API_KEY": "og-api"}


class Home:
    """A home directory and what its environment says."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = path / ".config" / "pmtui" / "config.toml"

    def write(self, text: str, mode: int = 0o600) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(text)
        self.file.chmod(mode)

    def profile(self, name: str | None = None, **environ: str) -> Profile:
        return load({"HOME": str(self.path), **environ}, VENDORS).profile(name)

    def error(self, name: str | None = None, **environ: str) -> str:
        with pytest.raises(ConfigError) as caught:
            self.profile(name, **environ)
        return str(caught.value).replace(str(self.file), "FILE")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def revealed(profile: Profile) -> dict[str, str]:
    return {key: credential.get().reveal() for key, credential in profile.credentials.items()}


# Without a file


def test_nothing_configured_is_an_error_of_its_own(home: Home) -> None:
    with pytest.raises(NotConfigured, match="nothing is configured yet: set DD_API_KEY and DD_APP_KEY, or OPSGENIE_API_KEY"):
        home.profile()
    with pytest.raises(NotConfigured, match="PMTUI_DATADOG_URL is set, but no keys are"):
        home.profile(PMTUI_DATADOG_URL="http://127.0.0.1:1", DD_API_KEY="")


def test_the_variables_of_one_vendor_are_the_profile(home: Home) -> None:
    profile = home.profile(**DATADOG, DD_SITE="datadoghq.eu")
    assert (profile.name, profile.vendor, profile.settings["site"], profile.origin) == ("datadog", "datadog", "datadoghq.eu", "environment")
    assert revealed(profile) == {"api_key": "dd-api", "app_key": "dd-app"}
    assert profile.credentials["api_key"].source == "environment DD_API_KEY"

    profile = home.profile(**OPSGENIE, OPSGENIE_REGION="EU", PMTUI_ACTOR="jane@corp.com", PMTUI_OPSGENIE_URL="http://127.0.0.1:8080/")
    assert (profile.vendor, profile.settings["region"], profile.actor, profile.base_url) == (
        "opsgenie",
        "eu",
        "jane@corp.com",
        "http://127.0.0.1:8080",
    )


@pytest.mark.parametrize("variable", ["DD_ACCESS_TOKEN", "DD_BEARER_TOKEN"])
def test_an_access_token_is_enough(home: Home, variable: str) -> None:
    assert revealed(home.profile(**{variable: "ddpat_x"})) == {"access_token": "ddpat_x"}


@pytest.mark.parametrize("token", ["ddpat_x", "ddsat_x"])
def test_a_token_in_the_place_of_the_application_key_needs_no_api_key(home: Home, token: str) -> None:
    profile = home.profile(DD_APP_KEY=token)
    assert Keys(profile).headers() == {"Authorization": f"Bearer {token}"}
    both = home.profile(DD_API_KEY="dd-api", DD_APP_KEY=token)
    assert Keys(both).headers() == {"DD-API-KEY": "dd-api", "DD-APPLICATION-KEY": token}


def test_an_application_key_that_is_no_token_needs_an_api_key(home: Home) -> None:
    with pytest.raises(CredentialsError, match="has no api_key: set DD_API_KEY"):
        home.profile(DD_APP_KEY="ddapp_x")
    home.write('[profiles.p]\nvendor = "datadog"\napp_key_command = ["echo", "ddapp_x"]\n')
    with pytest.raises(CredentialsError, match="needs an API key"):
        Keys(home.profile("p")).headers()  # what a command gives is known when it has run


def test_what_opsgenie_incidents_are_told_is_a_choice(home: Home) -> None:
    written = '[profiles.p]\nvendor = "{}"\napi_key = "k"\nremember_on_incident = false\n'
    home.write(written.format("opsgenie"))
    assert home.profile("p").settings["remember_on_incident"] is False
    assert home.profile("opsgenie", **OPSGENIE).settings["remember_on_incident"] is True
    home.write(written.format("datadog"))
    with pytest.raises(ConfigError, match="it is for opsgenie profiles"):
        home.profile("p")


def test_with_both_vendors_one_must_be_chosen(home: Home) -> None:
    assert home.error(**DATADOG, **OPSGENIE) == "there are several profiles: choose with --profile datadog or --profile opsgenie"
    assert home.profile("opsgenie", **DATADOG, **OPSGENIE).vendor == "opsgenie"
    assert home.profile("datadog", **DATADOG, **OPSGENIE).vendor == "datadog"


def test_half_of_the_keys_is_told(home: Home) -> None:
    with pytest.raises(CredentialsError, match="profile 'datadog' has no app_key: set DD_APP_KEY, or app_key_command in the configuration"):
        home.profile(DD_API_KEY="x")
    with pytest.raises(CredentialsError, match="set OPSGENIE_API_KEY"):
        home.profile("opsgenie", **DATADOG)


def test_half_of_the_keys_is_another_programs(home: Home) -> None:
    """The Datadog agent's variable is on many hosts, and says nothing of what pmtui is for."""
    assert home.profile(DD_API_KEY="x", **OPSGENIE).vendor == "opsgenie"
    home.write('default = "p"\n[profiles.p]\nvendor = "opsgenie"\napi_key = "k"\n[profiles.q]\nvendor = "opsgenie"\napi_key = "k"\n')
    assert home.profile(DD_API_KEY="x").name == "p"
    assert home.profile(DD_API_KEY="x", DD_APP_KEY="y").name == "datadog"


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("true", True), ("yes", True), ("0", False), ("", False), ("False", False), ("no", False)]
)
def test_read_only_by_the_environment(home: Home, value: str, expected: bool) -> None:
    assert home.profile(**DATADOG, PMTUI_READ_ONLY=value).read_only is expected


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:80", "https://gateway.corp.com/dd"])
def test_base_urls_that_may_have_the_keys(home: Home, url: str) -> None:
    assert home.profile(**DATADOG, PMTUI_DATADOG_URL=url).base_url == url


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://api.datadoghq.com", "unencrypted"),
        ("http://127.0.0.1.evil.example", "unencrypted"),
        ("http://10.0.0.1", "unencrypted"),
        ("https://user:pw@api.example.com", "user name or password"),
        ("https://user:s3cret/x@api.example.com", "user name or password"),
        ("https://user:s3cret@[oops", "user name or password"),
        ("ftp://127.0.0.1", "not a base URL"),
        ("api.example.com", "not a base URL"),
        ("https://x.example/?a=b", "not a base URL"),
        ("https://x:notaport", "not a URL"),
    ],
)
def test_base_urls_that_may_not(home: Home, url: str, said: str) -> None:
    message = home.error(**DATADOG, PMTUI_DATADOG_URL=url)
    assert message.startswith("PMTUI_DATADOG_URL: ")
    assert said in message
    assert "pw" not in message


def test_an_unknown_region_is_told(home: Home) -> None:
    assert home.error(**OPSGENIE, OPSGENIE_REGION="mars") == "OPSGENIE_REGION: 'mars' is not a region; known: us, eu"


FOLDER = Vendor(
    "folder",
    "Folder",
    "export PMTUI_FOLDER=…",
    settings=(Setting("path", SettingKind.PATH, variable="PMTUI_FOLDER", required=True), Setting("flat", SettingKind.SWITCH, default=True)),
    place="path",
)
"""A vendor without credentials, address or actor: the description must fit it."""


def with_folder(home: Home, **environ: str) -> Config:
    return load({"HOME": str(home.path), **environ}, {**VENDORS, "folder": FOLDER})


def test_a_vendor_that_needs_no_key(home: Home) -> None:
    with pytest.raises(NotConfigured, match="or PMTUI_FOLDER, or write"):
        with_folder(home).profile()
    config = with_folder(home, PMTUI_FOLDER="~/postmortems")
    profile = config.profile()
    assert (profile.vendor, profile.credentials, config.names) == ("folder", {}, ("folder",))
    assert profile.settings == {"path": str(home.path / "postmortems"), "flat": True}
    assert config.label("folder") == f"folder · {home.path}/postmortems"
    with pytest.raises(ConfigError, match="profile 'folder' has no path: write it in the configuration, or set PMTUI_FOLDER"):
        with_folder(home).profile("folder")


def test_a_vendor_that_needs_no_key_in_a_file(home: Home) -> None:
    home.write('[profiles.docs]\nvendor = "folder"\npath = "docs"\nflat = false\n')
    assert with_folder(home).profile("docs").settings == {"path": str(home.file.parent / "docs"), "flat": False}
    home.write('[profiles.docs]\nvendor = "folder"\nbase_url = "https://x.example"\n')
    with pytest.raises(ConfigError, match="folder profiles have no such key"):
        with_folder(home).profile("docs")


# With a file

PROD = """\
default = "prod"

[profiles.prod]
vendor = "datadog"
site = "datadoghq.eu"
api_key_env = "PROD_API"
app_key_file = "~/app-key"

[profiles.pager]
vendor = "opsgenie"
region = "eu"
actor = "jane@corp.com"
read_only = true
api_key_command = ["printf", "og\\\\nsecond line"]
[profiles.pager.routes]
title = "PATCH /v2/postmortems/{id}/title"
"""


def test_a_file_with_several_profiles(home: Home) -> None:
    home.write(PROD)
    (home.path / "app-key").write_text("  from-file \nrest\n")
    (home.path / "app-key").chmod(0o600)
    prod = home.profile(PROD_API="from-env")
    assert (prod.name, prod.settings["site"], prod.origin) == ("prod", "datadoghq.eu", str(home.file))
    assert revealed(prod) == {"api_key": "from-env", "app_key": "from-file"}
    pager = home.profile("pager", PMTUI_ACTOR="sam@corp.com")
    assert (pager.settings["region"], pager.actor, pager.read_only) == ("eu", "sam@corp.com", True)
    assert pager.settings["routes"] == {"title": "PATCH /v2/postmortems/{id}/title"}
    assert revealed(pager) == {"api_key": "og"}
    assert pager.credentials["api_key"].source == "command printf"


def test_which_profile_is_used(home: Home) -> None:
    home.write(PROD)
    config = load({"HOME": str(home.path)}, VENDORS)
    assert (config.names, config.select(), config.select("pager")) == (("prod", "pager"), "prod", "pager")
    environ = {"HOME": str(home.path)}
    assert load({**environ, **DATADOG}, VENDORS).select() == "prod", "the default is of that vendor"
    assert load({**environ, **OPSGENIE}, VENDORS).select() == "opsgenie", "the variables of one vendor only are set"
    assert load({**environ, **DATADOG, **OPSGENIE}, VENDORS).select() == "prod"
    assert home.error("prd") == "--profile: there is no profile 'prd'; did you mean 'prod'?"
    named = load({**environ, **OPSGENIE, "PMTUI_PROFILE": "pager"}, VENDORS)
    assert (named.select(), named.select("prod")) == ("pager", "prod"), "more exact than the default, less than the option"
    with pytest.raises(ConfigError, match=r"^PMTUI_PROFILE: there is no profile 'prd'; did you mean 'prod'\?$"):
        load({**environ, "PMTUI_PROFILE": "prd"}, VENDORS).select()
    home.write('default = "gone"\n')
    assert home.error() == "FILE:1: default: there is no profile 'gone'; known: " + ", ".join(VENDORS)
    home.write('[profiles.only]\nvendor = "opsgenie"\napi_key_command = ["echo", "x"]\n')
    assert home.profile().name == "only"


def test_the_vendors_variables_fill_in_what_a_profile_leaves_out(home: Home) -> None:
    home.write('[profiles.prod]\nvendor = "datadog"\napi_key_command = ["echo", "own"]\n')
    profile = home.profile("prod", **DATADOG, DD_SITE="us5.datadoghq.com", PMTUI_DATADOG_URL="http://127.0.0.1:9")
    assert revealed(profile) == {"api_key": "own", "app_key": "dd-app"}
    assert (profile.settings["site"], profile.base_url) == ("us5.datadoghq.com", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[profiles.p]\nvendor = "datadog"\n\nsight = "x"\n', "FILE:4: profiles.p.sight: unknown key; did you mean 'site'?"),
        (
            '[profiles.p]\n# comment\nvendor = "datadgo"\n',
            "FILE:3: profiles.p.vendor: 'datadgo' is not a vendor that pmtui knows; did you mean 'datadog'?",
        ),
        ('[profiles.p]\nsite = "x"\n', "FILE:1: profiles.p.vendor: this key is missing; profile 'p' needs it"),
        ('[profiles.p]\nvendor = "opsgenie"\nread_only = "no"\n', "FILE:3: profiles.p.read_only: 'no': input should be a valid boolean"),
        (
            '[profiles.p]\nvendor = "opsgenie"\nsite = "x"\n',
            "FILE:3: profiles.p.site: opsgenie profiles have no such key; it is for datadog profiles",
        ),
        (
            '[profiles.p]\nvendor = "opsgenie"\napi_key_command = [\n  "a",\n  3,\n]\n',
            "FILE:3: profiles.p.api_key_command.1: 3: input should be a valid string",
        ),
        (
            '[profiles.p]\nvendor = "opsgenie"\napi_key_command = []\n',
            "FILE:3: profiles.p.api_key_command: the list is empty; write the program and its arguments",
        ),
        (
            '[profiles.p]\nvendor = "opsgenie"\napi_key_env = "A"\napi_key_file = "b"\n',
            "FILE:4: profiles.p.api_key_file: api_key_env is given too; keep one of them",
        ),
        (
            '[profiles.p]\nvendor = "opsgenie"\napi_key_env = "NOPE"\n',
            "FILE:3: profiles.p.api_key_env: the environment variable NOPE is not set",
        ),
        ('profiles.p = { vendor = "opsgenie", region = "mars" }\n', "FILE:1: profiles.p.region: 'mars': input should be 'us' or 'eu'"),
        (
            '[profiles.p]\nvendor = "opsgenie"\nbase_url = "http://x.example"\n',
            "FILE:3: profiles.p.base_url: 'http://x.example' would send keys unencrypted",
        ),
        (
            '[profiles.p]\nvendor = "opsgenie"\nroutes.title = "FETCH x"\n',
            "FILE:3: profiles.p.routes.title: 'FETCH x': string should match pattern",
        ),
        ('[profiles.p]\nvendor = "opsgenie"\napi_key = 12345\n', "FILE:3: profiles.p.api_key: input should be a valid string"),
        ("theem = 'x'\n", "FILE:1: theem: unknown key; did you mean 'theme'?"),
        ("\nmouse = 'yes'\n", "FILE:2: mouse: 'yes' is not true or false"),
        ("profiles = 3\n", "FILE:1: profiles: 3 is not a table of profiles"),
        ("[profiles\n", "FILE: this is not TOML: "),
        ("profiles.p = 3\n", "FILE:1: profiles.p: 3 is not a table of keys and values"),
    ],
)
def test_a_mistake_is_named_with_its_line(home: Home, text: str, message: str) -> None:
    home.write(text)
    assert home.error("p").startswith(message)


def test_a_mistake_in_another_profile_does_not_matter(home: Home) -> None:
    home.write('[profiles.bad]\nnonsense = 1\n[profiles.good]\nvendor = "opsgenie"\napi_key_env = "K"\n')
    assert home.profile("good", K="x").vendor == "opsgenie"


def test_a_byte_order_mark_and_crlf_are_no_part_of_the_file(home: Home) -> None:
    home.write('\ufeff[profiles.p]\r\nvendor = "opsgenie"\r\napi_key_file = "key"\r\nsight = 1\r\n')
    assert home.error("p").startswith("FILE:4: profiles.p.sight: unknown key")
    home.write('\ufeff[profiles.p]\r\nvendor = "opsgenie"\r\napi_key_file = "key"\r\n')
    (home.file.parent / "key").write_bytes(b"\xef\xbb\xbfours\r\n")
    (home.file.parent / "key").chmod(0o600)
    assert revealed(home.profile("p")) == {"api_key": "ours"}


def test_a_key_file_must_be_private(home: Home) -> None:
    home.write('[profiles.p]\nvendor = "opsgenie"\napi_key_file = "~/key"\n')
    (home.path / "key").write_text("canary\n")
    (home.path / "key").chmod(0o644)
    with pytest.raises(ConfigError, match="its mode is 0644"):
        revealed(home.profile("p"))
    (home.path / "key").unlink()
    with pytest.raises(CredentialsError, match=r"file ~/key: cannot be read: No such file"):
        revealed(home.profile("p"))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ('["sh", "-c", "echo locked >&2; exit 3"]', "command sh: ended with 3: locked"),
        ('["no-such-program-here"]', "command no-such-program-here: cannot be run: No such file"),
        ('["true"]', "command true: the secret is empty"),
        ('["printf", "a\\u0001b"]', "characters that are not allowed in an HTTP header"),
    ],
)
def test_a_command_that_fails_is_told(home: Home, command: str, said: str) -> None:
    home.write(f'[profiles.p]\nvendor = "opsgenie"\napi_key_command = {command}\n')
    with pytest.raises(CredentialsError) as caught:
        revealed(home.profile("p"))
    assert said in str(caught.value)


def test_a_command_runs_once_without_secrets_and_again_when_told(home: Home) -> None:
    script = 'echo run >> "$HOME/runs"; echo "key-${OPSGENIE_API_KEY:-none}-${MINE:-none}"'
    other = "[profiles.q]\nvendor = 'opsgenie'\napi_key_env = 'MINE'\n"
    home.write(f"[profiles.p]\nvendor = 'opsgenie'\napi_key_command = ['sh', '-c', '''{script}''']\n{other}")
    credential = home.profile("p", **OPSGENIE, MINE="m", PATH="/usr/bin:/bin").credentials["api_key"]
    assert credential.get().reveal() == credential.get().reveal() == "key-none-none"
    credential.forget()
    credential.get()
    assert (home.path / "runs").read_text() == "run\nrun\n"


# Secrets


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret("canary")
    assert secret.reveal() == "canary"
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", repr({"k": secret}), repr([secret])):
        assert "canary" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_profile_does_not_show_its_secrets(home: Home) -> None:
    profile = home.profile(**DATADOG)
    revealed(profile)
    assert "dd-api" not in repr(profile)
    assert "environment DD_API_KEY" in repr(profile)


def test_children_inherit_no_secrets(home: Home) -> None:
    home.write('[profiles.p]\nvendor = "opsgenie"\napi_key_env = "MINE"\n')
    environ = {"HOME": str(home.path), "PATH": "/bin", "MINE": "m", **DATADOG, **OPSGENIE, "DD_ACCESS_TOKEN": "t"}
    config = load(environ, VENDORS)
    assert child_environment(config) == {"HOME": str(home.path), "PATH": "/bin"}
    drop_secrets(environ, config)
    assert environ == {"HOME": str(home.path), "PATH": "/bin"}
    assert config.environ["DD_API_KEY"] == "dd-api", "pmtui itself still knows them"


# Paths, lines, weight


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HOME": "/h"}, ("/h/.config/pmtui/config.toml", "/h/.local/state/pmtui", "/h/.cache/pmtui")),
        (
            {"HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_CACHE_HOME": "/k"},
            ("/c/pmtui/config.toml", "/s/pmtui", "/k/pmtui"),
        ),
        ({"HOME": "/h", "XDG_STATE_HOME": "relative"}, ("/h/.config/pmtui/config.toml", "/h/.local/state/pmtui", "/h/.cache/pmtui")),
        ({"HOME": "/h", "PMTUI_CONFIG": "~/x.toml"}, ("/h/x.toml", "/h/.local/state/pmtui", "/h/.cache/pmtui")),
    ],
)
def test_where_files_are(environ: Mapping[str, str], expected: tuple[str, str, str]) -> None:
    assert (str(config_file(environ)), str(state_dir(environ)), str(cache_dir(environ))) == expected


def test_lines_of_keys() -> None:
    text = 'a = 1\n\n"b c" = """\nx = 2\n"""\n[t.u]\n# x\nk = [\n 1,\n]\n[[l]]\nm = 1\n'
    assert [line_of(text, keys) for keys in (["a"], ["b c"], ["t", "u"], ["t", "u", "k"], ["t", "u", "no"], ["no"])] == [1, 3, 6, 8, 6, 0]


def test_nothing_heavy_is_loaded_before_a_profile_of_a_file_is_used() -> None:
    imports = "import sys; from pmtui.config import load; from pmtui.backends.registry import VENDORS;"
    use = "load({'DD_API_KEY': 'x', 'DD_APP_KEY': 'y'}, VENDORS).profile();"
    code = f"{imports} {use} print({{'pydantic', 'httpx'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'theme = "light"\n'),
        ('theme = "dark"  # at night\n', 'theme = "light"  # at night\n'),
        ("theme='dark'", 'theme="light"'),
        ('default = "a"', 'default = "a"\ntheme = "light"\n'),
        ('default = "a"\r\n\r\n[profiles.a]\r\n', 'default = "a"\r\ntheme = "light"\r\n\r\n[profiles.a]\r\n'),
        ("# mine\n\n[profiles.a]\n", '# mine\n\ntheme = "light"\n\n[profiles.a]\n'),
        ("# of a\n[profiles.a]\n", 'theme = "light"\n\n# of a\n[profiles.a]\n'),
        ("# mine\n# [profiles.a]\n", '# mine\n# [profiles.a]\ntheme = "light"\n'),
        ('a = [\n["x"]\n]\n[b]\ntheme = "dark"\n', 'a = [\n["x"]\n]\ntheme = "light"\n\n[b]\ntheme = "dark"\n'),
        ("\ufeffmouse = true\n", '\ufeffmouse = true\ntheme = "light"\n'),
    ],
)
def test_a_value_is_written_and_nothing_else_changes(before: str, after: str) -> None:
    assert with_text(before, "theme", "light") == after
    assert with_text(after, "theme", "light") == after


@pytest.mark.parametrize("text", ['theme = """dark"""\n', "theme = 3\n", "[[broken"])
def test_a_value_in_another_form_is_left_alone(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        with_text(text, "theme", "light")
