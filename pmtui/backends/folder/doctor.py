"""The checks of ``pmtui doctor`` for a folder. They run no other program, such as git: a repository's configuration may be hostile."""

from __future__ import annotations

from pmtui.backends.base import BackendError, Check
from pmtui.backends.folder.disk import OURS, Disk
from pmtui.backends.folder.errors import explained
from pmtui.backends.folder.index import Index

OK, WARN, FAIL = "ok", "warn", "fail"
_NAMED = 3  # files named in a line


def checks(disk: Disk, index: Index) -> tuple[Check, ...]:
    """Check that the folder exists, what is in it, and that it can be written. Writes nothing into it."""
    try:
        with explained(f"read {disk.root}"):
            listing = index.refresh()
    except BackendError as error:
        return (Check("folder", FAIL, error.message),)
    found = [Check("folder", OK, f"{disk.root}: {len(listing.rows):,} postmortems")]
    if listing.unreadable:
        more = "; …" if len(listing.unreadable) > _NAMED else ""
        named = "; ".join(listing.unreadable[:_NAMED])
        found.append(Check("unreadable", WARN, f"{len(listing.unreadable):,} files cannot be read: {named}{more}"))
    if listing.links:
        found.append(Check("links", WARN, f"{len(listing.links):,} links are not followed: {', '.join(listing.links[:_NAMED])}"))
    if disk.writable():
        found.append(Check("writing", OK, "files can be written"))
    else:
        found.append(Check("writing", WARN, "the permissions of the folder let you read only"))
    if index.problem:
        found.append(Check("index", WARN, f"it cannot be kept, so that each list reads every file: {index.problem}"))
    if any((each / ".git").exists() for each in (disk.root, *disk.root.parents)):
        found.append(Check("git", OK, f"it is in a git repository; what pmtui keeps of deleted files, {OURS}/trash, is ignored there"))
    return tuple(found)
