"""Safe file names from names that users and vendors choose: an id may hold slashes, dots, anything."""

from __future__ import annotations

import hashlib
import re

_READABLE = 60  # characters that stay readable; the digest makes the name unique


def file_stem(*names: str) -> str:
    """A readable file name without a suffix. A digest makes it different for different names."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", "-".join(names))[:_READABLE].strip("-")
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{readable}-{digest[:12]}"
