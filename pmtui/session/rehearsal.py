"""A dry run: collects the requests that a save would send, with the same code, on a backend that refuses writes."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Iterable

from pmtui.backends.base import Backend, RequestPreview, Step, Template, WriteRefused
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.session.review import Review, prepared


async def rehearse(backend: Backend, review: Review, left_out: Collection[str]) -> tuple[RequestPreview, ...]:
    """The requests that saving this review would send, in order; nothing is written. Raises BackendError."""
    ready = prepared(review, review.server, review.target, left_out, backend.plan)
    return await rehearse_steps(backend, review.server, ready.sent, ready.steps)


async def rehearse_creation(backend: Backend, incident: Incident, template: Template | None) -> RequestPreview:
    """The request that would create the postmortem. Further requests depend on its answer. Raises BackendError."""
    plain = RequestPreview("create", f"the postmortem of {incident.reference}")
    return (await _refused(backend.create(incident, template)) or plain) if backend.refuses_writes else plain


async def rehearse_import(backend: Backend, wanted: Postmortem) -> RequestPreview:
    """The request that would import the incident. Raises BackendError."""
    plain = RequestPreview("import", wanted.incident.title)
    return (await _refused(backend.import_incident(wanted)) or plain) if backend.refuses_writes else plain


async def rehearse_steps(backend: Backend, server: Postmortem, target: Postmortem, steps: Iterable[Step]) -> tuple[RequestPreview, ...]:
    """The requests of these steps, in order; nothing is written. Raises BackendError."""
    return tuple([await _request(backend, server, target, step) for step in steps])


async def rehearse_removal(backend: Backend, postmortem: Postmortem) -> RequestPreview:
    """The request that would delete the postmortem, or unlink it. Raises BackendError."""
    plain = RequestPreview("delete", postmortem.url or postmortem.id)
    return (await _refused(backend.remove(postmortem)) or plain) if backend.refuses_writes else plain


async def _request(backend: Backend, server: Postmortem, sent: Postmortem, step: Step) -> RequestPreview:
    method, _, path = step.request.partition(" ")
    if not backend.refuses_writes:
        return RequestPreview(method, path)
    return await _refused(backend.send(server, sent, step)) or RequestPreview(method, path)


async def _refused(writing: Awaitable[object]) -> RequestPreview | None:
    """The first request that the backend refused to write; None when there was none."""
    try:
        await writing
    except WriteRefused as refused:
        return refused.request
    return None
