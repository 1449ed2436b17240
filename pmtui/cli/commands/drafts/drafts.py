"""``pmtui drafts``: lists the drafts. ``show REF`` prints a draft as Markdown, ``discard REF`` deletes it."""

from __future__ import annotations

import argparse

from pmtui.cli.context import Context
from pmtui.cli.draft_text import find_draft, owing
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_json
from pmtui.cli.printing.output import print_json, print_markdown, print_table, say
from pmtui.cli.printing.plain import SCHEMA, markdown_of
from pmtui.display import count
from pmtui.session.recovery import replayed
from pmtui.store.drafts import DraftInfo, Drafts
from pmtui.store.editor_files import Outside, left_words

_TITLES = ("REF", "PROFILE", "UPDATED (UTC)", "CHANGES", "OPEN IN", "TITLE")

_LIVES = "; save or leave there first"
_UNASKED = "; pmtui cannot tell from here whether that still runs: discard it there, or open it here, take it over, and discard it then"


EXAMPLES = ("pmtui drafts --json", "pmtui drafts show IR-338 > draft.md")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("action", nargs="?", choices=("list", "show", "discard"), default="list", help="what to do (list)")
    parser.add_argument("ref", nargs="?", default="", metavar="REF", help="which draft to show or discard")
    parser.add_argument("--yes", action="store_true", help="discard it for good; this cannot be undone")
    add_json(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """List, print or discard drafts. Returns the exit code."""
    drafts = Drafts(context.state)
    if arguments.action == "show":
        info = find_draft(drafts, arguments.ref, context.profile_name)
        print_markdown(markdown_of(replayed(drafts.read(info)).mine))
        return 0
    if arguments.action == "discard":
        _discard(drafts, find_draft(drafts, arguments.ref, context.profile_name), sure=arguments.yes)
        return 0
    infos = drafts.list(context.profile_name)
    if arguments.json:
        print_json({"schema": SCHEMA, "drafts": [_json(info) for info in infos]})
    elif infos:
        print_table(_TITLES, [_row(info) for info in infos])
    else:
        say("there are no drafts: everything is on the server")
    for line in owing(infos):
        say(line)
    if left := left_words(Outside(context.state).left_behind()):
        say(left)
    return 0


def _discard(drafts: Drafts, info: DraftInfo, *, sure: bool) -> None:
    if info.owner is not None and info.alive is not False:
        raise CommandError(f"the draft is open in {info.owner}{_LIVES if info.alive else _UNASKED}", ExitCode.BUSY)
    if not sure:
        raise CommandError(f"this discards {count(info.changes, 'change')} to {info.reference} for good; give --yes to confirm")
    drafts.discard(info)
    say(f"discarded the draft of {info.reference}")
    if info.owes:
        say(f"{info.reference} {info.owes}: a save of it was interrupted")


def owner_words(info: DraftInfo) -> str:
    """Who has the draft open, and whether that process still runs."""
    if info.owner is None:
        return "-"
    state = {True: "", False: " (gone)", None: " (?)"}[info.alive]
    return f"{info.host or '?'} {info.pid or '?'}{state}"


def _json(info: DraftInfo) -> dict[str, object]:
    return {
        "reference": info.reference,
        "updated": info.updated.isoformat().replace("+00:00", "Z"),
        "changes": info.changes,
        "title": info.title,
        "profile": info.profile,
        "host": info.host,
        "pid": info.pid,
        "alive": info.alive,
        "damaged": info.damaged,
        "owes": info.owes,
        "path": str(info.path),
    }


def _row(info: DraftInfo) -> tuple[str, ...]:
    updated = info.updated.strftime("%Y-%m-%d %H:%M")
    damage = " (damaged)" if info.damaged else ""
    return (info.reference, info.profile, updated, str(info.changes), owner_words(info), info.title + damage)
