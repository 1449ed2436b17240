"""What a program has sent to a sandbox."""

from __future__ import annotations

from pmtui.sandbox.server import Sandbox


def writes(sandbox: Sandbox, start: int = 0) -> list[str]:
    """``PUT /v2/…``, in order, of the requests from this number on that could change something; searches are reads."""
    sent = [(each["method"], each["path"]) for each in sandbox.requests[start:]]
    return [f"{method} {path}" for method, path in sent if method != "GET" and not path.endswith("/search")]
