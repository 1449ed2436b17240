"""Secrets taken out of what is shown: this process knows its live secrets, and every form in which they may come back.

Servers, proxies and libraries repeat what they were sent: as it was, in another case, escaped, quoted, or in base64.
"""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from urllib.parse import unquote

MASK = "***"
SHORTEST = 8
"""Characters. A shorter secret would be found everywhere."""

_LIVE: set[str] = set()
_RUN = re.compile(r"[\w+=-]{24,}", re.ASCII)


def register(secret: str) -> None:
    """Never show this text again, in whatever form. Very short ones are not looked for."""
    if len(secret) >= SHORTEST:
        _LIVE.add(secret)


def redact(text: str) -> str:
    """``text`` without a live secret: a mask stands in its place."""
    if not _LIVE or not text or _is_clean(text, frozenset(_LIVE)):
        return text
    return _pattern(frozenset(_LIVE)).sub(MASK, text)


def redact_bytes(data: bytes) -> bytes:
    """The same for bytes of whatever encoding: secrets are ASCII."""
    if not _LIVE or not data:
        return data
    found = _pattern(frozenset(_LIVE)).sub(MASK, data.decode("latin-1"))
    return found.encode("latin-1")


def hide_keys(text: str) -> str:
    """``text`` without what looks like a key: long, without blanks, letters and digits mixed.

    For values that stand in the wrong place, which nobody has declared to be secrets.
    """
    return _RUN.sub(lambda run: "‹looks like a key, not shown›" if _is_mixed(run[0]) else run[0], text)


def _is_mixed(word: str) -> bool:
    return any(char.isdigit() for char in word) and any(char.isalpha() for char in word)


def _is_clean(text: str, secrets: frozenset[str]) -> bool:
    """Whether that is certain without the pattern, which takes longer to build than a whole command may wait.

    So it is for ASCII in which nothing is escaped but as in an address, and that has no secret in it as it stands.
    """
    if not text.isascii() or "\\" in text or "&#" in text:
        return False
    literals = _literals(secrets)
    if literals is None:
        return False
    return not any(form in said for said in {text.lower(), unquote(text).lower()} for form in literals)


@lru_cache(maxsize=4)
def _literals(secrets: frozenset[str]) -> tuple[str, ...] | None:
    """The secrets as they stand, and in base64 and hexadecimal, in small letters; None where one is not plain ASCII, or has a ``%``."""
    if any(not each.isascii() or "%" in each for each in secrets):
        return None
    return tuple(form.lower() for each in secrets for form in (each, *_base64(each.encode()), each.encode().hex()))


@lru_cache(maxsize=4)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str]:
    forms = [form for secret in sorted(secrets, key=len, reverse=True) for form in _forms(secret)]
    return re.compile("|".join(forms), re.IGNORECASE)


def _forms(secret: str) -> list[str]:
    """Regular expressions for a secret: its characters, each plain or escaped, and what base64 and hexadecimal make of it."""
    raw = secret.encode("utf-8", "surrogateescape")
    return ["".join(map(_character, secret)), *map(re.escape, _base64(raw)), re.escape(raw.hex())]


def _character(char: str) -> str:
    code = ord(char)
    ways = [re.escape(char), rf"%{code:02x}", rf"\\{{1,4}}u{code:04x}", rf"\\{{1,4}}x{code:02x}", rf"&#(?:0*{code}|x0*{code:x});"]
    if char in "\"\\/'":
        ways.append(rf"\\{{1,4}}{re.escape(char)}")
    return f"(?:{'|'.join(ways)})"


def _base64(raw: bytes) -> set[str]:
    """The characters that stand for the secret alone, wherever it begins in what was encoded (``user:secret``)."""
    found: set[str] = set()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        first = -(-before * 8 // 6)  # the first character that holds no bit of what stands before
        last = (before + len(raw)) * 8 // 6
        piece = encoded[first:last]
        if len(piece) >= SHORTEST:
            found |= {piece, piece.replace("+", "-").replace("/", "_")}
    return found
