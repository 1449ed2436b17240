"""Notebooks (API v1). Cells stay JSON, because they go back unchanged."""

from __future__ import annotations

from pmtui.backends.answer import Plain, Text, Told, Wire
from pmtui.backends.datadog.wire.values import Json, Resource


class NotebookAttributes(Wire):
    """``cells`` and ``time`` go back unchanged, and so does everything in ``raw`` that a PUT accepts."""

    name: Told
    cells: list[Json]
    time: Json | None = None
    experience_type: Text = ""
    metadata: Json | None = None


class Notebook(Resource, Wire):
    """One notebook with its cells."""

    attributes: NotebookAttributes


class NotebookAnswer(Plain):
    """The answer to the GET or PUT of a notebook."""

    data: Notebook


class NotebookNameAttributes(Plain):
    """The name of a notebook."""

    name: Told


class NotebookName(Resource):
    """A notebook of a list without cells."""

    attributes: NotebookNameAttributes


class Created(Plain):
    """The answer to a creation: at least an id."""

    data: Resource
