"""How commands print the postmortems that exist and were not found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pmtui.cli.printing.output import print_table
from pmtui.display import count

if TYPE_CHECKING:
    from pmtui.session.export.manifest import NotFound


def not_found_line(records: Sequence[NotFound], root: Path) -> str:
    """How many there are, and how to find them. ``root`` is the folder of the export."""
    from pmtui.session.export.layout import NOT_FOUND_PAGE
    from pmtui.store.bases import FOLDER

    return (
        f"{count(len(records), 'postmortem')} known to exist, not found: {root / FOLDER / NOT_FOUND_PAGE} links to the incidents; "
        "open each, save the page of its postmortem, and export again with --look-in"
    )


def print_not_found(records: Iterable[NotFound]) -> None:
    """Print them as a table with the addresses of their incidents; nothing for none."""
    rows = [(each.reference, each.state, each.title, each.url) for each in records]
    if rows:
        print_table(("REF", "STATE", "TITLE", "ADDRESS"), rows)


def not_found_json(records: Iterable[NotFound]) -> list[dict[str, str]]:
    """These postmortems as JSON."""
    return [{"reference": each.reference, "title": each.title, "state": each.state, "url": each.url, "why": each.why} for each in records]
