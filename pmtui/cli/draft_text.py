"""What a draft on disk says: found by reference, read without its lock."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable
from dataclasses import replace

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.model.postmortem import Postmortem
from pmtui.session.edits import apply, edit_from_json
from pmtui.store.drafts import DraftInfo, Drafts, Recovered
from pmtui.store.files import Files
from pmtui.store.records import decode


def drafts_of(context: Context) -> Drafts:
    """The drafts of this user. Raises OSError when their directory is none: an empty list would say that all is saved."""
    for directory in (context.state, context.state / "drafts"):
        if directory.exists() and not directory.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(directory))
    return Drafts(context.state)


def count(number: int, thing: str) -> str:
    """``1 change``, ``2 changes``."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def find_draft(drafts: Drafts, ref: str, profile: str | None) -> DraftInfo:
    """The latest draft of an incident, by its reference, id, document or file name. Raises CommandError."""
    wanted = ref.casefold().lstrip("#")
    for info in drafts.list(profile):
        names = (info.reference, info.incident_id, info.document_id, info.path.name, info.path.stem)
        if wanted in {name.casefold().lstrip("#") for name in names}:
            return info
    raise CommandError(f"there is no draft of {ref}; `pmtui drafts` lists them", ExitCode.MISSING)


def mine(recovered: Recovered) -> Postmortem:
    """The postmortem as it was last edited. A record that cannot be understood is skipped: the rest counts."""
    postmortem = recovered.base
    for record in recovered.records:
        for edit in [record["do"]] if "do" in record else record.get("undo") or record.get("redo") or []:
            try:
                postmortem, _ = apply(postmortem, edit_from_json(edit))
            except (KeyError, TypeError, ValueError, AttributeError):
                continue
    return postmortem


def unplaced(recovered: Recovered) -> list[str]:
    """What was typed after a record that is missing, and has no place without it."""
    postmortem, found = recovered.base, []
    for record in recovered.records:
        if "do" in record:
            try:
                postmortem, inverse = apply(postmortem, edit_from_json(record["do"]))
            except (KeyError, TypeError, ValueError, AttributeError):
                continue
            found += [text for text in _texts(record["do"]) if inverse is None]
        for edit in record.get("undo") or record.get("redo") or []:
            postmortem = mine(replace(recovered, base=postmortem, records=[{"do": edit}]))
    return list(dict.fromkeys(found))


def scraps(info: DraftInfo) -> str:
    """Every text in a draft whose base is damaged, the longest pieces of JSON that are left. Raises OSError."""
    records = decode(Files().read(info.path)).records
    texts = [text for record in records for text in _texts(record)]
    return "\n\n".join(dict.fromkeys(texts)) or json.dumps(records, indent=2)


def _texts(data: object) -> Iterable[str]:
    """Texts of cells and fields, wherever they stand."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name in ("text", "put", "value") and isinstance(value, str) and value:
                yield value
            else:
                yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)
