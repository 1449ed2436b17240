"""A postmortem as one text, to be pasted or written into a file."""

from __future__ import annotations

from pmtui.backends.base import Identity
from pmtui.formats.document.postmortem_file import Source, file_of, write
from pmtui.model.fields import TITLE
from pmtui.model.postmortem import Postmortem


def plain_markdown(postmortem: Postmortem) -> str:
    """Title and cells as Markdown, without the fields."""
    title = postmortem.fields.get(TITLE)
    head = f"# {postmortem.incident.reference} {title if isinstance(title, str) else postmortem.incident.title}"
    return "\n\n".join([head, *(_cell_text(cell.name, cell.text) for cell in postmortem.cells)]).rstrip() + "\n"


def file_text(postmortem: Postmortem, identity: Identity) -> str:
    """The text of a postmortem's file, fields as front matter, as `pmtui show` prints it; without a base to push it with."""
    incident = postmortem.incident
    read_at = postmortem.read_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    url = postmortem.url or incident.url
    source = Source(identity.vendor, identity.place, incident.id, incident.reference, postmortem.id, url, read_at)
    return write(file_of(postmortem, source))


def _cell_text(name: str, text: str) -> str:
    return f"## {name}\n\n{text}".rstrip() if name else text.rstrip()
