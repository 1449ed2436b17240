"""Finds the incident of a copy by its reference and title, where no search by title and time has it."""

from __future__ import annotations

from pmtui.backends.base import Backend, BackendError, Trouble
from pmtui.model.postmortem import Incident

_NOT_THERE = frozenset({Trouble.MISSING, Trouble.INVALID})


def is_same(found: Incident, about: Incident) -> bool:
    """Whether two incidents have the same reference and title."""
    return _is_called(found, about) and found.title.split() == about.title.split()


async def called_so(target: Backend, about: Incident) -> list[Incident]:
    """The incident with this reference at the target, if there is one. Raises BackendError."""
    try:
        found = await target.find(about.reference)
    except BackendError as error:
        if error.trouble not in _NOT_THERE:
            raise
        return []
    return [found] if _is_called(found, about) else []


async def takes_imports(target: Backend) -> bool:
    """Whether past incidents can be imported there. Raises BackendError."""
    try:
        await target.import_form()
    except BackendError as error:
        if error.trouble is not Trouble.UNABLE:
            raise
        return False
    return True


async def not_there(target: Backend, about: Incident) -> BackendError:
    """The error for an incident that the target neither has nor takes in: what was looked for, and what can be done."""
    said, advice = "it takes in no past incidents", "name the incident that it belongs to"
    try:
        await target.import_form()
    except BackendError as error:
        said, advice = error.said, error.advice
    looked = f"no incident that it could be copied to has its reference and title, or its title and start ({about.title}); {said}"
    return BackendError(Trouble.UNABLE, f"find the incident of {about.reference} at {target.identity.vendor}", looked, advice)


def _is_called(found: Incident, about: Incident) -> bool:
    return found.reference.casefold() == about.reference.casefold()
