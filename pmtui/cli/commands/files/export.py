"""``pmtui export --all DIR``, ``pmtui export REF… DIR``: writes postmortems into a folder, which needs no pmtui to be read.

The server is only read.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from pmtui.backends.base import BackendError, Trouble
from pmtui.cli.context import Context
from pmtui.cli.errors import BY_TROUBLE, CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.not_found import not_found_json, not_found_line, print_not_found
from pmtui.cli.printing.output import print_json, say
from pmtui.cli.printing.plain import SCHEMA
from pmtui.cli.printing.progress import ProgressLine
from pmtui.display import count

if TYPE_CHECKING:
    from pmtui.backends.base import Backend
    from pmtui.session.export.attachments import Loaded
    from pmtui.session.export.export import Export, Summary
    from pmtui.session.export.folder import ExportFolder
    from pmtui.session.export.renditions import Rendition
    from pmtui.session.workspace import Workspace

_CLOSED = frozenset({Trouble.ENDED, Trouble.CREDENTIALS})
"""Troubles of an account that was switched off or suspended."""
_REFERENCE = re.compile(r"#?\d+|[A-Za-z]+-\d+|https?://.*")
"""What is taken for a reference and not for a folder."""
_SHOWN = 20
"""At most this many lines of one kind are printed; the JSON has all of them."""
_OTHERS = 3
"""How many files of others are named; the JSON has all of them."""
EXAMPLES = ("pmtui export --all postmortems", "pmtui export --all postmortems --look-in saved-pages.zip")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.usage = "pmtui export --all DIR [options]\n       pmtui export REF… DIR [options]"
    parser.add_argument("words", nargs="+", metavar="REF… DIR", help="incidents (IR-123, #42, an id, or an address), and the folder last")
    parser.add_argument("--all", action="store_true", help="every postmortem of the account, of incidents in any state")
    parser.add_argument(
        "--look-in",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="search a file or folder for addresses of postmortems: saved pages, HAR, mails, exports of chats and wikis, packed or not",
    )
    parser.add_argument(
        "--format", action="append", default=[], choices=("markdown", "html", "adf"), help="also write this format beside the Markdown"
    )
    parser.add_argument(
        "--pictures", action="store_true", help="load pictures and files from other hosts, too: over public https, without any key"
    )
    parser.add_argument("--plain", action="store_true", help="also write plain Markdown beside it: panels as quotes, mentions as names")
    parser.add_argument("--index", action="store_true", help="write a table of all postmortems into README.md of the folder")
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Export. Exit code: INCOMPLETE when something that is there is not in the folder, CONFLICT for edits that do not merge, MISSING
    when neither --all nor references were given, and --look-in found no postmortem.
    """
    from pmtui.store.files import in_words

    *refs, directory = arguments.words
    if arguments.all and refs:
        raise CommandError("--all exports every postmortem: give the folder alone, without references")
    if not arguments.all and not refs and not arguments.look_in:
        raise CommandError(_what_is_missing(directory))
    root = Path(directory)
    if root.exists() and not root.is_dir():
        raise CommandError(f"{root} is not a folder")
    if missing := next((each for each in arguments.look_in if not each.exists()), None):
        raise CommandError(f"--look-in {quote(str(missing))}: there is no such file or folder")
    exported: list[Export] = []
    try:
        asyncio.run(_export(arguments, context, refs, root, exported))
    except KeyboardInterrupt:
        if not exported:
            raise
        _report(arguments, exported[0].summary, root, interrupted=True)
        return ExitCode.INTERRUPTED
    except OSError as error:
        said = f"{root}: {in_words(error)}; what was written stays, and once that is mended the same command goes on from there"
        raise CommandError(said, ExitCode.DISK) from None
    summary = exported[0].summary
    _report(arguments, summary, root, interrupted=False)
    return _code(arguments, summary)


def _what_is_missing(word: str) -> str:
    """What to say of a single word: a folder without references, or a reference without a folder."""
    if _REFERENCE.fullmatch(word):
        ref = quote(word)
        return f"{ref} into which folder? `pmtui export {ref} DIR` names it; `pmtui pull {ref}` writes this postmortem as one file"
    return f"what is to be exported? `pmtui export --all {quote(word)}` exports everything"


async def _export(arguments: argparse.Namespace, context: Context, refs: list[str], root: Path, exported: list[Export]) -> None:
    from pmtui.backends.http.files import public_file
    from pmtui.session.export.attachments import load_attachments
    from pmtui.session.export.export import Export
    from pmtui.session.export.layout import there_before
    from pmtui.session.export.look_in import look_in

    before = there_before(root)
    async with context.workspace() as workspace:
        with ProgressLine() as line, _folder(root, context, workspace.backend) as folder:
            export = Export(workspace.backend, folder, lambda progress: line.tell(progress.words), _forms(arguments))
            exported.append(export)
            try:
                export.summary.looked = looked = look_in(arguments.look_in, workspace.backend.postmortem_ids_in)
                if arguments.all:
                    await _everything(export, workspace, looked.ids)
                else:
                    await export.these([await workspace.backend.find(ref) for ref in refs], looked.ids)
                if export.summary.stopped is None:
                    elsewhere = public_file if arguments.pictures else None
                    export.summary.attachments = await load_attachments(workspace.backend, folder, elsewhere, line.tell)
            except asyncio.CancelledError:
                export.close(interrupted=True)
                raise
            if arguments.index:
                _write_index(folder)
            export.close()
            export.summary.others = sorted(before - {entry.file for entry in folder.entries.values()})


def _forms(arguments: argparse.Namespace) -> tuple[Rendition, ...]:
    from pmtui.session.export.renditions import Rendition

    plain = [Rendition.PLAIN] if arguments.plain else []
    return (*plain, *(Rendition(each) for each in dict.fromkeys(arguments.format) if each != "markdown"))


def _write_index(folder: ExportFolder) -> None:
    """Write README.md, unless the folder has one that pmtui did not write."""
    from pmtui.session.export.renditions import INDEX_MARK, index

    page = folder.root / "README.md"
    if page.exists() and not page.read_bytes().startswith(INDEX_MARK.encode()):
        say(f"{page} was not written by pmtui, so it stays: no table was written")
        return
    folder.put(page.name, index(folder.entries.values()))


async def _everything(export: Export, workspace: Workspace, named: tuple[str, ...]) -> None:
    """Export the whole account; where the vendor closed or suspended it, also in the middle, what this computer has besides.
    Raises BackendError."""
    try:
        await export.everything(named)
    except BackendError as error:
        if error.trouble not in _CLOSED:
            raise
        refused: BackendError | None = error
    else:
        refused = export.summary.stopped
    if refused is not None and refused.trouble in _CLOSED:
        export.what_is_here(workspace.kept_here(), refused)


@contextmanager
def _folder(root: Path, context: Context, backend: Backend) -> Iterator[ExportFolder]:
    """The folder to export into. Raises CommandError where it is in use, damaged, or of another account."""
    from pmtui.session.export.folder import Elsewhere, ExportFolder
    from pmtui.session.export.manifest import NotAManifest
    from pmtui.store.lock import Busy

    with ExitStack() as stack:
        try:
            folder = stack.enter_context(ExportFolder(root, context.state, backend.identity, datetime.now(UTC)))
        except Busy as busy:
            said = f"{root} is being exported into by {busy.owner}"
            raise CommandError(f"{said}; if that process no longer runs, remove {root}/.pmtui/export.lock", ExitCode.BUSY) from None
        except NotAManifest as error:
            raise CommandError(f"{error}; move it away to export everything anew", ExitCode.DISK) from None
        except Elsewhere as error:
            raise CommandError(str(error)) from None
        yield folder


def _report(arguments: argparse.Namespace, summary: Summary, root: Path, *, interrupted: bool) -> None:
    lines = [*_troubles(summary, root), _counts(summary, root, interrupted=interrupted)]
    for line in lines:
        say(line)
    if arguments.json:
        print_json(_json(summary, root, interrupted=interrupted))
    else:
        print_not_found(summary.not_found)


def _troubles(summary: Summary, root: Path) -> list[str]:
    """What is not in the folder, one line each, with the reason."""
    survey = summary.survey
    over = summary.stopped.trouble if summary.stopped is not None else None
    single = [each for each in summary.failed if each.error is None or each.error.trouble != over]
    found = [f"{each.what} could not be exported: {each.why}" for each in single]
    found += [f"an incident could not be read: {each}" for each in survey.unreadable]
    found += [f"{reference}, missing: {'; '.join(why)}" for reference, why in summary.incomplete.items()]
    found += summary.conflicts
    found = found[:_SHOWN] + ([f"… and {len(found) - _SHOWN} more; --json has all"] if len(found) > _SHOWN else [])
    found += [f"the list of incidents ended early: {survey.stopped.message}"] if survey.stopped is not None else []
    found += [f"{each} was edited here, which stays and is not on the server: `pmtui push` saves it" for each in sorted(summary.edited)]
    found += [f"not in the account's lists: {each}" for each in summary.account]
    found += [f"no longer on the server, kept here: {each.file}" for each in summary.gone]
    if others := summary.others:
        more = f", and {len(others) - _OTHERS} more" if len(others) > _OTHERS else ""
        found.append(f"{root} had other files, which stay as they are: {', '.join(others[:_OTHERS])}{more}")
    found += [f"{each.name} was not searched: {each.why}" for each in summary.looked.refused]
    found += [f"--look-in {quote(str(path))}: no address of a postmortem was found in it" for path in summary.looked.in_vain]
    if summary.nowhere:
        found.append(f"leads to no postmortem that this key can read: {count(len(summary.nowhere), 'link')}")
    if summary.not_found:
        found.append(not_found_line(summary.not_found, root))
    if summary.attachments.named:
        found.append(_named(summary.attachments, root))
    found += [f"{file}: not from the server, but {origin}" for file, origin in summary.here.items()]
    return found + _stopped(summary)


def _stopped(summary: Summary) -> list[str]:
    """Why the export ended early, and what to do."""
    if summary.stopped is None:
        return []
    found = [f"stopped, because this fails for all of them: {summary.stopped.message}"]
    if summary.survey.listed and summary.stopped.trouble in _CLOSED:
        found.append("this key was accepted when the export began: perhaps the account was suspended meanwhile, or the key revoked")
    if summary.survey.listed:
        found.append("what was written stays; once that is mended, the same command goes on from there")
    return found


def _named(attachments: Loaded, root: Path) -> str:
    from pmtui.session.export.layout import MANIFEST
    from pmtui.store.bases import FOLDER

    loaded = f"{attachments.here:,} of {attachments.here + attachments.named:,} pictures and files loaded"
    loaded += f", {attachments.failed:,} could not be" if attachments.failed else ""
    return f"{loaded}; {root / FOLDER / MANIFEST} names the others and why; --pictures loads public ones"


def _counts(summary: Summary, root: Path, *, interrupted: bool) -> str:
    parts = [f"{len(summary.new)} new", f"{len(summary.changed)} changed", f"{len(summary.unchanged)} unchanged"]
    parts += [f"{summary.resumed} from the interrupted run"] if summary.resumed else []
    parts += [f"{len(summary.gone)} gone"] if summary.gone else []
    parts += [f"{len(summary.failed)} failed"] if summary.failed else []
    if interrupted:
        return f"interrupted, {root} has: {', '.join(parts)}; give the same command again to continue"
    nothing = not (summary.new or summary.changed or summary.gone or summary.resumed)
    return f"{root}: {', '.join(parts)}{'; nothing changed' if nothing else ''}"


def _code(arguments: argparse.Namespace, summary: Summary) -> ExitCode:
    if summary.stopped is not None:
        return BY_TROUBLE[summary.stopped.trouble]
    if not summary.whole:
        return ExitCode.INCOMPLETE
    only_looked = not arguments.all and len(arguments.words) == 1
    if only_looked and set(summary.looked.ids) <= set(summary.nowhere):
        return ExitCode.MISSING
    return ExitCode.CONFLICT if summary.conflicts else ExitCode.OK


def _json(summary: Summary, root: Path, *, interrupted: bool) -> dict[str, Any]:
    survey = summary.survey
    return {
        "schema": SCHEMA,
        "directory": str(root),
        "complete": summary.whole and not interrupted,
        "interrupted": interrupted,
        "new": summary.new,
        "changed": summary.changed,
        "unchanged": len(summary.unchanged),
        "resumed": summary.resumed,
        "gone": [each.file for each in summary.gone],
        "conflicts": summary.conflicts,
        "edited": sorted(summary.edited),
        "others": summary.others,
        "not_found": not_found_json(summary.not_found),
        "failed": [{"what": each.what, "why": each.why} for each in summary.failed],
        "missing": {reference: list(why) for reference, why in summary.incomplete.items()},
        "looked_in": {
            "files": summary.looked.files,
            "found": len(summary.looked.ids),
            "refused": [{"name": each.name, "why": each.why} for each in summary.looked.refused],
            "in_vain": [str(path) for path in summary.looked.in_vain],
        },
        "attachments": {"loaded": summary.attachments.here, "named": summary.attachments.named, "failed": summary.attachments.failed},
        "named_in_vain": summary.nowhere,
        "from_here": summary.here,
        "account": list(summary.account),
        "incidents": {"listed": survey.listed, "unreadable": list(survey.unreadable), "not_sent": survey.missing},
        "stopped": next((error.message for error in (summary.stopped, survey.stopped) if error is not None), ""),
    }
