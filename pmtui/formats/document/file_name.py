"""The name of a postmortem's file: ``2026-11-14-IR-338-checkout-5xx-after-cache-failover.md``. Pure.

The name is made once, when the file is first written. The identity is the id in the front matter, never the name or title.
"""

from __future__ import annotations

import re
import unicodedata

from pmtui.model.incident import Incident

MOST = 80
"""The longest title in a name, in characters, so that names fit any file system."""


def file_name(incident: Incident) -> str:
    """The date of the incident in UTC, its reference, and its title in plain letters, as far as known."""
    date = incident.created.date().isoformat() if incident.created else ""
    reference = re.sub(r"[^A-Za-z0-9-]+", "-", incident.reference.lstrip("#")).strip("-")[:60]
    return ("-".join(part for part in (date, reference, _slug(incident.title)) if part) or "postmortem") + ".md"


def _slug(title: str) -> str:
    """Lower-case letters and digits, separated by hyphens. Latin letters lose their accents; those of other scripts keep their marks."""
    plain = unicodedata.normalize("NFC", _without_accents(title.casefold()))
    words = "-".join("".join(each if _is_part_of_a_word(each) else " " for each in plain).split())
    encoded = words.encode("utf-8", "ignore")[:MOST].decode("utf-8", "ignore")
    return encoded.rpartition("-")[0] if len(encoded) < len(words) and "-" in encoded else encoded


def _without_accents(text: str) -> str:
    kept: list[str] = []
    latin = False
    for each in unicodedata.normalize("NFKD", text):
        if not unicodedata.combining(each):
            latin = unicodedata.name(each, "").startswith("LATIN")
        elif latin:
            continue
        kept.append(each)
    return "".join(kept)


def _is_part_of_a_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")
