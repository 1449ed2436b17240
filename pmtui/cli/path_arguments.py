"""Paths in place of a reference or profile: a folder of Markdown files, or a file in one, opened without configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.paths import expanded

if TYPE_CHECKING:
    import argparse

KEPT_IN = ".pmtui"
"""The directory that marks the top of a folder of postmortems."""
LISTS = "incidents"
"""The command whose first argument may be the folder to list."""
_SUFFIX = ".md"
_DOTS = (".", "..")
_SURELY = ("./", "../", "/", "~/")


def take_paths(arguments: argparse.Namespace) -> None:
    """Replace a path by a profile, its folder, and a reference, the file in it. Raises CommandError.

    A word is a path when it has a slash or ends in .md, and exists. With ``--profile`` it is never one.
    """
    if arguments.profile:
        arguments.profile = profile_of(arguments.profile)
        return
    words = getattr(arguments, "words", None) if getattr(arguments, "command", "") == LISTS else None
    if isinstance(words, list) and words and _is_path(words[0]) and _real(words[0]).is_dir():
        arguments.profile = str(_real(words.pop(0)))
    ref = getattr(arguments, "ref", None)
    if isinstance(ref, str) and _is_path(ref):
        arguments.profile, arguments.ref = _split(ref)


def profile_of(word: str) -> str:
    """The profile's name that a word for it means: a path is made absolute."""
    return str(_real(word)) if "/" in word or word in _DOTS else word


def _is_path(word: str) -> bool:
    """Whether a word is an existing path. Raises CommandError for a word that can only be a path and does not exist."""
    if "://" in word or "\0" in word or not ("/" in word or word.endswith(_SUFFIX) or word in _DOTS):
        return False
    try:
        there = expanded(word, os.environ).exists()
    except OSError as error:
        there, why = False, error.strerror
    else:
        why = "there is no such file or folder"
    if not there and word.startswith(_SURELY):
        raise CommandError(f"{word[:200]}: {why}", ExitCode.MISSING)
    return there


def _split(word: str) -> tuple[str, str]:
    """The folder of postmortems that a path is in, and the path within it, "" for the folder itself."""
    path = _real(word)
    if path.is_dir():
        return str(path), ""
    if path.suffix != _SUFFIX:
        raise CommandError(f"{word}: this is neither a folder nor a Markdown file ({_SUFFIX})")
    folder = next((each for each in path.parents if (each / KEPT_IN).is_dir()), path.parent)
    return str(folder), path.relative_to(folder).as_posix()


def _real(word: str) -> Path:
    return Path(os.path.realpath(expanded(word, os.environ)))
