"""Writes a step: reads the file again, edits it, and replaces it as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.folder.disk import Disk
from pmtui.backends.folder.errors import explained
from pmtui.backends.folder.plan import edits
from pmtui.backends.folder.read import Understood, digest_of
from pmtui.formats.document.edit import FileEdits, edited
from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.formats.document.postmortem_file import OURS, read
from pmtui.model.changes import Change, FieldChanged
from pmtui.model.equality import same_text
from pmtui.model.fields import TITLE
from pmtui.model.postmortem import Postmortem


def write(disk: Disk, now: Understood, server: Postmortem, changes: Sequence[Change]) -> None:
    """Write the changes of ``server`` into the file, just read as ``now``. Raises BackendError: CONFLICT when the file has changed."""
    tried = f"write {now.row.path}"
    if now.digest != digest_of(server):
        said = "another program has changed the file since it was read"
        raise BackendError(Trouble.CONFLICT, tried, said, "review again: what both changed is merged")
    _check_title(changes, tried)
    made = _edited(now.text, edits(server, changes), tried)
    if made == now.text:
        return
    try:
        data = made.encode("utf-8")
    except UnicodeEncodeError as error:
        advice = "remove that character: a file is UTF-8"
        raise BackendError(Trouble.INVALID, tried, f"half a character cannot be written: {error.object[error.start]!a}", advice) from None
    with explained(tried):
        disk.write(now.row.path, data)


def _check_title(changes: Sequence[Change], tried: str) -> None:
    for change in changes:
        if isinstance(change, FieldChanged) and change.name == TITLE and not (isinstance(change.after, str) and change.after.strip()):
            said = "Title must not be empty"
            raise BackendError(Trouble.INVALID, tried, said, "give it a title; nothing was written", fields={TITLE: said})


def _edited(text: str, wanted: FileEdits, tried: str) -> str:
    """The text with the edits. Raises BackendError when parsing it would give something different."""
    try:
        made = edited(text, wanted)
        before, after = read(text), read(made)
    except FrontMatterError as error:
        raise BackendError(Trouble.INVALID, tried, str(error), "nothing was written") from None
    kept = {key: entry for key, entry in before.entries.items() if key not in wanted.entries}
    wrong = [key for key, entry in kept.items() if after.entries.get(key) != entry]
    wrong += [key for key, entry in wanted.entries.items() if (after.entries.get(key) or None) != (entry or None) and key != OURS]
    cells = wanted.cells if wanted.cells is not None else before.cells
    same = len(cells) == len(after.cells) and all(
        same_text(one.text, other.text) and one.key == other.key for one, other in zip(cells, after.cells, strict=True)
    )
    if wrong or not same:
        what = ", ".join(wrong) or "the text"
        raise BackendError(
            Trouble.INVALID, tried, f"a Markdown file cannot hold this: it would be read back differently: {what}", "nothing was written"
        )
    return made
