"""Sections as notebook cells: one Markdown cell a section, one widget cell a graph.

Shapes as recorded in the vendor's client (notebooks v1, 2022 to 2025).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pmtui.sandbox.datadog.rich_samples import Cell, widget
from pmtui.sandbox.world.facts import Block, Bullets, Code, Graph, Panel, Paragraph, Section, Table


def cells(sections: Sequence[Section], handles: Mapping[str, str]) -> list[Cell]:
    """Cells without ids. `handles` gives the handle of each person's key, for mentions."""
    made: list[Cell] = []
    for section in sections:
        texts = [f"## {section.title}"] if section.title else []
        for block in section.blocks:
            if isinstance(block, Graph):
                if texts:
                    made.append(markdown(_mentions("\n\n".join(texts), handles)))
                texts = []
                made.append(widget(block))
            else:
                texts.append(_text(block))
        if texts:
            made.append(markdown(_mentions("\n\n".join(texts), handles)))
    return made


def markdown(text: str) -> Cell:
    """A Markdown cell without an id."""
    return {"type": "notebook_cells", "attributes": {"definition": {"type": "markdown", "text": text}}}


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
    return re.sub(r"@\[([^\[\]]+)\]", lambda match: "@" + handles.get(match[1], match[1]), text)
