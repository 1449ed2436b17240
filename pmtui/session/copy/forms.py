"""The fields that the two ends of a copy have, for a table of them that no postmortem needs to be named for."""

from __future__ import annotations

from pmtui.backends.base import Backend, BackendError, SeveralDocuments, Trouble
from pmtui.model.fields import Field
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.query import Query
from pmtui.session.copy.copier import Copier

_TRIED = 5
"""Incidents of the first page whose postmortem is read, to find one that shows the fields."""
_OF_ONE = frozenset({Trouble.MISSING, Trouble.ANSWER, Trouble.INVALID})
"""Troubles of one postmortem, which the next one need not have."""


async def source_form(backend: Backend, copier: Copier, ref: str = "") -> tuple[Field, ...]:
    """The fields of the named postmortem, else of the first that can be read, else of a new one. Raises BackendError, OSError."""
    if ref:
        return (await copier.read(await _read(backend, await backend.find(ref)))).postmortem.form
    page = await backend.incidents(Query())
    for incident in [each for each in page.incidents if each.postmortem is not Existence.NONE][:_TRIED]:
        try:
            found = await _read(backend, incident)
        except BackendError as error:
            if error.trouble not in _OF_ONE:
                raise
            continue
        if found.id:
            return (await copier.read(found)).postmortem.form
    return await _of_new(backend)


async def target_form(backend: Backend, ref: str = "") -> tuple[Field, ...]:
    """The fields of the named incident's postmortem, else of a new one. Raises BackendError."""
    if not ref:
        return await _of_new(backend)
    found = await _read(backend, await backend.find(ref))
    return found.form if found.id else backend.begun(found).form


async def _read(backend: Backend, incident: Incident) -> Postmortem:
    try:
        return await backend.postmortem(incident)
    except SeveralDocuments as several:
        return await backend.postmortem(incident, several.documents[0].id)


async def _of_new(backend: Backend) -> tuple[Field, ...]:
    """The fields of a new postmortem: with those of its incident, where an import makes that, too."""
    try:
        form = await backend.import_form()
    except BackendError as error:
        if error.trouble is not Trouble.UNABLE:
            raise
        form = ()
    return backend.begun(Postmortem(Incident("", "", ""), form=form)).form
