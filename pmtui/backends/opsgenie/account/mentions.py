"""The Atlassian account ids of people, learnt from mentions in documents: no call of Opsgenie's API gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pmtui.formats.adf.values import attributes, children, kind


class Mentions:
    """The people mentioned in documents that this process has read."""

    def __init__(self) -> None:
        self._ids: dict[str, set[str]] = {}
        self._names: dict[str, str] = {}

    def learn(self, documents: Iterable[Any]) -> None:
        """Note the mentions in these documents."""
        waiting = list(documents)
        while waiting:
            node = waiting.pop()
            waiting += children(node)
            attrs = attributes(node) if kind(node) == "mention" else {}
            name, identifier = attrs.get("text"), attrs.get("id")
            if isinstance(name, str) and isinstance(identifier, str) and identifier:
                self._ids.setdefault(_plain(name), set()).add(identifier)
                self._names.setdefault(identifier, " ".join(name.removeprefix("@").split()))

    @property
    def names(self) -> Mapping[str, str]:
        """The names by account id, as they were read first."""
        return self._names

    def id_of(self, name: str) -> str:
        """The account id of the person with this name, "" when it is not known or not unique."""
        found = self._ids.get(_plain(name), set())
        return next(iter(found)) if len(found) == 1 else ""


def _plain(name: str) -> str:
    return " ".join(name.removeprefix("@").split()).casefold()
