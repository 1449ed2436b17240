"""Opening postmortems: what they hold, what it costs, and what a missing scope or document takes away."""

from __future__ import annotations

import json

import pytest

from pmtui.backends.base import BackendError, SeveralDocuments, Trouble
from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.backends.http.limiter import LIMITER
from pmtui.model.changes import CellDeleted, FieldChanged
from pmtui.model.codec import postmortem_from_json, postmortem_to_json
from pmtui.model.fields import Kind
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import CellKind, Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Link, Named, Person, Task
from pmtui.sandbox.server import Sandbox
from tests.backends.datadog.conftest import Connect, Sandboxed, calls
from tests.quiet import quiet


async def all_incidents(backend: DatadogBackend) -> tuple[Incident, ...]:
    return (await backend.incidents(Query())).incidents


async def test_a_postmortem_has_the_fields_and_the_cells(opened: Postmortem) -> None:
    assert opened.id
    assert opened.incident.postmortem == Existence.YES
    assert opened.fields["title"] == opened.incident.title
    assert opened.fields["severity"] == opened.incident.severity
    assert isinstance(opened.fields["owner"], Person)
    responders, services = opened.fields["responders"], opened.fields["affected_services"]
    assert isinstance(responders, tuple)
    assert all(isinstance(each, Person) and each.name for each in responders)
    assert isinstance(services, tuple)
    assert Named("checkout", "checkout") in services
    kinds = {cell.kind for cell in opened.cells}
    assert kinds == {CellKind.MARKDOWN, CellKind.OPAQUE}
    assert len({cell.key for cell in opened.cells}) == len(opened.cells)


async def test_opaque_cells_say_what_they_show(opened: Postmortem) -> None:
    words = [cell.text for cell in opened.cells if cell.kind is CellKind.OPAQUE]
    assert "timeseries: p99 of checkout.request, last 4 h" in words
    assert all("\n" not in word for word in words)


async def test_linked_issues_are_jira_issues_and_links(opened: Postmortem) -> None:
    links = opened.fields["linked_issues"]
    assert isinstance(links, tuple)
    jira = [each for each in links if isinstance(each, Link) and "/browse/" in each.url]
    other = [each for each in links if isinstance(each, Link) and "/browse/" not in each.url]
    assert jira[0].title == "OPS-1412"
    assert other


async def test_the_form_says_kinds_choices_and_what_is_required(opened: Postmortem) -> None:
    severity, method = opened.field("severity"), opened.field("detection_method")
    assert "SEV-2" in [choice.value for choice in severity.choices]
    assert (method.kind, method.label) == (Kind.CHOICE, "Detection method")
    assert opened.field("root_cause").kind is Kind.PROSE
    assert opened.field("root_cause").required
    assert opened.field("regions").kind is Kind.CHOICES
    assert opened.field("lost_orders").kind is Kind.NUMBER
    assert opened.field("rolled_back").kind is Kind.TIME
    assert opened.field("document_title").max_length == 80
    assert opened.field("responders").consequence.startswith("e-mails {}")
    assert opened.field("created").locked
    assert opened.field("impacts").locked
    assert not opened.field("detected").locked


async def test_opening_costs_four_requests_at_most(sandbox: Sandbox, backend: DatadogBackend) -> None:
    incidents = await all_incidents(backend)
    await quiet()  # what forms are drawn from may be read beside the list
    for each in incidents:
        start = len(sandbox.requests)
        try:
            await backend.postmortem(each)
        except SeveralDocuments as several:
            assert len(calls(sandbox, start)) == 1
            await backend.postmortem(each, several.documents[0].id)
            assert len(calls(sandbox, start)) <= 5
            continue
        assert len(calls(sandbox, start)) <= 4, each.reference


async def test_a_second_reading_has_room_for_the_action_items(backend: DatadogBackend, opened: Postmortem) -> None:
    assert opened.field("action_items").locked
    again = await backend.postmortem(opened.incident)
    assert not again.field("action_items").locked
    tasks = again.fields["action_items"]
    assert isinstance(tasks, tuple)
    assert isinstance(tasks[0], Task)
    assert tasks[0].text


async def test_a_reading_is_completed_with_what_was_left_out(sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem) -> None:
    assert opened.fields["action_items"] is None
    await quiet()
    start = len(sandbox.requests)
    whole = await backend.complete(opened)
    assert calls(sandbox, start) == [f"GET /api/v2/incidents/{opened.incident.id}/relationships/todos"]
    assert whole.fields["action_items"] and not whole.field("action_items").locked
    assert whole.cells == opened.cells
    assert await backend.complete(whole) is whole


async def test_several_postmortems_are_told_apart(backend: DatadogBackend) -> None:
    for each in await all_incidents(backend):
        try:
            await backend.postmortem(each)
        except SeveralDocuments as several:
            first, second = several.documents
            opened = await backend.postmortem(each, second.id)
            assert (opened.id, opened.url) == (second.id, second.url)
            assert first.id != second.id
            assert (await backend.postmortem(each, first.url)).id == first.id
            return
    pytest.fail("the sandbox has no incident with two postmortems")


async def test_documents_elsewhere_are_shown_and_their_text_is_locked(sandboxed: Sandboxed, connect: Connect) -> None:
    backend = connect(sandboxed(incidents=30).url)
    locked = {}
    for each in await all_incidents(backend):
        try:
            opened = await backend.postmortem(each)
        except SeveralDocuments:
            continue
        if opened.text_locked:
            locked[opened.text_locked] = opened
    reasons = " | ".join(locked)
    assert "a Confluence page" in reasons
    assert "a Google document" in reasons
    assert "is not there (any more)" in reasons
    assert "may not read the notebook" in reasons
    for opened in locked.values():
        assert opened.url in opened.text_locked
        assert not opened.cells
        assert not opened.field("title").locked


async def test_an_incident_without_a_postmortem_has_its_fields(backend: DatadogBackend) -> None:
    bare = next(each for each in await all_incidents(backend) if each.postmortem == Existence.NONE)
    opened = await backend.postmortem(bare)
    assert (opened.id, opened.cells, opened.fields["title"]) == ("", (), bare.title)
    assert "document_title" not in opened.fields


async def test_private_incidents_and_web_notebooks_are_warned_of(backend: DatadogBackend) -> None:
    notices = []
    for each in await all_incidents(backend):
        try:
            notices += list((await backend.postmortem(each)).notices)
        except SeveralDocuments:
            continue
    assert any("private" in each for each in notices)
    assert any("web editor" in each for each in notices)


@pytest.mark.parametrize(
    ("scope", "named"),
    [
        ("notebooks_read", "text"),
        ("incident_settings_read", "labels"),
    ],
)
async def test_a_missing_scope_costs_what_it_covers(scope: str, named: str, sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(deny=scope)
    backend = connect(sandbox.url)
    page = await backend.incidents(Query())
    opened = await backend.postmortem(page.incidents[0])
    assert opened.fields["title"] == page.incidents[0].title
    if named == "text":
        assert scope in opened.text_locked
        assert not opened.cells
    else:
        assert any(named in notice for notice in opened.notices)
        assert "SEV-2" in [choice.value for choice in opened.field("severity").choices]
        assert opened.cells


async def test_without_the_responders_preview_only_they_are_missing(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(responders="404")
    backend = connect(sandbox.url)
    opened = await backend.postmortem((await backend.incidents(Query())).incidents[0])
    assert "does not offer" in opened.field("responders").locked
    assert [each.part for each in opened.unread] == ["responders"]
    assert opened.cells


async def test_reading_again_costs_what_the_changes_need(sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem) -> None:
    expected = {
        "title": ["GET /api/v2/incidents/{}"],
        "document_title": ["GET /api/v1/notebooks/{}"],
        "responders": ["GET /api/v2/incidents/{}/responders"],
        "linked_issues": ["GET /api/v2/incidents/{}", "GET /api/v2/incidents/{}/relationships/integrations"],
        "action_items": ["GET /api/v2/incidents/{}/relationships/todos"],
    }
    notebook = opened.url.split("/notebook/")[1].partition("/")[0]
    for name, paths in expected.items():
        start = len(sandbox.requests)
        await backend.reread(opened, [FieldChanged(name, None, None)])
        assert sorted(calls(sandbox, start)) == [path.format(notebook if "notebooks" in path else opened.incident.id) for path in paths]
    start = len(sandbox.requests)
    await backend.reread(opened, [CellDeleted(opened.cells[0])])
    assert calls(sandbox, start) == [f"GET /api/v1/notebooks/{notebook}"]
    start = len(sandbox.requests)
    assert (await backend.reread(opened, [])).cells == opened.cells
    assert calls(sandbox, start) == []


async def test_a_postmortem_survives_as_json_and_goes_on(backend: DatadogBackend, opened: Postmortem) -> None:
    restored = postmortem_from_json(json.loads(json.dumps(postmortem_to_json(opened))))
    assert restored == opened
    again = await backend.reread(restored, [CellDeleted(restored.cells[0])])
    assert [cell.text for cell in again.cells] == [cell.text for cell in opened.cells]


async def test_a_missing_incident_is_an_error(backend: DatadogBackend) -> None:
    with pytest.raises(BackendError) as caught:
        await backend.postmortem(Incident("00000000-0000-0000-0000-00000000dead", "IR-0", "gone"))
    assert caught.value.trouble is Trouble.MISSING
    assert "not found" in caught.value.said


async def test_a_document_that_is_gone_is_an_error(backend: DatadogBackend, opened: Postmortem) -> None:
    with pytest.raises(BackendError) as caught:
        await backend.postmortem(opened.incident, "no-such-document")
    assert caught.value.trouble is Trouble.MISSING


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("https://[oops/notebook/5", "not a Datadog notebook"),
        ("https://app.datadoghq.eu/notebook/5/x", "on another site (app.datadoghq.eu)"),
        ("https://corp.atlassian.net/wiki/notebook/5", "a Confluence page"),
    ],
)
async def test_a_document_of_somewhere_else_is_not_taken_for_one_here(
    url: str, what: str, sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem
) -> None:
    record = sandbox.datadog.state.incident(opened.incident.id)
    assert record is not None
    next(each for each in record["attachments"] if each["id"] == opened.id)["documentUrl"] = url
    read = await backend.postmortem(opened.incident)
    assert what in read.text_locked
    assert read.cells == ()


@pytest.mark.parametrize("fault", ["500", "html 403", "html 200", "garbage"])
async def test_a_notebook_that_cannot_be_read_locks_the_text_alone(
    fault: str, sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LIMITER, "pace", 0.01)
    sandbox.fault(f"GET /api/v1/notebooks/* {fault}")
    read = await backend.postmortem(opened.incident)
    assert opened.url in read.text_locked
    assert read.cells == () and read.id == opened.id
    assert read.fields["title"] == opened.fields["title"]


@pytest.mark.parametrize("fault", ["drop-before", "429"])
async def test_without_a_connection_nothing_is_half_read(
    fault: str, sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LIMITER, "pace", 0.001)
    sandbox.fault(f"GET /api/v1/notebooks/* {fault}")
    with pytest.raises(BackendError):
        await backend.postmortem(opened.incident)
