"""Validates a ``[profiles.NAME]`` table of the configuration file. It imports pydantic: import it when a profile is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, create_model
from pydantic_core import ErrorDetails

from pmtui.credentials import CommandCredential, ConfigError, Credential, CredentialsError, FileCredential, KnownCredential
from pmtui.paths import expanded
from pmtui.profiles import (
    Profile,
    Sources,
    base_url,
    child_environment,
    credentials_from_environment,
    settings_from_environment,
    shown,
    suggestion,
)
from pmtui.redaction import hide_keys
from pmtui.vendor import Setting, SettingKind, Vendor

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Command = Annotated[list[str], "an argument list, run without a shell"]

_ALWAYS: Final[Mapping[str, Any]] = {"actor": Text, "read_only": bool, "issue_site": Text}
_OVER_HTTP: Final[Mapping[str, Any]] = {"base_url": Text, "ca_file": Text}
_WAYS: Final[Mapping[str, Any]] = {"": Text, "_env": Text, "_file": Text, "_command": Command}
"""The suffixes of a credential's key, and what their values are."""
_VARIABLE: Final = re.compile(r"[A-Z_][A-Z0-9_]*")


def profile_from_table(sources: Sources, name: str) -> Profile:
    """Validate a profile. Raises ConfigError with file, line and key."""
    raw = sources.tables[name]
    vendor = _vendor(sources, name, raw)
    model = _model(vendor)
    _check_other_vendors(sources, name, raw, vendor)
    try:
        table = model.model_validate(raw).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise ConfigError(_explain(sources, name, model, error.errors(include_url=False)[0])) from None
    override = sources.environ.get(vendor.url, "")
    written = sources.where("profiles", name, "base_url")
    return Profile(
        name=name,
        vendor=vendor.name,
        base_url=base_url(override, vendor.url) if override else base_url(table.get("base_url", ""), written),
        actor=sources.environ.get("PMTUI_ACTOR") or table.get("actor", ""),
        credentials={**credentials_from_environment(vendor, sources.environ), **_credentials(sources, name, vendor, table)},
        ca_file=_path(sources, table["ca_file"]) if "ca_file" in table else "",
        read_only=table.get("read_only", False) or sources.read_only,
        settings=_settings(sources, vendor, table),
        origin=str(sources.file),
        issue_site=table.get("issue_site", ""),
    )


def _vendor(sources: Sources, name: str, raw: Any) -> Vendor:
    """The vendor of a table. Raises ConfigError."""
    where = sources.where("profiles", name)
    if not isinstance(raw, dict):
        raise ConfigError(f"{where}: {shown(raw)} is not a table of keys and values")
    if "vendor" not in raw:
        raise ConfigError(f"{where}.vendor: this key is missing; profile {name!r} needs it")
    wanted = raw["vendor"]
    if not isinstance(wanted, str) or wanted not in sources.vendors:
        hint = suggestion(str(wanted), sources.vendors)
        raise ConfigError(f"{sources.where('profiles', name, 'vendor')}: {shown(wanted)} is not a vendor that pmtui knows{hint}")
    return sources.vendors[wanted]


def _kinds(vendor: Vendor) -> dict[str, Any]:
    """The keys of this vendor's profiles, and what their values are."""
    return {
        "vendor": str,
        **{each.name: _kind(each) for each in vendor.settings},
        **(_OVER_HTTP if vendor.url else {}),
        **_ALWAYS,
        **{f"{key}{way}": kind for key in vendor.credentials for way, kind in _WAYS.items()},
    }


def _model(vendor: Vendor) -> type[BaseModel]:
    """The model of this vendor's profiles. Keys that are not set are None."""
    fields: dict[str, Any] = {key: (kind, ... if key == "vendor" else None) for key, kind in _kinds(vendor).items()}
    made: type[BaseModel] = create_model(f"{vendor.label}Profile", __config__=ConfigDict(extra="forbid", strict=True), **fields)
    return made


def _kind(setting: Setting) -> Any:
    match setting.kind:
        case SettingKind.SWITCH:
            return bool
        case SettingKind.TABLE:
            return dict[str, Annotated[str, StringConstraints(pattern=setting.pattern or None)]]
        case _:
            return Literal[setting.choices] if setting.choices else Text


def _settings(sources: Sources, vendor: Vendor, table: Mapping[str, Any]) -> dict[str, Any]:
    """The vendor's settings: from the file, else from the environment, else the defaults."""
    found = settings_from_environment(vendor, sources.environ)
    for each in vendor.settings:
        if each.name in table:
            found[each.name] = _path(sources, table[each.name]) if each.kind is SettingKind.PATH else table[each.name]
    return found


def _path(sources: Sources, written: str) -> str:
    """A path in the file. A relative path is relative to the file's folder, not to the working directory."""
    return str(sources.file.absolute().parent / expanded(written, sources.environ))


def _explain(sources: Sources, name: str, model: type[BaseModel], error: ErrorDetails) -> str:
    keys = [str(part) for part in error["loc"]]
    where = sources.where("profiles", name, *keys)
    key = keys[0] if keys else ""
    if error["type"] == "extra_forbidden":
        return f"{where}: unknown key{suggestion(key, model.model_fields)}"
    secret = any(key in vendor.credentials for vendor in sources.vendors.values())
    value = "" if secret else f"{shown(error['input'])}: "
    return f"{where}: {value}{error['msg'][:1].lower()}{error['msg'][1:]}"


def _check_other_vendors(sources: Sources, name: str, raw: Mapping[str, Any], vendor: Vendor) -> None:
    """Raises ConfigError for a key of another vendor's profiles."""
    own = _kinds(vendor)
    keys = {each.name: _kinds(each) for each in sources.vendors.values()}
    for key in raw:
        takers = [taker for taker, theirs in keys.items() if key in theirs]
        if key not in own and takers:
            where = sources.where("profiles", name, key)
            belongs = " and ".join(filter(None, (", ".join(takers[:-1]), takers[-1])))
            raise ConfigError(f"{where}: {vendor.name} profiles have no such key; it is for {belongs} profiles")


def _credentials(sources: Sources, name: str, vendor: Vendor, table: Mapping[str, Any]) -> dict[str, Credential]:
    found: dict[str, Credential] = {}
    for key in vendor.credentials:
        ways = [f"{key}{way}" for way in _WAYS if f"{key}{way}" in table]
        if len(ways) > 1:
            raise ConfigError(f"{sources.where('profiles', name, ways[1])}: {ways[0]} is given too; keep one of them")
        if ways:
            found[key] = _credential(sources, name, ways[0], table[ways[0]])
    return found


def _credential(sources: Sources, name: str, way: str, value: Any) -> Credential:
    where = sources.where("profiles", name, way)
    if way.endswith("_env"):
        return _from_variable(sources, where, value)
    if way.endswith("_file"):
        return FileCredential(f"file {hide_keys(value)}", sources.file.absolute().parent / expanded(value, sources.environ))
    if way.endswith("_command"):
        if not value:
            raise ConfigError(f"{where}: the list is empty; write the program and its arguments")
        program = _path(sources, value[0]) if "/" in value[0] else value[0]
        return CommandCredential(f"command {hide_keys(value[0])}", [program, *value[1:]], child_environment(sources))
    return KnownCredential(f"{sources.file}, {way}", value)


def _from_variable(sources: Sources, where: str, variable: str) -> Credential:
    """The credential from an environment variable. If the key itself was written instead of its variable, it is not shown."""
    if sources.environ.get(variable):
        return KnownCredential(f"environment {variable}", sources.environ[variable])
    if _VARIABLE.fullmatch(variable):
        raise CredentialsError(f"{where}: the environment variable {hide_keys(variable)} is not set")
    raise CredentialsError(f"{where}: there is no such environment variable; write the variable's name, not the key")
