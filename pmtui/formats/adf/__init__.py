"""Converts ADF to Markdown that a person would write by hand, and back.

notation.md is the page for users, and notation.py has the words of the notation. `write` turns nodes into Markdown, `read`
turns Markdown into nodes, `align` restores from the original what Markdown does not show, `fit` repairs what the schema does
not allow, and `guard` finds words that were lost.
"""

from __future__ import annotations

from typing import Any

from pmtui.formats.adf.guard import lost_words, words_in
from pmtui.formats.adf.opaque import describe_opaque
from pmtui.formats.adf.values import children
from pmtui.formats.adf.write.blocks import is_opaque, write_blocks
from pmtui.formats.incoming import plain_lines


def to_markdown(document: dict[str, Any]) -> str:
    """The document as Markdown, without a final newline. The document is not changed."""
    return "\n\n".join(_written(document))


def from_markdown(markdown: str, original: dict[str, Any] | None = None) -> dict[str, Any]:
    """Parse Markdown into a document, which is valid under ADF's schema for any text.

    ``original`` is the document that the Markdown was made from before it was edited. What the text does not show (ids, widths,
    parameters, unknown nodes) comes from it, and untouched blocks are its own nodes, shared and not copied. It is not
    changed. Without it, required ids are derived from the text.
    """
    from pmtui.formats.adf.align.blocks import align  # imports markdown-it, which the first frame does not need
    from pmtui.formats.adf.fit.tree import fit
    from pmtui.formats.adf.read.blocks import read

    markdown = plain_lines(markdown)
    if original is None:
        return {"version": 1, "type": "doc", "content": fit([block.node for block in read(markdown)])}
    written = _written(original)
    if markdown == "\n\n".join(written):
        return dict(original)
    content, kept = align(children(original), written, read(markdown), markdown, read)
    return {**original, "content": fit(content, kept)}


def _written(document: dict[str, Any]) -> list[str]:
    return ["\n".join(lines) for lines in write_blocks(children(document))]


__all__ = ["describe_opaque", "from_markdown", "is_opaque", "lost_words", "to_markdown", "words_in"]
