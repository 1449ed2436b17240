"""Drafts on disk, found by reference and read without taking their locks."""

from __future__ import annotations

from collections.abc import Iterable

from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.session.edits import Splice
from pmtui.session.recovery import Replay, fragments
from pmtui.store.drafts import DraftInfo, Drafts
from pmtui.store.files import Files
from pmtui.store.records import decode


def find_draft(drafts: Drafts, ref: str, profile: str | None) -> DraftInfo:
    """The latest draft with this reference, incident id, document id or file name. Raises CommandError."""
    wanted = ref.casefold().lstrip("#")
    for info in drafts.list(profile):
        names = (info.reference, info.incident_id, info.document_id, info.path.name, info.path.stem)
        if wanted in {name.casefold().lstrip("#") for name in names}:
            return info
    raise CommandError(f"there is no draft of {ref}; `pmtui drafts` lists them", ExitCode.MISSING)


def owing(infos: Iterable[DraftInfo]) -> list[str]:
    """A line for each postmortem that a save left half-way on the server."""
    return [f"{info.reference} {info.owes}: open it, review and save" for info in infos if info.owes]


def scraps(info: DraftInfo) -> str:
    """All text in a draft whose base is damaged. Raises OSError."""
    return "\n\n".join(fragments(decode(Files().read(info.path)).records))


def unplaced(found: Replay) -> list[str]:
    """Texts typed after a missing record, which have no known place without it."""
    return list(dict.fromkeys(edit.put for edit in found.unplaced if isinstance(edit, Splice) and edit.put))
