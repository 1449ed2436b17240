"""A postmortem as one text, for the clipboard or a file."""

from __future__ import annotations

from pmtui.backends.base import Identity
from pmtui.formats.document.postmortem_file import file_of, write
from pmtui.formats.typed_time import stamp
from pmtui.model.fields import TITLE
from pmtui.model.postmortem import Postmortem
from pmtui.session.transfer.source import source_of


def plain_markdown(postmortem: Postmortem) -> str:
    """Title and cells as Markdown, without the fields."""
    title = postmortem.fields.get(TITLE)
    head = f"# {postmortem.incident.reference} {title if isinstance(title, str) else postmortem.incident.title}"
    return "\n\n".join([head, *(_cell_text(cell.name, cell.text) for cell in postmortem.cells)]).rstrip() + "\n"


def file_text(postmortem: Postmortem, identity: Identity) -> str:
    """The text of a postmortem's file with front matter, as `pmtui show` prints it. It has no base for a push."""
    return write(file_of(postmortem, source_of(postmortem, identity, stamp(postmortem.read_at))))


def _cell_text(name: str, text: str) -> str:
    return f"## {name}\n\n{text}".rstrip() if name else text.rstrip()
