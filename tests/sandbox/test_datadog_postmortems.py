"""Attachments and the creation of postmortems, as the vendor's page has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.datadog import CHECKOUT, NIL, NOBODY, Wire, body, texts

KIND = "incident_attachments"
LINK = {"attachment_type": "postmortem", "attachment": {"documentUrl": "https://app.datadoghq.com/notebook/x/y?a=1&b=2", "title": "T & U"}}
# The body on the vendor's page "Create postmortem attachment".
EXAMPLE: dict[str, Any] = {
    "cells": [
        {
            "attributes": {"definition": {"content": "## Incident Summary\nThis incident was caused by..."}},
            "id": "cell-1",
            "type": "markdown",
        }
    ],
    "content": "# Incident Report - IR-123\n[...]",
    "postmortem_template_id": "93645509-874e-45c4-adfa-623bfeaead89-123",
    "title": "Postmortem-IR-123",
}


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


def created(wire: Wire, attributes: dict[str, Any], title: str = "Login e-mails delayed") -> Any:
    answer = wire.send("POST", f"/api/v2/incidents/{wire.find(title)}/attachments/postmortems", body(KIND, attributes))
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"] == "application/vnd.api+json"
    return answer.json()["data"]


def notebook_number(attachment: Any) -> int:
    return int(attachment["attributes"]["attachment"]["documentUrl"].split("/")[4])


def test_the_vendors_example(wire: Wire) -> None:
    made = created(wire, EXAMPLE)
    assert made["attributes"]["attachment_type"] == "postmortem"
    assert made["attributes"]["attachment"]["title"] == "Postmortem-IR-123"
    assert re.fullmatch(r"https://app\.datadoghq\.com/notebook/\d+/Postmortem-IR-123", made["attributes"]["attachment"]["documentUrl"])
    assert re.fullmatch(r"2026-11-22T12:00:00\.\d{9}Z", made["attributes"]["modified"])
    notebook = wire.notebook(notebook_number(made))
    assert texts(notebook) == ["## Incident Summary\nThis incident was caused by..."]
    assert notebook["metadata"]["type"] == "postmortem"


def test_the_curl_example_has_a_cell_without_attributes(wire: Wire) -> None:
    made = created(wire, EXAMPLE | {"cells": [{"id": "cell-1", "type": "markdown"}]})
    assert texts(wire.notebook(notebook_number(made))) == ["# Incident Report - IR-123\n[...]"]


def test_every_attribute_is_optional(wire: Wire) -> None:
    made = created(wire, {})
    assert made["attributes"]["attachment"]["title"] == "Postmortem IR-335"
    assert texts(wire.notebook(notebook_number(made))) == [""]


def test_a_template_alone_is_filled_in_but_for_its_live_blocks(wire: Wire) -> None:
    made = created(wire, {"postmortem_template_id": "93645509-874e-45c4-adfa-623bfeaead89"}, CHECKOUT)
    [text] = texts(wire.notebook(notebook_number(made)))
    assert text.startswith("# Postmortem IR-338: Checkout 5xx after cache failover\n\n{{incident.card}}")
    assert "{{incident.timeline}}" in text
    assert "by Jane Doe." in text


@pytest.mark.parametrize(("template", "host"), [("90", "example.atlassian.net"), ("91", "docs.google.com")])
def test_the_template_says_where_the_document_lives(wire: Wire, template: str, host: str) -> None:
    made = created(wire, EXAMPLE | {"postmortem_template_id": f"93645509-874e-45c4-adfa-623bfeaead{template}"})
    assert made["attributes"]["attachment"]["documentUrl"].startswith(f"https://{host}/")


def test_it_is_not_idempotent(wire: Wire) -> None:
    first, second = created(wire, EXAMPLE), created(wire, EXAMPLE)
    assert notebook_number(first) != notebook_number(second)
    listed = wire.get(f"/api/v2/incidents/{wire.find('Login e-mails delayed')}/attachments")["data"]
    assert [one["id"] for one in listed] == [first["id"], second["id"]]


def test_the_name_of_the_notebook_has_eighty_characters_at_most(wire: Wire) -> None:
    assert len(wire.notebook(notebook_number(created(wire, {"title": "x" * 200})))["name"]) == 80


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"cells": [{"type": "notebook_cells"}]}, "/data/attributes/cells/0/type"),
        ({"cells": "x"}, "/data/attributes/cells"),
        ({"title": 1}, "/data/attributes/title"),
        ({"postmortem_template_id": "nope"}, "/data/attributes/postmortem_template_id"),
    ],
)
def test_bodies_that_do_not_fit(wire: Wire, change: dict[str, Any], pointer: str) -> None:
    path = f"/api/v2/incidents/{wire.find(CHECKOUT)}/attachments/postmortems"
    answer = wire.send("POST", path, body(KIND, EXAMPLE | change))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"] == {"pointer": pointer}


def test_the_frame_of_the_body_is_checked(wire: Wire) -> None:
    path = f"/api/v2/incidents/{wire.find(CHECKOUT)}/attachments/postmortems"
    assert wire.refused(400, "POST", path, {"data": {"type": KIND}})[0]["source"] == {"pointer": "/data/attributes"}
    assert (
        'got type "postmortems" expected one of "incident_attachments"'
        in wire.refused(400, "POST", path, body("postmortems", {}))[0]["detail"]
    )


@pytest.mark.parametrize("status", [403, 404, 405, 500])
def test_the_preview_can_be_off(status: int) -> None:
    with Wire(postmortems=str(status)) as wire:
        identifier = wire.find(CHECKOUT)
        wire.refused(status, "POST", f"/api/v2/incidents/{identifier}/attachments/postmortems", body(KIND, EXAMPLE))
        assert wire.send("POST", f"/api/v2/incidents/{identifier}/attachments", body(KIND, LINK)).status_code == 201


@pytest.mark.parametrize(("mode", "text"), [("content", EXAMPLE["content"]), ("none", None)])
def test_what_the_notebook_is_made_from_can_be_switched(mode: str, text: str | None) -> None:
    with Wire(postmortem_cells=mode) as wire:
        [made] = texts(wire.notebook(notebook_number(created(wire, EXAMPLE))))
        assert made == text if text else made.startswith("# Postmortem IR-335")


def test_attachments_are_made_changed_and_removed(wire: Wire) -> None:
    path = f"/api/v2/incidents/{wire.find('Login e-mails delayed')}/attachments"
    answer = wire.send("POST", path, body(KIND, LINK))
    made = answer.json()["data"]
    assert b"T \\u0026 U" in answer.content
    assert made["attributes"]["attachment"] == LINK["attachment"]
    assert re.fullmatch(r"2026-11-22T12:00:00\.\d{1,6}Z", made["attributes"]["modified"])
    new = {"documentUrl": "https://app.datadoghq.com/notebook/124/Postmortem-IR-124", "title": "New"}
    changed = wire.send("PATCH", f"{path}/{made['id']}", body(KIND, {"attachment": new}, id=made["id"]))
    assert changed.json()["data"]["attributes"]["attachment"] == new
    wire.refused(400, "PATCH", f"{path}/{made['id']}", body(KIND, {"attachment_type": "link"}))
    gone = wire.send("DELETE", f"{path}/{made['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert "content-type" not in gone.headers
    assert wire.get(path)["data"] == []


def test_the_incident_is_looked_up_before_the_attachment(wire: Wire) -> None:
    missing = [{"title": "Generic Error", "detail": "incident not found"}]
    malformed = [{"title": "Generic Error", "detail": "malformed incident ID"}]
    path = "/api/v2/incidents/{}/attachments"
    assert wire.refused(404, "GET", path.format(NIL)) == missing
    assert wire.refused(404, "POST", path.format(NOBODY) + "/postmortems", body(KIND, EXAMPLE)) == missing
    assert wire.refused(404, "PATCH", path.format(NIL[:-1]) + f"/{NIL}", body(KIND, LINK)) == malformed
    assert wire.refused(404, "DELETE", path.format(wire.find(CHECKOUT)) + f"/{NOBODY}")[0]["detail"] == "attachment not found"


def test_two_postmortems_a_link_and_documents_elsewhere(wire: Wire) -> None:
    def urls(title: str, kind: str) -> list[str]:
        listed = wire.get(f"/api/v2/incidents/{wire.find(title)}/attachments", **{"filter[attachment_type]": kind})["data"]
        return [one["attributes"]["attachment"]["documentUrl"] for one in listed]

    assert len(urls("Nightly billing export is empty", "1")) == 2
    assert urls(CHECKOUT, "2") == ["https://github.com/example/failover/pull/88"]
    assert "atlassian.net/wiki" in urls("Order events two hours late", "postmortem")[0]
    assert "docs.google.com" in urls("Certificate of the partner gateway expired", "postmortem")[0]


def test_a_site_with_a_region_in_its_name_is_its_own_app_host() -> None:
    with Wire(site="us5.datadoghq.com") as wire:
        assert created(wire, {})["attributes"]["attachment"]["documentUrl"].startswith("https://us5.datadoghq.com/notebook/")
