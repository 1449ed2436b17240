"""From words on the command line to the value of a field, by its kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.output import say
from pmtui.config import suggestion
from pmtui.model.fields import Choice, Field, Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Item, Link, Named, Person, Task, Value, key_of, label_of
from pmtui.session.workspace import Workspace


class Values:
    """Reads values for one postmortem; people, teams and the like are looked up as the screens do."""

    def __init__(self, workspace: Workspace, postmortem: Postmortem) -> None:
        self._workspace = workspace
        self._postmortem = postmortem

    async def read(self, field: Field, sign: str, text: str) -> Value:
        """The value that the field shall have. Raises CommandError, BackendError."""
        if not field.kind.is_list:
            if sign:
                raise CommandError(f"{field.name} is no list: write {field.name}=VALUE")
            return await self._single(field, text)
        named = [await self._item(field, word) for word in (part.strip() for part in text.split(",")) if word]
        if not sign:
            return tuple(named)
        present = self._postmortem.fields.get(field.name) or ()
        assert isinstance(present, tuple)
        keys = {key_of(item) for item in named}
        others: list[Any] = [item for item in present if key_of(item) not in keys]
        return (
            tuple(others)
            if sign == "-"
            else (*present, *(item for item in named if key_of(item) not in {key_of(each) for each in present}))
        )

    async def _single(self, field: Field, text: str) -> Value:
        if not text:
            return None
        if field.kind is Kind.PERSON:
            item = await self._item(field, text)
            assert isinstance(item, Person)
            return item
        return _choice(field, text) if field.kind is Kind.CHOICE else text

    async def _item(self, field: Field, word: str) -> Any:
        """One item: a str for choices and words, a Person, Named, Link or Task for the others."""
        if field.kind is Kind.CHOICES:
            return _choice(field, word)
        if field.kind is Kind.WORDS:
            return word
        if field.kind is Kind.LINKS:
            return Link(word)
        if field.kind is Kind.TASKS:
            return Task("", word)
        return await self._looked_up(field, word)

    async def _looked_up(self, field: Field, word: str) -> Item:
        found = await self._workspace.suggest(field.kind, word, self._postmortem)
        exact = [item for item in found if word.casefold() in _names(item)]
        candidates = exact or list(found)
        if len(candidates) == 1:
            return candidates[0]
        if not candidates and field.verbatim:
            return Person(word) if field.kind in (Kind.PERSON, Kind.PEOPLE) else Named(word)
        said = f"{len(candidates)} match: {', '.join(map(label_of, candidates[:5]))}" if candidates else "nobody and nothing matches"
        raise CommandError(f"{field.name}: {word!r}: {said}", ExitCode.INVALID)


def _choice(field: Field, text: str) -> str:
    """The choice with this value or label. Where not all choices are known what was written, with a warning."""
    for choice in field.choices:
        if text.casefold() in (choice.value.casefold(), choice.label.casefold()):
            return choice.value
    if not field.choices:
        return text
    hint = suggestion(text, _known(field.choices))
    if not field.verbatim:
        raise CommandError(f"{field.name}: {text!r} is not possible{hint}", ExitCode.INVALID)
    say(f"{field.name}: {text!r} is not known here{hint}; the server decides")
    return text


def _known(choices: Sequence[Choice]) -> list[str]:
    return [choice.value for choice in choices]


def _names(item: Item) -> set[str]:
    names = {item.key, item.label, item.email} if isinstance(item, Person) else {item.key, item.label}
    return {name.casefold() for name in names if name}
