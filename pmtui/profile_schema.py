"""What one ``[profiles.NAME]`` table of the configuration file may say. Loads pydantic: import it when a profile is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from pmtui.config import SECRET_KEYS, VENDORS, Config, Profile, base_url, child_environment, credentials_from_environment, suggestion
from pmtui.credentials import CommandCredential, ConfigError, Credential, CredentialsError, FileCredential, KnownCredential
from pmtui.paths import expanded

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Route = Annotated[str, StringConstraints(pattern=r"^(GET|PUT|PATCH|POST|DELETE) /\S+$")]
Command = Annotated[list[str], "an argument list; no shell reads it"]

_KEYS_OF_ONE_VENDOR: Final[Mapping[str, str]] = {
    "site": "datadog",
    "app_key": "datadog",
    "access_token": "datadog",
    "region": "opsgenie",
    "routes": "opsgenie",
    "remember_on_incident": "opsgenie",
}


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    vendor: Literal["datadog", "opsgenie"]
    site: Text = ""
    region: Literal["", "us", "eu"] = ""
    base_url: Text = ""
    actor: Text = ""
    ca_file: Text = ""
    read_only: bool = False
    routes: dict[str, Route] = {}
    remember_on_incident: bool = True
    api_key: Text | None = None
    api_key_env: Text | None = None
    api_key_file: Text | None = None
    api_key_command: Command | None = None
    app_key: Text | None = None
    app_key_env: Text | None = None
    app_key_file: Text | None = None
    app_key_command: Command | None = None
    access_token: Text | None = None
    access_token_env: Text | None = None
    access_token_file: Text | None = None
    access_token_command: Command | None = None


def profile_from_table(config: Config, name: str) -> Profile:
    """The validated profile. Raises ConfigError with file, line and key."""
    raw = config.tables[name]
    try:
        table = _Table.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(_explain(config, name, error.errors(include_url=False)[0])) from None
    _check_vendor_keys(config, name, raw, table.vendor)
    variables = VENDORS[table.vendor]
    override = config.environ.get(variables.url, "")
    return Profile(
        name=name,
        vendor=table.vendor,
        site=table.site or (config.environ.get("DD_SITE", "") if table.vendor == "datadog" else ""),
        region=table.region,
        base_url=base_url(override, variables.url) if override else base_url(table.base_url, config.where("profiles", name, "base_url")),
        actor=config.environ.get("PMTUI_ACTOR") or table.actor,
        credentials={**credentials_from_environment(table.vendor, config.environ), **_credentials(config, name, table)},
        ca_file=str(expanded(table.ca_file, config.environ)) if table.ca_file else "",
        read_only=table.read_only or config.read_only,
        routes=table.routes,
        remember_on_incident=table.remember_on_incident,
        origin=str(config.file),
    )


def _explain(config: Config, name: str, error: ErrorDetails) -> str:
    keys = [str(part) for part in error["loc"]]
    where = config.where("profiles", name, *keys)
    key = keys[0] if keys else ""
    if error["type"] == "extra_forbidden":
        return f"{where}: unknown key{suggestion(key, _Table.model_fields)}"
    if error["type"] == "missing":
        return f"{where}: this key is missing; profile {name!r} needs it"
    shown = "" if key in SECRET_KEYS else f"{error['input']!r:.80}: "
    return f"{where}: {shown}{error['msg'][:1].lower()}{error['msg'][1:]}"


def _check_vendor_keys(config: Config, name: str, raw: Mapping[str, Any], vendor: str) -> None:
    for key in raw:
        belongs = next((owner for stem, owner in _KEYS_OF_ONE_VENDOR.items() if key == stem or key.startswith(f"{stem}_")), vendor)
        if belongs != vendor:
            raise ConfigError(f"{config.where('profiles', name, key)}: {vendor} profiles have no such key; it is for {belongs} profiles")


def _credentials(config: Config, name: str, table: _Table) -> dict[str, Credential]:
    found: dict[str, Credential] = {}
    for key in SECRET_KEYS:
        ways = [way for way in (key, f"{key}_env", f"{key}_file", f"{key}_command") if getattr(table, way) is not None]
        if len(ways) > 1:
            raise ConfigError(f"{config.where('profiles', name, ways[1])}: {ways[0]} is given too; keep one of them")
        if ways:
            found[key] = _credential(config, name, ways[0], getattr(table, ways[0]))
    return found


def _credential(config: Config, name: str, way: str, value: Any) -> Credential:
    where = config.where("profiles", name, way)
    if way.endswith("_env"):
        if not config.environ.get(value):
            raise CredentialsError(f"{where}: the environment variable {value} is not set")
        return KnownCredential(f"environment {value}", config.environ[value])
    if way.endswith("_file"):
        return FileCredential(f"file {value}", expanded(value, config.environ))
    if way.endswith("_command"):
        if not value:
            raise ConfigError(f"{where}: the list is empty; write the program and its arguments")
        return CommandCredential(f"command {value[0]}", value, child_environment(config))
    return KnownCredential(f"{config.file}, {way}", value)
