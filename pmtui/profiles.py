"""Profiles and their sources: the tables of the file, and the vendors' environment variables.

The vendors are passed in; none is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pmtui.credentials import ConfigError, Credential, CredentialsError, KnownCredential
from pmtui.paths import expanded
from pmtui.redaction import hide_keys
from pmtui.toml_lines import line_of
from pmtui.vendor import Setting, SettingKind, Vendor

_NO: Final = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Profile:
    """A named, validated configuration of a backend. ``origin`` says where it comes from.

    ``base_url`` overrides the address that the vendor's own ``settings`` give; names and defaults of these are in its ``Vendor``,
    and a setting that is not set may be missing. ``credentials`` has the known ones by key.
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
class Sources:
    """The sources of profiles: the vendors, the text and tables of the file, and the environment."""

    vendors: Mapping[str, Vendor]
    file: Path
    text: str
    tables: Mapping[str, Any]
    environ: Mapping[str, str]
    read_only: bool

    def where(self, *keys: str) -> str:
        """``file:line: key`` for a key of the file, for messages."""
        line = line_of(self.text, keys)
        place = f"{self.file}:{line}" if line else str(self.file)
        return f"{place}: {'.'.join(map(hide_keys, keys))}"

    @property
    def secret_variables(self) -> frozenset[str]:
        """The environment variables with secrets, which no child process may inherit."""
        named = {name for vendor in self.vendors.values() for names in vendor.credentials.values() for name in names}
        tables = [table for table in self.tables.values() if isinstance(table, dict)]
        keys = secret_keys(self.vendors)
        return frozenset(named | {str(table[f"{key}_env"]) for table in tables for key in keys if f"{key}_env" in table})


def drop_secrets(environ: MutableMapping[str, str], sources: Sources) -> None:
    """Remove the secrets from an environment that child processes inherit."""
    for name in sources.secret_variables:
        environ.pop(name, None)


def child_environment(sources: Sources) -> dict[str, str]:
    """The environment for a child process, without the secrets."""
    return {name: value for name, value in sources.environ.items() if name not in sources.secret_variables}


def secret_keys(vendors: Mapping[str, Vendor]) -> frozenset[str]:
    """The keys of profiles, of any vendor, whose values are secrets."""
    return frozenset(key for vendor in vendors.values() for key in vendor.credentials)


def shown(value: object) -> str:
    """A value of the configuration in a message: at most 80 characters, without anything that looks like a key."""
    return hide_keys(f"{value!r:.80}")


def suggestion(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?``, or the known words when none is near."""
    import difflib

    candidates = list(known)
    near = difflib.get_close_matches(word, candidates, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(candidates)}"


def base_url(url: str, named: str) -> str:
    """``url`` without a final slash. Raises ConfigError for an invalid URL, and for http except to loopback, because secrets are sent."""
    if not url:
        return ""
    from urllib.parse import urlsplit

    if "@" in url:  # first of all, so that no other error prints the password
        raise ConfigError(f"{named}: a user name or password in the URL is not allowed")
    try:
        parts = urlsplit(url)
        loopback = parts.port != 0 and _is_loopback(parts.hostname or "")  # accessing the port validates it
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
    """A vendor's credentials in the environment; empty variables count as not set."""
    found = {key: next((name for name in names if environ.get(name)), None) for key, names in vendor.credentials.items()}
    return {key: KnownCredential(f"environment {name}", environ[name]) for key, name in found.items() if name}


def settings_from_environment(vendor: Vendor, environ: Mapping[str, str]) -> dict[str, Any]:
    """The vendor's settings from the environment, else their defaults, without empty ones.

    Raises ConfigError for a value that is not one of the choices.
    """
    found = {each.name: each.default for each in vendor.settings if each.default} | written_in_environment(vendor, environ)
    for setting in vendor.settings:
        if setting.choices and found.get(setting.name, setting.choices[0]) not in setting.choices:
            said = f"{shown(found[setting.name])} is not a {setting.name}; known: {', '.join(setting.choices)}"
            raise ConfigError(f"{setting.variable}: {said}")
    return found


def written_in_environment(vendor: Vendor, environ: Mapping[str, str]) -> dict[str, Any]:
    """The vendor's settings in the environment, not validated."""
    written = {each: environ.get(each.variable, "").strip() for each in vendor.settings if each.variable}
    return {setting.name: _setting(setting, text, environ) for setting, text in written.items() if text}


def is_set(text: str) -> bool:
    """Whether the value of a switch means on: anything but "", 0, false, no and off."""
    return text.lower() not in _NO


def _setting(setting: Setting, text: str, environ: Mapping[str, str]) -> str | bool:
    if setting.kind is SettingKind.SWITCH:
        return is_set(text)
    if setting.kind is SettingKind.PATH:
        return str(expanded(text, environ).absolute())
    return text.lower() if setting.choices else text


def is_begun(vendor: Vendor, environ: Mapping[str, str]) -> bool:
    """Whether the environment has any variable that this vendor's profile needs."""
    settings = written_in_environment(vendor, environ)
    return bool(credentials_from_environment(vendor, environ)) or any(each.required and each.name in settings for each in vendor.settings)


def is_ready(vendor: Vendor, environ: Mapping[str, str]) -> bool:
    """Whether the environment alone has everything that this vendor's profile needs."""
    settings = written_in_environment(vendor, environ)
    complete = all(each.name in settings for each in vendor.settings if each.required)
    return is_begun(vendor, environ) and complete and _are_enough(vendor, credentials_from_environment(vendor, environ))


def _are_enough(vendor: Vendor, credentials: Mapping[str, Credential]) -> bool:
    alone = any(_may_begin(credentials.get(key), prefixes) for key, prefixes in vendor.alone.items())
    return alone or any(needed <= credentials.keys() for needed in vendor.enough)


def _may_begin(credential: Credential | None, prefixes: tuple[str, ...]) -> bool:
    """Whether a credential may suffice alone. The value of a file or command is not known before it is used."""
    if not isinstance(credential, KnownCredential):
        return credential is not None
    return credential.get().reveal().startswith(prefixes)


def check_complete(profile: Profile, vendor: Vendor) -> None:
    """Raises ConfigError for a missing setting, CredentialsError for a missing credential."""
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
