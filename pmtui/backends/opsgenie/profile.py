"""The vendor's description of Opsgenie, without importing its adapter. Imports neither httpx nor pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pmtui.backends.opsgenie.account.filters import FILTERS
from pmtui.backends.opsgenie.account.index import Index
from pmtui.config import Profile
from pmtui.vendor import Setting, SettingKind, Vendor

if TYPE_CHECKING:
    from pmtui.backends.base import Backend

REGION: Final = Setting("region", variable="OPSGENIE_REGION", choices=("us", "eu"), hint="us or eu, us when left out")
ROUTES: Final = Setting(
    "routes",
    SettingKind.TABLE,
    pattern=r"^(GET|PUT|PATCH|POST|DELETE) /\S+$",
    hint='routes of single updates, such as title = "PUT /v2/postmortem/{id}/title"; see `pmtui doctor --routes`',
)
REMEMBER: Final = Setting(
    "remember_on_incident", SettingKind.SWITCH, default=True, hint="whether to write a new postmortem's id into its incident"
)
_SANDBOX: Final[Mapping[str, str]] = MappingProxyType(
    {"PMTUI_OPSGENIE_URL": "{url}", "OPSGENIE_API_KEY": "{key}", "PMTUI_ACTOR": "{actor}"}
)

VENDOR: Final = Vendor(
    name="opsgenie",
    label="Opsgenie",
    setup="export OPSGENIE_API_KEY=…  PMTUI_ACTOR=you@corp.com",
    credentials=MappingProxyType({"api_key": ("OPSGENIE_API_KEY",)}),
    enough=(frozenset({"api_key"}),),
    settings=(REGION, ROUTES, REMEMBER),
    place="region",
    url="PMTUI_OPSGENIE_URL",
    filters=FILTERS,
    sandbox=_SANDBOX,
)


def open_backend(profile: Profile, index: Index, cache: object) -> Backend:
    """Open the backend of a profile, with ``index`` as its memory. Raises ConfigError."""
    from pmtui.backends.opsgenie.backend import OpsgenieBackend

    remember = profile.settings.get(REMEMBER.name, REMEMBER.default)
    return OpsgenieBackend(profile, index, remember_on_incident=remember)
