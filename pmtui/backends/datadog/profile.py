"""The vendor's description of Datadog, without importing its adapter. Imports neither httpx nor pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pmtui.backends.datadog.account.credentials import TOKENS
from pmtui.backends.datadog.account.filters import FILTERS
from pmtui.config import Profile
from pmtui.vendor import Setting, SettingKind, Vendor

if TYPE_CHECKING:
    from pmtui.backends.base import Backend

_SANDBOX: Final[Mapping[str, str]] = MappingProxyType({"PMTUI_DATADOG_URL": "{url}", "DD_API_KEY": "{key}", "DD_APP_KEY": "{key}"})

UNPUBLISHED_TIMELINE: Final = Setting(
    "unpublished_timeline",
    SettingKind.SWITCH,
    default=False,
    hint="whether to read the web app's timeline, too, by a call that Datadog does not publish",
)

VENDOR: Final = Vendor(
    name="datadog",
    label="Datadog",
    setup="export DD_API_KEY=…  DD_APP_KEY=…  (DD_SITE=datadoghq.eu)",
    credentials=MappingProxyType(
        {"api_key": ("DD_API_KEY",), "app_key": ("DD_APP_KEY",), "access_token": ("DD_ACCESS_TOKEN", "DD_BEARER_TOKEN")}
    ),
    enough=(frozenset({"access_token"}), frozenset({"api_key", "app_key"})),
    alone=MappingProxyType({"app_key": TOKENS}),
    settings=(Setting("site", variable="DD_SITE", hint="the site, datadoghq.com when left out"), UNPUBLISHED_TIMELINE),
    place="site",
    url="PMTUI_DATADOG_URL",
    filters=FILTERS,
    sandbox=_SANDBOX,
)


def open_backend(profile: Profile, index: object, cache: object) -> Backend:
    """Open the backend of a profile. It uses neither index nor cache. Raises ConfigError."""
    from pmtui.backends.datadog.backend import DatadogBackend

    allowed = profile.settings.get(UNPUBLISHED_TIMELINE.name, UNPUBLISHED_TIMELINE.default)
    return DatadogBackend(profile, unpublished_timeline=allowed)
