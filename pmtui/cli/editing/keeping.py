"""Keeps a text that exists nowhere else: when it is not saved, the error or a notice names the file that has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from shlex import quote

from pmtui.cli.context import Context
from pmtui.cli.errors import expected
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.output import say
from pmtui.store.editor_files import Outside
from pmtui.store.files import in_words


class Ending:
    """How a command ended. ``code`` is its exit code, which counts as a failure until it is set."""

    code: int = ExitCode.BUG


@contextmanager
def named_unless_saved(where: Callable[[], str]) -> Iterator[Ending]:
    """Unless the save succeeds, say ``where()`` the text is ("" for nowhere): as a note of the error, else as a notice."""
    ending = Ending()
    try:
        yield ending
    except expected() as error:
        if said := where():
            error.add_note(said)
        raise
    except BaseException:
        if said := where():
            say(said)
        raise
    if ending.code != ExitCode.OK and (said := where()):
        say(said)


@contextmanager
def kept_unless_saved(context: Context, title: str, piped: str) -> Iterator[Ending]:
    """As ``named_unless_saved``, for a text from standard input, which is then written to a file. ``piped`` is "" for none."""

    def where() -> str:
        if not piped.strip():
            return ""
        try:
            return f"what was read from standard input stays in {quote(str(Outside(context.state).lend(piped, title)))}"
        except OSError as error:
            return f"what was read from standard input could not be kept in a file: {in_words(error)}"

    with named_unless_saved(where) as ending:
        yield ending
