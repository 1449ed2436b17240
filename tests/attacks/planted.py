"""A proxy between pmtui and a vendor that puts its own JSON into every answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest

from pmtui.sandbox.http import Request, Response
from pmtui.sandbox.server import Sandbox

_OBJECT = re.compile(rb'"(?:attributes|data|content|executiveSummary|extraProperties)": ?\{(?=\s*")')
_MOST = 8

REFUSED: Mapping[str, tuple[bytes, str]] = {
    "300 levels": (b"[" * 300 + b"]" * 300, r"nested more than 200 levels deep at data"),
    "300 levels of objects": (b'{"a":' * 300 + b"1" + b"}" * 300, r"nested more than 200 levels deep at data"),
    "100,000 levels": (b"[" * 100_000 + b"]" * 100_000, r"nested more than 200 levels deep at data"),
    "levels that never end": (b"[" * 100_000, r"nested more than 200 levels deep at data|truncated"),
    "NaN": (b"NaN", "NaN is not a number"),
    "Infinity": (b"-Infinity", "-Infinity is not a number"),
    "1e999": (b"1e999", "1e999 is too large a number"),
    "1e-999": (b"1e-999", "1e-999 is too small a number"),
    "5,000 digits": (b"9" * 5000, "a number has thousands of digits"),
    "half a surrogate pair": (rb'"\ud800"', "half a surrogate pair"),
    "a name twice": (b'{"a": 1, "a": 2}', "an object has the name 'a' twice"),
}
"""JSON that would not go back unchanged, or crashes a reader; and the error message for it."""

TAKEN: Mapping[str, bytes] = {
    "100 levels": b"[" * 100 + b"]" * 100,
    "150 levels": b"[" * 150 + b"]" * 150,
    "4,000 digits": b"9" * 4000,
    "many fractions": b"0.1" + b"0123456789" * 500,
    "a name of 300 kB": b'{"' + b"x" * 300_000 + b'": null}',
    "brackets in a text": b'"' + b"[{" * 50_000 + b'"',
    "a wide list": b"[" + b"[]," * 10_000 + b"[]]",
}
"""Unusual JSON that is harmless."""


@contextmanager
def planted(sandbox: Sandbox, value: bytes) -> Iterator[None]:
    """Put this value into each important object of every answer."""

    def spoil(response: Response) -> Response:
        return replace(response, body=_OBJECT.sub(lambda found: found[0] + b'"planted": ' + value + b", ", response.body, count=_MOST))

    with pytest.MonkeyPatch.context() as patch:
        for service in (sandbox.datadog, sandbox.opsgenie):

            def respond(request: Request, real: object = service.respond) -> Response:
                assert callable(real)
                answer = real(request)
                return spoil(answer) if request.method == "GET" and answer.status == 200 else answer

            patch.setattr(service, "respond", respond)
        yield
