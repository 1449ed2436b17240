"""Datadog in the sandbox: incidents v2 and notebooks v1, as documented and recorded."""

from __future__ import annotations

from pmtui.sandbox.datadog.service import DatadogService

__all__ = ["DatadogService"]
