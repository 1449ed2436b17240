"""Notebooks v1: where the text of a postmortem lives. A PUT replaces the whole document."""

from __future__ import annotations

import copy
from typing import Any

from pmtui.sandbox.datadog.answers import Answer, Refusal
from pmtui.sandbox.datadog.call import Call, Route
from pmtui.sandbox.datadog.notebooks.validation import checked
from pmtui.sandbox.datadog.rich_samples import Cell
from pmtui.sandbox.datadog.state import Record, State

METADATA = ("type", "is_template", "take_snapshots")  # what may be written of it
AUTHOR = ("name", "handle", "created_at", "email", "icon", "title", "verified", "disabled", "status")
MAX_COUNT = 1000


def _find(state: State, call: Call) -> Record:
    text = call.ids["notebook"]
    if not text.isdecimal():
        raise Refusal(400, f"Invalid notebook id: {text}")
    record = state.notebook(int(text))
    if record is None:
        raise Refusal(404, "Notebook not found")
    if "restricted" in record["quirks"]:
        raise Refusal(403, "Forbidden")
    if "rich_text" in record["quirks"] and state.switches.rich_text == "refuse":
        raise Refusal(400, "This notebook can not be read or edited with the API: it is a rich text notebook")
    return record


def _shown(state: State, record: Record, *, cells: bool = True) -> dict[str, Any]:
    author = state.users[record["author"]]["attributes"]
    attributes: dict[str, Any] = {
        "name": record["name"],
        "cells": copy.deepcopy(record["cells"]) if cells else [],
        "time": record["time"],
        "metadata": record["metadata"],
        "template_variables": record["template_variables"],
        "status": record["status"],
        "modified": record["modified"],
        "created": record["created"],
        "deleted": None,
        "tags": record["tags"],
        "author": {name: author[name] for name in AUTHOR},
    }
    if "rich_text" in record["quirks"] and state.switches.rich_text == "on":
        attributes["experience_type"] = "rich_text"
    return {"type": "notebooks", "id": record["id"], "attributes": attributes}


def _renew_ids(state: State, record: Record) -> None:
    """Give Markdown cells new ids at each read: the cells are a projection of the document (seen 2026-09)."""
    for cell in record["cells"]:
        if _is_markdown(cell):
            cell["id"] = state.new_cell_id()


def _is_markdown(cell: Cell) -> bool:
    return bool(cell["attributes"]["definition"]["type"] == "markdown")


def get(state: State, call: Call) -> Answer:
    """One notebook. By default its Markdown cells have new ids each time."""
    record = _find(state, call)
    if state.switches.cell_ids == "renew":
        _renew_ids(state, record)
    state.seen_notebooks[record["id"]] = record["modified"]
    return 200, {"data": _shown(state, record)}


def update(state: State, call: Call) -> Answer:
    """Replace the notebook; a cell that is not sent is gone."""
    record = _find(state, call)
    attributes = checked(call, state.switches.exploded_errors == "on")
    _refuse_conflict(state, record)
    present = {cell["id"] for cell in record["cells"]}
    if state.switches.stale_cell_ids == "refuse":
        _refuse_unknown(attributes["cells"], present)
    cells = [_stored(state, cell, present) for cell in attributes["cells"]]
    state.change_notebook(record)
    record |= {name: attributes[name] for name in ("name", "time", "template_variables") if name in attributes}
    record["cells"] = cells
    record["metadata"] = record["metadata"] | _metadata(attributes)
    record["modified"] = state.stamp()
    record["tags"] = ["human_edited"]
    _lose(state, record)
    state.seen_notebooks[record["id"]] = record["modified"]
    return 200, None if state.switches.lossy == "silent" else {"data": _shown(state, record)}


def _lose(state: State, record: Record) -> None:
    """Lose what cells cannot express of a rich text document when they are written back (not documented)."""
    cells: list[Cell] = record["cells"]
    match state.switches.lossy:
        case "widgets" | "silent":
            record["cells"] = [cell for cell in cells if _is_markdown(cell)]
        case "texts":
            first = next(cell for cell in cells if _is_markdown(cell))
            first["attributes"]["definition"]["text"] = "(this block cannot be shown)"
        case "order":
            record["cells"] = [*cells[1:], *cells[:1]]
        case "name":
            record["name"] = "Untitled"


def _refuse_conflict(state: State, record: Record) -> None:
    mode = state.switches.notebook_conflict
    moved = state.seen_notebooks.get(record["id"], record["modified"]) != record["modified"]
    if mode == "always" or (mode == "changed" and moved):
        raise Refusal(409, "Conflict")


def _refuse_unknown(cells: list[Cell], present: set[str]) -> None:
    for index, cell in enumerate(cells):
        if cell.get("id") and cell["id"] not in present:
            raise Refusal(400, f"API input validation failed: {{'cells': {{{index}: {{'id': ['Cell {cell['id']} does not exist']}}}}}}")


def _stored(state: State, cell: Cell, present: set[str]) -> Cell:
    """A cell as it is stored: a widget keeps its id if that exists; others get a new one."""
    kept: Cell = {"type": "notebook_cells", "attributes": copy.deepcopy(cell["attributes"])}
    if _is_markdown(kept) and state.switches.normalise == "on":
        definition = kept["attributes"]["definition"]
        definition["text"] = "\n".join(line.rstrip() for line in definition["text"].split("\n")).rstrip()
    known = cell.get("id") in present and not _is_markdown(kept)
    return kept | {"id": cell["id"] if known else state.new_cell_id()}


def _metadata(attributes: dict[str, Any]) -> dict[str, Any]:
    sent = attributes.get("metadata") or {}
    return {name: sent[name] for name in METADATA if name in sent}


def create(state: State, call: Call) -> Answer:
    """Make a notebook; the answer is 200, not 201."""
    attributes = checked(call, state.switches.exploded_errors == "on")
    record = new_notebook(state, attributes["name"], [], attributes["time"], _metadata(attributes).get("type"))
    record["metadata"] |= _metadata(attributes)
    record["template_variables"] = attributes.get("template_variables") or []
    record["cells"] = [_stored(state, cell, set()) for cell in attributes["cells"]]
    return 200, {"data": _shown(state, record)}


def new_notebook(state: State, name: str, cells: list[Cell], time: dict[str, Any], kind: str | None) -> Record:
    """Store a notebook of the caller's; its cells get ids."""
    now = state.stamp()
    record = {
        "id": state.new_notebook_id(),
        "name": name,
        "cells": [cell | {"id": state.new_cell_id()} for cell in cells],
        "time": time,
        "metadata": {"type": kind, "is_template": False, "take_snapshots": False, "is_favorite": False},
        "template_variables": [],
        "status": "published",
        "created": now,
        "modified": now,
        "tags": None,
        "author": state.me,
        "quirks": [],
    }
    state.add_notebook(record)
    return record


def list_(state: State, call: Call) -> Answer:
    """A page of the notebooks. `total_filtered_count` is the number of those on the page."""
    start, count = call.number("start", 0), call.number("count", 100, MAX_COUNT)
    records = [record for record in state.notebooks() if _wanted(state, record, call)]
    order = call.request.param("sort_field", "modified")
    if order not in ("modified", "name", "created"):
        raise Refusal(400, f"Invalid sort_field: {order}")
    records.sort(key=lambda record: str(record[order]), reverse=call.request.param("sort_dir", "desc") == "desc")
    page = records[start : start + count]
    with_cells = call.request.param("include_cells", "true") == "true"
    data = [_shown(state, record, cells=with_cells) for record in page]
    return 200, {"data": data, "meta": {"page": {"total_count": len(records), "total_filtered_count": len(data)}}}


def _wanted(state: State, record: Record, call: Call) -> bool:
    author = state.users[record["author"]]["attributes"]
    words = call.request.param("query").casefold()
    kind = call.request.param("type")
    wanted, unwanted = call.request.param("author_handle"), call.request.param("exclude_author_handle")
    return (
        (not wanted or author["handle"] == wanted)
        and (not unwanted or author["handle"] != unwanted)
        and (not kind or record["metadata"]["type"] == kind)
        and (not words or words in f"{record['name']} {author['name']} {author['handle']}".casefold())
        and (call.request.param("is_template", "false") == "true") == bool(record["metadata"]["is_template"])
    )


PATH = "/api/v1/notebooks"
ROUTES = (
    Route("GET", PATH, list_, "notebooks_read", bucket="notebooks_list"),
    Route("POST", PATH, create, "notebooks_write", bucket="notebooks_write"),
    Route("GET", f"{PATH}/{{notebook}}", get, "notebooks_read", bucket="notebooks"),
    Route("PUT", f"{PATH}/{{notebook}}", update, "notebooks_write", bucket="notebooks_write"),
)
