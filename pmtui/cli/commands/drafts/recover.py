"""``pmtui recover``: gets the text out of a draft that a crash, a lost connection or a damaged disk left behind."""

from __future__ import annotations

import argparse
from pathlib import Path

from pmtui.cli.commands.drafts.drafts import owner_words
from pmtui.cli.context import Context
from pmtui.cli.draft_text import find_draft, scraps, unplaced
from pmtui.cli.printing.output import print_markdown, print_table, say
from pmtui.cli.printing.plain import markdown_of
from pmtui.display import count
from pmtui.model.diff import diff
from pmtui.session.change_text import change_title
from pmtui.session.recovery import replayed
from pmtui.store.drafts import DraftInfo, Drafts, DraftUnreadable
from pmtui.store.editor_files import Outside, left_words
from pmtui.store.files import Files

EXAMPLES = ("pmtui recover", "pmtui recover IR-338 --output saved.md")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("ref", nargs="?", default="", metavar="REF", help="the draft's reference or file name; without it they are listed")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the text to this file, which must not exist")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """List the drafts, or print the text of one. Returns the exit code."""
    drafts = Drafts(context.state)
    if not arguments.ref:
        return _list(drafts.list(context.profile_name), Outside(context.state).left_behind())
    info = find_draft(drafts, arguments.ref, context.profile_name)
    text = _text(drafts, info)
    if arguments.output is None:
        print_markdown(text)
    else:
        Files().create(arguments.output, text.encode("utf-8", "backslashreplace"))
        say(f"written to {arguments.output}; the draft itself stays in {info.path}")
    return 0


def _list(infos: list[DraftInfo], left: list[Path]) -> int:
    if not infos:
        say(left_words(left) or "there are no drafts to recover")
        return 0
    print_table(
        ("REF", "UPDATED (UTC)", "OPEN IN", "FILE"),
        [(each.reference, each.updated.strftime("%Y-%m-%d %H:%M"), owner_words(each), each.path.name) for each in infos],
    )
    say("`pmtui REF` continues a draft, `pmtui recover REF` prints its text")
    if left:
        say(left_words(left))
    return 0


def _text(drafts: Drafts, info: DraftInfo) -> str:
    """The text of a draft, as far as it can be read. Notices name what is missing."""
    try:
        recovered = drafts.read(info)
    except DraftUnreadable as error:
        say(f"{error}; below is all the text that is left in it")
        return scraps(info)
    if recovered.damaged:
        say(f"{info.path}: part of the draft is damaged, and is missing below")
    replay = replayed(recovered)
    found = replay.mine
    for change in diff(recovered.base, found):
        say(f"changed: {change_title(change, found)}")
    left = unplaced(replay)
    if left:
        say(f"{count(len(left), 'piece')} of text without a place, because an earlier record is missing: printed at the end")
    return "\n\n".join((markdown_of(found), *left))
