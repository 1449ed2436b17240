"""The manifest of an exported folder as frozen values, and as JSON. Pure.

The folder has the Markdown files. Its ``.pmtui`` has the manifest, and for each document, under the name of its file, the
vendor's JSON (``raw``), a summary of the incident (``incident``), and the base that a push is merged with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from pmtui.model.incident import Existence, Incident

SCHEMA = 1
MARKDOWN, RAW, INCIDENT = "markdown", "raw", "incident"
"""The kinds of files of a document: the keys of ``ManifestEntry.hashes``."""
ATTACHED = ".pmtui/files/"
"""Where pictures and files are."""


class NotAManifest(ValueError):
    """An invalid manifest. The message has the path of what is wrong."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or file of the text: its address, and ``why`` it was not loaded, "" when it is in ``file``."""

    address: str
    why: str = ""
    file: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One exported document.

    ``id`` is the vendor's id of the document, ``incident`` that of the incident; ``url`` and ``incident_url`` are their pages.
    ``file`` is the name of the Markdown file. ``hashes`` are SHA-256 by kind (``MARKDOWN``: of the server's version, without
    edits in the file; ``RAW``, ``INCIDENT``). ``base`` names the base. ``fingerprint`` is that of the raw JSON without values
    that change by themselves. ``read`` is the time of the reading. ``missing`` are sentences about what is missing. ``gone``
    is when it was first no longer found on the server. ``origin`` is "" for the vendor, else a phrase for the data on this
    computer that it was written from.
    """

    id: str
    incident: str
    reference: str
    title: str
    state: str
    created: str
    url: str
    incident_url: str
    file: str
    hashes: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    fingerprint: str = ""
    read: str = ""
    missing: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    gone: str = ""
    origin: str = ""

    @property
    def about(self) -> Incident:
        """The incident, as far as the manifest has it."""
        return Incident(
            self.incident, self.reference, self.title, created=moment(self.created), postmortem=Existence.YES, url=self.incident_url
        )


@dataclass(frozen=True, slots=True)
class NotFound:
    """A postmortem that is not in the folder: its incident, "" where only an id (``reference``) is known, and ``why``."""

    incident: str
    reference: str
    title: str
    state: str
    url: str
    why: str

    @property
    def key(self) -> str:
        """What tells it from others."""
        return self.incident or self.reference


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole folder. ``not_carried`` lists what the vendor's API gives for no document.

    ``not_found`` are known to exist, but not by which id; ``failed`` could not be read. ``missing`` are sentences about what
    else could not.
    """

    vendor: str = ""
    place: str = ""
    documents: tuple[ManifestEntry, ...] = ()
    not_found: tuple[NotFound, ...] = ()
    not_carried: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    failed: tuple[NotFound, ...] = ()


def to_json(manifest: Manifest) -> dict[str, Any]:
    """The manifest as JSON, documents sorted by file name, so that equal folders have equal manifests."""
    return {
        "schema": SCHEMA,
        "vendor": manifest.vendor,
        "place": manifest.place,
        "documents": [entry_to_json(each) for each in sorted(manifest.documents, key=lambda entry: entry.file)],
        "not_found": _sorted(manifest.not_found),
        "failed": _sorted(manifest.failed),
        "not_carried": list(manifest.not_carried),
        "missing": list(manifest.missing),
    }


def entry_to_json(entry: ManifestEntry) -> dict[str, Any]:
    """One document as JSON."""
    return {**asdict(entry), "hashes": dict(entry.hashes), "missing": list(entry.missing)}


def from_json(data: Any) -> Manifest:
    """The inverse of ``to_json``. Raises NotAManifest."""
    if not isinstance(data, dict) or not isinstance(data.get("schema"), int):
        raise NotAManifest("this is not a manifest: it has no schema")
    if data["schema"] > SCHEMA:
        raise NotAManifest(f"a later pmtui wrote it (schema {data['schema']}, this one reads {SCHEMA})")
    documents = tuple(entry_from_json(each, f"documents[{n}]") for n, each in enumerate(_list(data, "documents")))
    check_files(documents)
    not_found, failed = (
        tuple(not_found_from_json(each, f"{name}[{n}]") for n, each in enumerate(_list(data, name))) for name in ("not_found", "failed")
    )
    vendor, place, not_carried, missing = _text(data, "vendor", ""), _text(data, "place", ""), "not_carried", "missing"
    return Manifest(vendor, place, documents, not_found, _texts(data, not_carried), _texts(data, missing), failed)


def entry_from_json(data: Any, at: str = "entry") -> ManifestEntry:
    """The inverse of ``entry_to_json``. Raises NotAManifest."""
    if not isinstance(data, dict):
        raise NotAManifest(f"{at} is not an object")
    told = {name: _text(data, name, at) for name in ManifestEntry.__dataclass_fields__ if name not in _OTHERS}
    if not told["id"] or not is_plain_name(told["file"]):
        raise NotAManifest(f"{at}: an id and the name of a file are needed")
    if not _BASE.fullmatch(told["base"]):
        raise NotAManifest(f"{at}.base is not a hash")
    hashes = data.get("hashes")
    kept = {str(kind): str(each) for kind, each in hashes.items()} if isinstance(hashes, dict) else {}
    attachments = tuple(Attachment(**_known(each, Attachment)) for each in _list(data, "attachments"))
    if strange := next((each.file for each in attachments if each.file and not _is_attached(each.file)), None):
        raise NotAManifest(f"{at}.attachments: {strange} is not in {ATTACHED}")
    return ManifestEntry(**told, hashes=kept, missing=_texts(data, "missing"), attachments=attachments)


def check_files(documents: Iterable[ManifestEntry]) -> None:
    """Raises NotAManifest when two documents have one file: they would be written over each other."""
    known: set[str] = set()
    for each in documents:
        if each.file.casefold() in known:
            raise NotAManifest(f"two documents have the file {each.file}")
        known.add(each.file.casefold())


def not_found_from_json(data: Any, at: str = "not_found") -> NotFound:
    """The inverse of ``asdict``. Raises NotAManifest."""
    if not isinstance(data, dict):
        raise NotAManifest(f"{at} is not an object")
    return NotFound(**{name: _text(data, name, at) for name in NotFound.__dataclass_fields__})


def is_plain_name(name: str) -> bool:
    """Whether this names a visible file in the folder itself: a manifest may be anybody's."""
    return name not in ("", ".", "..") and not name.startswith(".") and not set(name) & {"/", "\\", "\0"}


def _sorted(records: Iterable[NotFound]) -> list[dict[str, Any]]:
    return [asdict(each) for each in sorted(records, key=lambda each: (each.reference, each.incident))]


def _is_attached(file: str) -> bool:
    return file.startswith(ATTACHED) and is_plain_name(file.removeprefix(ATTACHED))


_BASE = re.compile(r"[0-9a-f]*")
_OTHERS = frozenset({"hashes", "missing", "attachments"})


def moment(text: str) -> datetime | None:
    """The time that a text says, UTC unless it says otherwise; None for any other text."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _known(data: Any, kind: type[Attachment]) -> dict[str, str]:
    return {name: _text(data, name, "attachments") for name in kind.__dataclass_fields__} if isinstance(data, dict) else {"address": ""}


def _text(data: Mapping[str, Any], name: str, at: str) -> str:
    found = data.get(name, "")
    if not isinstance(found, str):
        raise NotAManifest(f"{at}.{name} is not a text")
    return found


def _texts(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(each for each in _list(data, name) if isinstance(each, str))


def _list(data: Mapping[str, Any], name: str) -> Iterable[Any]:
    found = data.get(name, [])
    if not isinstance(found, list):
        raise NotAManifest(f"{name} is not a list")
    return found
