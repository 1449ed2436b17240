"""Postmortem files on the command line: reads them, replaces them atomically, and reports errors with file and line."""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.config import ConfigError, SeveralProfiles
from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.formats.document.postmortem_file import PostmortemFile, Source, file_of, read, update, write
from pmtui.formats.typed_time import stamp
from pmtui.model.changes import Change
from pmtui.model.diff import diff, patch
from pmtui.model.part import called, part_of, same_part, unread
from pmtui.model.postmortem import Postmortem
from pmtui.store.bases import Bases
from pmtui.trust import LARGEST_TEXT, open_plain, read_whole

if TYPE_CHECKING:
    from pmtui.cli.saving import Edited
    from pmtui.model.text_merge import Whose
    from pmtui.session.session import Session
    from pmtui.session.transfer.pull_push import Joined
    from pmtui.session.workspace import Workspace


def add_file_arguments(parser: argparse.ArgumentParser) -> None:
    """Add FILE, the postmortem file of a command."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a postmortem as one Markdown file, as `pmtui pull` writes it")


def text_of(file: Path) -> str:
    """The unchanged text of a file. Raises CommandError, OSError."""
    try:
        with open_plain(file) as stream:
            return read_whole(stream, LARGEST_TEXT).decode("utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{file}: this is not UTF-8, at byte {error.start}", ExitCode.INVALID) from None


def read_file(file: Path, text: str) -> PostmortemFile:
    """Parse the text of a file. Raises CommandError that names line and key."""
    try:
        return read(text)
    except FrontMatterError as error:
        raise wrong(file, error) from None


def wrong(file: Path, error: FrontMatterError) -> CommandError:
    """The error for a file whose front matter cannot be used."""
    return CommandError(f"{file}: {error}" if error.line else f"{file}: {error.key}: {error.said}", ExitCode.INVALID)


def reference_of(file: Path, found: PostmortemFile) -> str:
    """The id or reference of a file's incident. Raises CommandError when the file names none."""
    source = found.source
    if source.incident or source.reference:
        return source.incident or source.reference
    said = f"{file}: the front matter names no incident (pmtui: incident:)"
    raise CommandError(f"{said}; `pmtui pull REF {quote(str(file))}` links the file to an incident", ExitCode.NO_IDENTITY)


def of_its_account(found: PostmortemFile, context: Context) -> Context:
    """The context for a file: where nothing says which of several profiles is meant, the one of the file's vendor and place."""
    try:
        context.config.select(context.profile_name)
    except SeveralProfiles:
        profiles = asyncio.run(_profiles_of(found.source, context))
        return Context(context.environ, profiles[0], read_only=context.told_read_only) if len(profiles) == 1 else context
    return context


async def _profiles_of(source: Source, context: Context) -> list[str]:
    """The profiles of the vendor and place that a file names. Profiles that cannot be used are none of them. Sends nothing."""
    config, found = context.config, []
    for name in config.names:
        with suppress(ConfigError):
            if config.vendors[config.profile(name).vendor].label == source.vendor:
                async with Context(context.environ, name).rehearsal() as workspace:
                    found += [name] if workspace.backend.identity.place == source.place else []
    return found


def check_vendor(file: Path, found: PostmortemFile, workspace: Workspace) -> None:
    """Raises CommandError when the file is from a different vendor than the profile's."""
    here = workspace.backend.identity.vendor
    if found.source.vendor and found.source.vendor != here:
        raise CommandError(f"{file} is a postmortem of {found.source.vendor}, the profile is one of {here}: choose with --profile")


def with_edits_of(
    file: Path, found: PostmortemFile, session: Session, base: Postmortem | None, whose: Whose | None = None
) -> tuple[Edited, Joined]:
    """Apply the edits of a file to a session, merged with what others changed since its base. Raises CommandError, Locked."""
    from pmtui.cli.saving import Edited
    from pmtui.session.review import with_keys_of

    before = session.mine
    server = with_keys_of(base=session.base, server=session.server, mine=before)
    both = _joined(file, found, base=base, server=server, whose=whose)
    changes = _asked_for(file, server, both)
    _check_draft(file, session, both.postmortem, changes)
    session.become(patch(before, changes))
    return Edited(frozenset(part_of(change).name for change in changes), before), both


def written(context: Context, workspace: Workspace, postmortem: Postmortem) -> str:
    """The text of a new file for this postmortem. Its base is stored in the state directory. Raises OSError."""
    return write(file_of(postmortem, _source(workspace, postmortem, Bases(context.state).keep(postmortem, context.state / "edit.md"))))


def keep(context: Context, workspace: Workspace, postmortem: Postmortem, server: Postmortem, file: Path, before: str) -> bool:
    """Write ``postmortem`` into the file, whose text was ``before``, and store ``server`` as its base. Returns whether any byte changed.

    ``server`` equals ``postmortem`` unless the file has edits that were not pushed. Raises OSError.
    """
    base = Bases(context.state).keep(server, file)
    here = read_file(file, before).source if before else Source()
    source = _source(workspace, postmortem, base, here.read if here.base == base else "")
    made = file_of(postmortem, source)
    text = update(before, made) if before else write(made)
    if text == before:
        return False
    _replace(file, text)
    return True


def _source(workspace: Workspace, postmortem: Postmortem, base: str, read_at: str = "") -> Source:
    """Where a postmortem comes from; it was read now unless ``read_at`` says when."""
    from pmtui.session.transfer.source import source_of

    return source_of(postmortem, workspace.backend.identity, read_at or stamp(datetime.now(UTC)), base)


def base_of(context: Context, found: PostmortemFile, file: Path) -> Postmortem | None:
    """The base of the file, None when it is not on this computer."""
    return Bases(context.state).find(found.source.base, file)


def _replace(file: Path, text: str) -> None:
    """Replace the file's text atomically. Its permissions stay, and a symbolic link stays a link.

    Raises OSError for a link that is somebody else's, or dangling: it may have been planted.
    """
    if file.is_symlink() and (file.lstat().st_uid != os.geteuid() or not file.exists()):
        raise OSError(errno.ELOOP, "it is a symbolic link that is dangling or somebody else's", str(file))
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


def _asked_for(file: Path, server: Postmortem, both: Joined) -> tuple[Change, ...]:
    """The changes that the file asks for. Raises CommandError for a change in a part that could not be read."""
    for change in diff(both.server, both.postmortem):
        if hidden := unread(server, part_of(change)):
            said = f"{called(server, hidden.part)} could not be read: {hidden.why}; what was edited in it cannot be merged"
            raise CommandError(f"{said}. Nothing was sent, {file} is unchanged", ExitCode.INCOMPLETE)
    return tuple(change for change in diff(server, both.postmortem) if unread(server, part_of(change)) is None)


def _check_draft(file: Path, session: Session, wanted: Postmortem, changes: Sequence[Change]) -> None:
    """Raises CommandError when the draft and the file both changed a part, differently: one of the two would be lost."""
    drafted = {part_of(change) for change in session.changes}
    clash = [part_of(change) for change in changes if part_of(change) in drafted and not same_part(session.mine, wanted, part_of(change))]
    if clash:
        names = ", ".join(dict.fromkeys(called(session.mine, part.name) for part in clash))
        reference = quote(session.mine.incident.reference)
        said = f"an unsent draft and {file} both changed {names}, differently; nothing was sent"
        raise CommandError(f"{said}. `pmtui {reference}` opens the draft, `pmtui drafts discard {reference}` drops it", ExitCode.CONFLICT)


def _joined(file: Path, found: PostmortemFile, *, base: Postmortem | None, server: Postmortem, whose: Whose | None) -> Joined:
    """Merge the file with the server. Raises CommandError, also for conflicts."""
    from pmtui.session.transfer.pull_push import NoBase, joined

    try:
        both = joined(found, base=base, server=server, whose=whose)
    except NoBase:
        said = f"{file} was pulled from a version of the postmortem that is not on this computer: what others changed since would be lost"
        advice = f"`pmtui pull {quote(server.incident.reference)} NEW.md`, repeat your edits there, and push that file"
        raise CommandError(f"{said}; nothing was sent. {advice}", ExitCode.CONFLICT) from None
    except FrontMatterError as error:
        raise wrong(file, error) from None
    if both.conflicts:
        said = f"changed in {file} and on the server: {', '.join(both.conflicts)}; nothing was sent, the file is unchanged"
        raise CommandError(f"{said}. --mine or --theirs decides, `pmtui diff {quote(str(file))}` shows the difference", ExitCode.CONFLICT)
    return both
