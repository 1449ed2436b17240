"""Notebook cells that Markdown cannot express. A client that edits such a notebook must keep them.

Shapes as recorded in the vendor's client (notebooks v1, 2022 to 2025); `query_value`, `sunburst` and `image` are among those that
real notebooks have although the documentation does not list them.
"""

from __future__ import annotations

from typing import Any

from pmtui.sandbox.world.facts import Graph

Cell = dict[str, Any]


def widget(graph: Graph) -> Cell:
    """The widget cell of a graph, without an id."""
    definition: dict[str, Any] = {"type": graph.kind, "title": graph.title, "requests": [_request(graph)]}
    if graph.kind == "timeseries":
        definition |= {"show_legend": True, "yaxis": {"scale": "linear"}}
    if graph.kind == "image":
        definition = {"type": "image", "url": graph.query, "sizing": "contain"}
    attributes: dict[str, Any] = {"time": None, "split_by": {"keys": [], "tags": []}, "graph_size": "m", "definition": definition}
    return {"type": "notebook_cells", "attributes": attributes}


def _request(graph: Graph) -> dict[str, Any]:
    if graph.kind == "timeseries":
        style = {"line_type": "solid", "line_width": "normal", "palette": "dog_classic"}
        return {"q": graph.query, "display_type": "line", "style": style}
    return {"q": graph.query}


def spoil(cells: list[Cell]) -> None:
    """Change widgets so that the service returns them but does not accept them: `type` inside a transformation's sort."""
    for cell in cells:
        definition = cell["attributes"]["definition"]
        if definition["type"] != "markdown" and "requests" in definition:
            definition["requests"][0]["transformations"] = [{"type": "sort", "sort": {"type": "sort", "order": "desc"}}]
