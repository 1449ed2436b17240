"""Saving: the narrowest calls, nothing else touched, and what was sent is there when read back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.model.changes import FieldChanged
from pmtui.model.diff import diff
from pmtui.model.fields import Kind
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Link, Named, Person, Task, Value
from pmtui.sandbox.server import Sandbox
from tests.backends.datadog.conftest import Connect, Sandboxed, calls
from tests.backends.datadog.saving import planned, save, with_text


def sent(sandbox: Sandbox, start: int = 0) -> list[tuple[str, str, Any]]:
    """The writes: method, path, body."""
    return [
        (each["method"], each["path"], json.loads(each["body"] or "null")) for each in sandbox.requests[start:] if each["method"] != "GET"
    ]


def notebook_of(sandbox: Sandbox) -> Any:
    """The body of the latest notebook PUT."""
    return next(body for method, path, body in reversed(sent(sandbox)) if method == "PUT" and "/notebooks/" in path)["data"]["attributes"]


async def test_one_cell_costs_three_requests_and_touches_nothing_else(
    sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem
) -> None:
    start = len(sandbox.requests)
    after, left = await save(backend, opened, with_text(opened, 1, "## Impact\n\nNobody noticed."))
    path = "/api/v1/notebooks/" + opened.url.split("/notebook/")[1].partition("/")[0]
    assert calls(sandbox, start) == [f"GET {path}", f"PUT {path}", f"GET {path}"]
    assert left == ()
    wanted = [cell.text for cell in opened.cells]
    wanted[[cell.editable for cell in opened.cells].index(True, 1)] = "## Impact\n\nNobody noticed."
    assert [cell.text for cell in after.cells] == wanted
    opaque = [cell.source for cell in opened.cells if not cell.editable]
    assert [cell.source for cell in after.cells if not cell.editable] == opaque
    body = notebook_of(sandbox)
    before = opened.origin["notebook"]["attributes"]
    for name in ("name", "time", "template_variables", "status"):
        assert body[name] == before[name], name
    assert not {"author", "created", "modified", "deleted", "tags"} & body.keys()
    graphs = [each for each in before["cells"] if each["attributes"]["definition"]["type"] != "markdown"]
    assert [each for each in body["cells"] if each["attributes"]["definition"]["type"] != "markdown"] == graphs


async def test_cells_are_added_moved_and_deleted(backend: DatadogBackend, opened: Postmortem) -> None:
    first, second, graph, *rest = opened.cells
    mine = opened.with_cells((graph, Cell("new", "## New\n\ntext"), first, *rest))
    after, left = await save(backend, opened, mine)
    assert left == ()
    assert [cell.text for cell in after.cells] == [graph.text, "## New\n\ntext", first.text, *(cell.text for cell in rest)]
    assert second.text not in [cell.text for cell in after.cells]


async def test_a_deleted_graph_can_be_put_back(backend: DatadogBackend, opened: Postmortem) -> None:
    graph = next(cell for cell in opened.cells if not cell.editable)
    without, _ = await save(backend, opened, opened.with_cells(tuple(cell for cell in opened.cells if cell is not graph)))
    after, left = await save(backend, without, without.with_cells((*without.cells, replace(graph, key="back"))))
    assert left == ()
    assert after.cells[-1].source == graph.source


async def test_anothers_edit_between_reading_and_saving_stays(
    sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem, connect: Connect
) -> None:
    other = connect(sandbox.url)
    theirs = await other.postmortem(opened.incident)
    await save(other, theirs, with_text(theirs, 3, "## Root cause\n\nTheirs."))
    after, left = await save(backend, opened, with_text(opened, 1, "## Impact\n\nMine."))
    texts = [cell.text for cell in after.cells]
    assert left == ()
    assert "## Root cause\n\nTheirs." in texts
    assert "## Impact\n\nMine." in texts


async def test_a_review_that_took_long_is_checked_against_the_server(
    sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem, connect: Connect
) -> None:
    server, target, steps = await planned(backend, opened, with_text(opened, 1, "mine"))
    other = connect(sandbox.url)
    theirs = await other.postmortem(opened.incident)
    await save(other, theirs, with_text(theirs, 1, "theirs"))
    stale = replace(server, read_at=server.read_at.replace(year=2020))
    with pytest.raises(BackendError) as caught:
        await backend.send(stale, target, steps[0])
    assert caught.value.trouble is Trouble.CONFLICT
    assert not caught.value.unknown


async def test_the_document_is_renamed_with_its_text_as_it_was(sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem) -> None:
    after, left = await save(backend, opened, opened.with_field("document_title", "Another title"))
    assert left == ()
    assert after.fields["document_title"] == "Another title"
    assert [cell.text for cell in after.cells] == [cell.text for cell in opened.cells]


async def test_fields_go_in_one_patch_with_nothing_but_what_changed(sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem) -> None:
    mine = opened.with_field("title", "Another title").with_field("severity", "SEV-2").with_field("root_cause", "A switch.")
    start = len(sandbox.requests)
    after, left = await save(backend, opened, mine)
    assert left == ()
    [(method, path, body)] = sent(sandbox, start)
    assert (method, path) == ("PATCH", f"/api/v2/incidents/{opened.incident.id}")
    assert body["data"] == {
        "type": "incidents",
        "id": opened.incident.id,
        "attributes": {
            "title": "Another title",
            "fields": {"severity": {"type": "dropdown", "value": "SEV-2"}, "root_cause": {"type": "textbox", "value": "A switch."}},
        },
    }
    assert after.incident.title == "Another title"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("affected_services", (Named("auth", "auth"), Named("cart", "cart"))),
        ("teams", (Named("data", "data"),)),
        ("teams", ()),
        ("regions", ("eu-west",)),
        ("runbooks", ("https://runbooks.example.com/x",)),
        ("lost_orders", "12"),
        ("rolled_back", "2026-11-22T03:10Z"),
        ("detection_method", "customer"),
        ("summary", ""),
        ("summary", "Two\nlines, „Zitat“ & <b>"),
        ("customer_impact_scope", "All of them"),
        ("customer_impacted", "no"),
        ("detected", "2026-11-20T03:10+01:00"),
        ("customer_impact_end", ""),
        ("status", "stable"),
    ],
)
async def test_each_kind_of_field_is_written_and_read_back(name: str, value: Value, backend: DatadogBackend, opened: Postmortem) -> None:
    _, left = await save(backend, opened, opened.with_field(name, value))
    # A state also sets or takes back when the incident was resolved.
    assert [each for each in left if not (isinstance(each, FieldChanged) and each.name == "resolved")] == []


async def test_the_commander_is_set_and_unset_through_a_relationship(sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem) -> None:
    people = await backend.suggest(Kind.PERSON, "mara", opened)
    mara = next(each for each in people if isinstance(each, Person))
    _, target, steps = await planned(backend, opened, opened.with_field("owner", mara))
    assert any(mara.label in warning for warning in steps[0].warnings)
    after, left = await save(backend, opened, target)
    assert left == ()
    owner = after.fields["owner"]
    assert isinstance(owner, Person)
    assert owner.id == mara.id
    nobody, left = await save(backend, after, after.with_field("owner", None))
    assert (left, nobody.fields["owner"]) == ((), None)
    assert [body["data"].get("relationships") for _, _, body in sent(sandbox)] == [
        {"commander_user": {"data": {"id": mara.id, "type": "users"}}},
        {"commander_user": {"data": None}},
    ]


async def test_responders_come_and_go_one_by_one(sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem) -> None:
    before = opened.fields["responders"]
    assert isinstance(before, tuple)
    there = {each.id for each in before if isinstance(each, Person)}
    new = [each for each in await backend.suggest(Kind.PEOPLE, "", opened) if isinstance(each, Person) and each.id not in there][:2]
    _, _, steps = await planned(backend, opened, opened.with_field("responders", (*before, *new)))
    assert [step.warnings for step in steps] == [(f"e-mails {each.label} and adds them to the incident's channels",) for each in new]
    after, left = await save(backend, opened, opened.with_field("responders", (*before, *new)))
    assert left == ()
    _, left = await save(backend, after, after.with_field("responders", before))
    assert left == ()
    assert [method for method, _, _ in sent(sandbox)] == ["POST", "POST", "DELETE", "DELETE"]


async def test_responders_are_remembered_only_with_the_incident_that_named_them(
    sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem, connect: Connect
) -> None:
    def ids(postmortem: Postmortem) -> set[str]:
        people = postmortem.fields["responders"]
        assert isinstance(people, tuple)
        return {each.id for each in people if isinstance(each, Person)}

    async def read_again() -> tuple[set[str], int]:
        """The responders, and how many requests for them it took."""
        start = len(sandbox.requests)
        found = await backend.postmortem(opened.incident)
        return ids(found), len([each for each in calls(sandbox, start) if each.endswith("/responders")])

    before, elsewhere = opened.fields["responders"], connect(sandbox.url)
    assert isinstance(before, tuple)
    people = [each for each in await backend.suggest(Kind.PEOPLE, "", opened) if isinstance(each, Person)]
    new = next(each for each in people if each.id not in ids(opened))
    await save(backend, opened, opened.with_field("responders", (*before, new)))
    theirs = await elsewhere.postmortem(opened.incident)
    assert ids(theirs) == {*ids(opened), new.id}
    theirs, _ = await save(elsewhere, theirs, theirs.with_field("responders", before))
    assert await read_again() == (ids(opened), 0)  # the incident names those again that were read with it at first

    await save(elsewhere, theirs, theirs.with_field("responders", (*before, new)))
    assert await read_again() == ({*ids(opened), new.id}, 1)
    await backend.reread(opened, diff(opened, with_text(opened, 1, "mine")))  # a draft from before: it reads the text only
    assert await read_again() == ({*ids(opened), new.id}, 0)


async def test_who_acted_on_the_incident_cannot_be_removed(backend: DatadogBackend, opened: Postmortem) -> None:
    with pytest.raises(BackendError) as caught:
        await save(backend, opened, opened.with_field("responders", ()))
    assert caught.value.trouble in (Trouble.INVALID, Trouble.CONFLICT, Trouble.RIGHTS)


async def test_issues_are_linked_and_unlinked_where_they_live(sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem) -> None:
    links = opened.fields["linked_issues"]
    assert isinstance(links, tuple)
    jira, other = Link("https://example.atlassian.net/browse/NEW-7", ""), Link("https://github.com/example/shop/issues/9", "")
    start = len(sandbox.requests)
    after, left = await save(backend, opened, opened.with_field("linked_issues", (*links, jira, other)))
    assert left == ()
    writes = [(method, "integrations" if "/integrations/" in path else path.rpartition("/")[2]) for method, path, _ in sent(sandbox, start)]
    assert writes == [("PATCH", "integrations"), ("POST", "attachments")]
    start = len(sandbox.requests)
    _, left = await save(backend, after, after.with_field("linked_issues", ()))
    assert left == ()
    assert all(method == "DELETE" for method, _, _ in sent(sandbox, start))


async def test_a_jira_record_keeps_what_was_not_unlinked(sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem) -> None:
    links = opened.fields["linked_issues"]
    assert isinstance(links, tuple)
    after, left = await save(backend, opened, opened.with_field("linked_issues", links[1:]))
    assert left == ()
    assert after.fields["linked_issues"] == links[1:]


async def test_a_link_gets_another_title(backend: DatadogBackend, opened: Postmortem) -> None:
    links = opened.fields["linked_issues"]
    assert isinstance(links, tuple)
    renamed = tuple(replace(each, title="The fix") if "github" in each.url else each for each in links if isinstance(each, Link))
    _, left = await save(backend, opened, opened.with_field("linked_issues", renamed))
    assert left == ()


async def test_action_items_are_added_changed_and_deleted(sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem) -> None:
    base = await backend.postmortem(opened.incident)
    tasks = base.fields["action_items"]
    assert isinstance(tasks, tuple)
    first, second, *rest = [each for each in tasks if isinstance(each, Task)]
    new = Task("", "Write it down", ("jane.doe@example.com",), "2026-12-24")
    start = len(sandbox.requests)
    mine = base.with_field("action_items", (replace(first, text="Promote it", done=True), *rest, new))
    after, left = await save(backend, base, mine)
    assert left == ()
    assert sorted(method for method, _, _ in sent(sandbox, start)) == ["DELETE", "PATCH", "POST"]
    start = len(sandbox.requests)
    _, left = await save(backend, after, after.with_field("action_items", (*(after.fields["action_items"] or ()), Task("", "One more"))))  # type: ignore[misc]
    assert ([method for method, _, _ in sent(sandbox, start)], left) == (["POST"], ())
    read = (await backend.postmortem(opened.incident)).fields["action_items"]
    assert isinstance(read, tuple)
    found = {each.text: each for each in read if isinstance(each, Task)}
    assert found["Promote it"].done
    assert found["Promote it"].assignees == first.assignees
    assert found["Write it down"].assignees == ("@jane.doe@example.com",)
    assert found["Write it down"].due.startswith("2026-12-24T00:00:00")
    assert second.text not in found


async def test_values_that_cannot_be_sent_are_named_before_anything_is(
    sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem
) -> None:
    wrong: dict[str, Value] = {"detected": "yesterday", "lost_orders": "many", "owner": Person("", "Nobody")}
    for name, value in wrong.items():
        start = len(sandbox.requests)
        with pytest.raises(BackendError) as caught:
            await planned(backend, opened, opened.with_field(name, value))
        assert caught.value.trouble is Trouble.INVALID
        assert name in caught.value.fields
        assert not sent(sandbox, start)


async def test_what_the_vendor_refuses_is_named_with_its_field(backend: DatadogBackend, opened: Postmortem) -> None:
    with pytest.raises(BackendError) as caught:
        await save(backend, opened, opened.with_field("severity", "SEV-99"))
    assert caught.value.trouble is Trouble.INVALID
    assert "SEV-99" in caught.value.fields["severity"]
    assert not caught.value.unknown


async def test_a_time_can_be_changed_again_after_it_was_saved(backend: DatadogBackend, opened: Postmortem) -> None:
    after, left = await save(backend, opened, opened.with_field("detected", "2026-11-20T03:10Z"))
    assert (left, after.fields["detected"]) == ((), "2026-11-20T03:10Z")
    again, left = await save(backend, after, after.with_field("detected", "2026-11-20T04:20Z"))
    assert (left, again.fields["detected"]) == ((), "2026-11-20T04:20Z")


async def test_no_change_makes_no_step(backend: DatadogBackend, opened: Postmortem) -> None:
    assert backend.plan(opened, opened, ()) == ()


async def test_a_step_takes_any_part_of_its_changes(sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem) -> None:
    mine = opened.with_field("title", "One").with_field("severity", "SEV-3")
    server, target, steps = await planned(backend, opened, mine)
    assert len(steps) == 1
    start = len(sandbox.requests)
    for change in steps[0].changes:
        await backend.send(server, target, replace(steps[0], changes=(change,)))
    assert [list(body["data"]["attributes"]) for _, _, body in sent(sandbox, start)] == [["title"], ["fields"]]


async def test_read_only_sends_nothing(sandbox: Sandbox, connect: Connect) -> None:
    backend = connect(sandbox.url, read_only=True)
    opened = await backend.postmortem((await backend.incidents(Query())).incidents[0])
    for mine in (with_text(opened, 0, "x"), opened.with_field("title", "x"), opened.with_field("linked_issues", ())):
        with pytest.raises(BackendError) as caught:
            await save(backend, opened, mine)
        assert caught.value.trouble is Trouble.READ_ONLY
    assert sent(sandbox) == []


@pytest.mark.parametrize("fault", ["503 first 2", "503 applied first 1", "drop-after first 1", "drop-before first 1", "429 first 1"])
async def test_a_notebook_is_saved_once_whatever_happens_on_the_way(fault: str, sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed()
    backend = connect(sandbox.url)
    opened = await backend.postmortem((await backend.incidents(Query())).incidents[0])
    sandbox.fault(f"PUT /api/v1/notebooks/* {fault}")
    after, left = await save(backend, opened, with_text(opened, 1, "saved"))
    assert left == ()
    assert len(after.cells) == len(opened.cells)


async def test_a_lost_answer_is_not_followed_by_overwriting_somebody_else(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed()
    backend = connect(sandbox.url)
    opened = await backend.postmortem((await backend.incidents(Query())).incidents[0])
    server, target, steps = await planned(backend, opened, with_text(opened, 1, "mine"))
    other = connect(sandbox.url)
    theirs = await other.postmortem(opened.incident)
    await save(other, theirs, with_text(theirs, 3, "theirs"))
    sandbox.fault("PUT /api/v1/notebooks/* 503 first 1")
    start = len(sandbox.requests)
    with pytest.raises(BackendError) as caught:
        await backend.send(server, target, steps[0])
    assert caught.value.unknown
    assert len(sent(sandbox, start)) == 1


@pytest.mark.parametrize(
    "switch",
    [
        {"stale_cell_ids": "refuse"},
        {"stale_cell_ids": "insert"},
        {"cell_ids": "keep"},
        {"notebook_conflict": "changed"},
        {"stale_commander": "off"},
    ],
)
async def test_saving_works_however_the_vendor_keeps_ids(switch: dict[str, str], sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(**switch)
    backend, other = connect(sandbox.url), connect(sandbox.url)
    opened = await backend.postmortem((await backend.incidents(Query())).incidents[0])
    server, target, steps = await planned(backend, opened, with_text(opened, 1, "mine"))
    await other.postmortem(opened.incident)
    await backend.send(server, target, steps[0])
    after = await backend.postmortem(opened.incident)
    assert [cell.text for cell in after.cells] == [cell.text for cell in target.cells]
    assert [cell.source for cell in after.cells if not cell.editable] == [cell.source for cell in opened.cells if not cell.editable]


@pytest.mark.parametrize("exploded", ["on", "off"])
async def test_what_a_notebook_is_refused_for_is_told(exploded: str, sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(exploded_errors=exploded)
    backend = connect(sandbox.url)
    opened = await backend.postmortem((await backend.incidents(Query())).incidents[0])
    with pytest.raises(BackendError) as caught:
        await save(backend, opened, opened.with_field("document_title", "x" * 81))
    assert caught.value.trouble is Trouble.INVALID
    assert "80" in caught.value.said


async def test_a_conflict_answer_is_a_conflict(sandboxed: Sandboxed, connect: Connect) -> None:
    sandbox = sandboxed(notebook_conflict="always")
    backend = connect(sandbox.url)
    opened = await backend.postmortem((await backend.incidents(Query())).incidents[0])
    with pytest.raises(BackendError) as caught:
        await save(backend, opened, with_text(opened, 1, "mine"))
    assert (caught.value.trouble, caught.value.unknown) == (Trouble.CONFLICT, False)


async def test_two_assignees_of_one_name_stay_two(sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem) -> None:
    record = sandbox.datadog.state.incident(opened.incident.id)
    assert record is not None
    alex = [{"source": "slack", "id": f"U{number}", "name": "Alex", "icon": ""} for number in (1, 2)]
    record["todos"][0]["assignees"] = alex
    base = await backend.complete(await backend.postmortem(opened.incident))
    read = base.fields["action_items"]
    assert isinstance(read, tuple)
    tasks = [each for each in read if isinstance(each, Task)]
    after, left = await save(backend, base, base.with_field("action_items", (replace(tasks[0], done=True), *tasks[1:])))
    assert left == ()
    assert record["todos"][0]["assignees"] == alex
    changed = [replace(each, assignees=("Alex",)) if each.id == tasks[0].id else each for each in tasks]
    await save(backend, after, after.with_field("action_items", tuple(changed)))
    assert record["todos"][0]["assignees"] == alex[:1]


async def test_a_field_that_the_incident_does_not_carry_yet_has_the_type_of_its_definition(
    sandbox: Sandbox, backend: DatadogBackend, opened: Postmortem
) -> None:
    record = sandbox.datadog.state.incident(opened.incident.id)
    assert record is not None
    wanted = {name: record["fields"].pop(name)["type"] for name in ("runbooks", "regions", "teams", "detection_method")}
    base = await backend.postmortem(opened.incident)
    mine = base
    for name in wanted:
        kind = base.field(name).kind
        value: Value = "monitor" if kind is Kind.CHOICE else (Named("data", "data"),) if kind is Kind.TEAMS else ("eu-west",)
        mine = mine.with_field(name, value)
    _, _, steps = await planned(backend, base, mine)
    await backend.send(base, mine, steps[0])
    fields = sent(sandbox)[-1][2]["data"]["attributes"]["fields"]
    assert {name: each["type"] for name, each in fields.items()} == wanted
