"""Converts notebook cells to ours, and builds the notebook for a PUT. Pure.

A notebook's Markdown cells get new ids on every GET (vendor's CLI, issue 807, 2026-09), so ids are ignored: cells of one
reading are identified by their place and content.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pmtui.backends.answer import Json
from pmtui.backends.datadog.wire.notebooks import Notebook
from pmtui.backends.datadog.wire.values import leaf, moment, walk
from pmtui.model.postmortem import Cell, CellKind

MARKDOWN = "markdown"
TITLE_LIMIT = 80  # characters of a notebook's name (vendor's OpenAPI)

# What a PUT accepts besides name, cells and time (vendor's OpenAPI); the server sends more than that.
_WRITABLE = ("metadata", "template_variables", "status")
_WRITABLE_METADATA = ("is_template", "take_snapshots", "type")
_SPANS: Mapping[str, str] = {"m": "min", "h": "h", "d": "d", "w": "w", "mo": "months", "y": "y"}
_SHOWN = 60  # characters of a query
_WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # made once: a notebook may have thousands of cells


def cells_of(notebook: Notebook) -> tuple[Cell, ...]:
    """The cells of a notebook, in order."""
    attributes = notebook.attributes
    return tuple(_cell(f"c{number}", each, attributes.time) for number, each in enumerate(attributes.cells, 1))


def _cell(key: str, raw: Json, span: Any) -> Cell:
    if is_markdown(raw):
        return Cell(key, _definition(raw)["text"], CellKind.MARKDOWN, source_of(raw))
    timed = _timed(raw, span)
    return Cell(key, describe(timed), CellKind.OPAQUE, source_of(timed))


def _timed(raw: Json, span: Any) -> Json:
    """A graph with its period: one without a period of its own shows the notebook's, which another notebook does not have."""
    attributes = raw.get("attributes")
    if not isinstance(attributes, dict) or "time" not in attributes or attributes["time"] is not None or not isinstance(span, dict):
        return raw
    return {**raw, "attributes": {**attributes, "time": _time(span)}}


def _definition(raw: Json) -> Json:
    """A cell's definition, {} when it has none: then the cell is opaque."""
    attributes = raw.get("attributes")
    definition = attributes.get("definition") if isinstance(attributes, dict) else None
    return definition if isinstance(definition, dict) else {}


def is_markdown(raw: Json) -> bool:
    """Whether a cell is a Markdown cell with a text. Any other cell is opaque."""
    definition = _definition(raw)
    return definition.get("type") == MARKDOWN and isinstance(definition.get("text"), str)


def source_of(raw: Json) -> str:
    """The cell's JSON without its id, for comparing, and for restoring a deleted cell."""
    return _WRITTEN.encode({name: value for name, value in raw.items() if name != "id"})


def describe(raw: Json) -> str:
    """One line that describes an opaque cell: ``timeseries: p99:checkout.request{*}, last 4 h``."""
    definition = _definition(raw)
    kind = leaf(definition, "type") or leaf(raw, "type") or "cell"
    what = leaf(definition, "title") or _query(definition) or leaf(definition, "url") or leaf(definition, "text")
    when = _when(raw["attributes"].get("time")) if isinstance(raw.get("attributes"), dict) else ""
    words = " ".join(what.split())
    shown = words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"
    return kind.replace("_", " ") + (f": {shown}" if shown else "") + (f", {when}" if when and shown else "")


def _query(definition: Json) -> str:
    """The first query in a widget's definition; its place depends on the widget's type."""
    for each in walk(definition.get("requests")):
        for name in ("q", "query", "metric", "search"):
            found = each.get(name) if isinstance(each, dict) else None
            if isinstance(found, str) and found:
                return found
    return leaf(definition, "query")


def _when(span: Any) -> str:
    """The period of a graph that moves with the clock, "" of one that stands still: mostly that of the incident."""
    live = leaf(span, "live_span")
    number, unit = live.rstrip("abcdefghijklmnopqrstuvwxyz_"), live.lstrip("0123456789")
    return f"last {number} {_SPANS[unit]}" if number and unit in _SPANS else live.replace("_", " ")


def replacement(notebook: Notebook, server: Sequence[Cell], target: Sequence[Cell], name: str) -> Json:
    """The attributes of the PUT that turns ``notebook``, the latest GET, into ``target``.

    ``server`` are the cells of the same GET, perhaps with other keys. An unchanged cell goes back exactly as it came, an
    edited one with only its text replaced. Everything else that a PUT is documented to accept stays.
    """
    attributes = notebook.attributes
    kept = {key: attributes.raw[key] for key in _WRITABLE if key in attributes.raw}
    raw = {cell.key: each for cell, each in zip(server, attributes.cells, strict=True)}
    kept["cells"] = [_raw(cell, raw.get(cell.key), attributes.time) for cell in target]
    kept["name"] = name
    kept["time"] = _time(attributes.time)
    if isinstance(kept.get("metadata"), dict):
        kept["metadata"] = {key: kept["metadata"][key] for key in _WRITABLE_METADATA if key in kept["metadata"]}
    return kept


def _raw(cell: Cell, latest: Json | None, span: Any) -> Json:
    if latest is not None and is_markdown(latest) == cell.editable:
        if _is_as_it_was(cell, latest, span):
            return latest
        if not cell.editable:  # the server changed it: restore it
            return {**_made(cell), **({"id": latest["id"]} if "id" in latest else {})}
        edited = copy.deepcopy(latest)
        edited["attributes"]["definition"]["text"] = cell.text
        return edited
    return markdown_cell(cell.text) if cell.editable else _made(cell)


def _is_as_it_was(cell: Cell, latest: Json, span: Any) -> bool:
    if cell.editable:
        return bool(latest["attributes"]["definition"]["text"] == cell.text)
    return cell.source in (source_of(latest), source_of(_timed(latest, span)))


def _made(cell: Cell) -> Json:
    """A cell from the source of an opaque cell."""
    made: Json = json.loads(cell.source)
    return made


def markdown_cell(content: str) -> Json:
    """A new Markdown cell for the notebooks endpoint, without an id."""
    return {"type": "notebook_cells", "attributes": {"definition": {"type": MARKDOWN, "text": content}}}


def _time(time: Json | None) -> Json:
    """A notebook's time, unchanged unless its start is not before its end: the server sends such times, but refuses them.

    A PUT requires a time; without one it is the last hour.
    """
    if time is None:
        return {"live_span": "1h"}
    start, end = moment(time.get("start")), moment(time.get("end"))
    if start is None or end is None or start < end:
        return time
    return {**time, "start": (end - timedelta(seconds=1)).isoformat()}
