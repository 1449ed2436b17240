"""Create a postmortem: a document from a template, from cells or from text, and the attachment that points to it.

The endpoint is a preview (documented 2026, not recorded): not idempotent, every attribute optional. The document
lives where the template says; without a template it is a notebook.
"""

from __future__ import annotations

import re
from typing import Any

from pmtui.sandbox.datadog import scenario
from pmtui.sandbox.datadog.answers import RAPID, Answer, Refusal
from pmtui.sandbox.datadog.call import Call, Route, mapped
from pmtui.sandbox.datadog.incidents.attachments import KIND, answer, attach
from pmtui.sandbox.datadog.notebooks.cells import markdown
from pmtui.sandbox.datadog.notebooks.notebooks import new_notebook
from pmtui.sandbox.datadog.notebooks.validation import NAME_LIMIT
from pmtui.sandbox.datadog.rich_samples import Cell
from pmtui.sandbox.datadog.state import Record, State

HOMES = {"datadog_notebooks": "notebook", "confluence": "confluence", "google_docs": "google_docs"}
LEFT_ALONE = ("card", "timeline", "follow-ups")  # live blocks; the page draws them


def create(state: State, call: Call) -> Answer:
    """Create the document and the attachment that points to it."""
    record = call.rapid_incident(state)
    attributes = call.attributes(KIND)
    for name in ("title", "content", "postmortem_template_id"):
        if not isinstance(attributes.get(name, ""), str):
            raise Refusal(400, f"{name} must be a string", pointer=f"/data/attributes/{name}")
    template = _template(state, attributes.get("postmortem_template_id", ""))
    home = HOMES[template["attributes"]["location"]] if template else "notebook"
    title = attributes.get("title") or f"Postmortem {record['fields']['slug']['value']}"
    cells = _cells(state, record, attributes, template)
    if home == "notebook":
        number = new_notebook(state, title[:NAME_LIMIT], cells, {"live_span": "1h"}, "postmortem")["id"]
    else:
        number = state.new_notebook_id()
    item = attach(state, record, "postmortem", title, scenario.document_url(home, state.switches.site, number, title), _nanoseconds(state))
    return answer(state, record, item, 201)


def _nanoseconds(state: State) -> str:
    """Right after creation the date has nine digits."""
    return state.stamp().replace("+00:00", "001Z")


def _template(state: State, name: str) -> Record | None:
    """The template of an id; the vendor's example adds `-123` to one."""
    if not name:
        return None
    found = state.templates.get(name) or state.templates.get(re.sub(r"-\d+$", "", name))
    if found is None:
        raise Refusal(400, "postmortem template not found", pointer="/data/attributes/postmortem_template_id")
    return dict(found)


def _cells(state: State, record: Record, attributes: dict[str, Any], template: Record | None) -> list[Cell]:
    """The cells that were sent; else the text as one cell; else the template."""
    sent = attributes.get("cells", [])
    if not isinstance(sent, list):
        raise Refusal(400, "cells must be a list", pointer="/data/attributes/cells")
    texts = [_cell_text(cell, index) for index, cell in enumerate(sent)]
    content = attributes.get("content", "")
    mode = state.switches.postmortem_cells
    if mode == "cells" and any(texts):
        return [markdown(text) for text in texts]
    if mode != "none" and content:
        return [markdown(content)]
    return [markdown(rendered(state, record, template["attributes"]["content"]))] if template else [markdown("")]


def _cell_text(cell: Any, index: int) -> str:
    where = f"/data/attributes/cells/{index}"
    if not isinstance(cell, dict) or cell.get("type", "markdown") != "markdown":
        kind = cell.get("type") if isinstance(cell, dict) else cell
        raise Refusal(400, f'got type "{kind}" expected one of "markdown"', pointer=f"{where}/type")
    text = mapped(mapped(cell, "attributes"), "definition").get("content", "")
    if not isinstance(text, str):
        raise Refusal(400, "content must be a string", pointer=f"{where}/attributes/definition/content")
    return text


def rendered(state: State, record: Record, content: str) -> str:
    """A template's text with `{{incident.…}}` filled in; live blocks and unknown names stay as they are."""
    commander = state.users[record["commander"]]["attributes"] if record["commander"] else None
    values = {name: str(field["value"] or "") for name, field in record["fields"].items()}
    values |= {
        "id": record["fields"]["slug"]["value"],
        "title": record["title"],
        "status": values["state"],
        "created": record["created"],
        "detected": record["detected"],
        "resolved": record["resolved"] or "",
        "customer_impacted": "yes" if record["customer_impacted"] else "no",
        "customer_impact": record["customer_impact_scope"] or "",
        "scope_of_impact": record["customer_impact_scope"] or "",
        "commander": (commander["name"] or commander["email"]) if commander else "",
        "commander_email": commander["email"] if commander else "",
    }

    def fill(match: re.Match[str]) -> str:
        return match[0] if match[1] in LEFT_ALONE else values.get(match[1], match[0])

    return re.sub(r"\{\{incident\.([\w-]+)\}\}", fill, content)


ROUTES = (
    Route("POST", "/api/v2/incidents/{incident}/attachments/postmortems", create, "incident_write", RAPID, "attachments", "postmortems"),
)
