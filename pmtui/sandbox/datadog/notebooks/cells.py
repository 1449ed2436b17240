"""Sections as notebook cells: one Markdown cell a section, one widget cell a graph.

Shapes as recorded in the vendor's client (notebooks v1, 2022 to 2025); `query_value`, `sunburst` and `image` are
among those that real notebooks hold although the documentation does not list them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pmtui.sandbox.world.facts import Block, Bullets, Code, Graph, Panel, Paragraph, Section, Table

Cell = dict[str, Any]


def cells(sections: Sequence[Section], handles: Mapping[str, str]) -> list[Cell]:
    """Cells without ids. `handles` gives the handle of each person's key, for mentions."""
    made: list[Cell] = []
    for section in sections:
        lump = [f"## {section.title}"] if section.title else []
        for block in section.blocks:
            if isinstance(block, Graph):
                if lump:
                    made.append(markdown(_mentions("\n\n".join(lump), handles)))
                lump = []
                made.append(widget(block))
            else:
                lump.append(_text(block))
        if lump:
            made.append(markdown(_mentions("\n\n".join(lump), handles)))
    return made


def markdown(text: str) -> Cell:
    return {"type": "notebook_cells", "attributes": {"definition": {"type": "markdown", "text": text}}}


def widget(graph: Graph) -> Cell:
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


def _text(block: Block) -> str:
    match block:
        case Paragraph(text):
            return text
        case Bullets(items, ordered):
            return "\n".join(f"{index}. {item}" if ordered else f"- {item}" for index, item in enumerate(items, 1))
        case Code(text, language):
            return f"```{language}\n{text}\n```"
        case Panel(kind, text):
            return f"> **{kind.capitalize()}:** {text}"
        case Table(header, rows):
            lines = [header, tuple("---" for _ in header), *rows]
            return "\n".join("| " + " | ".join(line) + " |" for line in lines)
        case Graph(_, title, query):
            return f"[{title}]({query})"


def _mentions(text: str, handles: Mapping[str, str]) -> str:
    return re.sub(r"@\[([^\]]+)\]", lambda match: "@" + handles.get(match[1], match[1]), text)
