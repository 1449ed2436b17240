"""From a profile to its backend. Only the vendor asked for is imported."""

from __future__ import annotations

from pathlib import Path

from pmtui.backends.base import Backend
from pmtui.config import Profile


def open_backend(profile: Profile, state: Path) -> Backend:
    """The backend of a profile; ``state`` is the directory of its index. Sends nothing. Raises ConfigError."""
    if profile.vendor == "datadog":
        from pmtui.backends.datadog.backend import DatadogBackend

        return DatadogBackend(profile)
    from pmtui.backends.opsgenie.backend import OpsgenieBackend
    from pmtui.store.index import Index

    return OpsgenieBackend(profile, Index(state, profile.name), remember_on_incident=profile.remember_on_incident)
