"""Decodes text from saved pages, HARs, mails and chat exports, so that addresses in it can be found. Pure."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

LAYERS = 3
"""How many layers of encoding are removed: a link in JSON in JSON, percent-encoded twice."""
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|[^\n])")
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": " "}
_SOFT = re.compile(r"=\r?\n|=([0-9A-Fa-f]{2})")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}(?:\r?\n[ \t]{0,8}[A-Za-z0-9+/_-]{2,})*")
_PRINTABLE = frozenset(map(chr, (9, 10, 13, *range(32, 127))))


def readings(text: str) -> Iterator[str]:
    """The text, and every text that it may encode. An address encoded in a usual way is plain in one of them."""
    text = text.replace("\0", "")  # UTF-16, in which some programs save text
    yield from _layers(text)
    if "=" in text and (mail := _SOFT.sub(_soft, text)) != text:
        yield from _layers(mail)
    unescaped = _unescaped(text)
    for source in (text, unescaped) if unescaped != text else (text,):
        for packed in _BASE64.finditer(source):
            for body in _bodies(packed[0]):
                yield from _layers(f"{body}\n" if packed.end() < len(source) else body)


def _layers(text: str) -> Iterator[str]:
    yield text
    for _ in range(LAYERS):
        inner = _peeled(text)
        if inner == text:
            return
        text = inner
        yield text


def _peeled(text: str) -> str:
    """The text without one layer of JSON, HTML and percent escapes."""
    if "\\" in text:
        text = _unescaped(text)
    if "&" in text:
        text = unescape(text)
    return unquote(text, "latin-1") if "%" in text else text


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1][1:], 16)) if len(found[1]) > 1 else _SHORT.get(found[1], found[1]), text)


def _soft(found: re.Match[str]) -> str:
    """Decode quoted-printable: a soft line break vanishes, ``=2F`` is a byte."""
    return chr(int(found[1], 16)) if found[1] else ""


def _bodies(packed: str) -> Iterator[str]:
    """Decode a run of base64 at each offset in a group of four, because its start may be missing. Yields only text."""
    plain = re.sub(r"\s+", "", packed).replace("-", "+").replace("_", "/").encode("ascii")
    for start in range(4):
        whole = plain[start:]
        whole = whole[: len(whole) - len(whole) % 4]
        rest = plain[start + len(whole) :]
        try:
            body = binascii.a2b_base64(whole + (rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b"")).decode("latin-1")
        except binascii.Error:
            continue
        sample = body[:400].replace("\0", "")
        if sample and sum(each in _PRINTABLE for each in sample) * 10 >= len(sample) * 8:
            yield body
