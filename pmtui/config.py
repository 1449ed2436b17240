"""Configuration: profiles, where their credentials come from, and a few choices of taste.

The file is read with ``tomllib`` at the start, which is cheap; a profile is validated (by pydantic) when it is used.
No vendor is known here: ``load`` is given those that there are.

Precedence: what is named ``PMTUI_…`` in the environment is meant for this program and wins over the file. The
vendors' own variables are shared with other tools: they make a profile where none is configured, and fill in what a
configured one leaves out.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pmtui.credentials import ConfigError, Credential, CredentialsError, KnownCredential, Secret
from pmtui.paths import config_file, expanded
from pmtui.redaction import hide_keys, register
from pmtui.toml_lines import line_of
from pmtui.trust import Untrusted, check_private, check_trusted
from pmtui.vendor import Setting, SettingKind, Vendor

__all__ = ["Config", "ConfigError", "Credential", "CredentialsError", "NotConfigured", "Profile", "Secret", "load"]


class NotConfigured(CredentialsError):
    """There is neither a profile nor a vendor's variable: pmtui has not been set up yet."""


_TOP_LEVEL: Final[Mapping[str, type]] = {"default": str, "theme": str, "mouse": bool, "read_only": bool, "profiles": dict}
_NO: Final = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Profile:
    """A named, validated configuration of a backend. ``origin`` says where it was found.

    ``base_url`` overrides the address that follows from the vendor's own ``settings``, whose names and defaults are in the
    vendor's ``Vendor``; one that is not set may be missing. ``credentials`` has those that are known, by their keys.
    """

    name: str
    vendor: str
    base_url: str = ""
    actor: str = ""
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    ca_file: str = ""
    read_only: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""


@dataclass(frozen=True)
class Config:
    """What the configuration file and the environment say. Make one with ``load``. ``vendors`` are all that there are, by name."""

    vendors: Mapping[str, Vendor]
    file: Path
    text: str
    default: str
    theme: str
    mouse: bool
    read_only: bool
    tables: Mapping[str, Any]
    environ: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Every profile that can be asked for: those of the file, then the vendors that the environment has keys for.

        Half a pair of keys counts only where there is nothing else: the variable may be another program's.
        """
        ready = (name for name, vendor in self.vendors.items() if _is_ready(vendor, self.environ))
        begun = (name for name, vendor in self.vendors.items() if _known(vendor, self.environ))
        return tuple(dict.fromkeys([*self.tables, *ready])) or tuple(begun)

    def select(self, name: str | None = None) -> str:
        """The name of the profile to use; cheap, nothing is validated. Raises ConfigError, NotConfigured."""
        if name:
            return self._known(name, "--profile")
        from_environment = [name for name, vendor in self.vendors.items() if _is_ready(vendor, self.environ)]
        if len(from_environment) == 1:
            return self.default if self._vendor_of(self.default) == from_environment[0] else from_environment[0]
        if self.default:
            return self._known(self.default, self.where("default"))
        if len(self.names) == 1:
            return self.names[0]
        if self.names:
            raise ConfigError(f"there are several profiles: choose with --profile {' or --profile '.join(self.names)}")
        raise NotConfigured(self._nothing_configured())

    def profile(self, name: str | None = None) -> Profile:
        """The profile to use, validated. Raises ConfigError; CredentialsError when no credentials are known for it."""
        selected = self.select(name)
        profile = self._from_file(selected) if selected in self.tables else self._from_environment(selected)
        _check_complete(profile, self.vendors[profile.vendor])
        return profile

    def label(self, name: str) -> str:
        """How a profile is called on a screen: its name, and the site or region that is written for it."""
        table = self.tables.get(name)
        if isinstance(table, dict):
            vendor = self.vendors.get(str(table.get("vendor", "")))
            place = table.get(vendor.place) if vendor is not None else ""
        else:
            place = _from_environment(self.vendors[name], self.environ).get(self.vendors[name].place) if name in self.vendors else ""
        return f"{name} · {place}" if place else name

    def where(self, *keys: str) -> str:
        """``file:line: key`` for a key of the file, for messages."""
        line = line_of(self.text, keys)
        place = f"{self.file}:{line}" if line else str(self.file)
        return f"{place}: {'.'.join(map(hide_keys, keys))}"

    @property
    def secret_variables(self) -> frozenset[str]:
        """The environment variables that hold secrets: what no child process may inherit."""
        named = {name for vendor in self.vendors.values() for names in vendor.credentials.values() for name in names}
        tables = [table for table in self.tables.values() if isinstance(table, dict)]
        keys = _secret_keys(self.vendors)
        return frozenset(named | {str(table[f"{key}_env"]) for table in tables for key in keys if f"{key}_env" in table})

    def _known(self, name: str, asked: str) -> str:
        if name in self.tables or name in self.vendors:
            return name
        raise ConfigError(f"{asked}: there is no profile {shown(name)}{suggestion(name, [*self.tables, *self.vendors])}")

    def _vendor_of(self, name: str) -> str:
        table = self.tables.get(name, {})
        return str(table.get("vendor", "")) if isinstance(table, dict) else ""

    def _from_file(self, name: str) -> Profile:
        from pmtui.profile_schema import profile_from_table  # pydantic: 110 ms

        return profile_from_table(self, name)

    def _from_environment(self, name: str) -> Profile:
        vendor = self.vendors[name]
        return Profile(
            name=name,
            vendor=name,
            base_url=base_url(self.environ.get(vendor.url, ""), vendor.url),
            actor=self.environ.get("PMTUI_ACTOR", ""),
            credentials=credentials_from_environment(vendor, self.environ),
            read_only=self.read_only,
            settings=settings_from_environment(vendor, self.environ),
            origin="environment",
        )

    def _nothing_configured(self) -> str:
        half = next((vendor.url for vendor in self.vendors.values() if self.environ.get(vendor.url)), "")
        found = f"{half} is set, but no keys are" if half else "nothing is configured yet"
        ways = [" and ".join(vendor.variables) for vendor in self.vendors.values() if vendor.variables]
        return f"{found}: set {', or '.join([*ways, f'write {self.file}'])}; `pmtui demo` needs neither"


def load(environ: Mapping[str, str], vendors: Mapping[str, Vendor]) -> Config:
    """Read the configuration file (none is fine) and the environment. Raises ConfigError.

    A file that somebody else owns or can write is refused: what it names is run, and sent keys.
    """
    file = config_file(environ)
    text, data = _read(file, _secret_keys(vendors)) if file.exists() else ("", {})
    config = Config(
        vendors=vendors,
        file=file,
        text=text,
        default=data.get("default", ""),
        theme=data.get("theme", ""),
        mouse=data.get("mouse", False),
        read_only=environ.get("PMTUI_READ_ONLY", "").lower() not in _NO or data.get("read_only") is True,
        tables=MappingProxyType(data.get("profiles", {})) if isinstance(data.get("profiles", {}), dict) else {},
        environ=MappingProxyType(dict(environ)),
    )
    for name in config.secret_variables:
        register(environ.get(name, ""))
    _check_top_level(config, data)
    return config


def _read(file: Path, secret_keys: frozenset[str]) -> tuple[str, dict[str, Any]]:
    """The text of the configuration file and what it says. Raises ConfigError."""
    try:
        with file.open("rb") as stream:
            info = os.fstat(stream.fileno())
            check_trusted(file, info)
            text = stream.read().decode("utf-8-sig")
        data = tomllib.loads(text)
        if _holds_secret(data, secret_keys):
            check_private(file, info)
    except Untrusted as error:
        raise ConfigError(str(error)) from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: this is not UTF-8, at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: this is not TOML: {hide_keys(str(error))}") from None
    except RecursionError:
        raise ConfigError(f"{file}: its values are nested too deeply") from None
    return text, data


def _holds_secret(data: object, secret_keys: frozenset[str]) -> bool:
    """Whether a secret stands in the file itself, in whatever table: a mistaken place does not make it less secret."""
    if isinstance(data, dict):
        return any((key in secret_keys and bool(value)) or _holds_secret(value, secret_keys) for key, value in data.items())
    return isinstance(data, list) and any(_holds_secret(value, secret_keys) for value in data)


def _secret_keys(vendors: Mapping[str, Vendor]) -> frozenset[str]:
    """The keys of a profile whose values are secrets, whichever vendor's they are."""
    return frozenset(key for vendor in vendors.values() for key in vendor.credentials)


def _check_top_level(config: Config, data: Mapping[str, Any]) -> None:
    words = {str: "a string", bool: "true or false", dict: "a table of profiles"}
    for key, value in data.items():
        expected = _TOP_LEVEL.get(key)
        if expected is None:
            raise ConfigError(f"{config.where(key)}: unknown key{suggestion(key, _TOP_LEVEL)}")
        if not isinstance(value, expected):
            raise ConfigError(f"{config.where(key)}: {shown(value)} is not {words[expected]}")


def drop_secrets(environ: MutableMapping[str, str], config: Config) -> None:
    """Take the secrets out of an environment that child processes inherit."""
    for name in config.secret_variables:
        environ.pop(name, None)


def child_environment(config: Config) -> dict[str, str]:
    """The environment for a child process: all but the secrets."""
    return {name: value for name, value in config.environ.items() if name not in config.secret_variables}


def shown(value: object) -> str:
    """A value of the configuration for a message: at most 80 characters, and nothing that looks like a key."""
    return hide_keys(f"{value!r:.80}")


def suggestion(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?``, or what is possible when nothing is near."""
    import difflib

    candidates = list(known)
    near = difflib.get_close_matches(word, candidates, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(candidates)}"


def base_url(url: str, named: str) -> str:
    """``url`` without a slash at the end. Raises ConfigError for what secrets must not be sent to: http beyond loopback."""
    if not url:
        return ""
    from urllib.parse import urlsplit

    if "@" in url:  # before anything else: whatever is wrong besides, it is not printed
        raise ConfigError(f"{named}: a user name or password in the URL is not taken")
    try:
        parts = urlsplit(url)
        loopback = parts.port != 0 and _is_loopback(parts.hostname or "")  # reading the port checks it
    except ValueError as error:
        raise ConfigError(f"{named}: {shown(url)} is not a URL: {error}") from None
    if not parts.hostname or parts.query or parts.fragment or parts.scheme not in ("http", "https"):
        raise ConfigError(f"{named}: {shown(url)} is not a base URL such as https://api.example.com")
    if parts.scheme == "http" and not loopback:
        raise ConfigError(f"{named}: {shown(url)} would send keys unencrypted; http is for loopback addresses only, use https")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address

    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def credentials_from_environment(vendor: Vendor, environ: Mapping[str, str]) -> dict[str, Credential]:
    """The credentials of a vendor that the environment has; empty variables count as not set."""
    found = {key: next((name for name in names if environ.get(name)), None) for key, names in vendor.credentials.items()}
    return {key: KnownCredential(f"environment {name}", environ[name]) for key, name in found.items() if name}


def settings_from_environment(vendor: Vendor, environ: Mapping[str, str]) -> dict[str, Any]:
    """The vendor's settings that the environment has, else their defaults, those that are not empty.

    Raises ConfigError for a value that is not one of the choices.
    """
    found = {each.name: each.default for each in vendor.settings if each.default} | _from_environment(vendor, environ)
    for setting in vendor.settings:
        if setting.choices and found.get(setting.name, setting.choices[0]) not in setting.choices:
            said = f"{shown(found[setting.name])} is not a {setting.name}; known: {', '.join(setting.choices)}"
            raise ConfigError(f"{setting.variable}: {said}")
    return found


def _from_environment(vendor: Vendor, environ: Mapping[str, str]) -> dict[str, Any]:
    written = {each: environ.get(each.variable, "").strip() for each in vendor.settings if each.variable}
    return {setting.name: _setting(setting, text, environ) for setting, text in written.items() if text}


def _setting(setting: Setting, text: str, environ: Mapping[str, str]) -> str | bool:
    if setting.kind is SettingKind.SWITCH:
        return text.lower() not in _NO
    if setting.kind is SettingKind.PATH:
        return str(expanded(text, environ).absolute())
    return text.lower() if setting.choices else text


def _known(vendor: Vendor, environ: Mapping[str, str]) -> bool:
    """Whether the environment has something that makes a profile of this vendor, be it half of what is needed."""
    settings = _from_environment(vendor, environ)
    return bool(credentials_from_environment(vendor, environ)) or any(each.required and each.name in settings for each in vendor.settings)


def _is_ready(vendor: Vendor, environ: Mapping[str, str]) -> bool:
    """Whether the environment alone makes a profile of this vendor that can be used."""
    settings = _from_environment(vendor, environ)
    complete = all(each.name in settings for each in vendor.settings if each.required)
    return _known(vendor, environ) and complete and _are_enough(vendor, credentials_from_environment(vendor, environ))


def _are_enough(vendor: Vendor, credentials: Mapping[str, Credential]) -> bool:
    alone = any(_may_begin(credentials.get(key), prefixes) for key, prefixes in vendor.alone.items())
    return alone or any(needed <= credentials.keys() for needed in vendor.enough)


def _may_begin(credential: Credential | None, prefixes: tuple[str, ...]) -> bool:
    """Whether a credential needs no other beside it. What a file or command gives is known when it is used."""
    if not isinstance(credential, KnownCredential):
        return credential is not None
    return credential.get().reveal().startswith(prefixes)


def _check_complete(profile: Profile, vendor: Vendor) -> None:
    """Raises ConfigError for a setting, CredentialsError for a credential that the profile lacks."""
    for setting in vendor.settings:
        if setting.required and not profile.settings.get(setting.name):
            way = f", or set {setting.variable}" if setting.variable else ""
            raise ConfigError(f"profile {profile.name!r} has no {setting.name}: write it in the configuration{way}")
    if _are_enough(vendor, profile.credentials):
        return
    wanted = sorted(vendor.enough[-1] - profile.credentials.keys())
    names = " and ".join(vendor.credentials[key][0] for key in wanted)
    raise CredentialsError(
        f"profile {profile.name!r} has no {' and no '.join(wanted)}: set {names}, or {wanted[0]}_command in the configuration"
    )
