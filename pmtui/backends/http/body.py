"""Unpacks the body of an answer within a limit, and parses it as strict JSON. Pure."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

from pmtui.formats import strict_json

_GZIP = 16 + zlib.MAX_WBITS
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_TAG = re.compile(rb"<(?:!doctype|html|head|body|\?xml|h1|title|script)", re.IGNORECASE)
_BLANK = re.compile(rb"\s*")
_MOST_MEMBERS = 1000
"""The most members of a gzip stream. Servers send one; endless empty ones would keep us busy without reaching the limit."""


class BadBody(Exception):
    """The answer is not JSON. The message completes the sentence "the answer is …"."""


class Unpacker:
    """Unpacks the raw chunks of one answer, up to ``limit`` bytes, packed or unpacked."""

    def __init__(self, encoding: str, limit: int) -> None:
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip"):
            raise BadBody(f"packed as {name}, which was not asked for")
        self._inflate = zlib.decompressobj(_GZIP) if name in ("gzip", "x-gzip") else None
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._members = 1

    def feed(self, chunk: bytes) -> None:
        """Add a chunk. Raises BadBody when the limit is exceeded or the packed data is broken."""
        if self._inflate is None:
            self._keep(chunk)
            return
        while chunk:
            try:
                # Reading one byte more than the limit detects "too large" without unpacking a bomb.
                self._keep(self._inflate.decompress(chunk, self._limit - self._size + 1))
            except zlib.error as error:
                raise BadBody(f"broken gzip ({error})") from None
            chunk = self._inflate.unconsumed_tail or self._inflate.unused_data
            if self._inflate.eof:
                chunk = chunk.lstrip(b"\0")  # some servers pad to a block, which RFC 1952 allows
            if self._inflate.eof and chunk:
                self._members += 1
                if self._members > _MOST_MEMBERS:
                    raise BadBody("gzip in too many pieces")
                self._inflate = zlib.decompressobj(_GZIP)

    def finish(self) -> bytes:
        """The whole body. Raises BadBody when the packed data is truncated."""
        if self._inflate is not None and self._parts and not self._inflate.eof:
            raise BadBody("truncated (the gzip stream stops early)")
        return b"".join(self._parts)

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit:
            raise BadBody(f"larger than {self._limit // 2**20} MiB")
        self._parts.append(part)


def is_page(body: bytes) -> bool:
    """Whether this is a web page, as proxies and gateways send, rather than data. It looks only at the beginning."""
    head = body[:2048].removeprefix(b"\xef\xbb\xbf")
    place = 0
    while True:
        blank = _BLANK.match(head, place)
        place = blank.end() if blank else place
        if not head.startswith(b"<!--", place):
            return _TAG.match(head, place) is not None
        end = head.find(b"-->", place + 4)
        if end < 0:
            return True  # a comment longer than the part that is looked at: no JSON begins like this
        place = end + 3


def parse(body: bytes) -> Any:
    """The JSON of an answer, None for an empty body.

    Raises BadBody for a web page, broken UTF-8, truncated or other invalid JSON, a lone surrogate (it cannot be written
    again), what `strict_json` refuses, and too deep nesting.
    """
    if not body.strip():
        return None
    if is_page(body):
        raise BadBody("a web page instead of JSON")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadBody(f"not UTF-8 (byte {error.start})") from None
    try:
        data = strict_json.parse(text)
    except RecursionError:
        raise _too_deep(text) from None
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        raise BadBody("truncated JSON" if cut else f"not JSON ({error.msg} at character {error.pos})") from None
    except ValueError as error:
        raise BadBody(f"not JSON ({error})") from None
    if text.count("[") + text.count("{") > strict_json.DEEPEST and strict_json.is_deep(data):
        raise _too_deep(text)
    if _ESCAPED_SURROGATE.search(text):
        _check_encodable(data)
    return data


def _too_deep(text: str) -> BadBody:
    return BadBody(f"nested more than {strict_json.DEEPEST} levels deep at {strict_json.deep_place(text)}")


def _check_encodable(data: Any) -> None:
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadBody("no Unicode text (it has half a surrogate pair)") from None
