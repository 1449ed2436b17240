"""Finds the route of a request. Names in braces in a route's path each match one segment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Generic, Protocol, TypeVar


class HasPath(Protocol):
    """The attributes that a route must have; it may have others."""

    @property
    def method(self) -> str:
        """The HTTP method, in capitals."""
        ...

    @property
    def path(self) -> str:
        """The path, with names in braces."""
        ...


R = TypeVar("R", bound=HasPath)


@dataclass(frozen=True, slots=True)
class Match(Generic[R]):
    """The result. `route` is None when the path is known, but not with this method; `args` are the values of the names in its path.

    `at_path` are all routes of the path, with any method.
    """

    route: R | None
    args: Mapping[str, str]
    at_path: tuple[R, ...]


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


class Router(Generic[R]):
    """Routes by path. Paths with fewer names are preferred: `/incidents/search` before `/incidents/{incident}`."""

    def __init__(self, routes: Iterable[R]) -> None:
        self.routes = tuple(sorted(routes, key=lambda route: route.path.count("{")))
        self._patterns = [_pattern(route.path) for route in self.routes]

    def match(self, method: str, path: str) -> Match[R]:
        """The route for this method and path."""
        found = [(route, match) for route, pattern in zip(self.routes, self._patterns, strict=True) if (match := pattern.fullmatch(path))]
        at_path = tuple(route for route, _ in found)
        for route, match in found:
            if route.method == method:
                return Match(route, match.groupdict(), at_path)
        return Match(None, {}, at_path)
