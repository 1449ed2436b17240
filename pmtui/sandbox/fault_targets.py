"""Whether a fault rule can ever act: whether some route has its method and a path that its pattern matches."""

from __future__ import annotations

import re
from collections.abc import Iterable

SHOWN = 3  # routes that are named
_TOKENS = re.compile(r"\*\*|\*|[^*]")
_NAMES = re.compile(r"\{\w+\}|.", re.DOTALL)


def no_target(method: str, pattern: str, routes: Iterable[tuple[str, str]]) -> str:
    """Why no request can match, "" when one can. Routes are methods and paths with names in braces."""
    here = [path for verb, path in routes if method in ("*", verb)]
    if pattern == "*" or any(_meet(pattern, path) for path in here):
        return ""
    begins = pattern.split("*")[0]
    near = sorted({path for path in here if path.startswith(begins)} or set(here), key=lambda path: (path.count("/"), path))
    more = f" and {len(near) - SHOWN} more" if len(near) > SHOWN else ""
    of = "request" if method == "*" else f"{method} request"
    return f"no {of} has such a path; there are {', '.join(near[:SHOWN])}{more} (* is anything within one segment, ** anything at all)"


def _meet(pattern: str, route: str) -> bool:
    """Whether some path is matched by both."""
    globs, names = _TOKENS.findall(pattern), _NAMES.findall(route)
    seen: set[tuple[int, int]] = set()
    waiting = [(0, 0)]
    while waiting:
        at = glob, name = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        if at == (len(globs), len(names)):
            return True
        one = globs[glob] if glob < len(globs) else ""
        other = names[name] if name < len(names) else ""
        if one in ("*", "**"):
            waiting.append((glob + 1, name))
            if other and (other != "/" or one == "**"):
                waiting.append((glob, name + 1))
        if len(other) > 1:  # a name in braces
            waiting.append((glob, name + 1))
            if one and one != "/":
                waiting.append((glob + 1, name))
        elif one and one == other:
            waiting.append((glob + 1, name + 1))
    return False
