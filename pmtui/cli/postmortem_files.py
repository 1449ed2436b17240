"""Postmortem files on the command line: read, written whole, and their errors with file and line."""

from __future__ import annotations

import argparse
import errno
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.formats.document.postmortem_file import PostmortemFile, Source, file_of, read, update, write
from pmtui.model.postmortem import Postmortem
from pmtui.session.workspace import Workspace
from pmtui.store.bases import Bases
from pmtui.trust import LARGEST_TEXT, open_plain, read_whole


def add_file_arguments(parser: argparse.ArgumentParser) -> None:
    """The file that a command is about."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a postmortem as one Markdown file, as `pmtui pull` writes it")


def text_of(file: Path) -> str:
    """The text of a file as it is. Raises CommandError, OSError."""
    try:
        with open_plain(file) as stream:
            return read_whole(stream, LARGEST_TEXT).decode("utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{file}: this is not UTF-8, at byte {error.start}", ExitCode.INVALID) from None


def read_file(file: Path, text: str) -> PostmortemFile:
    """What the text of a file says. Raises CommandError that names line and key."""
    try:
        return read(text)
    except FrontMatterError as error:
        raise wrong(file, error) from None


def wrong(file: Path, error: FrontMatterError) -> CommandError:
    """The error of a file whose front matter cannot be taken."""
    return CommandError(f"{file}: {error}" if error.line else f"{file}: {error.key}: {error.said}", ExitCode.INVALID)


def reference_of(file: Path, found: PostmortemFile) -> str:
    """What the incident of a file is found by. Raises CommandError when the file names none."""
    source = found.source
    if source.incident or source.reference:
        return source.incident or source.reference
    said = f"{file}: the front matter names no incident (pmtui: incident:)"
    raise CommandError(f"{said}; `pmtui pull REF {quote(str(file))}` takes the file up for an incident", ExitCode.NO_IDENTITY)


def check_vendor(file: Path, found: PostmortemFile, workspace: Workspace) -> None:
    """Raises CommandError when the file came from another vendor than the profile's."""
    here = workspace.backend.identity.vendor
    if found.source.vendor and found.source.vendor != here:
        raise CommandError(f"{file} is a postmortem of {found.source.vendor}, the profile is one of {here}: choose with --profile")


def keep(context: Context, workspace: Workspace, postmortem: Postmortem, server: Postmortem, file: Path, before: str) -> bool:
    """Write ``postmortem`` into the file, made from the text it had before, and ``server`` as its base. Whether any byte changed.

    ``server`` is what the server has: the same as ``postmortem`` unless the file has edits that were not pushed. Raises OSError.
    """
    identity, incident = workspace.backend.identity, postmortem.incident
    base = Bases(context.state).keep(server, file)
    here = read_file(file, before).source if before else Source()
    read_at = here.read if here.base == base and here.read else datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    source = Source(
        identity.vendor, identity.place, incident.id, incident.reference, postmortem.id, postmortem.url or incident.url, read_at, base
    )
    made = file_of(postmortem, source)
    text = update(before, made) if before else write(made)
    if text == before:
        return False
    _replace(file, text)
    return True


def base_of(context: Context, found: PostmortemFile, file: Path) -> Postmortem | None:
    """The postmortem that the file was made of, None when it is not at hand."""
    return Bases(context.state).find(found.source.base, file)


def _replace(file: Path, text: str) -> None:
    """The file with this text, old or new but never half; its permissions stay, and a link stays a link.

    A link of somebody else, or to nothing, may have been planted: OSError.
    """
    if file.is_symlink() and (file.lstat().st_uid != os.geteuid() or not file.exists()):
        raise OSError(errno.ELOOP, "it is a link to nothing, or somebody else's", str(file))
    place = file.resolve()
    mode = place.stat().st_mode & 0o777 if place.exists() else 0o600
    handle, name = tempfile.mkstemp(prefix=f".{place.name[:100]}.", dir=place.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode)
        temporary.replace(place)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
