"""Real exports of two accounts, to be compared byte by byte."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pmtui.formats.document.postmortem_file import PostmortemFile, read
from pmtui.model.postmortem import TEXT
from pmtui.sandbox.server import Sandbox
from pmtui.session.copy.loss import Fate, LossReport
from pmtui.session.export.export import Export
from pmtui.session.export.folder import ExportFolder
from tests.copying import VENDORS

CARRIED = "## Carried over"
OURS = re.compile(r"^pmtui:\n.*?(?=^---\n)", re.MULTILINE | re.DOTALL)
"""Our own key, which has the ids and addresses of the account, and when it was read."""

_REFERENCE = re.compile(r"^([0-9-]{10})-(?:IR-)?[0-9]+")


@dataclass(frozen=True)
class Written:
    """An exported file. ``name`` has no reference."""

    name: str
    text: str

    @property
    def _file(self) -> PostmortemFile:
        return read(self.text)

    @property
    def title(self) -> str:
        return str(self._file.entries["title"])

    def different(self, other: Written) -> frozenset[str]:
        """What differs from another file, as a loss report names it: fields, and ``cell:LABEL`` of this file's cells."""
        mine, theirs = self._file, other._file
        names = mine.entries.keys() | theirs.entries.keys()
        fields = {name for name in names if mine.entries.get(name) != theirs.entries.get(name)}
        there = [(cell.text, cell.key) for cell in theirs.cells]
        cells = {f"cell:{cell.text.splitlines()[0]}" for cell in mine.cells if (cell.text, cell.key) not in there}
        return frozenset(fields | cells | ({TEXT} if any(cell.text.startswith(CARRIED) for cell in theirs.cells) else set()))

    def without(self, named: Collection[str]) -> str:
        """The text without these parts, and without ids and addresses."""
        return _without(OURS.sub("", self.text), named)


def _without(text: str, named: Collection[str]) -> str:
    for name in named:
        text = re.sub(rf"^{re.escape(name)}:.*\n(?:  .*\n)*", "", text, flags=re.MULTILINE)
        if name.startswith("cell:"):
            text = re.sub(r"^<!-- opaque cell -->\n(?:.*\n)*?<!-- /cell -->\n", "CELL\n", text, flags=re.MULTILINE)
            text = re.sub(r"^<!-- cell -->\n▦ .*\n", "CELL\n", text, flags=re.MULTILINE)
    return text.partition(CARRIED)[0].rstrip("\n") if TEXT in named else text


def unequal(losses: LossReport) -> frozenset[str]:
    """The parts that a loss report does not call exact; cells by their label, and the text if some of it is new."""
    parts = [each for each in losses.parts if each.fate is not Fate.EXACT]
    names = frozenset(f"cell:{each.label}" if each.part.startswith("cell:") else each.part for each in parts)
    carried = any(each.fate is Fate.IN_TEXT and not each.part.startswith("cell:") for each in parts)
    return names | {TEXT} if carried else names


async def exported(vendor: str, sandbox: Sandbox, root: Path) -> Mapping[str, Written]:
    """Export everything of an account. Returns the files by what finds the postmortem: the incident's id, or its own."""
    backend = VENDORS[vendor](sandbox)
    try:
        with ExportFolder(root, root / "state", backend.identity, datetime.now(UTC)) as folder:
            made = Export(backend, folder, lambda progress: None)
            await made.everything(tuple(sandbox.opsgenie.state.postmortems) if vendor == "opsgenie" else ())
            made.close()
    finally:
        await backend.aclose()
    assert not made.summary.failed
    return {
        entry.incident if vendor == "datadog" else entry.id: Written(
            _REFERENCE.sub(r"\1", entry.file), (root / entry.file).read_bytes().decode()
        )
        for entry in folder.entries.values()
    }
