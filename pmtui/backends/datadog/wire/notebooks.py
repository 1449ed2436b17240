"""Notebooks (API v1). Cells stay JSON: they go back as they came."""

from __future__ import annotations

from pmtui.backends.answer import Plain, Text, Told, Wire
from pmtui.backends.datadog.wire.values import Json, Resource, Stamp


class NotebookAttributes(Wire):
    """``cells`` and ``time`` go back byte for byte, and so does what else ``raw`` has that a PUT takes."""

    name: Told
    cells: list[Json]
    time: Json | None = None
    experience_type: Text = ""
    metadata: Json | None = None
    modified: Stamp = ""


class Notebook(Resource, Wire):
    """One notebook with its cells."""

    attributes: NotebookAttributes


class NotebookAnswer(Plain):
    """The answer to the GET or PUT of a notebook."""

    data: Notebook


class NotebookNameAttributes(Plain):
    """Its name alone."""

    name: Told


class NotebookName(Resource):
    """A notebook of a list that was asked for without cells."""

    attributes: NotebookNameAttributes


class Created(Plain):
    """The answer to what was made: at least its id."""

    data: Resource
