"""Stores in the session what is typed into cells, even when a key follows one that removed its cell."""

from __future__ import annotations

from collections.abc import Callable

from pmtui.model.postmortem import Cell
from pmtui.session.session import Session
from pmtui.tui.widgets.document import DocumentView


class TypedText:
    """The edits of the cells of ``session()`` that ``document()`` shows."""

    def __init__(self, session: Callable[[], Session], document: Callable[[], DocumentView]) -> None:
        self._session = session
        self._document = document
        self._instead: dict[str, str] = {}  # removed cell → the cell that has its text now

    def typed(self, key: str, start: int, removed: str, inserted: str) -> None:
        """Store a splice of the cell ``key``; in a new cell if an earlier key removed that cell."""
        document, editor, key = self._document(), key, self._instead.get(key, key)
        cell = self._cell(key)
        if cell is not None and cell is document.shown(editor):
            self._session().splice_cell(key, start, removed, inserted)
            document.take(self._cell(key) or cell)
            return
        text = document.text_of(editor)
        if cell is None:
            self._instead[key] = self._session().add_cell(None, text)
        elif len(cell.text) + len(inserted) - len(removed) == len(text):
            self._session().splice_cell(key, start, removed, inserted)
        else:  # a merge came between the key and the frame
            self._session().edit_cell(key, text)

    def after(self, step: Callable[[], None], key: str) -> str | None:
        """Undo or redo. Returns the new text of this cell, None when it no longer exists."""
        step()
        return cell.text if (cell := self._cell(key)) is not None else None

    def _cell(self, key: str) -> Cell | None:
        return next((cell for cell in self._session().mine.cells if cell.key == key), None)
