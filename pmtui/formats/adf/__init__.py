"""ADF ↔ Markdown: Opsgenie's documents as text that a person would write by hand, and back.

The notation is described in notation.md (for users) and notation.py (for the code).
"""

from __future__ import annotations

from typing import Any

from pmtui.formats.adf.guard import lost_words, words_in
from pmtui.formats.adf.opaque import describe_opaque
from pmtui.formats.adf.outline import OpaqueBlock, opaque_blocks
from pmtui.formats.adf.write.blocks import write_blocks

Document = dict[str, Any]


def to_markdown(document: Document) -> str:
    """The document as Markdown, without a newline at its end. The document stays as it is."""
    return "\n\n".join(_written(document))


def from_markdown(markdown: str, original: Document | None = None) -> Document:
    """The document that the Markdown says: valid under ADF's schema, whatever the text.

    original: the document that the Markdown was made from, before it was edited. What the text does not show
    (ids, widths, parameters, unknown nodes) comes from it, and blocks that were not touched are its own nodes:
    shared, not copied. It stays as it is. Without it, required ids are made anew, always the same for a text.
    """
    from pmtui.formats.adf.align.blocks import align  # markdown-it is loaded when it is needed: the first frame does not
    from pmtui.formats.adf.fit.tree import fit
    from pmtui.formats.adf.read.blocks import read

    if original is None:
        return {"version": 1, "type": "doc", "content": fit([block.node for block in read(markdown)])}
    written = _written(original)
    if markdown == "\n\n".join(written):
        return dict(original)
    blocks = original.get("content")
    content, kept = align(blocks if isinstance(blocks, list) else [], written, read(markdown), markdown, read)
    return {**original, "content": fit(content, kept)}


def losses(document: Document) -> list[str]:
    """What the document would lose if it were made from its Markdown alone: "tableCell: colwidth (3)", sorted.

    Ids that are made anew are not named.
    """
    from pmtui.formats.adf.lost import lost

    return lost(document, from_markdown(to_markdown(document)))


def _written(document: Document) -> list[str]:
    content = document.get("content")
    return ["\n".join(lines) for lines in write_blocks(content)] if isinstance(content, list) else []


__all__ = [
    "Document",
    "OpaqueBlock",
    "describe_opaque",
    "from_markdown",
    "losses",
    "lost_words",
    "opaque_blocks",
    "to_markdown",
    "words_in",
]
