"""A text as an editor shows it: a long one is read in a thread."""

from __future__ import annotations

from dataclasses import dataclass

from pmtui.tui.editor.source_document import SourceDocument
from pmtui.tui.editor.wrapped_lines import WrappedLines
from pmtui.tui.markdown.highlight import code_lines


@dataclass(frozen=True)
class ReadText:
    """A text prepared for the editor: split into lines, wrapped into rows. A long text is prepared in a thread."""

    lines: SourceDocument
    rows: WrappedLines
    code: list[str]
    width: int

    @classmethod
    def of(cls, text: str, width: int = 0) -> ReadText:
        """Read a text for an editor of this width; 0 leaves the rows for later."""
        lines, at = SourceDocument(text), max(0, width - 1)  # a cell for the cursor behind a full line
        return cls(lines, WrappedLines(lines, at), code_lines(lines.lines), at)
