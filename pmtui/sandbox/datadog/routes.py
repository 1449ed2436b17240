"""Which handler answers which method and path, in which dialect, and what the caller needs for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pmtui.sandbox.datadog.call import Call
from pmtui.sandbox.datadog.store import Store
from pmtui.sandbox.datadog.wire import LEGACY, Answer

Handler = Callable[[Store, Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` has names in braces. `scope` is "" when the keys suffice; `preview` names the switch of a preview endpoint."""

    method: str
    path: str
    handler: Handler
    scope: str = ""
    dialect: str = LEGACY
    bucket: str = "incidents"
    preview: str = ""


class Table:
    """Routes by path. A path without names goes before one with names (`/incidents/search`, `/incidents/{incident}`)."""

    def __init__(self, routes: Iterable[Route]) -> None:
        ordered = sorted(routes, key=lambda route: route.path.count("{"))
        self._routes = [(re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path)), route) for route in ordered]

    def find(self, method: str, path: str) -> tuple[Route | None, dict[str, str], bool]:
        """The route, the names in its path, and whether the path is known with any method."""
        known: tuple[Route | None, dict[str, str], bool] = (None, {}, False)
        for pattern, route in self._routes:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if route.method == method:
                return route, match.groupdict(), True
            known = (None, {}, True)
        return known

    def dialect(self, path: str) -> str:
        """The dialect of the first route at the path, whatever its method."""
        return next((route.dialect for pattern, route in self._routes if pattern.fullmatch(path)), LEGACY)
