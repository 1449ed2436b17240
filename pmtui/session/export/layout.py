"""Where things are in an exported folder: the Markdown files, and in ``.pmtui`` all else."""

from __future__ import annotations

import json
from pathlib import Path

from pmtui.session.export.manifest import INCIDENT, MARKDOWN, RAW, Manifest, NotAManifest, from_json
from pmtui.store.bases import FOLDER
from pmtui.store.files import Files

MANIFEST, JOURNAL, LOCK, ACCOUNT, NOT_FOUND_PAGE = "manifest.json", "manifest.log", "export.lock", "account.json", "not-found.html"
FOLDERS = {RAW: "raw", INCIDENT: "incident"}
"""The folders of a document's files, by kind."""


def path_of(root: Path, kind: str, name: str) -> Path:
    """The path of a document's file of this kind; ``name`` is its Markdown file's."""
    return root / name if kind == MARKDOWN else root / FOLDER / FOLDERS[kind] / f"{name.removesuffix('.md')}.json"


def there_before(root: Path) -> frozenset[str]:
    """What stands in a folder before its first export, without hidden files; nothing where an earlier export has said so."""
    if not root.is_dir() or any((root / FOLDER / name).exists() for name in (MANIFEST, JOURNAL)):
        return frozenset()
    return frozenset(each.name for each in root.iterdir() if not each.name.startswith("."))


def read_manifest(root: Path, files: Files) -> Manifest:
    """The manifest of a folder, empty when there is none. Raises NotAManifest, OSError."""
    try:
        return from_json(json.loads(files.read(root / FOLDER / MANIFEST)))
    except FileNotFoundError:
        return Manifest()
    except (ValueError, RecursionError) as error:
        raise NotAManifest(f"{root / FOLDER / MANIFEST}: {error}") from None
