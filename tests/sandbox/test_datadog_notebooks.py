"""Notebooks of the Datadog service over HTTP: cells, ids, replacement, and the refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.datadog import CHECKOUT, Wire, notebook, texts


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


def ids(attributes: Any, *, markdown: bool) -> list[str]:
    return [cell["id"] for cell in attributes["cells"] if (cell["attributes"]["definition"]["type"] == "markdown") == markdown]


def own(wire: Wire) -> tuple[int, Any]:
    """The number and attributes of a notebook that the caller made."""
    markdown = {"type": "notebook_cells", "attributes": {"definition": {"type": "markdown", "text": "one  \ntwo\u00a0\n"}}}
    made = wire.send("POST", "/api/v1/notebooks", notebook({"name": "Mine", "cells": [markdown], "time": {"live_span": "1h"}}))
    assert made.status_code == 200
    return made.json()["data"]["id"], made.json()["data"]["attributes"]


def test_a_postmortem_is_markdown_cells_with_graphs_between(wire: Wire) -> None:
    attributes = wire.notebook(wire.notebook_of(wire.find(CHECKOUT)))
    kinds = [cell["attributes"]["definition"]["type"] for cell in attributes["cells"]]
    assert kinds == ["markdown", "markdown", "timeseries", "markdown", "markdown", "toplist", "markdown", "markdown", "markdown"]
    assert texts(attributes)[0].startswith("## Summary\n\n4 % of checkouts failed")
    assert "| Customers at the till | 1,900 | 23 min |" in texts(attributes)[1]
    assert "@mara.lopez@example.com" in "".join(texts(attributes))
    assert attributes["metadata"]["type"] == "postmortem"


def test_markdown_ids_are_new_on_every_get_and_graphs_keep_theirs(wire: Wire) -> None:
    number = wire.notebook_of(wire.find(CHECKOUT))
    first, second = wire.notebook(number), wire.notebook(number)
    assert not set(ids(first, markdown=True)) & set(ids(second, markdown=True))
    assert ids(first, markdown=False) == ids(second, markdown=False)
    assert all((len(name) == 8 and name.isalnum() and name.islower()) or name.isdigit() for name in ids(first, markdown=True))
    assert first["modified"] == second["modified"]


def test_ids_can_be_kept() -> None:
    with Wire(cell_ids="keep") as wire:
        number = wire.notebook_of(wire.find(CHECKOUT))
        assert wire.notebook(number) == wire.notebook(number)


def test_what_was_read_can_be_written_and_comes_back_the_same(wire: Wire) -> None:
    number = wire.notebook_of(wire.find(CHECKOUT))
    before = wire.notebook(number)
    answer = wire.put(number, before)
    assert answer.status_code == 200
    after = wire.notebook(number)
    assert after["modified"] > before["modified"]
    assert [cell["attributes"] for cell in after["cells"]] == [cell["attributes"] for cell in before["cells"]]
    assert ids(after, markdown=False) == ids(before, markdown=False)
    assert (after["name"], after["time"], after["metadata"]) == (before["name"], before["time"], before["metadata"])


def test_a_put_inserts_changes_moves_and_removes_cells(wire: Wire) -> None:
    number = wire.notebook_of(wire.find(CHECKOUT))
    before = wire.notebook(number)
    new = {"type": "notebook_cells", "attributes": {"definition": {"type": "markdown", "text": "new & <b>\n\u00a0"}}}
    before["cells"] = [before["cells"][5], new, before["cells"][0]]
    wire.put(number, before)
    after = wire.notebook(number)
    assert [cell["attributes"] for cell in after["cells"]] == [cell["attributes"] for cell in before["cells"]]
    assert ids(after, markdown=False) == [before["cells"][0]["id"]]


def test_cells_of_unknown_kinds_and_keys_are_kept(wire: Wire) -> None:
    number, attributes = own(wire)
    cell = {
        "type": "notebook_cells",
        "attributes": {"definition": {"type": "treemap_from_the_future", "x": {"y": [1, None]}}, "odd": "\x1b[31m \u202e"},
    }
    attributes["cells"].append(cell)
    assert wire.put(number, attributes).status_code == 200
    assert wire.notebook(number)["cells"][1]["attributes"] == cell["attributes"]


def refusals() -> list[tuple[dict[str, Any], str]]:
    cell = {"type": "notebook_cells", "attributes": {"definition": {"type": "markdown", "text": "x"}}}
    return [
        ({"name": "x" * 81}, "{'name': ['Length must be between 0 and 80.']}"),
        ({"name": None}, "{'name': ['Not a valid string.']}"),
        ({"cells": "x"}, "{'cells': ['Not a valid list.']}"),
        ({"cells": [cell, cell | {"type": "markdown"}]}, 'Invalid type. Expected "notebook_cells".'),
        ({"cells": [cell | {"attributes": {}}]}, "'source': {'pointer': '/data/attributes/definition'}"),
        ({"cells": [cell | {"attributes": {"definition": {"type": "markdown", "content": "x"}}}]}, "'text' is a required property"),
        ({"time": {"live_span": "2h"}}, "'live_span'"),
        ({"time": {"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"}}, "must be less than end time"),
        ({"time": {}}, "'time'"),
        ({"status": "draft"}, "'status'"),
        ({"metadata": {"type": "novel"}}, "'metadata'"),
    ]


@pytest.mark.parametrize(("change", "words"), refusals())
def test_a_notebook_that_does_not_fit_is_refused_in_the_services_words(wire: Wire, change: dict[str, Any], words: str) -> None:
    number, attributes = own(wire)
    error = wire.refused(400, "PUT", f"/api/v1/notebooks/{number}", notebook(attributes | change))[0]
    assert error.startswith("API input validation failed: ")
    assert words in error
    assert texts(wire.notebook(number)) == ["one  \ntwo\u00a0\n"]


@pytest.mark.parametrize("missing", ["name", "cells", "time"])
def test_name_cells_and_time_are_required(wire: Wire, missing: str) -> None:
    number, attributes = own(wire)
    attributes.pop(missing)
    assert missing in wire.refused(400, "PUT", f"/api/v1/notebooks/{number}", notebook(attributes))[0]


def test_a_notebook_whose_time_runs_backwards_cannot_be_written_as_it_was_read(wire: Wire) -> None:
    number = wire.notebook_of(wire.find("Catalogue shows prices without tax"))
    answer = wire.put(number, wire.notebook(number))
    assert answer.status_code == 400
    assert "Start time" in answer.json()["errors"][0]


def test_a_cell_that_the_service_gave_may_be_refused_with_its_place() -> None:
    with Wire(exploded_errors="on") as wire:
        number = wire.notebook_of(wire.find("Internal DNS answers SERVFAIL for new names"))
        error = wire.put(number, wire.notebook(number)).json()["errors"][0]
        assert "{'cells': {2: {'errors': [{'detail': ['A', 'd', 'd', 'i'" in error
        assert "/data/attributes/definition/requests" in error


def test_unknown_restricted_and_dangling_notebooks(wire: Wire) -> None:
    assert wire.refused(404, "GET", "/api/v1/notebooks/1") == ["Notebook not found"]
    restricted = wire.notebook_of(wire.find("Coffee machine on floor 3 posts to the order queue"))
    assert wire.refused(403, "GET", f"/api/v1/notebooks/{restricted}") == ["Forbidden"]
    assert restricted in [one["id"] for one in wire.get("/api/v1/notebooks")["data"]]
    wire.refused(404, "GET", f"/api/v1/notebooks/{wire.notebook_of(wire.find('Status page showed green during an outage'))}")


def test_rich_text_notebooks() -> None:
    title = "Payments: duplicate charges after a retry storm"
    with Wire() as wire:
        assert wire.notebook(wire.notebook_of(wire.find(title)))["experience_type"] == "rich_text"
    with Wire(rich_text="refuse") as wire:
        wire.refused(400, "GET", f"/api/v1/notebooks/{wire.notebook_of(wire.find(title))}")


def test_the_list_filters_sorts_and_leaves_cells_out(wire: Wire) -> None:
    own(wire)
    page = wire.get("/api/v1/notebooks", type="postmortem", sort_field="name", sort_dir="asc", count=3, include_cells="false")
    names = [one["attributes"]["name"] for one in page["data"]]
    assert names == sorted(names)
    assert page["meta"]["page"] == {"total_count": 24, "total_filtered_count": 3}
    assert all(one["attributes"]["cells"] == [] for one in page["data"])
    assert [one["attributes"]["name"] for one in wire.get("/api/v1/notebooks", query="mine")["data"]] == ["Mine"]


def test_a_conflict_when_somebody_else_changed_it_since_the_last_get() -> None:
    with Wire(notebook_conflict="changed") as wire:
        number = wire.notebook_of(wire.find(CHECKOUT))
        attributes = wire.notebook(number)
        assert wire.put(number, attributes).status_code == 200
        wire.sandbox.fault(f"PUT /api/v1/notebooks/{number} edit first 1")
        assert wire.put(number, attributes).status_code == 409
        assert "Added in the browser by mara." in texts(wire.notebook(number))[-1]
        assert wire.put(number, wire.notebook(number)).status_code == 200


def test_the_server_may_trim_what_it_is_given() -> None:
    with Wire(normalise="on") as wire:
        number, attributes = own(wire)
        assert texts(wire.notebook(number)) == ["one\ntwo"]
        assert texts(attributes) == ["one\ntwo"]


def test_an_id_from_an_older_read_is_a_new_cell_or_refused() -> None:
    with Wire(stale_cell_ids="refuse") as wire:
        number = wire.notebook_of(wire.find(CHECKOUT))
        old = wire.notebook(number)
        wire.notebook(number)
        answer = wire.put(number, old)
        assert answer.status_code == 400
        assert "does not exist" in answer.json()["errors"][0]
