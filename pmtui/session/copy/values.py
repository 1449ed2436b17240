"""Converts a value for a field of another kind or with other choices, and says what that field cannot hold. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pmtui.model.equality import same_value
from pmtui.model.fields import Field, Kind
from pmtui.model.values import Item, Link, Named, Person, Task, Value, key_of, label_of
from pmtui.session.copy.mapping import FieldMap

LOOKED_UP = frozenset({Kind.PERSON, Kind.PEOPLE, Kind.TEAMS, Kind.SERVICES, Kind.INCIDENTS})
"""Kinds whose items belong to the target: an item that is not found there cannot be set."""


@dataclass(frozen=True, slots=True)
class Taken:
    """``value`` is what the field gets, None for nothing; ``rest`` goes into the text; ``detail`` says what was changed."""

    value: Value = None
    rest: Value = None
    detail: str = ""


def taken(source: Field, value: Value, target: Field, mapping: FieldMap, found: Mapping[tuple[str, Item], Item]) -> Taken:
    """Convert a value for the target's field."""
    match target.kind:
        case Kind.TEXT | Kind.PROSE:
            return _text(value, target)
        case Kind.NUMBER | Kind.TIME:
            return Taken(value) if source.kind is target.kind else Taken(rest=value)
        case Kind.CHOICE:
            return _choice(source.name, value, target, mapping)
        case Kind.CHOICES:
            return _choices(source.name, value, target, mapping)
        case Kind.WORDS:
            return _words(value)
        case Kind.PERSON | Kind.PEOPLE:
            return _people(value, target, found)
        case Kind.LINKS:
            return Taken(value) if _all(value, Link) else Taken(rest=value)
        case Kind.TASKS:
            tasks = _tasks(value)
            return Taken(tuple(replace(each, id="") for each in tasks)) if tasks else Taken(rest=value)
    return _named(value, target, found)


def same(kind: Kind, one: Value, other: Value) -> bool:
    """Whether two values mean the same: times may be written differently, and new action items get ids."""
    if kind is Kind.TIME and isinstance(one, str) and isinstance(other, str):
        return one == other or (moment(one) is not None and moment(one) == moment(other))
    if kind is Kind.TASKS:
        return sorted(each.text for each in _tasks(one)) == sorted(each.text for each in _tasks(other))
    return same_value(one, other)


def joined(present: Value, new: Value) -> Value:
    """A list with the items of another that it lacks added."""
    if not isinstance(present, tuple) or not isinstance(new, tuple):
        return new
    known = {_identity(each) for each in present}
    both: tuple[Any, ...] = (*present, *(each for each in new if _identity(each) not in known))
    return both


def _identity(item: Item | str) -> str:
    return item.text if isinstance(item, Task) else key_of(item)


def moment(text: str) -> datetime | None:
    """A time with its zone, None for anything else."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else None


def _tasks(value: Value) -> list[Task]:
    return [each for each in value if isinstance(each, Task)] if isinstance(value, tuple) else []


def _all(value: Value, kind: type) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, kind) for each in value)


def _text(value: Value, target: Field) -> Taken:
    words = label_of(value)
    detail = "a list, as text" if not isinstance(value, str) else ""
    if target.kind is Kind.TEXT and "\n" in words:
        words, detail = " ".join(words.split()), "in one line"
    if target.max_length is not None and len(words) > target.max_length:
        short = words[: target.max_length - 1].rstrip() + "…"
        return Taken(short, words, f"shortened to {target.max_length} characters")
    return Taken(words, detail=detail)


def _choice(name: str, value: Value, target: Field, mapping: FieldMap) -> Taken:
    becomes = mapping.value(name, value, target) if isinstance(value, str) else None
    if not becomes:
        return Taken(rest=value)
    return Taken(becomes, detail="" if becomes == value else f"{value} → {becomes}")


def _choices(name: str, value: Value, target: Field, mapping: FieldMap) -> Taken:
    words = _labels(value)
    pairs = [(word, mapping.value(name, word, target)) for word in words]
    kept = tuple(becomes for _, becomes in pairs if becomes)
    rest = tuple(word for word, becomes in pairs if not becomes)
    return Taken(kept or None, rest or None, _changed((word, becomes) for word, becomes in pairs if becomes))


def _words(value: Value) -> Taken:
    return Taken(_labels(value), detail="" if isinstance(value, tuple) and all(isinstance(each, str) for each in value) else "as text")


def _labels(value: Value) -> tuple[str, ...]:
    return tuple(label_of(each) for each in value) if isinstance(value, tuple) else ((label_of(value),) if value else ())


def _people(value: Value, target: Field, found: Mapping[tuple[str, Item], Item]) -> Taken:
    people = [each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Person)]
    there_too = {each: there for each in people if isinstance(there := found.get((target.name, each)) or _as_written(each, target), Person)}
    known = list(there_too.items())
    strangers = tuple(each for each in people if each not in there_too)
    if target.kind is Kind.PERSON:
        if len(people) == 1 and known:
            return Taken(replace(known[0][1], role=""), detail=_renamed(known))
        return Taken(rest=value)
    takes_roles = bool(target.roles)
    kept = tuple(replace(there, role=each.role if takes_roles else "") for each, there in known)
    roles = tuple(each for each, _ in known if each.role and not takes_roles)
    details = [
        _renamed(known),
        "roles are in the text" if roles else "",
        "people not known there are in the text" if strangers else "",
    ]
    rest: tuple[Person, ...] = (*roles, *strangers)
    return Taken(kept or None, rest or None, "; ".join(filter(None, details if kept else details[:0])))


def _as_written(person: Person, target: Field) -> Person | None:
    """The person as a bare name for a field that takes any name; None for one that takes only known people."""
    return replace(person, id=person.email or person.label) if target.verbatim else None


def _named(value: Value, target: Field, found: Mapping[tuple[str, Item], Item]) -> Taken:
    if not _all(value, Named) or not isinstance(value, tuple):
        return Taken(rest=value)
    kept: list[Named] = []
    rest: list[Named] = []
    for each in value:
        there = found.get((target.name, each)) if isinstance(each, Named) else None
        if isinstance(there, Named):
            kept.append(there)
        elif isinstance(each, Named):
            kept += [Named(each.label, each.label)] if target.verbatim else []
            rest += [] if target.verbatim else [each]
    detail = "items not known there are in the text" if rest and kept else ""
    return Taken(tuple(kept) or None, tuple(rest) or None, detail)


def _renamed(known: Sequence[tuple[Person, Person]]) -> str:
    return _changed((each.label, there.label) for each, there in known)


def _changed(pairs: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{one} → {other}" for one, other in pairs if one != other)
