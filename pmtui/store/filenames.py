"""Safe file names made of names that users and vendors choose freely: ids may hold slashes, dots, anything."""

from __future__ import annotations

import hashlib
import re

_READABLE = 60  # characters kept for people; the digest makes the name unique


def file_stem(*names: str) -> str:
    """A readable file name without suffix, different for different names: a digest makes it unique."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", "-".join(names))[:_READABLE].strip("-")
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{readable}-{digest[:12]}"
