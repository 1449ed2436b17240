"""Live secrets are taken out of whatever is shown, in every form in which they come back."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.http.body import BadBody, Unpacker, is_page
from pmtui.credentials import ConfigError, Secret
from pmtui.redaction import hide_keys, redact, redact_bytes
from tests.backends.loopback import answer
from tests.backends.test_http import CANARY, failure
from tests.growing_time import cpu_seconds

SECRET = "s3cr3t/Key+with=odd&chars"


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        SECRET.upper(),
        SECRET.swapcase(),
        quote(SECRET, safe=""),
        quote(SECRET),
        quote(SECRET, safe="").lower(),
        json.dumps(SECRET),
        "".join(f"\\u{ord(char):04x}" for char in SECRET),
        "".join(f"\\u{ord(char):04X}" for char in SECRET),
        "".join(f"\\\\u{ord(char):04x}" for char in SECRET),
        "".join(f"\\x{ord(char):02x}" for char in SECRET),
        "".join(f"%{ord(char):02X}" for char in SECRET),
        "".join(f"&#{ord(char)};" for char in SECRET),
        SECRET.replace("/", "\\/"),
        SECRET.encode().hex(),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"u:{SECRET}".encode()).decode(),
        base64.b64encode(f"us:{SECRET}".encode()).decode(),
        base64.b64encode(f"use:{SECRET}x".encode()).decode(),
    ],
)
def test_a_secret_is_not_shown_in_any_form(form: str) -> None:
    secret = Secret(SECRET)
    said = f"illegal header line: bytearray(b'X-Key: {form}')"
    assert "***" in redact(said)
    assert form not in redact(said)
    assert len(redact(said)) < len(said)
    assert b"***" in redact_bytes(said.encode())
    error = BackendError(Trouble.ANSWER, f"try {form}", said, said, request_id=form, fields={"title": said})
    assert form not in error.message + repr(error.fields)
    assert form not in str(ConfigError(said))
    assert secret.reveal() == SECRET


def test_other_text_stays_as_it_is() -> None:
    Secret(SECRET)
    for text in ("", "the server said no", "s3cr3t/Key", "ä\x1b[2J 結帳", "a" * 10_000):
        assert redact(text) == text
        assert redact_bytes(text.encode()) == text.encode()


_NOISE = st.text("%&#;4aK/\\x", max_size=6)
_WAYS = (str, str.upper, str.lower, lambda char: f"%{ord(char):02X}", lambda char: f"%{ord(char):02x}")


@given(
    st.lists(st.sampled_from(_WAYS), min_size=len(SECRET), max_size=len(SECRET)),
    st.text("%&#;4aK/", max_size=6),
    st.text("%2\\x", max_size=4),
)
def test_a_secret_is_found_however_its_characters_are_mixed(ways: list[Callable[[str], str]], before: str, after: str) -> None:
    Secret(SECRET)
    form = "".join(way(char) for way, char in zip(ways, SECRET, strict=True))
    assert form not in redact(before + form + after)


def test_looking_is_linear() -> None:
    Secret(SECRET)
    texts = SECRET[:-1] * 20_000, "%" * 200_000 + "\\" * 2_000
    assert cpu_seconds(lambda: [redact(text) for text in texts]) < 3
    assert cpu_seconds(lambda: hide_keys("a" * 100_000 + "!" + "1" * 100_000)) < 3


@pytest.mark.parametrize("shown", ["datadoghq.eu", "https://api.example.com/v2/incidents", "~/.config/pmtui/config.toml", "PATCH /x"])
def test_what_looks_like_no_key_is_shown(shown: str) -> None:
    assert hide_keys(shown) == shown


async def test_what_an_unreadable_answer_repeats_is_not_shown() -> None:
    headers = {"content-encoding": CANARY.upper(), "x-request-id": f"r-{CANARY.upper()}"}
    error = await failure(answer(200, None, headers, body=b"x"))
    assert CANARY not in error.message.lower()
    error = await failure(answer(200, None, {"x-request-id": base64.b64encode(CANARY.encode()).decode()}, body=b"{"))
    assert base64.b64encode(CANARY.encode()).decode().rstrip("=") not in error.message
    error = await failure(f"HTTP/1.1 200 OK\r\nX-Key {CANARY}\r\n\r\n".encode())
    assert CANARY not in error.message


# The bodies of answers


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<html>", True),
        (b"\xef\xbb\xbf \n<!-- a --> <!---->\n<!DOCTYPE html>", True),
        (b"<!---->" * 40, False),
        (b"<!---->" * 40 + b"<body>", True),
        (b"<!--" + b" " * 5000, True),
        (b"  {}", False),
        (b"<xml-ish>", False),
        (b"", False),
    ],
)
def test_pages_are_recognised(body: bytes, expected: bool) -> None:
    assert is_page(body) is expected  # exponential work would not end


def test_endless_empty_parts_of_a_gzip_stream_end() -> None:
    unpacker = Unpacker("gzip", 2**20)
    with pytest.raises(BadBody, match="too many pieces"):
        for _ in range(100):
            unpacker.feed(gzip.compress(b"") * 3000)
