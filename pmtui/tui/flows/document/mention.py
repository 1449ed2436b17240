"""Asks by name whom an ``@`` in the text means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

from pmtui.model.fields import Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Person
from pmtui.tui.dialogs.picker import Found, Pick, Picker

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace


async def ask_whom(app: App[None], workspace: Workspace, postmortem: Postmortem, typed: str) -> Person | None:
    """The chosen person, None for escape. ``typed`` are the letters behind the ``@``."""

    async def search(text: str) -> Found:
        people = await workspace.suggest(Kind.PEOPLE, text, postmortem)
        return Found([Pick(person, person.label, person.email) for person in people if isinstance(person, Person)])

    answer = await app.push_screen_wait(Picker("Mention", search=search, typed=typed))
    return answer.value if isinstance(answer, Pick) and isinstance(answer.value, Person) else None
