"""A file of an exported folder as the source of a copy: read back as the postmortem of its vendor, with what people edited."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pmtui.backends.archive import addresses_in
from pmtui.backends.base import BackendError
from pmtui.formats.document.postmortem_file import Source, digest, file_of, write
from pmtui.model.fields import Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Cell, CellKind, Postmortem
from pmtui.model.values import Named, Person, Value
from pmtui.session.copy.exported import Exports, Original
from pmtui.session.export.manifest import Manifest, ManifestEntry, to_json
from pmtui.store.bases import Bases

ABOUT = Incident("i-7", "#7", "Cache empty", created=datetime(2026, 11, 14, 9, 30, 12, tzinfo=UTC))
FORM = (
    Field("title", Kind.TEXT, "Title"),
    Field("owner", Kind.PERSON, "Owner"),
    Field("responders", Kind.PEOPLE, "Responders"),
    Field("responder_teams", Kind.TEAMS, "Teams"),
)
JANE = Person("u-1", "Jane Doe")
FIELDS: dict[str, Value] = {
    "title": "Cache empty - report",
    "owner": JANE,
    "responders": (replace(JANE, role="Scribe"),),
    "responder_teams": (Named("t-1", "core"),),
}
SERVER = Postmortem(
    ABOUT,
    "pm-7",
    "https://old.example/pm-7",
    FORM,
    {
        "title": "Cache empty - report",
        "owner": JANE,
        "responders": (replace(JANE, role="Scribe"),),
        "responder_teams": (Named("t-1", "core"),),
    },
    (Cell("c1", "## Summary\n\nfine", source="[1]"), Cell("c2", "a graph", CellKind.OPAQUE, '{"graph":1}')),
)
ACCOUNT = {"users": [{"id": "u-1", "username": "jane@example.com"}, {"id": "u-2", "username": "no address"}, 3], "teams": None}


def exported(folder: Path, server: Postmortem = SERVER, name: str = "one.md") -> Path:
    """A file of an export, with its base and the account beside it."""
    (folder / ".pmtui" / "raw").mkdir(parents=True, exist_ok=True)
    (folder / ".pmtui" / "raw" / "account.json").write_text(json.dumps(ACCOUNT))
    path = folder / name
    Bases(folder / "state").keep(server, path)
    about = server.incident
    path.write_text(write(file_of(server, Source("Old", "eu", about.id, about.reference, server.id, server.url, "", digest(server)))))
    return path


def original(path: Path, shown: Postmortem | None = None) -> Original | None:
    return Exports(path.parent / "state").original(path, shown or Postmortem(ABOUT))


def test_a_file_that_nobody_edited_is_the_postmortem_itself_with_addresses(tmp_path: Path) -> None:
    found = original(exported(tmp_path))
    assert found is not None and (found.vendor, found.place) == ("Old", "eu")
    reached = replace(JANE, email="jane@example.com")
    assert found.postmortem.fields == {**SERVER.fields, "owner": reached, "responders": (replace(reached, role="Scribe"),)}
    assert replace(found.postmortem, fields=SERVER.fields) == SERVER, "ids, hidden sources and the incident's time to the second"


def test_what_was_edited_in_the_file_is_in_it(tmp_path: Path) -> None:
    path = exported(tmp_path)
    text = path.read_text().replace("fine", "better").replace("owner: Jane Doe", "owner: mara@example.com\nimpact: high\ndate: 2026-11-14")
    path.write_text(text.replace("date: 2026-11-14\n", "", 1))
    added = (Field("date", Kind.TIME, "Date"), Field("impact", Kind.TEXT, "Impact"), Field("tags", Kind.WORDS, "Tags"))
    shown = Postmortem(ABOUT, form=added, fields={"date": "2026-11-14", "impact": "high", "tags": ()})
    found = original(path, shown)
    assert found is not None
    assert (
        found.postmortem.cells[0] == replace(SERVER.cells[0], text="## Summary\n\nbetter") and found.postmortem.cells[1] == SERVER.cells[1]
    )
    assert found.postmortem.fields["owner"] == Person("mara@example.com", "", "mara@example.com")
    assert found.postmortem.fields["impact"] == "high" and found.postmortem.form[-1] == added[1], "a key that people added is a field"
    assert "date" not in found.postmortem.fields, "the incident's own day is none"


def test_a_title_of_the_incident_goes_with_the_file(tmp_path: Path) -> None:
    own = replace(
        SERVER, form=(*FORM, Field("document_title", Kind.TEXT, "Document title")), fields={"title": "Cache empty", "document_title": "PM"}
    )
    path = exported(tmp_path, own)
    path.write_text(path.read_text().replace("title: Cache empty", "title: Cache was empty", 1))
    found = original(path)
    assert found is not None and found.postmortem.incident.title == "Cache was empty"


def test_two_postmortems_with_the_same_words_stay_two(tmp_path: Path) -> None:
    twin = replace(SERVER, id="pm-8", url="https://old.example/pm-8", incident=replace(ABOUT, id="i-8", reference="#8"))
    one, other = exported(tmp_path), exported(tmp_path, twin, "other.md")
    for path, server in ((one, SERVER), (other, twin)):
        found = original(path)
        assert found is not None and found.postmortem.id == server.id and found.postmortem.url == server.url
        assert (found.postmortem.incident.id, found.postmortem.incident.reference) == (server.incident.id, server.incident.reference)


def test_a_file_that_is_no_export_or_lost_what_it_was_written_from_has_none(tmp_path: Path) -> None:
    path = exported(tmp_path)
    (tmp_path / "plain.md").write_text("---\ntitle: By hand\n---\n\n## Summary\n")
    assert original(tmp_path / "plain.md") is None
    for base in (tmp_path / ".pmtui" / "base").iterdir():
        base.unlink()
    assert original(path) is None


def test_a_value_that_its_field_cannot_hold_is_an_error_with_the_key(tmp_path: Path) -> None:
    path = exported(tmp_path)
    path.write_text(path.read_text().replace("owner: Jane Doe\n", "owner:\n  - Jane Doe\n"))
    with pytest.raises(BackendError, match="owner: write one value"):
        original(path)


def test_addresses_are_found_as_vendors_write_them() -> None:
    nested = {"users": [{"id": "u-3", "type": "users", "attributes": {"email": "x@example.com", "handle": "x"}}, {"id": 4, "email": "y@y"}]}
    assert addresses_in(nested) == {"u-3": "x@example.com"}
    assert addresses_in(ACCOUNT) == {"u-1": "jane@example.com"}
    assert addresses_in([ACCOUNT]) == addresses_in({"users": {"id": "u-1"}}) == addresses_in(None) == {}


def test_impacts_are_those_of_the_raw_answers_whatever_the_file_is_called_now(tmp_path: Path) -> None:
    entry = ManifestEntry("pm-7", "i-7", "#7", "Cache empty", "published", "", "", "", "one.md")
    manifest, raw = tmp_path / ".pmtui" / "manifest.json", tmp_path / ".pmtui" / "raw" / "one.json"
    exported(tmp_path, name="renamed.md")
    assert Exports(tmp_path / "state").impacts(tmp_path, "pm-7") == (), "an export that was not finished"
    manifest.write_text(json.dumps(to_json(Manifest("Old", "eu", (entry,)))))
    for kept, found in (('{"impacts": [{"id": "1"}]}', [{"id": "1"}]), ('{"impacts": 1}', ()), ("{}", ()), ("[", ()), ("[]", ())):
        raw.write_text(kept)
        assert Exports(tmp_path / "state").impacts(tmp_path, "pm-7") == found, kept
    assert Exports(tmp_path / "state").impacts(tmp_path, "pm-8") == ()
    manifest.write_text("[")
    assert Exports(tmp_path / "state").impacts(tmp_path, "pm-7") == ()
