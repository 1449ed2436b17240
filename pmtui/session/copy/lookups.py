"""Looks up the source's items at the target: people by e-mail address, teams and the like by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from pmtui.backends.base import Backend, BackendError
from pmtui.backends.trouble import REFUSALS
from pmtui.model.fields import Field, Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Item, Named, Person
from pmtui.session.copy.carried import why_not
from pmtui.session.copy.mapping import FieldMap
from pmtui.session.copy.places import Target
from pmtui.session.copy.values import LOOKED_UP


class Lookups:
    """Looks up each item once per process."""

    def __init__(self, source: Backend, target: Backend) -> None:
        self._source = source
        self._target = target
        self._emails: dict[str, str] = {}
        self._found: dict[tuple[Kind, str], Item | None] = {}

    async def found(self, source: Postmortem, target: Target, mapping: FieldMap) -> dict[tuple[str, Item], Item]:
        """The target's item for each field name and item of the source, where the target has one. Raises BackendError."""
        form = {each.name: each for each in target.postmortem.form}
        found: dict[tuple[str, Item], Item] = {}
        for field, item in _items(source):
            place = form.get(mapping.place(field, target.postmortem.form) or "")
            if place is None or (why_not(place, target) and not target.postmortem.fields.get(place.name)):
                continue
            there = await self._person(item, source, target.postmortem, place) if isinstance(item, Person) else None
            if isinstance(item, Named):
                there = await self._named(place.kind, item, target.postmortem)
            if there is not None:
                found[place.name, item] = there
        return found

    async def _person(self, person: Person, source: Postmortem, target: Postmortem, place: Field) -> Item | None:
        known = person.email or await self._email(person, source)
        if place.verbatim:  # the field takes any name; the address makes it unambiguous
            return replace(person, id=known or person.label, email=known)
        email = known.casefold()
        if not email:
            return None
        return await self._once(Kind.PEOPLE, email, target, lambda each: isinstance(each, Person) and each.email.casefold() == email)

    async def _email(self, person: Person, source: Postmortem) -> str:
        """The e-mail address of a person whom the source's postmortem only names."""
        if person.id not in self._emails:
            try:
                known = await self._source.suggest(Kind.PEOPLE, person.id, Postmortem(source.incident))
            except BackendError as error:
                if error.trouble not in REFUSALS:  # the person may exist
                    raise
                known = ()
            self._emails[person.id] = next((each.email for each in known if isinstance(each, Person) and each.id == person.id), "")
        return self._emails[person.id]

    async def _named(self, kind: Kind, item: Named, target: Postmortem) -> Item | None:
        name = item.label.casefold()
        if kind not in LOOKED_UP or not name:
            return None
        words = item.label.split()[0] if kind is Kind.INCIDENTS else item.label  # the number people use: #42
        return await self._once(kind, words, target, lambda each: isinstance(each, Named) and each.label.casefold() == name)

    async def _once(self, kind: Kind, words: str, target: Postmortem, fits: Callable[[Item], bool]) -> Item | None:
        """The only item that fits; None when none or several do."""
        if (kind, words) not in self._found:
            try:
                offered = await self._target.suggest(kind, words, Postmortem(target.incident))
            except BackendError as error:
                if error.trouble not in REFUSALS:  # the person may exist
                    raise
                offered = ()
            same = [each for each in offered if fits(each)]
            self._found[kind, words] = same[0] if len(same) == 1 else None
        return self._found[kind, words]


def _items(source: Postmortem) -> Iterator[tuple[Field, Item]]:
    for field in source.form:
        value = source.fields.get(field.name)
        if field.kind in LOOKED_UP:
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, Person | Named):
                    yield field, each
