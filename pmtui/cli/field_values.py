"""Reads the value of a field from the command line, by the field's kind."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pmtui.cli.editing.items import TaskWords, task_words, who_and_role
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.output import say
from pmtui.config import suggestion
from pmtui.formats.typed_link import has_site, in_full, key_alone, link_to, links_in
from pmtui.formats.typed_name import called_so, the_one
from pmtui.formats.typed_time import as_kept
from pmtui.model.fields import Choice, Field, Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Item, Link, Named, Person, Task, Value, key_of, label_of
from pmtui.session.workspace import Workspace

MOST_NEAR = 5
"""How many near matches an error names at most."""
_QUOTED = 80  # characters of what was typed, in an error


class Values:
    """Reads values for one postmortem. People, teams and the like are looked up as in the screens."""

    def __init__(self, workspace: Workspace, postmortem: Postmortem) -> None:
        self._workspace = workspace
        self._postmortem = postmortem

    async def read(self, field: Field, before: Value, sign: str, text: str) -> Value:
        """The new value of the field, whose current value is ``before``. Raises CommandError, BackendError."""
        if not field.kind.is_list:
            if sign:
                raise CommandError(f"{field.name} is not a list: write {field.name}=VALUE")
            return await self._single(field, text)
        words = split(text)
        present = before or ()
        assert isinstance(present, tuple)
        if sign == "-":
            gone = {key_of(_named_so(field, word, present)) for word in words}
            return tuple(item for item in present if key_of(item) not in gone)  # type: ignore[return-value]  # of one kind, as before
        if sign == "~":
            return await self._changed(field, words, present)
        named = [await self._item(field, word) for word in words]
        if not sign:
            return tuple(named)
        roles = {item.key: item for item in named if isinstance(item, Person) and item.role}
        kept = [roles.get(key_of(item), item) for item in present]  # a person already in the list gets the new role
        known = {key_of(item) for item in present}
        return (*kept, *(item for item in named if key_of(item) not in known))

    async def _single(self, field: Field, text: str) -> Value:
        if not text:
            return None
        if field.kind is Kind.PERSON:
            item = await self._item(field, text)
            assert isinstance(item, Person)
            return item
        if field.kind is Kind.TIME:
            return as_kept(text, datetime.now(UTC))
        return _choice(field, text) if field.kind is Kind.CHOICE else text

    async def _item(self, field: Field, word: str) -> Any:
        """One item: a str for choices and words, a Person, Named, Link or Task for the others."""
        if field.kind is Kind.CHOICES:
            return _choice(field, word)
        if field.kind is Kind.WORDS:
            return word
        if field.kind is Kind.LINKS:
            return self._link(word)
        if field.kind is Kind.TASKS:
            said = await self._task_words(field, word)
            return said.applied(Task("", said.text))
        if field.kind is Kind.PEOPLE:
            return await self._person(field, word)
        return await self._looked_up(field, word)

    def _link(self, word: str) -> Link:
        """An address as it is; the key of an issue as the address on the site of the others."""
        known, site = links_in(self._postmortem), self._workspace.issue_site
        address = in_full(word, known if has_site(known, site) else self._workspace.links_seen(), site)
        if why := key_alone(address):
            raise CommandError(f"{word}: {why}, or set issue_site in the profile", ExitCode.INVALID)
        return link_to(address) if address != word else Link(word)

    async def _person(self, field: Field, word: str) -> Item:
        """A person, with the role given in parentheses. Raises CommandError where roles cannot be set."""
        who, role = who_and_role(word)
        found = await self._looked_up(field, who)
        if role and not field.roles:
            raise CommandError(f"{field.name}: {word!r}: roles cannot be set here; write {who!r}", ExitCode.INVALID)
        known = next((each for each in field.roles if each.casefold() == role.casefold()), role)
        return replace(found, role=known) if isinstance(found, Person) and role else found

    async def _changed(self, field: Field, words: Sequence[str], present: Sequence[Item | str]) -> Value:
        """The list with the named items changed in place. Raises CommandError."""
        items: dict[str, Any] = {key_of(item): item for item in present}
        for word in words:
            if field.kind is Kind.TASKS:
                said = await self._task_words(field, word)
                old = _named_so(field, said.text, present)
                assert isinstance(old, Task)
                items[old.key] = said.applied(items[old.key])
            elif field.kind is Kind.PEOPLE:
                person = await self._person(field, word)
                items[_named_so(field, key_of(person), present).key] = person  # type: ignore[union-attr]  # a list of people
            else:
                raise CommandError(f"{field.name}: ~= changes people and action items; take the item away with -= and add it with +=")
        return tuple(items.values())

    async def _task_words(self, field: Field, word: str) -> TaskWords:
        """Read an action item, its owners as the vendor identifies them. Raises CommandError."""
        try:
            said = task_words(word, datetime.now(UTC).date())
        except ValueError as error:
            raise CommandError(f"{field.name}: {word!r}: {error}", ExitCode.INVALID) from None
        come = [await self._owner(field, handle) for handle in said.come]
        return replace(said, come=tuple(come), gone=tuple([await self._owner(field, handle) for handle in said.gone]))

    async def _owner(self, field: Field, handle: str) -> str:
        """The e-mail address for ``@jane`` when one person matches; an address, or a handle that nobody matches, as it is."""
        name = handle.removeprefix("@")
        if "@" in name:
            return handle
        people = [each for each in await self._workspace.suggest(Kind.PEOPLE, name, self._postmortem) if isinstance(each, Person)]
        meant = the_one(people, name)
        if people and meant is None:
            listed = ", ".join(each.email or each.label for each in people[:MOST_NEAR])
            raise CommandError(f"{field.name}: {handle}: {len(people)} match: {listed}; write @ and the e-mail address", ExitCode.INVALID)
        return f"@{meant.email}" if meant is not None and meant.email else handle

    async def _looked_up(self, field: Field, word: str) -> Item:
        found = await self._workspace.suggest(field.kind, word, self._postmortem)
        meant = the_one(found, word)
        if meant is not None:
            return meant
        candidates = called_so(found, word) or list(found)
        if not candidates and field.verbatim:
            return Person(word) if field.kind in (Kind.PERSON, Kind.PEOPLE) else Named(word)
        said = f"{len(candidates)} match: {', '.join(map(_told, candidates[:MOST_NEAR]))}" if candidates else _no_match(field.kind)
        raise CommandError(f"{field.name}: {word!r}: {said}", ExitCode.INVALID)


def _no_match(kind: Kind) -> str:
    people = kind in (Kind.PERSON, Kind.PEOPLE)
    return f"no match; write a part of the name, {'the e-mail address ' if people else ''}or the id"


def split(text: str) -> list[str]:
    """Split a list at its commas. An item with a comma is quoted as in CSV: ``a,"b, c"``."""
    rows = csv.reader([text], skipinitialspace=True, strict=True)
    try:
        words = next(rows, [])
    except csv.Error:
        raise CommandError(
            f'{text[:_QUOTED]}: a quote is not closed; write an item that holds a comma as "a, b", and " itself as ""'
        ) from None
    return [word.strip() for word in words if word.strip()]


def _named_so(field: Field, word: str, present: Sequence[Item | str]) -> Item | str:
    """The one item of the list with this id, label or other name.

    Raises CommandError when no item, or more than one, has it.
    """
    names = {id(item): _names(item) for item in present}
    by_key = [item for item in present if key_of(item) == word]
    found = by_key or [item for item in present if word.casefold() in names[id(item)]]
    if len(found) == 1:
        return found[0]
    if found:
        said = f"matches {len(found)} items, name one by its id: {', '.join(map(_told, found[:MOST_NEAR]))}"
    else:
        said = f"is not in the list{_near(word, present)}"
    raise CommandError(f"{field.name}: {word!r} {said}", ExitCode.INVALID)


def _near(word: str, present: Sequence[Item | str]) -> str:
    if not present:
        return ", which is empty"
    labels = {label_of(item).casefold(): item for item in present}
    near = difflib.get_close_matches(word.casefold(), labels, MOST_NEAR, cutoff=0.4)
    offered = [labels[each] for each in near] or list(present[:MOST_NEAR])
    return f"; {'near' if near else 'it has'}: {', '.join(map(_told, offered))}"


def _told(item: Item | str) -> str:
    """An item in an error message: its label, and its key when that differs."""
    label, key = label_of(item), key_of(item)
    return label if label == key else f"{label} ({key})"


def _choice(field: Field, text: str) -> str:
    """The choice with this value or label. Where not all choices are known, the text itself, with a warning."""
    for choice in field.choices:
        if text.casefold() in (choice.value.casefold(), choice.label.casefold()):
            return choice.value
    if not field.choices:
        return text
    hint = suggestion(text, _known(field.choices))
    if not field.verbatim:
        raise CommandError(f"{field.name}: {text!r} is not one of the choices{hint}", ExitCode.INVALID)
    say(f"{field.name}: {text!r} is not known here{hint}; the server decides")
    return text


def _known(choices: Sequence[Choice]) -> list[str]:
    return [choice.value for choice in choices]


def _names(item: Item | str) -> set[str]:
    """All names of an item, case-folded."""
    if isinstance(item, str):
        return {item.casefold()}
    names = {item.key, item.label}
    if isinstance(item, Person):
        names |= {item.email, *([f"{item.label} ({item.role})"] if item.role else [])}
    return {name.casefold() for name in names if name}
