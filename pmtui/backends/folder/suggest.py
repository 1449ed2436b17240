"""Type-ahead from the files of the folder: people, teams, services, other incidents. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pmtui.backends.base import Some
from pmtui.backends.folder.incidents import items
from pmtui.backends.folder.index import Listing
from pmtui.formats.typed_name import best_first
from pmtui.model.fields import Kind
from pmtui.model.values import Item, Named, Person

MOST: Final = 20


def suggest(listing: Listing, kind: Kind, text: str, own: str) -> Some[Item]:
    """The items with all the words, best first: some, for what no file names may be written all the same.

    ``own`` is the identity of the open file, which is not suggested to itself.
    """
    rows = listing.rows.values()
    match kind:
        case Kind.PERSON | Kind.PEOPLE | Kind.TASKS:
            return Some(best_first(map(_person, _each(row.people for row in rows)), text)[:MOST])
        case Kind.TEAMS:
            return Some(best_first(map(_named, _each(row.teams for row in rows)), text)[:MOST])
        case Kind.SERVICES:
            return Some(best_first(map(_named, _each(row.services for row in rows)), text)[:MOST])
        case Kind.INCIDENTS:
            called = (f"{row.reference} {row.title}".strip() for identity, row in listing.rows.items() if identity != own)
            return Some(best_first(map(_named, called), text)[:MOST])
    return Some()


def _each(lists: Iterable[str]) -> Iterable[str]:
    """The items of all the lists, each once."""
    return dict.fromkeys(item for each in dict.fromkeys(lists) for item in items(each))


def _person(text: str) -> Person:
    name, _, email = text.partition("\t")
    return Person(email or name, name, email)


def _named(text: str) -> Named:
    return Named(text, text)
