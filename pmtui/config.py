"""Configuration: profiles, where their credentials come from, and a few choices of taste.

The file is read with ``tomllib`` at the start, which is cheap; a profile is validated (by pydantic) when it is used.

Precedence: what is named ``PMTUI_…`` in the environment is meant for this program and wins over the file. The
vendors' own variables (``DD_…``, ``OPSGENIE_…``) are shared with other tools: they make a profile where none is
configured, and fill in what a configured one leaves out.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pmtui.credentials import ConfigError, Credential, CredentialsError, KnownCredential, Secret, check_private
from pmtui.paths import config_file
from pmtui.toml_lines import line_of

__all__ = ["Config", "ConfigError", "Credential", "CredentialsError", "NotConfigured", "Profile", "Secret", "load"]


class NotConfigured(CredentialsError):
    """There is neither a profile nor a vendor's variable: pmtui has not been set up yet."""


@dataclass(frozen=True, slots=True)
class VendorVariables:
    """The environment variables of one vendor, which sets of credentials are enough, and how people are told.

    ``tokens`` begin those application keys that are whole tokens: they need no API key beside them.
    """

    label: str
    setup: str
    credentials: Mapping[str, tuple[str, ...]]
    place: str
    url: str
    enough: tuple[frozenset[str], ...]
    tokens: tuple[str, ...] = ()
    needs_actor: bool = False


VENDORS: Final[Mapping[str, VendorVariables]] = {
    "datadog": VendorVariables(
        "Datadog",
        "export DD_API_KEY=…  DD_APP_KEY=…  (DD_SITE=datadoghq.eu)",
        {"api_key": ("DD_API_KEY",), "app_key": ("DD_APP_KEY",), "access_token": ("DD_ACCESS_TOKEN", "DD_BEARER_TOKEN")},
        place="DD_SITE",
        url="PMTUI_DATADOG_URL",
        enough=(frozenset({"access_token"}), frozenset({"api_key", "app_key"})),
        tokens=("ddpat_", "ddsat_"),
    ),
    "opsgenie": VendorVariables(
        "Opsgenie",
        "export OPSGENIE_API_KEY=…  PMTUI_ACTOR=you@corp.com",
        {"api_key": ("OPSGENIE_API_KEY",)},
        place="OPSGENIE_REGION",
        url="PMTUI_OPSGENIE_URL",
        enough=(frozenset({"api_key"}),),
        needs_actor=True,
    ),
}
SECRET_KEYS: Final = ("api_key", "app_key", "access_token")
_TOP_LEVEL: Final[Mapping[str, type]] = {"default": str, "theme": str, "mouse": bool, "read_only": bool, "profiles": dict}
_SECRET_VALUE: Final = re.compile(rf"(?<![\w-])({'|'.join(SECRET_KEYS)})[\"']?\s*=")
_REGIONS: Final = ("", "us", "eu")
_NO: Final = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Profile:
    """A named, validated configuration of a backend. ``origin`` says where it was found.

    ``site`` (Datadog) and ``region`` (Opsgenie) are as written; ``base_url`` overrides what follows from them.
    ``credentials`` has some of ``api_key``, ``app_key``, ``access_token``. ``routes`` are Opsgenie's route overrides,
    field → ``PUT /v2/…``. ``remember_on_incident``: the id of a new Opsgenie postmortem is written into its incident.
    """

    name: str
    vendor: str
    site: str = ""
    region: str = ""
    base_url: str = ""
    actor: str = ""
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    ca_file: str = ""
    read_only: bool = False
    routes: Mapping[str, str] = field(default_factory=dict)
    remember_on_incident: bool = True
    origin: str = ""


@dataclass(frozen=True)
class Config:
    """What the configuration file and the environment say. Make one with ``load``."""

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
        return tuple(dict.fromkeys([*self.tables, *_vendors_with_keys(self.environ)])) or _vendors_with_some_keys(self.environ)

    def select(self, name: str | None = None) -> str:
        """The name of the profile to use; cheap, nothing is validated. Raises ConfigError, NotConfigured."""
        if name:
            return self._known(name, "--profile")
        from_environment = _vendors_with_keys(self.environ)
        if len(from_environment) == 1:
            return self.default if self._vendor_of(self.default) == from_environment[0] else from_environment[0]
        if self.default:
            return self._known(self.default, self.where("default"))
        if len(self.names) == 1:
            return self.names[0]
        if self.names:
            raise ConfigError(f"there are several profiles: choose with --profile {' or --profile '.join(self.names)}")
        raise NotConfigured(_nothing_configured(self.file, self.environ))

    def profile(self, name: str | None = None) -> Profile:
        """The profile to use, validated. Raises ConfigError; CredentialsError when no credentials are known for it."""
        selected = self.select(name)
        profile = self._from_file(selected) if selected in self.tables else self._from_environment(selected)
        _check_credentials(profile)
        return profile

    def label(self, name: str) -> str:
        """How a profile is called on a screen: its name, and the site or region that is written for it."""
        table = self.tables.get(name)
        if isinstance(table, dict):
            place = table.get("site") or table.get("region") or ""
        else:
            place = self.environ.get(VENDORS[name].place, "") if name in VENDORS else ""
        return f"{name} · {place}" if place else name

    def where(self, *keys: str) -> str:
        """``file:line: key`` for a key of the file, for messages."""
        line = line_of(self.text, keys)
        place = f"{self.file}:{line}" if line else str(self.file)
        return f"{place}: {'.'.join(keys)}"

    @property
    def secret_variables(self) -> frozenset[str]:
        """The environment variables that hold secrets: what no child process may inherit."""
        named = {name for vendor in VENDORS.values() for names in vendor.credentials.values() for name in names}
        tables = [table for table in self.tables.values() if isinstance(table, dict)]
        return frozenset(named | {str(table[f"{key}_env"]) for table in tables for key in SECRET_KEYS if f"{key}_env" in table})

    def _known(self, name: str, asked: str) -> str:
        if name in self.tables or name in VENDORS:
            return name
        raise ConfigError(f"{asked}: there is no profile {name!r}{suggestion(name, [*self.tables, *VENDORS])}")

    def _vendor_of(self, name: str) -> str:
        table = self.tables.get(name, {})
        return str(table.get("vendor", "")) if isinstance(table, dict) else ""

    def _from_file(self, name: str) -> Profile:
        from pmtui.profile_schema import profile_from_table  # pydantic: 110 ms

        return profile_from_table(self, name)

    def _from_environment(self, vendor: str) -> Profile:
        variables = VENDORS[vendor]
        place = self.environ.get(variables.place, "").strip()
        if vendor == "opsgenie" and place.lower() not in _REGIONS:
            raise ConfigError(f"{variables.place}: {place!r} is not a region; known: us, eu")
        return Profile(
            name=vendor,
            vendor=vendor,
            site=place if vendor == "datadog" else "",
            region=place.lower() if vendor == "opsgenie" else "",
            base_url=base_url(self.environ.get(variables.url, ""), variables.url),
            actor=self.environ.get("PMTUI_ACTOR", ""),
            credentials=credentials_from_environment(vendor, self.environ),
            read_only=self.read_only,
            origin="environment",
        )


def load(environ: Mapping[str, str]) -> Config:
    """Read the configuration file (none is fine) and the environment. Raises ConfigError."""
    file = config_file(environ)
    text = _read(file) if file.exists() else ""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: this is not TOML: {error}") from None
    config = Config(
        file=file,
        text=text,
        default=data.get("default", ""),
        theme=data.get("theme", ""),
        mouse=data.get("mouse", False),
        read_only=environ.get("PMTUI_READ_ONLY", "").lower() not in _NO or data.get("read_only") is True,
        tables=MappingProxyType(data.get("profiles", {})) if isinstance(data.get("profiles", {}), dict) else {},
        environ=MappingProxyType(dict(environ)),
    )
    _check_top_level(config, data)
    return config


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            info = os.fstat(stream.fileno())
            text = stream.read().decode("utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: this is not UTF-8, at byte {error.start}") from None
    if _holds_secret(text):
        check_private(file, info)
    return text


def _holds_secret(text: str) -> bool:
    """Whether a profile has a secret as its value. On the text, so that a file with a mistake in it is guarded too."""
    return any(_SECRET_VALUE.search(line.partition("#")[0]) for line in text.splitlines())


def _check_top_level(config: Config, data: Mapping[str, Any]) -> None:
    words = {str: "a string", bool: "true or false", dict: "a table of profiles"}
    for key, value in data.items():
        expected = _TOP_LEVEL.get(key)
        if expected is None:
            raise ConfigError(f"{config.where(key)}: unknown key{suggestion(key, _TOP_LEVEL)}")
        if not isinstance(value, expected):
            raise ConfigError(f"{config.where(key)}: {value!r} is not {words[expected]}")


def drop_secrets(environ: MutableMapping[str, str], config: Config) -> None:
    """Take the secrets out of an environment that child processes inherit."""
    for name in config.secret_variables:
        environ.pop(name, None)


def child_environment(config: Config) -> dict[str, str]:
    """The environment for a child process: all but the secrets."""
    return {name: value for name, value in config.environ.items() if name not in config.secret_variables}


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
        raise ConfigError(f"{named}: {url!r} is not a URL: {error}") from None
    if not parts.hostname or parts.query or parts.fragment or parts.scheme not in ("http", "https"):
        raise ConfigError(f"{named}: {url!r} is not a base URL such as https://api.example.com")
    if parts.scheme == "http" and not loopback:
        raise ConfigError(f"{named}: {url!r} would send keys unencrypted; http is for loopback addresses only, use https")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address

    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def credentials_from_environment(vendor: str, environ: Mapping[str, str]) -> dict[str, Credential]:
    """The credentials of a vendor that the environment has; empty variables count as not set."""
    found = {key: next((name for name in names if environ.get(name)), None) for key, names in VENDORS[vendor].credentials.items()}
    return {key: KnownCredential(f"environment {name}", environ[name]) for key, name in found.items() if name}


def _vendors_with_some_keys(environ: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(vendor for vendor in VENDORS if credentials_from_environment(vendor, environ))


def _vendors_with_keys(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The vendors whose variables are enough to ask it."""
    return tuple(vendor for vendor in VENDORS if _are_enough(vendor, credentials_from_environment(vendor, environ)))


def _are_enough(vendor: str, credentials: Mapping[str, Credential]) -> bool:
    return any(needed <= credentials.keys() for needed in VENDORS[vendor].enough) or _may_be_token(credentials.get("app_key"))


def _check_credentials(profile: Profile) -> None:
    variables = VENDORS[profile.vendor]
    if _are_enough(profile.vendor, profile.credentials):
        return
    wanted = sorted(variables.enough[-1] - profile.credentials.keys())
    names = " and ".join(variables.credentials[key][0] for key in wanted)
    raise CredentialsError(
        f"profile {profile.name!r} has no {' and no '.join(wanted)}: set {names}, or {wanted[0]}_command in the configuration"
    )


def _may_be_token(credential: Credential | None) -> bool:
    """Whether an application key stands for itself. What a file or command gives is known when it is used."""
    if not isinstance(credential, KnownCredential):
        return credential is not None
    return credential.get().reveal().startswith(VENDORS["datadog"].tokens)


def _nothing_configured(file: Path, environ: Mapping[str, str]) -> str:
    half = next((v.url for v in VENDORS.values() if environ.get(v.url)), "")
    found = f"{half} is set, but no keys are" if half else "nothing is configured yet"
    return f"{found}: set DD_API_KEY and DD_APP_KEY, or OPSGENIE_API_KEY, or write {file}; `pmtui demo` needs neither"
