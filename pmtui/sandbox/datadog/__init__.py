"""Datadog in the sandbox: incidents v2 and notebooks v1 as their documentation and recordings have them."""

from __future__ import annotations

from pmtui.sandbox.datadog.service import DatadogService

__all__ = ["DatadogService"]
