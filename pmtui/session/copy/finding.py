"""Finds the incident of a copy at its target."""

from __future__ import annotations

from pmtui.backends.base import Backend, BackendError, Trouble
from pmtui.model.fields import Field
from pmtui.model.incident import Incident
from pmtui.session.copy.carried import beginnings
from pmtui.session.copy.places import CopySource

_NOT_THERE = frozenset({Trouble.MISSING, Trouble.INVALID, Trouble.LOCAL})
"""A folder looks for parts of names, too, and says LOCAL of several: none is called so. Of two that are, ``create`` refuses the copy."""


class ImportForm:
    """The form of an import, asked for once, and whether the target takes imports at all."""

    def __init__(self, target: Backend) -> None:
        self.vendor = target.identity.vendor
        self._target = target
        self._known: tuple[Field, ...] | BackendError | None = None

    async def read(self) -> tuple[Field, ...]:
        """The fields that an import sets. Raises BackendError: UNABLE where there are no imports."""
        if self._known is None:
            try:
                self._known = await self._target.import_form()
            except BackendError as error:
                if error.trouble is not Trouble.UNABLE:
                    raise
                self._known = error
        if isinstance(self._known, BackendError):
            raise self._known
        return self._known

    async def is_there(self) -> bool:
        """Whether the target takes imports. Raises BackendError when that cannot be told."""
        try:
            await self.read()
        except BackendError as error:
            if error.trouble is not Trouble.UNABLE:
                raise
            return False
        return True


async def alike(target: Backend, form: ImportForm, source: CopySource) -> list[Incident]:
    """The incidents of the target that may be the source's: those with its title and start. Raises BackendError.

    In a target that keeps references as they are, those with its reference, too. Where none is found, the one with its reference
    and title, in a target that takes no imports; else the one with its id, because a file may be copied to where it came from.
    """
    about = source.postmortem.incident
    found = [each for began in beginnings(source.postmortem) for each in await target.namesakes(about.title, began)]
    if target.begins_incidents:
        found += [each for each in await _found(target, about.reference) if is_called(each, about)]
    elif not found and not await form.is_there():
        found = [each for each in await _found(target, about.reference) if is_same(each, about)]
    elif not found and source.vendor == target.identity.vendor:
        found = [each for each in await _found(target, about.id) if each.id == about.id]
    return list({each.id: each for each in found}.values())


def is_called(found: Incident, about: Incident) -> bool:
    """Whether two incidents have the same reference."""
    return found.reference.casefold() == about.reference.casefold()


def is_same(found: Incident, about: Incident) -> bool:
    """Whether two incidents have the same reference and title."""
    return is_called(found, about) and found.title.split() == about.title.split()


async def check_imports(form: ImportForm, about: Incident) -> None:
    """Raises BackendError where an incident that is not there cannot be imported: what was looked for, and what can be done."""
    try:
        await form.read()
    except BackendError as error:
        if error.trouble is not Trouble.UNABLE:
            raise
        tried = f"find the incident of {about.reference} at {form.vendor}"
        said = f"no other incident there has its reference and title, or its title and start; {error.said}"
        raise BackendError(Trouble.UNABLE, tried, said, error.advice) from None


async def _found(target: Backend, ref: str) -> list[Incident]:
    try:
        return [await target.find(ref)]
    except BackendError as error:
        if error.trouble not in _NOT_THERE:
            raise
        return []
