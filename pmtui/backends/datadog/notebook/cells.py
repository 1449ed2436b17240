"""Notebook cells as ours, and ours as the notebook that a PUT replaces. Pure.

A notebook's Markdown cells get new ids on every GET (vendor's CLI, issue 807, 2026-09), so ids mean nothing here: cells
of one reading are told apart by their place, and by what they say.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pmtui.backends.datadog.wire import Json, dig, moment, record, records, text, walk
from pmtui.model.postmortem import Cell, CellKind

MARKDOWN = "markdown"
TITLE_LIMIT = 80  # characters of a notebook's name (vendor's OpenAPI)

# What a PUT takes of a notebook beside its name, cells and time (vendor's OpenAPI); the server says more than that.
_WRITABLE = ("metadata", "template_variables", "status")
_WRITABLE_METADATA = ("is_template", "take_snapshots", "type")
_SPANS: Mapping[str, str] = {"m": "min", "h": "h", "d": "d", "w": "w", "mo": "months", "y": "y"}
_SHOWN = 60  # characters of a query


def cells_of(notebook: Json) -> tuple[Cell, ...]:
    """The cells of a notebook resource, in order, one for each."""
    raw = records(notebook, "attributes", "cells")
    span = dig(notebook, "attributes", "time")
    return tuple(_cell(f"c{number}", each, span) for number, each in enumerate(raw, 1))


def _cell(key: str, raw: Json, span: Any) -> Cell:
    definition = record(raw, "attributes", "definition")
    if is_markdown(raw):
        return Cell(key, definition["text"], CellKind.MARKDOWN, source_of(raw))
    return Cell(key, describe(raw, span), CellKind.OPAQUE, source_of(raw))


def is_markdown(raw: Json) -> bool:
    """Only what is surely text is edited; a Markdown cell without text is kept as it is."""
    definition = record(raw, "attributes", "definition")
    return definition.get("type") == MARKDOWN and isinstance(definition.get("text"), str)


def source_of(raw: Json) -> str:
    """The cell's JSON without its id: what is compared, and what a deleted cell can be put back from."""
    return json.dumps({name: value for name, value in raw.items() if name != "id"}, ensure_ascii=False, separators=(",", ":"))


def describe(raw: Json, span: Any = None) -> str:
    """One line on what a cell that cannot be edited shows: ``timeseries: p99:checkout.request{*}, last 4 h``."""
    definition = record(raw, "attributes", "definition")
    kind = text(definition, "type") or text(raw, "type") or "cell"
    what = text(definition, "title") or _query(definition) or text(definition, "url") or text(definition, "text")
    when = _when(dig(raw, "attributes", "time")) or (_when(span) if text(span, "live_span") else "")
    words = " ".join(what.split())
    shown = words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"
    return kind.replace("_", " ") + (f": {shown}" if shown else "") + (f", {when}" if when and shown else "")


def _query(definition: Json) -> str:
    """The first query in a widget's definition, wherever its type keeps it."""
    for each in walk(definition.get("requests")):
        for name in ("q", "query", "metric", "search"):
            found = dig(each, name)
            if isinstance(found, str) and found:
                return found
    return text(definition, "query")


def _when(span: Any) -> str:
    live = text(span, "live_span")
    if live:
        number, unit = live.rstrip("abcdefghijklmnopqrstuvwxyz_"), live.lstrip("0123456789")
        return f"last {number} {_SPANS[unit]}" if number and unit in _SPANS else live.replace("_", " ")
    start, end = text(span, "start"), text(span, "end")
    return f"{start[:16]} to {end[:16]}" if start and end else ""


def replacement(notebook: Json, server: Sequence[Cell], target: Sequence[Cell], name: str) -> Json:
    """The attributes of the PUT that makes ``target`` of ``notebook``, which is the latest GET.

    ``server`` are the cells of that very GET, perhaps under other keys. A cell that did not change goes back exactly as it
    came, an edited one with nothing but its text replaced; everything else stays that a PUT is documented to take.
    """
    attributes: Json = record(notebook, "attributes")
    kept = {key: attributes[key] for key in _WRITABLE if key in attributes}
    raw = {cell.key: each for cell, each in zip(server, records(attributes, "cells"), strict=True)}
    kept["cells"] = [_raw(cell, raw.get(cell.key)) for cell in target]
    kept["name"] = name
    kept["time"] = _time(attributes.get("time"))
    if isinstance(kept.get("metadata"), dict):
        kept["metadata"] = {key: kept["metadata"][key] for key in _WRITABLE_METADATA if key in kept["metadata"]}
    return kept


def _raw(cell: Cell, latest: Json | None) -> Json:
    if latest is not None and is_markdown(latest) == cell.editable:
        if source_of(latest) == cell.source if not cell.editable else latest["attributes"]["definition"]["text"] == cell.text:
            return latest
        if not cell.editable:  # the server made something else of it: put back
            return {**_made(cell), **({"id": latest["id"]} if "id" in latest else {})}
        edited = copy.deepcopy(latest)
        edited["attributes"]["definition"]["text"] = cell.text
        return edited
    return markdown_cell(cell.text) if cell.editable else _made(cell)


def _made(cell: Cell) -> Json:
    """An opaque cell out of its source."""
    made: Json = json.loads(cell.source)
    return made


def markdown_cell(content: str) -> Json:
    """A new Markdown cell, as the notebooks endpoint takes it: without an id."""
    return {"type": "notebook_cells", "attributes": {"definition": {"type": MARKDOWN, "text": content}}}


def _time(time: Any) -> Any:
    """A notebook's time as it was, but a start that is not before the end moves back: the server sends such, and refuses them."""
    start, end = text(time, "start"), text(time, "end")
    if not (start and end and moment(start) >= moment(end)):
        return time if isinstance(time, dict) else {"live_span": "1h"}
    return {**time, "start": (moment(end) - timedelta(seconds=1)).isoformat()}
