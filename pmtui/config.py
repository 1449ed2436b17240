"""The configuration: profiles, the sources of their credentials, and a few preferences.

The file is read with ``tomllib`` at the start, which is cheap. A profile is validated (with pydantic) when it is used. No vendor
is known here: ``load`` is given the vendors.

Precedence: variables named ``PMTUI_…`` are meant for this program and win over the file. The vendors' own variables are shared
with other tools: they make a profile when none is configured, and fill in what a configured one leaves out.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pmtui.credentials import ConfigError, Credential, CredentialsError, Secret
from pmtui.paths import config_file, expanded, shortened
from pmtui.profiles import (
    Profile,
    Sources,
    base_url,
    check_complete,
    child_environment,
    credentials_from_environment,
    drop_secrets,
    is_begun,
    is_ready,
    is_set,
    secret_keys,
    settings_from_environment,
    shown,
    suggestion,
    written_in_environment,
)
from pmtui.redaction import hide_keys, register
from pmtui.trust import Untrusted, check_private, check_trusted, open_plain, read_whole
from pmtui.vendor import Vendor

__all__ = [
    "Config",
    "ConfigError",
    "Credential",
    "CredentialsError",
    "NotConfigured",
    "Profile",
    "Secret",
    "child_environment",
    "drop_secrets",
    "load",
    "suggestion",
]


class SeveralProfiles(ConfigError):
    """There are several profiles, and nothing says which of them is meant."""


class NotConfigured(CredentialsError):
    """pmtui is not set up yet: there is neither a profile nor a vendor's variable."""


_TOP_LEVEL: Final[Mapping[str, type]] = {
    "default": str,
    "theme": str,
    "mouse": bool,
    "read_only": bool,
    "profiles": dict,
    "map": dict,
    "keys": dict,
}


@dataclass(frozen=True)
class Config(Sources):
    """The configuration file and the environment. Make one with ``load``."""

    default: str
    theme: str
    mouse: bool
    maps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The tables ``[map.NAME]``, with which a copy maps the values of a field, and names of fields (``[map.field]``).
    ``[map.FROM.TO.NAME]`` is only for these two vendors or profiles."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The table ``[keys]``: the keys of actions, by their names. The screens know which there are."""

    def maps_between(self, source: str, target: str) -> Mapping[str, Mapping[str, str]]:
        """The tables for a copy between these two profiles. Tables for the two override those for all."""
        merged: dict[str, dict[str, str]] = {}
        for path in self._map_paths(source, target):
            for name, table in _tables_at(self.maps, path).items():
                merged[name] = {**merged.get(name, {}), **table}
        return merged

    def where_mapped(self, source: str, target: str, name: str, key: str) -> str:
        """``file:line: key`` of the line in ``[map.NAME]`` that applies to a copy between these two, for messages."""
        paths = [path for path in self._map_paths(source, target) if key in _tables_at(self.maps, path).get(name, {})]
        return self.where("map", *paths[-1], name, key) if paths else self.where("map", name, key)

    def _map_paths(self, source: str, target: str) -> list[tuple[str, ...]]:
        """The paths of tables for these two profiles, the most specific last."""
        ends = [dict.fromkeys((self._vendor_at(name), name)) for name in (source, target)]
        return [(), *((one, other) for one in ends[0] for other in ends[1])]

    def _vendor_at(self, name: str) -> str:
        """The vendor of a profile from the file, from the environment, or of a path."""
        opens = next((vendor for vendor, about in self.vendors.items() if about.opens), name)
        return self._vendor_of(name) or (name if name in self.vendors else opens)

    @property
    def names(self) -> tuple[str, ...]:
        """Every available profile: those of the file, then the vendors whose keys are in the environment.

        An incomplete set of keys counts only if there is nothing else, because the variable may be another program's.
        """
        ready = (name for name, vendor in self.vendors.items() if is_ready(vendor, self.environ))
        begun = (name for name, vendor in self.vendors.items() if is_begun(vendor, self.environ))
        return tuple(dict.fromkeys([*self.tables, *ready])) or tuple(begun)

    def select(self, name: str | None = None) -> str:
        """The name of the profile to use. It is cheap: nothing is validated. Raises ConfigError, NotConfigured."""
        if name:
            return self._known(name, "--profile")
        if named := self.environ.get("PMTUI_PROFILE"):
            return self._known(named, "PMTUI_PROFILE")
        from_environment = [name for name, vendor in self.vendors.items() if is_ready(vendor, self.environ)]
        if len(from_environment) == 1:
            return self.default if self._vendor_of(self.default) == from_environment[0] else from_environment[0]
        if self.default:
            return self._known(self.default, self.where("default"))
        if len(self.names) == 1:
            return self.names[0]
        if self.names:
            raise SeveralProfiles(f"there are several profiles: choose with --profile {' or --profile '.join(self.names)}")
        raise NotConfigured(self._nothing_configured())

    def profile(self, name: str | None = None) -> Profile:
        """The validated profile to use. Raises ConfigError; CredentialsError when it has no credentials."""
        selected = self.select(name)
        if selected in self.tables:
            profile = self._from_file(selected)
        else:
            profile = self._from_environment(selected) if selected in self.vendors else self._from_path(selected)
        check_complete(profile, self.vendors[profile.vendor])
        return profile

    def label(self, name: str) -> str:
        """The label of a profile: its name, and its configured site or region."""
        table = self.tables.get(name)
        if isinstance(table, dict):
            vendor = self.vendors.get(str(table.get("vendor", "")))
            place = table.get(vendor.place) if vendor is not None else ""
        else:
            place = written_in_environment(self.vendors[name], self.environ).get(self.vendors[name].place) if name in self.vendors else ""
        if _is_path(name):
            return shortened(Path(name), self.environ)
        return f"{name} · {place}" if place else name

    def _known(self, name: str, asked: str) -> str:
        if name in self.tables or name in self.vendors:
            return name
        if _is_path(name) and any(vendor.opens for vendor in self.vendors.values()):
            path = os.path.realpath(expanded(name, self.environ))
            return next((each for each in self.tables if self._path_of(each) == path), path)
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

    def _path_of(self, name: str) -> str:
        """The real path that a profile in the file opens, "" for none."""
        table = self.tables[name]
        vendor = self.vendors.get(self._vendor_of(name))
        written = table.get(vendor.opens) if isinstance(table, dict) and vendor is not None and vendor.opens else None
        return os.path.realpath(self.file.absolute().parent / expanded(written, self.environ)) if isinstance(written, str) else ""

    def _from_path(self, path: str) -> Profile:
        """The profile for a path given instead of a profile's name. The path is its name, also for its drafts."""
        vendor = next(each for each in self.vendors.values() if each.opens)
        actor = self.environ.get("PMTUI_ACTOR", "")
        settings = {**settings_from_environment(vendor, self.environ), vendor.opens: path}
        return Profile(path, vendor.name, actor=actor, read_only=self.read_only, settings=settings, origin="its path")

    def _nothing_configured(self) -> str:
        half = next((vendor.url for vendor in self.vendors.values() if self.environ.get(vendor.url)), "")
        found = f"{half} is set, but no keys are" if half else "nothing is configured yet"
        ways = [" and ".join(vendor.variables) for vendor in self.vendors.values() if vendor.variables]
        return f"{found}: set {', or '.join([*ways, f'write {self.file}'])}; `pmtui demo` needs neither"


def _is_path(name: str) -> bool:
    return "/" in name


def load(environ: Mapping[str, str], vendors: Mapping[str, Vendor]) -> Config:
    """Read the configuration file, which may be missing, and the environment. Raises ConfigError.

    A file that somebody else owns or can write is refused, because pmtui runs its commands and sends keys to its addresses.
    """
    file = config_file(environ)
    text, data = _read(file, secret_keys(vendors)) if file.exists() else ("", {})
    config = Config(
        vendors=vendors,
        file=file,
        text=text,
        default=data.get("default", ""),
        theme=data.get("theme", ""),
        mouse=data.get("mouse", False),
        read_only=is_set(environ.get("PMTUI_READ_ONLY", "")) or data.get("read_only") is True,
        tables=MappingProxyType(data.get("profiles", {})) if isinstance(data.get("profiles", {}), dict) else {},
        environ=MappingProxyType(dict(environ)),
    )
    for name in config.secret_variables:
        register(environ.get(name, ""))
    _check_top_level(config, data)
    _check_maps(config, data.get("map", {}))
    return replace(config, maps=MappingProxyType(data.get("map", {})), keys=MappingProxyType(_keys(config, data.get("keys", {}))))


def _read(file: Path, secret_keys: frozenset[str]) -> tuple[str, dict[str, Any]]:
    """The text of the configuration file, and its data. Raises ConfigError."""
    try:
        with open_plain(file) as stream:
            info = os.fstat(stream.fileno())
            check_trusted(file, info)
            text = read_whole(stream).decode("utf-8-sig")
        data = _parsed(file, text)
        if _holds_secret(data, secret_keys):
            check_private(file, info)
    except Untrusted as error:
        raise ConfigError(str(error)) from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: this is not UTF-8, at byte {error.start}") from None
    return text, data


def _parsed(file: Path, text: str) -> dict[str, Any]:
    import tomllib  # here: without a configuration file it is not needed

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: this is not TOML: {hide_keys(str(error))}") from None
    except RecursionError:
        raise ConfigError(f"{file}: its values are nested too deeply") from None


def _holds_secret(data: object, secret_keys: frozenset[str]) -> bool:
    """Whether the file contains a secret, in any table: in the wrong place it is still a secret."""
    if isinstance(data, dict):
        return any((key in secret_keys and bool(value)) or _holds_secret(value, secret_keys) for key, value in data.items())
    return isinstance(data, list) and any(_holds_secret(value, secret_keys) for value in data)


def _check_top_level(config: Config, data: Mapping[str, Any]) -> None:
    words = {str: "a string", bool: "true or false", dict: "a table of tables"}
    for key, value in data.items():
        expected = _TOP_LEVEL.get(key)
        if expected is None:
            raise ConfigError(f"{config.where(key)}: unknown key{suggestion(key, _TOP_LEVEL)}")
        if not isinstance(value, expected):
            raise ConfigError(
                f"{config.where(key)}: {shown(value)} is not {'a table of profiles' if key == 'profiles' else words[expected]}"
            )


def _check_maps(config: Config, maps: Mapping[str, Any], path: tuple[str, ...] = ()) -> None:
    """Raises ConfigError unless every map is a table of strings, or in ``[map.FROM.TO]`` a table of such tables."""
    for name, table in maps.items():
        here = (*path, name)
        if not isinstance(table, dict):
            said = f'{shown(table)} is not a table such as [map.{".".join(here)}] with lines like P1 = "SEV-1"'
            raise ConfigError(f"{config.where('map', *here)}: {said}")
        if len(path) < 2 and any(isinstance(each, dict) for each in table.values()):
            _check_maps(config, table, here)
            continue
        for key, value in table.items():
            if not isinstance(value, str):
                raise ConfigError(f"{config.where('map', *here, key)}: {shown(value)} is not a string")


def _tables_at(maps: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Mapping[str, str]]:
    """The tables of strings at this path."""
    found: Any = maps
    for name in path:
        found = found.get(name) if isinstance(found, dict | MappingProxyType) else None
    tables = found if isinstance(found, dict | MappingProxyType) else {}
    return {
        name: table for name, table in tables.items() if isinstance(table, dict) and not any(isinstance(v, dict) for v in table.values())
    }


def _keys(config: Config, table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Raises ConfigError for what is neither a key nor a list of keys."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in table.items():
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise ConfigError(f'{config.where("keys", name)}: {shown(value)} is not a key such as "f4", or a list of keys')
        found[name] = tuple(listed)
    return found
