"""A dictionary whose entries are made when first read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import TypeVar

T = TypeVar("T")


class Lazy(MutableMapping[str, T]):
    """A dictionary with an entry for each of `keys`, which `make` makes when first read. Entries may be set and deleted."""

    def __init__(self, keys: Iterable[str], make: Callable[[str], T]) -> None:
        self._make = make
        self._made: dict[str, T | None] = dict.fromkeys(keys)

    def made(self, key: str) -> T | None:
        """The entry if it was made already, else None."""
        return self._made.get(key)

    def __getitem__(self, key: str) -> T:
        found = self._made[key]
        if found is None:
            found = self._made[key] = self._make(key)
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._made

    def __setitem__(self, key: str, value: T) -> None:
        self._made[key] = value

    def __delitem__(self, key: str) -> None:
        del self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)
