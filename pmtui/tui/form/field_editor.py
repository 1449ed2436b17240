"""Edits fields that are not typed into their row: opens the dialog for the field's kind, and puts the answer into the session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from textual.app import App

from pmtui.backends.base import Some
from pmtui.formats.typed_link import has_site, in_full, key_alone, link_to, links_in
from pmtui.formats.typed_name import called_so
from pmtui.model.fields import Field, Kind
from pmtui.model.validation import link_problem
from pmtui.model.values import Item, Link, Named, Person, Task, Value, key_of, label_of
from pmtui.session.session import Session
from pmtui.session.workspace import Workspace
from pmtui.threads import in_thread
from pmtui.tui.dialogs.picker import Found, Pick, Picker, Search, Typed
from pmtui.tui.dialogs.prompt import Prompt
from pmtui.tui.form.rows import REMOVED, Row, choice_text
from pmtui.tui.form.task_edit import edit_task
from pmtui.tui.form.unknown import Name, name_of, named_in, names_of

Typing = Callable[[Item | str], None]
"""Called at each key with the item that the text gives."""


class FieldEditor:
    """Opens the dialog for the kind of a field, and passes its answer to the session."""

    def __init__(self, app: App[None], workspace: Workspace) -> None:
        self._app, self._workspace = app, workspace
        self.unknown: frozenset[Name] = frozenset()
        """What was typed, and nothing here is called so, as the backend said when it was asked last."""

    def _typed(self, kind: Kind, typed: Typed) -> str:
        """The text that was typed, and not chosen."""
        if typed.unknown:
            self.unknown |= {name_of(kind, typed.text)}
        return typed.text

    async def change(self, session: Session, row: Row) -> str | None:
        """Change the field or item of this row. Returns the key of the changed item ("" for a field), None for escape."""
        field, current = row.field, session.mine.fields.get(row.field.name)
        if row.mark == REMOVED:
            session.set_field(field.name, self.toggled(session, row))
            return row.item
        if field.kind.is_list:
            return await self._change_list(session, row, _items(current))
        value = await self._changed(session, field, current)
        if isinstance(value, Escaped):
            return None
        session.set_field(field.name, value)
        return ""

    def toggled(self, session: Session, row: Row) -> Value:
        """The list without the item of this row; an item that was removed is put back in its place."""
        base = _items(session.base.fields.get(row.field.name))
        now = _items(session.mine.fields.get(row.field.name))
        if row.mark != REMOVED:
            return _list_of([item for item in now if key_of(item) != row.item])
        wanted = {key_of(item) for item in now} | {row.item}
        known = {key_of(item): item for item in now}
        kept = [known.get(key_of(item), item) for item in base if key_of(item) in wanted]
        return _list_of([*kept, *(item for item in now if item not in kept)])

    def ticked(self, session: Session, row: Row) -> Value:
        """The action items with this one's done state inverted."""
        now = _items(session.mine.fields.get(row.field.name))
        return _list_of([replace(item, done=not item.done) if isinstance(item, Task) and item.key == row.item else item for item in now])

    # ---- one value ----------------------------------------------------------------------------------------------
    async def _changed(self, session: Session, field: Field, current: Value) -> Value | Escaped:
        if field.kind is Kind.CHOICE:
            return await self._choice(field, current)
        if field.kind is Kind.PERSON:
            return await self._person(session, field, current)
        return await self._text(session, field, current)

    async def _text(self, session: Session, field: Field, current: Value) -> Value | Escaped:
        """Edit a text. Each key is in the draft at once, also after escape; ``revert`` undoes that."""
        prompt = Prompt(field.label, label_of(current), lines=True, typed=partial(session.set_field, field.name))
        text = await self._app.push_screen_wait(prompt)
        return Escaped() if text is None else text

    async def _choice(self, field: Field, current: Value) -> Value | Escaped:
        picks = _choices(field)
        if isinstance(current, str) and current and all(pick.value != current for pick in picks):
            picks.insert(0, Pick(current, current, "not in the vendor's list"))
        picker = Picker(field.label, picks, current=current, verbatim=field.verbatim or not picks)
        answer = await self._app.push_screen_wait(picker)
        if answer is None:
            return Escaped()
        return answer.text if isinstance(answer, Typed) else str(answer.value)

    async def _person(self, session: Session, field: Field, current: Value) -> Value | Escaped:
        nobody = [] if field.required or current is None else [Pick(None, "nobody")]
        answer = await self._app.push_screen_wait(
            Picker(field.label, nobody, search=self._search(session, Kind.PERSON), verbatim=field.verbatim, current=current)
        )
        if answer is None:
            return Escaped()
        if isinstance(answer, Typed):
            return Person(self._typed(field.kind, answer))
        return answer.value if isinstance(answer.value, Person) else None

    # ---- lists ------------------------------------------------------------------------------------------
    async def _change_list(self, session: Session, row: Row, now: Sequence[Item | str]) -> str | None:
        """Edit a list. Each key is in the draft at once; escape restores the earlier list."""
        name = row.field.name
        before = next((item for item in now if key_of(item) == row.item), None)
        after = await self._edited(session, row.field, before, now, lambda item: session.set_field(name, _with(now, before, item)))
        session.set_field(name, _list_of(now) if after is None else _with(now, before, after))
        stays = before is None and row.field.kind is not Kind.TASKS  # the row that adds another one
        return None if after is None else row.item if stays else key_of(after)

    async def _edited(
        self, session: Session, field: Field, before: Item | str | None, now: Sequence[Item | str], typing: Typing
    ) -> Item | str | None:
        """The new item, or the changed ``before``; None for escape."""
        match field.kind:
            case Kind.LINKS:
                return await self._link(session, before if isinstance(before, Link) else Link(""), typing)
            case Kind.TASKS:
                old = before if isinstance(before, Task) else Task("", "")
                return await edit_task(self._app, old, self._search(session, Kind.PEOPLE), typing, partial(self._typed, Kind.PEOPLE))
            case Kind.PEOPLE:
                return await self._responder(session, field, before, now)
            case Kind.CHOICES | Kind.WORDS:
                return await self._word(session, field, before, now)
            case _:
                return await self._named(session, field, now)

    async def _link(self, session: Session, old: Link, typing: Typing) -> Link | None:
        known, site = links_in(session.base, session.mine), self._workspace.issue_site
        if not has_site(known, site):
            known = await in_thread(self._workspace.links_seen)

        def made(text: str) -> Link:
            return link_to(in_full(text, (each for each in known if each != old), site))

        title = "Address of the linked issue, or its key" if has_site(known, site) else "Address of the linked issue"
        prompt = Prompt(
            title,
            old.url,
            check=lambda text: key_alone(made(text).url) or link_problem(made(text).url),
            typed=lambda text: typing(made(text)),
        )
        url = await self._app.push_screen_wait(prompt)
        if not url or not url.strip():
            return None
        return old if url.strip() == old.url else made(url)

    async def _responder(self, session: Session, field: Field, before: Item | str | None, now: Sequence[Item | str]) -> Person | None:
        """Ask for a person, then for the role; escape at the role returns to the person. Of somebody in the list only the role."""
        while True:
            person = before if isinstance(before, Person) and field.roles else await self._who(session, field, now)
            if person is None or not field.roles:
                return person
            held = {other.role: other.label for other in now if isinstance(other, Person) and other is not before}
            roles = [Pick(role, role, f"{held[role]} has it" if role in held else "") for role in field.roles]
            free = next((role for role in field.roles if role not in held), None)  # enter makes no second commander
            picker = Picker(f"Role of {person.label}", roles, verbatim=True, current=person.role or free)
            answer = await self._app.push_screen_wait(picker)
            if answer is not None:
                return replace(person, role=answer.text if isinstance(answer, Typed) else str(answer.value))
            if before is not None:
                return None

    async def _who(self, session: Session, field: Field, now: Sequence[Item | str]) -> Person | None:
        search = self._search(session, Kind.PEOPLE, now)
        answer = await self._app.push_screen_wait(Picker(f"{field.label}: who", search=search, verbatim=field.verbatim))
        if isinstance(answer, Typed):
            return Person(self._typed(field.kind, answer))
        return answer.value if answer is not None and isinstance(answer.value, Person) else None

    async def _word(self, session: Session, field: Field, before: Item | str | None, now: Sequence[Item | str]) -> str | None:
        picks = [pick for pick in _choices(field) if pick.value not in now]
        search = None if field.choices else self._search(session, field.kind, now, before)
        typed = before if isinstance(before, str) and not field.choices else ""
        verbatim = field.verbatim or not field.choices
        free = field.kind is Kind.WORDS
        picker = Picker(field.label, picks, search=search, verbatim=verbatim, typed_first=free, typed=typed)
        answer = await self._app.push_screen_wait(picker)
        if answer is None:
            return None
        return answer.text if isinstance(answer, Typed) else str(answer.value)

    async def _named(self, session: Session, field: Field, now: Sequence[Item | str]) -> Named | None:
        search = self._search(session, field.kind, now)
        answer = await self._app.push_screen_wait(Picker(field.label, search=search, verbatim=field.verbatim))
        if isinstance(answer, Typed):
            return Named(self._typed(field.kind, answer), answer.text)
        return answer.value if answer is not None and isinstance(answer.value, Named) else None

    def _search(self, session: Session, kind: Kind, now: Sequence[Item | str] = (), before: Item | str | None = None) -> Search:
        """Ask the backend, without the items that are in the list already; ``before`` is the one that is changed."""
        listed, there = {key_of(item) for item in now}, [item for item in now if item is not before]

        async def search(text: str) -> Found:
            found = await self._workspace.suggest(kind, text, session.mine)
            self.unknown = frozenset(each for each in self.unknown if each.kind is not named_in(kind) or not called_so(found, each.text))
            new = [item for item in found if key_of(item) not in listed]
            picks = [Pick(item, label_of(item), item.email if isinstance(item, Person) else "") for item in new]
            return Found(picks, there, self._shown(session, kind), is_all=not isinstance(found, Some))

        return search

    def _shown(self, session: Session, kind: Kind) -> list[Item | str]:
        """What the form shows of this kind, and the backend knows."""
        fields = [field for field in session.mine.form if named_in(field.kind) is named_in(kind)]
        items = [item for field in fields for item in names_of(session.mine.fields.get(field.name))]
        return [item for item in items if name_of(kind, key_of(item)) not in self.unknown]


class Escaped:
    """The user went back, and nothing changes. (None is a value: nobody.)"""


def _with(now: Sequence[Item | str], before: Item | str | None, after: Item | str) -> Value:
    """The list with ``after`` in place of ``before``, at the end when that is None; without duplicates."""
    others = [after if item is before else item for item in now if item is before or key_of(item) != key_of(after)]
    return _list_of(others if before is not None else [*others, after])


def _choices(field: Field) -> list[Pick]:
    return [Pick(choice.value, choice_text(choice), choice.hint) for choice in field.choices]


def _items(value: Value) -> tuple[Item | str, ...]:
    return value if isinstance(value, tuple) else ()


def _list_of(items: Sequence[Item | str]) -> Value:
    """The items as a list of one type: words, or items with an id."""
    words = tuple(item for item in items if isinstance(item, str))
    return words if len(words) == len(items) else tuple(item for item in items if not isinstance(item, str))
