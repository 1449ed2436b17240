"""Creating postmortems: through the preview, by hand where there is none, and never two of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.datadog.account.site import notebook_of
from pmtui.backends.datadog.account.templates import OUTLINE, filled, sections
from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.backends.datadog.origin import Origin
from pmtui.backends.datadog.wire.incidents import IncidentAnswer
from pmtui.model.incident import Existence, Incident
from pmtui.model.query import Query
from pmtui.sandbox.server import Sandbox
from tests.backends.datadog.conftest import Connect, Sandboxed, calls
from tests.backends.loopback import answer, loopback

PREVIEW = "/api/v2/incidents/*/attachments/postmortems"


async def without_postmortem(backend: DatadogBackend) -> Incident:
    page = await backend.incidents(Query())
    return next(each for each in page.incidents if each.postmortem == Existence.NONE)


def postmortems(sandbox: Sandbox, incident: Incident) -> list[Any]:
    """What the sandbox itself holds, asked without the backend."""
    record = sandbox.datadog.state.incident(incident.id)
    assert record is not None
    return [each for each in record["attachments"] if each["attachment_type"] == "postmortem"]


def body(sandbox: Sandbox, suffix: str) -> Any:
    found = next(each for each in sandbox.requests if each["method"] == "POST" and each["path"].endswith(suffix))
    return json.loads(found["body"])["data"]["attributes"]


async def test_templates_are_offered_with_what_is_known_filled_in(backend: DatadogBackend) -> None:
    incident = await without_postmortem(backend)
    offered = await backend.creation(incident)
    assert not offered.impossible
    first = offered.templates[0]
    assert first.default
    assert [each.default for each in offered.templates[1:]] == [False] * (len(offered.templates) - 1)
    assert incident.title in first.preview
    assert "{{incident.timeline}}" in first.preview
    assert "timeline" in first.unfilled
    assert {each.location for each in offered.templates} >= {"Datadog notebook", "Confluence"}
    assert {each.location for each in offered.templates if each.locked} == {"Confluence", "Google Docs"}


async def test_an_incident_has_one_postmortem(backend: DatadogBackend) -> None:
    page = await backend.incidents(Query())
    has_one = page.incidents[0]
    assert "already" in (await backend.creation(has_one)).impossible
    with pytest.raises(BackendError) as caught:
        await backend.create(has_one)
    assert caught.value.trouble is Trouble.CONFLICT


async def test_creating_sends_content_and_cells_and_reads_back(sandbox: Sandbox, backend: DatadogBackend) -> None:
    incident = await without_postmortem(backend)
    template = (await backend.creation(incident)).templates[0]
    made = await backend.create(incident, template)
    sent = body(sandbox, "/attachments/postmortems")
    assert sent["postmortem_template_id"] == template.id
    assert sent["content"] == "\n\n".join(each["attributes"]["definition"]["content"] for each in sent["cells"])
    assert [each["id"] for each in sent["cells"]] == [f"cell-{number}" for number in range(1, len(sent["cells"]) + 1)]
    assert {each["type"] for each in sent["cells"]} == {"markdown"}
    assert len(sent["title"]) <= 80
    assert incident.reference in sent["title"]
    assert made.id
    assert made.cells
    assert made.incident.postmortem == Existence.YES
    assert len(postmortems(sandbox, incident)) == 1


async def test_a_postmortem_elsewhere_is_made_where_its_template_says(backend: DatadogBackend) -> None:
    incident = await without_postmortem(backend)
    template = next(each for each in (await backend.creation(incident)).templates if each.location == "Confluence")
    made = await backend.create(incident, template)
    assert "a Confluence page" in made.text_locked


async def test_a_postmortem_that_was_not_side_loaded_is_not_overlooked(connect: Connect) -> None:
    identifier = "548c9855-15a4-5015-8a20-4d237f24d784"
    relationships = {"attachments": {"data": [{"type": "incident_attachments", "id": "a1"}]}}
    incident = {"type": "incidents", "id": identifier, "attributes": {"title": "T", "public_id": 1}, "relationships": relationships}
    attachment = {"title": "P", "documentUrl": "https://app.datadoghq.com/notebook/Test/Test"}
    attributes = {"attachment_type": "postmortem", "attachment": attachment}
    async with loopback() as site:
        site.on("GET", ".*", answer(200, {"data": []}))
        site.on("GET", f"/api/v2/incidents/{identifier}", answer(200, {"data": incident}))
        attached = {"id": "a1", "type": "incident_attachments", "attributes": attributes}
        site.on("GET", ".*/attachments", answer(200, {"data": [attached]}))
        backend = connect(site.url)
        opened = await backend.postmortem(Incident(identifier, "IR-1", "T"))
        assert (opened.id, opened.incident.postmortem) == ("a1", Existence.YES)
        assert "not a Datadog notebook" in opened.text_locked
        with pytest.raises(BackendError) as caught:
            await backend.create(opened.incident)
        assert caught.value.trouble is Trouble.CONFLICT
        assert not site.calls("POST")


@pytest.mark.parametrize("made_from", ["content", "none"])
async def test_what_the_endpoint_leaves_out_is_written(made_from: str, sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(postmortem_cells=made_from)
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    made = await backend.create(incident)
    wanted = [each["attributes"]["definition"]["content"] for each in body(sandbox, "/attachments/postmortems")["cells"]]
    texts = [cell.text for cell in made.cells if cell.editable]
    if any("{{" in cell for cell in wanted):
        assert "\n".join(texts).split()[:5] == "\n".join(wanted).split()[:5]
    else:
        assert texts == wanted


@pytest.mark.parametrize("status", ["403", "404", "405", "500", "503"])
async def test_without_the_preview_a_notebook_is_made_and_linked(status: str, sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(postmortems=status)
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    made = await backend.create(incident)
    sent = body(sandbox, "/api/v1/notebooks")
    assert sent["metadata"]["type"] == "postmortem"
    assert [cell.text for cell in made.cells] == [each["attributes"]["definition"]["text"] for each in sent["cells"]]
    assert len(postmortems(sandbox, incident)) == 1


async def test_without_templates_there_is_an_outline(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(templates="404")
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    offered = await backend.creation(incident)
    assert [each.name for each in offered.templates] == ["no template: a plain outline"]
    assert any("templates could not be read" in each for each in offered.warnings)
    made = await backend.create(incident)
    assert "## Summary" in [cell.text for cell in made.cells]


async def test_what_was_offered_is_created_although_templates_can_be_read_again(sandbox: Sandbox, connect: Connect) -> None:
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    sandbox.fault("GET /api/v2/incidents/config/postmortem-templates 500")
    offered = await backend.creation(incident)
    sandbox.clear_faults()
    assert any("begins with a plain outline" in each for each in offered.warnings)
    made = await backend.create(incident, offered.default)
    assert [cell.text for cell in made.cells if cell.editable] == list(sections(OUTLINE))


@pytest.mark.parametrize(
    "fault",
    [
        f"POST {PREVIEW} drop-after",
        f"POST {PREVIEW} truncate",
        f"POST {PREVIEW} garbage",
        f"POST {PREVIEW} empty",
        f"POST {PREVIEW} 500 applied",
        f"POST {PREVIEW} 503 first 1",
    ],
)
async def test_after_a_lost_answer_there_is_exactly_one(fault: str, sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(faults=(fault,))
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    made = await backend.create(incident)
    assert made.id == postmortems(sandbox, incident)[0]["id"]
    assert len(postmortems(sandbox, incident)) == 1


@pytest.mark.parametrize("lost", ["POST /api/v1/notebooks drop-after", "POST /api/v2/incidents/*/attachments drop-after"])
async def test_by_hand_too_a_lost_answer_is_looked_up(lost: str, sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(faults=(lost,), postmortems="404")
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    made = await backend.create(incident)
    assert made.cells
    assert len(postmortems(sandbox, incident)) == 1
    assert len([call for call in calls(sandbox) if call == "POST /api/v1/notebooks"]) == 1


async def test_what_may_still_arrive_is_not_made_again(sandboxed: Sandboxed, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pmtui.backends.datadog.create._BETWEEN_LOOKS", 0.01)
    sandbox = sandboxed(faults=(f"POST {PREVIEW} drop-before",))
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    with pytest.raises(BackendError) as caught:
        await backend.create(incident)
    assert caught.value.unknown
    assert not [call for call in calls(sandbox) if call == "POST /api/v1/notebooks"]
    sandbox.clear_faults()
    await backend.create(incident)
    assert len(postmortems(sandbox, incident)) == 1


@pytest.mark.parametrize("status", ["502", "504", "408"])
async def test_a_gateway_that_gave_up_is_no_reason_for_another_way(
    status: str, sandboxed: Sandboxed, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pmtui.backends.datadog.create._BETWEEN_LOOKS", 0.01)
    sandbox = sandboxed(faults=(f"POST {PREVIEW} {status}",))
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    with pytest.raises(BackendError) as caught:
        await backend.create(incident)
    assert caught.value.unknown
    assert "POST /api/v1/notebooks" not in calls(sandbox)


@pytest.mark.parametrize("fault", ["504 applied", "408 applied", "501", "403"])
async def test_the_attachments_are_looked_at_before_another_way_is_gone(fault: str, sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(faults=(f"POST {PREVIEW} {fault}",))
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    await backend.create(incident)
    assert len(postmortems(sandbox, incident)) == 1
    asked = [each for each in calls(sandbox) if "/config/" not in each]  # the definitions come when they come
    after = asked[asked.index(f"POST {PREVIEW.replace('*', incident.id)}") + 1 :]
    assert after[0] == f"GET /api/v2/incidents/{incident.id}/attachments"
    assert ("POST /api/v1/notebooks" in after) is ("applied" not in fault)


async def test_a_page_elsewhere_does_not_become_a_notebook(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(postmortems="404")
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    template = next(each for each in (await backend.creation(incident)).templates if each.location == "Confluence")
    with pytest.raises(BackendError, match="Confluence"):
        await backend.create(incident, template)
    assert "POST /api/v1/notebooks" not in calls(sandbox)


async def test_attempts_that_cannot_be_linked_leave_one_notebook(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(deny="incident_write")
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    for _ in range(3):
        with pytest.raises(BackendError) as caught:
            await backend.create(incident)
        assert caught.value.trouble is Trouble.RIGHTS
        assert "the next attempt uses it" in caught.value.advice
    assert calls(sandbox).count("POST /api/v1/notebooks") == 1


@pytest.mark.parametrize("path", ["/api/v1/notebooks", "/api/v2/incidents/*/attachments"])
async def test_by_hand_an_answer_that_names_nothing_is_looked_up(path: str, sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(faults=(f"POST {path} empty",), postmortems="404")
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    made = await backend.create(incident)
    assert made.cells and notebook_of(made.url)
    assert [each["id"] for each in postmortems(sandbox, incident)] == [made.id]


async def test_what_was_created_is_opened_whatever_fails_then(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(postmortem_cells="none", faults=("PUT /api/v1/notebooks/* 409",))
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    template = (await backend.creation(incident)).templates[0]
    made = await backend.create(incident, replace(template, preview="## One\n\n## Two"))
    assert made.cells
    assert any("may not begin as its template does" in notice for notice in made.notices)


async def test_what_was_created_and_cannot_be_read_is_there_all_the_same(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed()
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    template = (await backend.creation(incident)).templates[0]
    sandbox.fault(f"GET /api/v2/incidents/{incident.id} 409 after 1")
    made = await backend.create(incident, template)
    assert made.id == postmortems(sandbox, incident)[0]["id"]
    assert made.incident.postmortem == Existence.YES
    assert "could not be read yet" in made.text_locked
    sandbox.clear_faults()
    assert (await backend.postmortem(incident)).cells


async def test_an_incident_without_fields_has_templates(sandbox: Sandbox, connect: Connect) -> None:
    identifier = "548c9855-15a4-5015-8a20-4d237f24d784"
    incident = {"type": "incidents", "id": identifier, "attributes": {"title": "T", "public_id": 1, "fields": None}}
    template = {"id": "t", "attributes": {"name": "T", "content": "# {{incident.title}}", "is_default": None}}
    async with loopback() as site:
        site.on("GET", f"/api/v2/incidents/{identifier}", answer(200, {"data": incident}))
        site.on("GET", ".*/attachments", answer(200, {"data": []}))
        site.on("GET", ".*/postmortem-templates", answer(200, {"data": [template]}))
        assert (await connect(site.url).creation(Incident(identifier, "IR-1", "T"))).templates[0].preview == "# T"


async def test_a_long_title_is_shortened_and_said(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed()
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    record = sandbox.datadog.state.incident(incident.id)
    assert record is not None
    record["title"] = "A very long title " * 10
    offered = await backend.creation(incident)
    assert any("shortened to 80" in each for each in offered.warnings)
    made = await backend.create(incident)
    assert any("shortened to 80" in each for each in made.notices)
    assert len(str(made.fields["document_title"])) <= 80


async def test_a_private_incident_is_warned_of(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed()
    backend = connect(sandbox.url)
    incident = await without_postmortem(backend)
    record = sandbox.datadog.state.incident(incident.id)
    assert record is not None
    record["visibility"] = "private"
    assert any("private" in each for each in (await backend.creation(incident)).warnings)


async def test_removing_unlinks_and_leaves_the_notebook(sandbox: Sandbox, backend: DatadogBackend) -> None:
    incident = (await backend.incidents(Query())).incidents[0]
    opened = await backend.postmortem(incident)
    start = len(sandbox.requests)
    assert opened.url in backend.removal(opened)
    await backend.remove(opened)
    assert calls(sandbox, start) == [f"DELETE /api/v2/incidents/{incident.id}/attachments/{opened.id}"]
    assert (await backend.postmortem(incident)).id == ""
    notebook = await backend._api.notebook(opened.url.split("/notebook/")[1].partition("/")[0])
    assert notebook.attributes.name == opened.fields["document_title"]
    with pytest.raises(BackendError):
        await backend.remove(await backend.postmortem(incident))


def test_sections_begin_at_headings_of_two_levels_but_not_in_code() -> None:
    content = "intro\n\n# One\ntext\n\n```sh\n# no heading\n```\n\n## Two\n### three\n~~~\n## not\n```\n~~~\n## Four"
    expected = ["intro", "# One\ntext\n\n```sh\n# no heading\n```", "## Two\n### three\n~~~\n## not\n```\n~~~", "## Four"]
    assert sections(content) == expected
    assert sections("") == []
    assert sections("#hash tag") == ["#hash tag"]


def test_unknown_variables_stay_and_are_named() -> None:
    attributes = {
        "title": "T {{incident.state}}",
        "public_id": 7,
        "fields": {"summary": {"type": "textbox", "value": "S"}, "severity": {"value": "SEV-1"}},
    }
    origin = Origin(IncidentAnswer.model_validate({"data": {"id": "i", "attributes": attributes}}))
    content = (
        "{{incident.title}} {{ incident.severity }} {{incident.summary}} {{incident.card}} {{x}} {{incident.card}} {{incident.commander}}"
    )
    text, unfilled = filled(content, origin)
    assert text == "T {{incident.state}} SEV-1 S {{incident.card}} {{x}} {{incident.card}} {{incident.commander}}"
    assert unfilled == ("card", "x", "commander")


HTML = b"<html><body><h1>404 Not Found</h1></body></html>"


@pytest.mark.parametrize(
    ("status", "content", "trouble"),
    [
        (404, HTML, Trouble.ANSWER),
        (200, HTML, Trouble.ANSWER),
        (404, b"", Trouble.MISSING),
        (404, b'{"errors":[{"title":"Generic Error","detail":"incident not found"}]}', Trouble.MISSING),
        (404, b'{"errors":[{"title":"Generic Error","detail":"malformed incident ID"}]}', Trouble.MISSING),
        (404, b'{"errors":[{"status":"404","title":"Not Found"}]}', Trouble.MISSING),
        (404, b'{"errors":[{"title":"Generic Error","detail":"attachment not found"}]}', None),
        (404, b'{"errors":["548c9855-15a4-5015-8a20-4d237f24d784 not found"]}', None),
    ],
)
async def test_only_the_things_own_not_found_counts_as_deleted(
    status: int, content: bytes, trouble: Trouble | None, connect: Connect, sandbox: Sandbox, backend: DatadogBackend
) -> None:
    opened = await backend.postmortem((await backend.incidents(Query())).incidents[0])
    async with loopback() as site:
        site.on("DELETE", ".*", answer(status, body=content, kind="text/html" if content == HTML else "application/json"))
        if trouble is None:
            await connect(site.url).remove(opened)
            return
        with pytest.raises(BackendError) as caught:
            await connect(site.url).remove(opened)
        assert caught.value.trouble is trouble
