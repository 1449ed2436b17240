"""Removes secrets from output: the secrets of this process, in every form in which they may come back.

Servers, proxies and libraries repeat what they were sent: unchanged, in another case, escaped, quoted, or in base64.
"""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from urllib.parse import unquote

MASK = "***"
SHORTEST = 8
"""The shortest secret, in characters, that is looked for: a shorter one would match everywhere."""

_LIVE: set[str] = set()
_RUN = re.compile(r"[\w+=-]{24,}", re.ASCII)


def register(secret: str) -> None:
    """Remove this text from output from now on, in any form. Very short texts are ignored."""
    if len(secret) >= SHORTEST:
        _LIVE.add(secret)


def redact(text: str) -> str:
    """``text`` with every registered secret replaced by a mask."""
    if not _LIVE or not text or _is_clean(text, frozenset(_LIVE)):
        return text
    return _pattern(frozenset(_LIVE)).sub(MASK, text)


def redact_bytes(data: bytes) -> bytes:
    """As ``redact``, for bytes of any encoding, because secrets are ASCII."""
    if not _LIVE or not data:
        return data
    found = _pattern(frozenset(_LIVE)).sub(MASK, data.decode("latin-1"))
    return found.encode("latin-1")


def hide_keys(text: str) -> str:
    """``text`` without anything that looks like a key: long, without blanks, mixed letters and digits.

    It is for values in the wrong place, which are not registered as secrets.
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
    """Regular expressions for a secret: its characters, plain or escaped, and its base64 and hexadecimal forms."""
    raw = secret.encode("utf-8", "surrogateescape")
    return ["".join(map(_character, secret)), *map(re.escape, _base64(raw)), re.escape(raw.hex())]


def _character(char: str) -> str:
    code = ord(char)
    ways = [re.escape(char), rf"%{code:02x}", rf"\\{{1,4}}u{code:04x}", rf"\\{{1,4}}x{code:02x}", rf"&#(?:0*{code}|x0*{code:x});"]
    if char in "\"\\/'":
        ways.append(rf"\\{{1,4}}{re.escape(char)}")
    return f"(?:{'|'.join(ways)})"


def _base64(raw: bytes) -> set[str]:
    """The base64 characters of the secret alone, for each offset at which it may begin in the encoded text (``user:secret``)."""
    found: set[str] = set()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        first = -(-before * 8 // 6)  # the first character without bits of the preceding text
        last = (before + len(raw)) * 8 // 6
        piece = encoded[first:last]
        if len(piece) >= SHORTEST:
            found |= {piece, piece.replace("+", "-").replace("/", "_")}
    return found
