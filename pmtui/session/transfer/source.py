"""Where the postmortem of a file comes from, for its front matter."""

from __future__ import annotations

from pmtui.backends.base import Identity
from pmtui.formats.document.postmortem_file import Source
from pmtui.model.postmortem import Postmortem


def source_of(postmortem: Postmortem, identity: Identity, read_at: str, base: str = "") -> Source:
    """``read_at`` is when it was read, as ``typed_time.stamp`` writes it. ``base`` is the name of its base, "" for a file without."""
    about = postmortem.incident
    url = postmortem.url or about.url
    return Source(identity.vendor, identity.place, about.id, about.reference, postmortem.id, url, read_at, base)
