"""A text that came through a pipe stands nowhere else: when it is not saved it is put into a file that is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pmtui.cli.context import Context
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.output import say
from pmtui.store.editor_files import Outside
from pmtui.store.files import in_words


class Ending:
    """How a command ended: ``code`` is its exit code, a failure until it is told."""

    code: int = ExitCode.BUG


@contextmanager
def kept_unless_saved(context: Context, title: str, text: str) -> Iterator[Ending]:
    """Whatever ends the save of this text but success, the text stays; "" for none that could be lost."""
    ending = Ending()
    try:
        yield ending
    finally:
        if ending.code != ExitCode.OK and text.strip():
            try:
                say(f"what was read from standard input stays in {Outside(context.state).lend(text, title)}")
            except OSError as error:
                say(f"what was read from standard input could not be kept in a file: {in_words(error)}")
