"""The vendor's recorded and assumed answers, where they are at hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pmtui.backends.opsgenie.errors import OpsgenieDialect
from pmtui.backends.opsgenie.incidents import incident
from pmtui.backends.opsgenie.read import Circumstances, postmortem
from pmtui.backends.opsgenie.wire import WireIncident, WirePostmortem, data_of, rows_of
from pmtui.formats.sections import join
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Link, Named, Person

EXAMPLES = Path(__file__).parents[4] / "shared/vendors/opsgenie/examples"
pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the vendor's examples are not at hand")


def example(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text())


def mapped(name: str) -> Postmortem:
    wire = data_of(WirePostmortem, example(name), "read an example")
    assert wire.root_incident is not None
    return postmortem(wire, incident(wire.root_incident), Circumstances(), datetime.now(UTC))


def test_the_documented_postmortem() -> None:
    found = mapped("postmortem-get.json")
    assert [cell.title for cell in found.cells] == [
        "Executive summary",
        "Leadup",
        "Fault",
        "Detection",
        "Root causes",
        "Mitigation and resolution",
        "Lessons learnt",
    ]
    assert found.cells[1].prompt == "Describe the circumstances that led to this incident"
    assert found.fields["created_time"] == "2021-02-26T04:20:33.873Z"
    assert not any(field.locked for field in found.form if not field.name.endswith("_time"))
    content = example("postmortem-get.json")["data"]["content"]
    assert json.dumps(join(found.cells[1:], content, found.cells[1:])) == json.dumps(content)


def test_the_filled_postmortem() -> None:
    found = mapped("postmortem-get-filled.ASSUMED-item-shapes.json")
    assert found.fields["responders"] == (Person("b75a117f-fe66-4321-bc69-1782e4b86c4d", "John Doe", role="Incident Commander"),)
    assert found.fields["related_incidents"] == (Named("4513b7ea-3b91-438f-b7e4-e3e54af9147c", "#2 Older incident"),)
    assert found.fields["linked_issues"] == (Link("https://atlantis.atlassian.net/browse/TRIDENT-101", "TRIDENT-101"),)
    assert (found.incident.reference, found.incident.severity, found.incident.owner) == ("#3", "P1", "John Doe")


def test_incidents() -> None:
    first, second = rows_of(WireIncident, example("incidents-list.json"), "read an example").understood
    assert (first.tiny_id, first.status, first.postmortem_id) == ("3", "resolved", "4e4b3a71-1fa4-47fb-9b27-23dcbde566a5")
    assert second.postmortem_id == ""
    assert first.created == datetime(2023, 9, 26, 17, 6, 16, 824000, UTC)


def test_errors_have_words() -> None:
    for path in EXAMPLES.glob("error-*.json"):
        status = int(path.name.split("-")[1][:3])
        told = OpsgenieDialect("us").explain(status, {}, path.read_bytes())
        assert told.said
        assert told.request_id
