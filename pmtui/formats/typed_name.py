"""Matches typed letters with people, teams, services and the like, for all lists and the command line. Pure.

Each word must be in a name, at the beginning of one of its parts or inside. The part of an e-mail address before the @ is a
name, too; the domain is not, because everybody has it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, TypeVar

from pmtui.model.values import Item, Person, key_of, label_of

_PARTS: Final = re.compile(r"[^\W_]+")
_SHORTEST_ID: Final = 8
"""The beginning of an id matches only if it has this many letters: shorter ones are in many ids by chance."""

WHOLE, BEGINS, PART_BEGINS, INSIDE = range(4)

T = TypeVar("T", bound=Item | str)


def rank(item: Item | str, text: str) -> int | None:
    """How well an item matches the text, lower is better; None when it does not match."""
    plain, key = folded(text), folded(key_of(item))
    names = _names(item)
    if plain in _wholes(item):
        return WHOLE
    if any(name.startswith(plain) for name in names) or (len(plain) >= _SHORTEST_ID and key.startswith(plain)):
        return BEGINS
    parts = [part for name in names for part in _PARTS.findall(name)]
    words = plain.split()
    if all(any(part.startswith(word) for part in parts) for word in words):
        return PART_BEGINS
    mail = folded(item.email) if isinstance(item, Person) else ""
    wholes = [*names, *([mail] if "@" in plain else [])]
    return INSIDE if all(_is_in(word, wholes) for word in words) else None


def best_first(items: Iterable[T], text: str) -> list[T]:
    """The matching items, each once: first those called so, then names that begin with the text, parts of names, text inside a part."""
    found: dict[str, tuple[int, T]] = {}
    for item in items:
        how = rank(item, text)
        if how is not None:
            found.setdefault(key_of(item), (how, item))
    return [item for _, item in sorted(found.values(), key=lambda each: each[0])]


def called_so(items: Iterable[T], text: str) -> list[T]:
    """The items with exactly this name, address or id; of an address or handle also with an @ before it."""
    plain = folded(text.strip().removeprefix("@"))
    return [item for item in items if plain in _wholes(item)]


def spelled_so(items: Iterable[T], text: str) -> list[T]:
    """The items with this name, whole address or id, letter for letter."""
    return [item for item in items if text in _spellings(item)]


def the_one(items: Iterable[T], text: str) -> T | None:
    """The unambiguous match: the only one, or the only one with exactly this name; else None."""
    found = list(items)
    if len(found) != 1:
        found = called_so(found, text)
    return found[0] if len(found) == 1 else None


def folded(text: str) -> str:
    """The text without case, accents and outer blanks: ``lopez`` finds López."""
    apart = unicodedata.normalize("NFKD", text.strip()).casefold()
    return "".join(char for char in apart if not unicodedata.combining(char))


def _names(item: Item | str) -> list[str]:
    """The names in which words are searched for."""
    names = [item.name, item.email.partition("@")[0]] if isinstance(item, Person) else [label_of(item)]
    return [folded(name.partition("@")[0] if isinstance(item, Person) else name) for name in names if name]


def _spellings(item: Item | str) -> set[str]:
    """Everything that an item is called."""
    if not isinstance(item, Person):
        return {label_of(item), key_of(item)}
    return {each for each in (item.id, item.name, item.email) if each}


def _wholes(item: Item | str) -> set[str]:
    """What an item is called, folded; a person also by the part of the address before the @."""
    before = item.email.partition("@")[0] if isinstance(item, Person) else ""
    return {folded(each) for each in (*_spellings(item), *filter(None, [before]))}


def _is_in(word: str, wholes: Iterable[str]) -> bool:
    return not word.startswith("@") and any(word in whole for whole in wholes)
