"""A postmortem in other formats: plain Markdown, HTML, ADF. These are written beside the file, never instead of it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from html import escape
from typing import Any

from pmtui.formats.adf import from_markdown, to_markdown
from pmtui.formats.adf.plain import plain
from pmtui.model.fields import TITLE
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.values import label_of
from pmtui.session.export.document import dumped
from pmtui.session.export.manifest import ManifestEntry

INDEX_MARK = "<!-- pmtui export --index writes this page anew each time -->"


class Rendition(StrEnum):
    """A format; its value is the name of its folder."""

    PLAIN = "plain"
    HTML = "html"
    ADF = "adf"


_SUFFIXES = {Rendition.PLAIN: ".md", Rendition.HTML: ".html", Rendition.ADF: ".json"}


def path_of(rendition: Rendition, file: str) -> str:
    """The path of a document in this format; ``file`` is the name of its Markdown file."""
    return f"{rendition}/{file.removesuffix('.md')}{_SUFFIXES[rendition]}"


def rendered(postmortem: Postmortem, rendition: Rendition) -> bytes:
    """The postmortem in this format."""
    document = adf(postmortem)
    if rendition is Rendition.ADF:
        return dumped(document)
    markdown = plain(to_markdown(document)).text
    title = _title(postmortem)
    if rendition is Rendition.HTML:
        return _html(title, _facts(postmortem), markdown).encode("utf-8", "replace")
    facts = "\n".join(f"- **{name}:** {' '.join(value.split())}" for name, value in _facts(postmortem))
    heading = to_markdown(_document([{"type": "heading", "attrs": {"level": 1}, "content": [{"type": "text", "text": title}]}]))
    return ("\n\n".join(filter(None, (heading, facts, markdown))) + "\n").encode("utf-8", "replace")


def adf(postmortem: Postmortem) -> dict[str, Any]:
    """The text as one document in Atlassian Document Format, with the vendor's own blocks if it uses that format."""
    content: list[Any] = []
    for cell in postmortem.cells:
        if cell.name:
            content.append({"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": cell.name}]})
        content += _blocks(cell)
    return _document(content)


def index(entries: Iterable[ManifestEntry]) -> bytes:
    """A Markdown page with a table of all documents, newest first."""
    rows = [
        f"| {entry.created[:10]} | {_cell(entry.reference)} | [{_cell(entry.title)}]({entry.file.replace(' ', '%20')}) "
        f"| {_cell(entry.state)}{' (gone from the server)' if entry.gone else ''} |"
        for entry in sorted(entries, key=lambda each: (each.created, each.file), reverse=True)
    ]
    head = [INDEX_MARK, "", "# Postmortems", "", "| Date | Incident | Title | State |", "| --- | --- | --- | --- |"]
    return ("\n".join([*head, *rows]) + "\n").encode("utf-8", "replace")


def _blocks(cell: Cell) -> list[Any]:
    """The blocks of a cell: its source, else its Markdown converted, else the line that it is shown as."""
    try:
        source = json.loads(cell.source) if cell.source else None
    except (ValueError, RecursionError):
        source = None
    if isinstance(source, list) and all(isinstance(each, dict) and "type" in each for each in source):
        return source
    if not cell.editable:
        return [{"type": "paragraph", "content": [{"type": "text", "text": f"▦ {cell.text}"}]}]
    found: list[Any] = from_markdown(cell.text)["content"]
    return found


def _document(content: list[Any]) -> dict[str, Any]:
    return {"version": 1, "type": "doc", "content": content}


def _title(postmortem: Postmortem) -> str:
    told = postmortem.fields.get(TITLE)
    return told if isinstance(told, str) and told else postmortem.incident.title or postmortem.incident.reference


def _facts(postmortem: Postmortem) -> list[tuple[str, str]]:
    labels = {field.name: field.label for field in postmortem.form}
    told = [(labels.get(name, name), label_of(value)) for name, value in postmortem.fields.items() if value and name != TITLE]
    return [("Incident", postmortem.incident.reference), *told]


def _html(title: str, facts: list[tuple[str, str]], markdown: str) -> str:
    from markdown_it import MarkdownIt  # slow to import

    body = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).render(markdown)
    rows = "\n".join(f"<tr><th>{escape(name)}<td>{escape(value)}" for name, value in facts)
    name = escape(title)
    head = f'<!DOCTYPE html>\n<html>\n<meta charset="utf-8">\n<title>{name}</title>\n<h1>{name}</h1>\n'
    return f"{head}<table>\n{rows}\n</table>\n{body}</html>\n"


def _cell(words: str) -> str:
    """Foreign text escaped for a cell of a Markdown table."""
    plain = " ".join(words.split())
    return "".join(f"\\{each}" if each in "\\|[]`*_<&" else each for each in plain)
